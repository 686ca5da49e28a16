"""The logbook: what happened as sentences that a person reads, one for each thing.

A guest's doing is the line of its event, with all that it did to alerts. What people and
time do to alerts has no such event: it is written as an entry of the logbook's own.

Home Assistant has no place for such sentences among an integration's translations, and
asks for them in Home Assistant's language, so they stand here. Its page shows the name of
the entity before a sentence, so each says itself who it is about.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.components.logbook import async_log_entry
from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.core import Context, Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.recorder import get_instance

from .const import ALERT_EVENT, DOMAIN, EVENT
from .domain.chats import messenger_title
from .domain.events import EventType
from .domain.lifecycle import Action, Outcome, Reason
from .domain.names import NameKind, Names
from .runtime.alert_events import WITHOUT_EVENT
from .runtime.naming import names_of
from .team.logbook import async_write_dispatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """The sentences of a language, less whom they are about.

    What stands in braces is a field of the event; without it the sentence ends before the
    comma.
    """

    events: Mapping[str, str]
    actions: Mapping[str, str]
    reasons: Mapping[str, str]
    forgotten: str
    # Somebody had it, and nobody came.
    left: str


SENTENCES: Final[Mapping[str, Sentences]] = {
    "en": Sentences(
        events={
            EventType.WAITER_CALL: "waiter called",
            EventType.BILL_REQUEST: "bill requested",
            EventType.DISHES_ADDED: "dishes added",
            EventType.ONLINE_PAYMENT: "paid online, {paid}",
            EventType.STARTUP: "switched on",
            EventType.INCOMING_CALL: "incoming call, {who}",
            EventType.OUTGOING_CALL: "outgoing call, {who}",
            EventType.START_TALK: "talk, {who}",
            EventType.ANSWER_ELSEWHERE: "call taken here, {who}",
            EventType.CALL_END: "call ended, {who}",
            EventType.MISSED_CALL: "missed call, {who}",
            EventType.SMS: "SMS, {who}",
            EventType.MESSAGE: "message, {who}",
            EventType.MESSAGE_CHANGED: "message changed, {who}",
            EventType.MESSAGE_SENT: "message sent",
            EventType.MESSAGE_STATUS: "message status, {status}",
            EventType.WHATSAPP_CALL: "{messenger} call, {who}",
            EventType.ACCOUNT_STATE: "account, {state}",
            EventType.OTHER: "event, {code}",
        },
        actions={
            Action.OPENED: "waits",
            Action.REPEATED: "waits, asked again",
            Action.ACKNOWLEDGED: "taken, {by}",
            Action.REOPENED: "waits again, {by}",
            Action.OVERDUE: "has waited for too long",
            Action.SNOOZED: "snoozed, {by}",
            Action.CLOSED: "waits no more, {reason}",
        },
        reasons={
            Reason.PAID: "paid",
            Reason.TALKED: "talked",
            Reason.ANSWERED: "answered",
            Reason.DONE: "done",
            Reason.DELETED: "dismissed",
            Reason.EXPIRED: "too old",
            Reason.END_OF_DAY: "end of the day",
            Reason.NOT_DONE: "not done",
            Reason.NOT_DELIVERED: "the answer did not arrive",
        },
        forgotten="guest forgotten, nobody came",
        left="taken but forgotten: waits again, {by}",
    ),
    "ru": Sentences(
        events={
            EventType.WAITER_CALL: "вызов официанта",
            EventType.BILL_REQUEST: "просьба о счёте",
            EventType.DISHES_ADDED: "добавлены блюда",
            EventType.ONLINE_PAYMENT: "оплачено онлайн, {paid}",
            EventType.STARTUP: "включение",
            EventType.INCOMING_CALL: "входящий звонок, {who}",
            EventType.OUTGOING_CALL: "исходящий звонок, {who}",
            EventType.START_TALK: "разговор, {who}",
            EventType.ANSWER_ELSEWHERE: "звонок принят здесь, {who}",
            EventType.CALL_END: "звонок завершён, {who}",
            EventType.MISSED_CALL: "пропущен звонок, {who}",
            EventType.SMS: "SMS, {who}",
            EventType.MESSAGE: "сообщение, {who}",
            EventType.MESSAGE_CHANGED: "сообщение изменено, {who}",
            EventType.MESSAGE_SENT: "сообщение отправлено",
            EventType.MESSAGE_STATUS: "статус сообщения, {status}",
            EventType.WHATSAPP_CALL: "звонок {messenger}, {who}",
            EventType.ACCOUNT_STATE: "аккаунт, {state}",
            EventType.OTHER: "событие, {code}",
        },
        actions={
            Action.OPENED: "ждёт персонал",
            Action.REPEATED: "ждёт персонал, позвали ещё раз",
            Action.ACKNOWLEDGED: "принято, {by}",
            Action.REOPENED: "снова ждёт, {by}",
            Action.OVERDUE: "ждёт слишком долго",
            Action.SNOOZED: "отложено, {by}",
            Action.CLOSED: "больше не ждёт, {reason}",
        },
        reasons={
            Reason.PAID: "оплачено",
            Reason.TALKED: "поговорили",
            Reason.ANSWERED: "ответили",
            Reason.DONE: "готово",
            Reason.DELETED: "удалено",
            Reason.EXPIRED: "прошло слишком много времени",
            Reason.END_OF_DAY: "конец дня",
            Reason.NOT_DONE: "не сделано",
            Reason.NOT_DELIVERED: "ответ не дошёл",
        },
        forgotten="гость забыт, никто не откликнулся",
        left="принято, но забыто: снова ждёт, {by}",
    ),
}


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[
        [str, str, Callable[[Event[Any]], dict[str, Any]]], None
    ],
) -> None:
    """Register the sentences of events, and write those of alerts from now on."""

    @callback
    def describe(event: Event[Any]) -> dict[str, Any]:
        """Return who and what, at the event entity's place."""
        data, names = event.data, names_of(hass)
        who = _where(hass, data, names)
        return {
            LOGBOOK_ENTRY_NAME: who,
            LOGBOOK_ENTRY_MESSAGE: _line(who, _happened(_words(hass), data, names)),
            LOGBOOK_ENTRY_ENTITY_ID: data.get("entity_id"),
        }

    @callback
    def write(data: Mapping[str, Any], context: Context | None) -> None:
        """Write what became of an alert, unless its events are not to be kept."""
        if ALERT_EVENT in get_instance(hass).exclude_event_types:
            return
        who = data["name"]
        async_log_entry(
            hass,
            who,
            # What time does has nobody's context, though it may name who had the alert.
            _line(who, _became(_words(hass), data, is_act=context is not None)),
            domain=DOMAIN,
            entity_id=data["entity_id"],
            context=context,
        )

    async_describe_event(DOMAIN, EVENT, describe)
    async_dispatcher_connect(hass, WITHOUT_EVENT, write)
    async_write_dispatch(hass)


def _words(hass: HomeAssistant) -> Sentences:
    return SENTENCES.get(hass.config.language, SENTENCES["en"])


def _where(hass: HomeAssistant, data: Mapping[str, Any], names: Names) -> str:
    """Return the name of an event's device, and at the hub of what is no device."""
    device = dr.async_get(hass).async_get(data.get("device_id") or "")
    is_hub = device is None or (
        isinstance(device, dr.DeviceEntry)
        and device.entry_type is dr.DeviceEntryType.SERVICE
    )
    if is_hub and "table_id" in data and data.get("type") != EventType.OTHER:
        return names.of(NameKind.TABLE, data.get("table_name") or data.get("table_id"))
    name = (device.name_by_user or device.name) if device else None
    return name or str(data.get("entry_title") or "")


def _happened(words: Sentences, data: Mapping[str, Any], names: Names) -> str:
    """Return what an event says, with what it is about where that is known."""
    happened = str(data.get("type"))
    sentence = words.events.get(happened, happened)
    # Only of calls the messenger is said: they come by telephone too.
    sentence = sentence.replace("{messenger}", messenger_title(data.get("messenger")))

    def value_of(field: str) -> Any:
        if field == "who":
            return _who(data, names)
        value = data.get(field)
        # Where nobody can know what was paid, it is all of the order.
        return data.get("order_sum") if field == "paid" and value is None else value

    return _filled(sentence, value_of)


def _became(words: Sentences, data: Mapping[str, Any], *, is_act: bool) -> str:
    """Return what became of an alert; by whom, where a person did it."""
    reason, action = data.get("reason"), str(data["action"])
    by = data.get("by") if is_act else None
    if data.get("outcome") == Outcome.FORGOTTEN:
        return words.forgotten
    if reason == Reason.NOT_DONE:
        return _filled(words.left, data.get)
    if reason == Reason.NOT_DELIVERED:
        by = words.reasons[reason]
    said = {"by": by, "reason": words.reasons.get(reason, reason) if reason else None}
    sentence = _filled(words.actions.get(action, action), said.get)
    return f"{sentence}, {by}" if action == Action.CLOSED and by else sentence


def _filled(sentence: str, value_of: Callable[[str], Any]) -> str:
    """Return a sentence with its field's value, without both where there is none."""
    beginning, brace, field = sentence.partition(", {")
    value = value_of(field.removesuffix("}")) if brace else None
    if isinstance(value, float):
        value = f"{value:.0f}" if value.is_integer() else f"{value:.2f}"
    return beginning if value is None else f"{beginning}, {value}"


def _line(who: str, sentence: str) -> str:
    """Return a sentence with whom it is about, once."""
    return f"{who}: {sentence.removesuffix(f', {who}')}"


def _who(data: Mapping[str, Any], names: Names) -> str:
    """Return the other side of a call or message, by name where it is known."""
    fields = ("caller_name", "sender_name", "caller", "sender")
    bare = next((data[field] for field in fields if data.get(field)), None)
    if chat_id := data.get("chat_id"):
        return names.of(NameKind.CHAT, bare, chat_id)
    return names.of(NameKind.CALLER, bare)
