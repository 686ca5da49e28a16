"""Messages on their way to people, and those that are taken back."""

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from homeassistant.core import callback

from ..const import CONF_CHANNEL
from ..domain.alert import Alert
from ..domain.dispatch import (
    Burst,
    Climb,
    Delivery,
    DeliveryState,
    Handed,
    Notice,
    Plan,
)
from ..domain.lifecycle import DispatchAction, State
from ..runtime.runtime import ServiceRuntime
from ..services.sending import async_words
from . import texts
from .channels.channel import Address, ChannelError, Message
from .dispatch_events import fire
from .moments import moment
from .reach import Failure, Reach, Unreached as NoWay
from .runtime import TeamRuntime
from .served import alert_of
from .steps import addressee
from .summaries import Summaries
from .whose import Whose
from .withdrawals import Withdrawals

# What a button sends back, behind the delivery's token.
COMING: Final = "+"
NOT_ME: Final = "-"


class Deliveries:
    """Hand messages over, each noted in the store before, and take them back."""

    def __init__(
        self, team: TeamRuntime, plan: Plan, go_on: Callable[[], None]
    ) -> None:
        """Take the plan, and what looks at it again when a message could not be sent."""
        self._team = team
        self._hass = team.hass
        self._plan = plan
        self._go_on = go_on
        self.withdrawals = Withdrawals(team, plan)
        self._reach = team.part(Reach)
        self._whose = team.part(Whose)
        self.summaries = Summaries(team, plan, self.withdrawals, go_on)
        self._burst = Burst()

    @callback
    def send(self, notice: Notice) -> None:
        """Send somebody a message of an alert."""
        if not self._burst.allows(notice.delivery.person_id, moment()):
            self.summaries.add(notice)
            return
        self._start(
            self._async_send(notice.climb, notice.delivery), "Notify of an alert"
        )

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
        self.withdrawals.take_back(climb, alert, text, of=of)
        self.summaries.ended(climb, of)

    @callback
    def fail(self, climb: Climb, delivery: Delivery, failure: Failure) -> None:
        """Take that a way failed after it had taken a message: try the person's next."""
        person = self._team.people.get(delivery.person_id)
        ways = [dict(address) for address in person.channels] if person else []
        if (
            delivery.state is not DeliveryState.HANDED_OVER
            or not self._is_current(climb)
            or failure.address not in ways
        ):
            return
        delivery.state = DeliveryState.PENDING
        # Those before it have failed too.
        tried = ways[: ways.index(dict(failure.address)) + 1]
        self._start(
            self._async_send(climb, delivery, failure, skip=tried), "Try the next way"
        )

    @callback
    def fire(
        self,
        action: DispatchAction,
        delivery: Delivery,
        alert: Mapping[str, Any],
        **fields: Any,
    ) -> None:
        """Publish what became of a message."""
        fire(
            self._hass,
            self._team,
            action,
            person=self._team.people.get(delivery.person_id),
            alert=alert,
            step=self._plan.step_name(delivery.step_id),
            attempt=delivery.attempt,
            **fields,
        )

    async def async_reply(
        self, delivery: Delivery, tag: str, title: str, text: str
    ) -> None:
        """Say something to whoever answered a message, the way that it went."""
        person = addressee(self._team.people, self._plan, delivery.person_id)
        if person is None:
            return
        try:
            await self._reach.async_send(
                person, Message(title=title, text=text, tag=tag)
            )
        except ChannelError:
            # There is nobody else to say it to.
            return

    async def _async_send(
        self,
        climb: Climb,
        delivery: Delivery,
        failed: Failure | None = None,
        *,
        skip: Sequence[Address] = (),
    ) -> None:
        """Hand a message over, noted before; take it back where it is not true any more."""
        # What is not on the disk before could not be taken back after a crash.
        await self._team.store.async_persist()
        person = addressee(self._team.people, self._plan, delivery.person_id)
        found = alert_of(self._hass, climb.entry_id, climb.alert_id)
        if not self._is_wanted(climb, delivery) or found is None:
            return
        runtime, alert = found
        if person is None or alert.state is not State.OPEN:
            return
        data = runtime.alert_events.data(alert)
        step = self._plan.step(delivery.step_id)
        # What it is now: another step may renew it meanwhile.
        notified = replace(delivery)
        if failed is not None:
            await self._async_say_all_failed(notified, data, [failed])
        try:
            sent = await self._reach.async_send(
                person,
                self._message(climb, delivery, alert, data),
                skip=skip,
                only=step.channels if step else (),
            )
        except ChannelError as err:
            failures = err.failures if isinstance(err, NoWay) else ()
            if not failures and not skip:
                await self._async_say_failed(notified, data, None, err)
            await self._async_say_all_failed(notified, data, failures)
            self._plan.failed(climb, delivery, moment())
            self._team.store.async_changed()
            self._go_on()
            return
        self._plan.drop_withdrawals(climb.tag, person.person_id)
        delivery.hand_over(Handed(sent.channel, dict(sent.address), sent.handle))
        self.fire(DispatchAction.SENT, notified, data, channel=sent.channel)
        await self._async_say_all_failed(notified, data, sent.failures)
        if not self._is_current(climb) or climb.paused_at is not None:
            self.take_back(
                climb, data, self._why_over(runtime, alert), of=person.person_id
            )
        elif delivery.state is DeliveryState.DECLINED:
            self.take_back(climb, data, "", of=person.person_id)
        self._team.store.async_changed()

    def _message(
        self, climb: Climb, delivery: Delivery, alert: Alert, data: Mapping[str, Any]
    ) -> Message:
        words = texts.texts_of(self._hass)
        owners = self._whose.of(climb.entry_id, alert.device_key)
        return Message(
            title=texts.title(data),
            text=texts.text(
                self._hass,
                data,
                late=climb.late,
                is_nobody_on_shift=owners.is_nobody_on_shift,
            ),
            tag=climb.tag,
            answers={
                f"{delivery.token}{COMING}": words.coming,
                f"{delivery.token}{NOT_ME}": words.not_me,
            },
            since=alert.opened_at.timestamp(),
        )

    async def _async_say_all_failed(
        self,
        delivery: Delivery,
        data: Mapping[str, Any],
        failures: Iterable[Failure],
    ) -> None:
        """Publish which ways to somebody did not take a message."""
        for failure in failures:
            await self._async_say_failed(
                delivery, data, failure.address.get(CONF_CHANNEL), failure.error
            )

    async def _async_say_failed(
        self,
        delivery: Delivery,
        data: Mapping[str, Any],
        channel: str | None,
        err: ChannelError,
    ) -> None:
        words = await async_words(self._hass, err.key, err.translation_placeholders)
        self.fire(DispatchAction.FAILED, delivery, data, channel=channel, error=words)

    def _why_over(self, runtime: ServiceRuntime, alert: Alert) -> str:
        now = runtime.alerts.book.find(alert.alert_id)
        if now is None:
            return texts.texts_of(self._hass).over
        return texts.outcome(self._hass, runtime.alert_events.data(now))

    def _is_current(self, climb: Climb) -> bool:
        return self._plan.climbs.get(climb.alert_id) is climb

    def _is_wanted(self, climb: Climb, delivery: Delivery) -> bool:
        """Return whether a message is still to go out."""
        return (
            self._is_current(climb)
            and climb.paused_at is None
            and delivery.state is DeliveryState.PENDING
        )

    @callback
    def _start(self, doing: Coroutine[Any, Any, None], name: str) -> None:
        _ = self._team.entry.async_create_background_task(self._hass, doing, name)
