"""Messages that are taken back, or that say what is true now."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import callback

from ..const import CONF_CHANNEL
from ..domain.dispatch import Climb, DeliveryState, Handed, Plan, Withdrawal
from ..domain.dispatch.delivery import WITHDRAW_FOR
from ..domain.lifecycle import DispatchAction
from . import texts
from .channels.channel import ChannelError, Message
from .channels.mobile_app import MobileAppChannel
from .dispatch_events import ALERT_FIELDS, fire
from .moments import moment
from .reach import Reach, Sent
from .runtime import TeamRuntime

# Seconds until it is tried again to take a message back, at first and at most.
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0


class Withdrawals:
    """Take back what people have of an alert, and go on with it after a stop."""

    def __init__(self, team: TeamRuntime, plan: Plan) -> None:
        """Take the plan, which remembers what is still to be taken back."""
        self._team = team
        self._hass = team.hass
        self._plan = plan
        self._reach = team.part(Reach)

    @callback
    def take_back(
        self,
        climb: Climb,
        alert: Mapping[str, Any],
        text: str,
        *,
        of: str | None = None,
    ) -> None:
        """Take back what people, or one of them, have of an alert; ``text`` is why."""
        until = moment() + WITHDRAW_FOR
        known = {name: alert.get(name) for name in ALERT_FIELDS}
        for person_id, delivery in climb.deliveries.items():
            if of not in (None, person_id):
                continue
            handed, delivery.handed = delivery.handed, []
            if delivery.state is DeliveryState.HANDED_OVER:
                delivery.state = DeliveryState.WITHDRAWN
            for one in handed:
                self.withdraw(
                    Withdrawal(
                        person_id=person_id,
                        alert=known,
                        tag=climb.tag,
                        handed=one,
                        title=texts.title(alert),
                        text=text,
                        until=until,
                    )
                )

    @callback
    def resume(self) -> None:
        """Go on taking back what was not before the last stop."""
        for withdrawal in list(self._plan.withdrawals):
            self._start(withdrawal)

    def assume_sent(self, climb: Climb) -> None:
        """Take that what was in flight at the last stop may be on phones."""
        for delivery in climb.deliveries.values():
            if delivery.state is not DeliveryState.PENDING:
                continue
            person = self._team.people.get(delivery.person_id)
            for address in person.channels if person else ():
                # There a tag is enough to take it back.
                if address.get(CONF_CHANNEL) == MobileAppChannel.kind:
                    delivery.hand_over(
                        Handed(MobileAppChannel.kind, address, climb.tag)
                    )

    @callback
    def withdraw(self, withdrawal: Withdrawal) -> None:
        """Take a message back, or have it say what is true."""
        self._plan.withdraw(withdrawal)
        self._start(withdrawal)

    async def _async_withdraw(self, withdrawal: Withdrawal) -> None:
        """Take a message back, or have it say what is true; try for a while."""
        sent = Sent(
            channel=withdrawal.handed.channel,
            address=withdrawal.handed.address,
            handle=withdrawal.handed.handle,
        )
        said = Message(title=withdrawal.title, text=withdrawal.text, tag=withdrawal.tag)
        pause = FIRST_PAUSE
        while self._plan.is_withdrawing(withdrawal):
            try:
                is_done = bool(withdrawal.text) and await self._reach.async_edit(
                    sent, said
                )
                is_done = is_done or await self._reach.async_withdraw(sent)
            except ChannelError:
                if moment() + pause < withdrawal.until:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST_PAUSE)
                    continue
                is_done = False
            self._plan.done(withdrawal)
            self._team.store.async_changed()
            if is_done:
                fire(
                    self._hass,
                    self._team,
                    DispatchAction.WITHDRAWN,
                    person=self._team.people.get(withdrawal.person_id),
                    alert=withdrawal.alert,
                    channel=sent.channel,
                )

    @callback
    def _start(self, withdrawal: Withdrawal) -> None:
        _ = self._team.entry.async_create_background_task(
            self._hass, self._async_withdraw(withdrawal), "Take a message back"
        )
