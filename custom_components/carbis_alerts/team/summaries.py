"""One message for many alerts, where a person has had as many as one can take."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HassJob, callback
from homeassistant.helpers.event import async_call_later

from ..domain.alert import Alert
from ..domain.dispatch import Climb, DeliveryState, Handed, Notice, Plan, Withdrawal
from ..domain.dispatch.delivery import WITHDRAW_FOR
from ..domain.lifecycle import DispatchAction, State
from ..runtime.runtime import ServiceRuntime
from ..runtime.storage import as_dict
from . import texts
from .channels.channel import ChannelError, Message
from .dispatch_events import fire
from .moments import moment
from .reach import Reach
from .runtime import TeamRuntime
from .served import alert_of
from .steps import addressee
from .withdrawals import Withdrawals

_SECTION: Final = "summaries"
# Seconds until the first message for many, and between two of them.
FIRST: Final = 2.0
BETWEEN: Final = 15.0


class Summaries:
    """Gather what is too much for a person, and send it as one message."""

    def __init__(
        self,
        team: TeamRuntime,
        plan: Plan,
        withdrawals: Withdrawals,
        go_on: Callable[[], None],
    ) -> None:
        """Take the plan, and what looks at it again when a message could not be sent."""
        self._team = team
        self._hass = team.hass
        self._plan = plan
        self._withdrawals = withdrawals
        self._go_on = go_on
        self._reach = team.part(Reach)
        self._notices: dict[str, dict[str, Notice]] = {}
        self._handed: dict[str, Handed] = {}
        self._timers: dict[str, CALLBACK_TYPE] = {}
        team.store.add_section(self.collect, self.restore)

    @callback
    def async_start(self) -> None:
        """Gather again what was sent as one before the last stop."""
        for climb in self._plan.climbs.values():
            for delivery in climb.deliveries.values():
                if delivery.state is DeliveryState.HANDED_OVER and not delivery.handed:
                    self.add(Notice(climb=climb, delivery=delivery))
        for person_id in list(self._handed):
            self._look(person_id)

    @callback
    def async_stop(self) -> None:
        """Send nothing more."""
        for cancel in self._timers.values():
            cancel()
        self._timers.clear()

    @callback
    def add(self, notice: Notice) -> None:
        """Take one more for a person."""
        person_id = notice.delivery.person_id
        self._notices.setdefault(person_id, {})[notice.climb.alert_id] = notice
        if person_id not in self._timers:
            self._wait(person_id, FIRST)

    @callback
    def ended(self, climb: Climb, of: str | None = None) -> None:
        """Take that an alert does not wait any more for people, or for one of them."""
        for person_id in climb.deliveries if of is None else (of,):
            if self._notices.get(person_id, {}).pop(climb.alert_id, None) is not None:
                self._look(person_id)

    def collect(self) -> dict[str, Any]:
        """Return what to store."""
        return {
            _SECTION: {
                person_id: handed.as_dict()
                for person_id, handed in self._handed.items()
            }
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over which messages stand."""
        for person_id, handed in as_dict(stored.get(_SECTION)).items():
            try:
                self._handed[person_id] = Handed.from_dict(handed)
            except AttributeError, KeyError, TypeError, ValueError:
                continue

    @callback
    def _look(self, person_id: str) -> None:
        """Take the message back where it is of nobody any more."""
        if self._notices.get(person_id):
            return
        self._notices.pop(person_id, None)
        handed = self._handed.pop(person_id, None)
        if handed is not None:
            self._withdrawals.withdraw(
                Withdrawal(
                    person_id=person_id,
                    alert={},
                    tag=_tag(person_id),
                    handed=handed,
                    title=self._team.entry.title,
                    text=texts.texts_of(self._hass).over,
                    until=moment() + WITHDRAW_FOR,
                )
            )

    @callback
    def _wait(self, person_id: str, seconds: float) -> None:
        @callback
        def due(_: object) -> None:
            del self._timers[person_id]
            _ = self._team.entry.async_create_background_task(
                self._hass, self._async_send(person_id), "Notify of many alerts"
            )

        self._timers[person_id] = async_call_later(
            self._hass, seconds, HassJob(due, cancel_on_shutdown=True)
        )

    async def _async_send(self, person_id: str) -> None:
        """Send what was gathered for a person; what of it waits no more is left out."""
        person = addressee(self._team.people, self._plan, person_id)
        gathered = {
            alert_id: (notice, *found)
            for alert_id, notice in self._notices.get(person_id, {}).items()
            if (found := self._waiting(notice)) is not None
        }
        fresh = [
            one
            for one in gathered.values()
            if one[0].delivery.state is DeliveryState.PENDING
        ]
        self._notices[person_id] = {key: one[0] for key, one in gathered.items()}
        if not fresh or person is None:
            self._look(person_id)
            return
        names = [
            runtime.alert_events.name(alert) for _, runtime, alert in gathered.values()
        ]
        message = Message(
            title=self._team.entry.title,
            text=texts.more(self._hass, names),
            tag=_tag(person_id),
        )
        self._wait(person_id, BETWEEN)
        try:
            sent = await self._reach.async_send(person, message)
        except ChannelError:
            for notice, *_ in fresh:
                self._plan.failed(notice.climb, notice.delivery, moment())
                self._notices.get(person_id, {}).pop(notice.climb.alert_id, None)
            self._team.store.async_changed()
            self._go_on()
            return
        self._plan.drop_withdrawals(_tag(person_id), person_id)
        self._handed[person_id] = Handed(sent.channel, dict(sent.address), sent.handle)
        for notice, runtime, alert in fresh:
            if notice.delivery.state is DeliveryState.PENDING:
                notice.delivery.state = DeliveryState.HANDED_OVER
            fire(
                self._hass,
                self._team,
                DispatchAction.SENT,
                person=self._team.people.get(person_id),
                alert=runtime.alert_events.data(alert),
                channel=sent.channel,
                step=self._plan.step_name(notice.delivery.step_id),
                attempt=notice.delivery.attempt,
            )
        self._team.store.async_changed()
        self._look(person_id)

    def _waiting(self, notice: Notice) -> tuple[ServiceRuntime, Alert] | None:
        """Return an alert that still waits for whoever is to be notified of it."""
        climb = notice.climb
        if (
            self._plan.climbs.get(climb.alert_id) is not climb
            or climb.paused_at is not None
            or not notice.delivery.stands
        ):
            return None
        found = alert_of(self._hass, climb.entry_id, climb.alert_id)
        return found if found is not None and found[1].state is State.OPEN else None


def _tag(person_id: str) -> str:
    return f"carbis_alerts-more-{person_id}"
