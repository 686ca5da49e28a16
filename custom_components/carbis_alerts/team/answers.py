"""What people answer to messages: each counts where token, alert and user agree."""

from collections.abc import Callable
from typing import Any

from homeassistant.core import CALLBACK_TYPE, Context, callback

from ..const import CONF_CHANNEL, CONF_DEVICE_ID
from ..domain.actor import Actor
from ..domain.alert import Alert
from ..domain.dispatch import Climb, Delivery, DeliveryState, Plan
from ..domain.lifecycle import DispatchAction, State
from ..people import Person
from ..runtime.runtime import ServiceRuntime
from . import texts
from .channels import mobile_app, telegram
from .channels.call import CallChannel, Called, async_listen_calls
from .channels.chat import ChatChannel
from .channels.mobile_app import MobileAppChannel, PhoneAnswer
from .channels.telegram import TelegramChannel
from .chat_answers import async_listen_chats
from .deliveries import COMING, NOT_ME, Deliveries
from .reach import Failure
from .runtime import TeamRuntime
from .served import alert_of

type Decline = Callable[[str, str, Context | None], None]


class Answers:
    """Listen to what comes back from people's channels."""

    def __init__(
        self, team: TeamRuntime, plan: Plan, deliveries: Deliveries, decline: Decline
    ) -> None:
        """Take the plan, which knows the tokens, and what takes that somebody declines."""
        self._team = team
        self._hass = team.hass
        self._plan = plan
        self._deliveries = deliveries
        self._decline = decline
        self._leave: list[CALLBACK_TYPE] = []

    @callback
    def async_start(self) -> None:
        """Begin to listen."""
        self._leave = [
            mobile_app.async_listen_answers(self._hass, self._of_phone),
            async_listen_chats(self._hass, self._of_chat),
            telegram.async_listen_answers(self._hass, self._of_telegram),
            async_listen_calls(self._hass, self._of_call),
        ]
        self._resume_calls()

    @callback
    def async_stop(self) -> None:
        """Stop listening."""
        while self._leave:
            self._leave.pop()()

    @callback
    def _of_phone(self, answer: PhoneAnswer) -> None:
        """Take an answer of a phone, which its user alone can have given."""

        def is_theirs(person: Person) -> bool:
            return any(
                address.get(CONF_CHANNEL) == MobileAppChannel.kind
                and address.get(CONF_DEVICE_ID) == answer.device_id
                for address in person.channels
            )

        context = Context(user_id=answer.user_id)
        words = self.async_take(answer.data, MobileAppChannel.kind, is_theirs, context)
        found = self._plan.find_ended(answer.data[:-1])
        if words is not None and found is not None:
            self._say_over(*found, words)

    @callback
    def _of_chat(self, is_theirs: Callable[[Person], bool], is_taking: bool) -> None:
        """Take an answer in a chat: it is to the last message that went there."""
        for climb in reversed(self._plan.climbs.values()):
            for delivery in climb.deliveries.values():
                person = self._team.people.get(delivery.person_id)
                if (
                    person is not None
                    and is_theirs(person)
                    and any(one.channel == ChatChannel.kind for one in delivery.handed)
                ):
                    sign = COMING if is_taking else NOT_ME
                    self.async_take(
                        f"{delivery.token}{sign}", ChatChannel.kind, is_theirs
                    )
                    return

    @callback
    def _of_telegram(
        self, data: str, user_id: str | None, chat_id: str | None, _: str | None
    ) -> str | None:
        """Take a button of a bot; return words for who pressed it."""

        def is_theirs(person: Person) -> bool:
            return any(
                address.get(CONF_CHANNEL) == TelegramChannel.kind
                and telegram.is_of(
                    self._hass, address, user_id=user_id, chat_id=chat_id
                )
                for address in person.channels
            )

        return self.async_take(data, TelegramChannel.kind, is_theirs)

    @callback
    def _resume_calls(self) -> None:
        """Hear of keys of calls that went out before a restart."""
        calls = CallChannel(self._hass)
        for climb in self._plan.climbs.values():
            for delivery in climb.deliveries.values():
                if delivery.state is not DeliveryState.HANDED_OVER:
                    continue
                for one in delivery.handed[-1:]:
                    if one.channel == CallChannel.kind and one.handle is not None:
                        answers = (COMING, NOT_ME)
                        given = tuple(f"{delivery.token}{sign}" for sign in answers)
                        calls.resume(one.address, one.handle, given)

    @callback
    def _of_call(self, called: Called) -> None:
        """Take the key that somebody pressed, or that nobody could be called."""
        if called.data is not None:
            self.async_take(
                called.data,
                CallChannel.kind,
                lambda person: called.address in person.channels,
            )
        elif called.error is not None and called.answers:
            failure = Failure(address=called.address, error=called.error)
            if (found := self._plan.find(called.answers[0][:-1])) is not None:
                self._deliveries.fail(*found, failure)

    @callback
    def async_take(
        self,
        data: str,
        channel: str,
        is_theirs: Callable[[Person], bool],
        context: Context | None = None,
    ) -> str | None:
        """Take an answer; return words for who gave it, None for one of nobody here."""
        words = texts.texts_of(self._hass)
        token, sign = data[:-1], data[-1:]
        known = self._plan.find(token)
        found = known or self._plan.find_ended(token)
        if found is None or sign not in (COMING, NOT_ME):
            return None
        climb, delivery = found
        person = self._team.people.get(delivery.person_id)
        if person is None or not is_theirs(person):
            return words.not_yours
        waiting = alert_of(self._hass, climb.entry_id, climb.alert_id)
        if (
            waiting is not None
            and waiting[1].state is State.ACKNOWLEDGED
            and waiting[1].person_id == person.person_id
        ):
            # Pressed twice.
            return words.noted
        if known is None or waiting is None or waiting[1].state is not State.OPEN:
            return self._too_late(waiting)
        runtime, alert = waiting
        delivery.state = DeliveryState.CONFIRMED
        alert_data = runtime.alert_events.data(alert)
        self._deliveries.fire(
            DispatchAction.CONFIRMED,
            delivery,
            alert_data,
            channel=channel,
            context=context,
        )
        if sign == NOT_ME:
            self._decline(climb.alert_id, person.person_id, context)
            return words.noted
        _ = self._team.entry.async_create_background_task(
            self._hass,
            self._async_acknowledge(delivery, person, runtime, alert, channel, context),
            "Take an answer",
        )
        return words.noted

    async def _async_acknowledge(
        self,
        delivery: Delivery,
        person: Person,
        runtime: ServiceRuntime,
        alert: Alert,
        channel: str,
        context: Context | None,
    ) -> None:
        """Have the alert be somebody's; of two who answer the first counts."""
        by = Actor(person.name, person.person_id)
        taken = await runtime.alerts.async_acknowledge([alert], by, context)
        for transition in taken:
            self._deliveries.fire(
                DispatchAction.ANSWERED,
                delivery,
                runtime.alert_events.data(transition.alert),
                channel=channel,
                context=context,
            )

    def _too_late(self, waiting: tuple[ServiceRuntime, Alert] | None) -> str:
        """Return what somebody reads who answers what is over."""
        if waiting is None:
            return texts.too_late(self._hass, None)
        runtime, alert = waiting
        return texts.too_late(
            self._hass, texts.outcome(self._hass, runtime.alert_events.data(alert))
        )

    @callback
    def _say_over(self, climb: Climb, delivery: Delivery, text: str) -> None:
        """Say on a phone, which shows nothing by itself, what became of its answer."""
        if text == texts.texts_of(self._hass).noted:
            return
        waiting = alert_of(self._hass, climb.entry_id, climb.alert_id)
        data: dict[str, Any] = (
            {} if waiting is None else waiting[0].alert_events.data(waiting[1])
        )
        _ = self._team.entry.async_create_background_task(
            self._hass,
            self._deliveries.async_reply(
                delivery, climb.tag, str(data.get("name") or ""), text
            ),
            "Say that it is over",
        )
