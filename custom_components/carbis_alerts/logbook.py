"""The logbook: what happened as sentences that a person reads.

Home Assistant has no place for such sentences among an integration's translations, and
asks for them in Home Assistant's language, so they stand here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import ALERT_EVENT, DOMAIN, EVENT
from .domain.events import EventType
from .domain.lifecycle import Action, Outcome, Reason
from .domain.names import NameKind, Names
from .domain.rules import NAMED_BY_DEVICE
from .runtime.naming import names_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """The sentences of a language.

    What stands in braces is a field of the event; without it the braces' sentence ends
    before the colon. Those of alerts say who waits, whatever the kind is.
    """

    events: Mapping[str, str]
    actions: Mapping[str, str]
    reasons: Mapping[str, str]
    forgotten: str


SENTENCES: Final[Mapping[str, Sentences]] = {
    "en": Sentences(
        events={
            EventType.WAITER_CALL: "called the waiter",
            EventType.BILL_REQUEST: "asked for the bill",
            EventType.DISHES_ADDED: "added dishes",
            EventType.ONLINE_PAYMENT: "paid online: {order_sum}",
            EventType.STARTUP: "was switched on",
            EventType.INCOMING_CALL: "rings: {who}",
            EventType.OUTGOING_CALL: "calls: {who}",
            EventType.START_TALK: "talks: {who}",
            EventType.ANSWER_ELSEWHERE: "has the call now: {who}",
            EventType.CALL_END: "ended the call: {who}",
            EventType.MISSED_CALL: "missed a call: {who}",
            EventType.SMS: "received an SMS: {who}",
            EventType.MESSAGE: "received a message: {who}",
            EventType.MESSAGE_CHANGED: "a message was changed: {who}",
            EventType.MESSAGE_SENT: "sent a message",
            EventType.MESSAGE_STATUS: "message status: {status}",
            EventType.WHATSAPP_CALL: "WhatsApp call: {who}",
            EventType.ACCOUNT_STATE: "account: {state}",
            EventType.OTHER: "event: {code}",
        },
        actions={
            Action.OPENED: "waits for somebody",
            Action.REPEATED: "waits, asked again",
            Action.ACKNOWLEDGED: "is taken care of: {by}",
            Action.REOPENED: "waits again",
            Action.OVERDUE: "has waited for too long",
            Action.CLOSED: "waits no more: {reason}",
        },
        reasons={
            Reason.PAID: "paid",
            Reason.TALKED: "talked",
            Reason.ANSWERED: "answered",
            Reason.DONE: "done",
            Reason.DELETED: "dismissed",
            Reason.EXPIRED: "too old",
            Reason.END_OF_DAY: "end of the day",
        },
        forgotten="was forgotten, nobody came: {reason}",
    ),
    "ru": Sentences(
        events={
            EventType.WAITER_CALL: "зовёт официанта",
            EventType.BILL_REQUEST: "просит счёт",
            EventType.DISHES_ADDED: "добавлены блюда",
            EventType.ONLINE_PAYMENT: "оплачено онлайн: {order_sum}",
            EventType.STARTUP: "включена",
            EventType.INCOMING_CALL: "входящий звонок: {who}",
            EventType.OUTGOING_CALL: "исходящий звонок: {who}",
            EventType.START_TALK: "разговор: {who}",
            EventType.ANSWER_ELSEWHERE: "звонок теперь здесь: {who}",
            EventType.CALL_END: "звонок завершён: {who}",
            EventType.MISSED_CALL: "пропущен звонок: {who}",
            EventType.SMS: "получено SMS: {who}",
            EventType.MESSAGE: "получено сообщение: {who}",
            EventType.MESSAGE_CHANGED: "изменено сообщение: {who}",
            EventType.MESSAGE_SENT: "отправлено сообщение",
            EventType.MESSAGE_STATUS: "статус сообщения: {status}",
            EventType.WHATSAPP_CALL: "звонок WhatsApp: {who}",
            EventType.ACCOUNT_STATE: "аккаунт: {state}",
            EventType.OTHER: "событие: {code}",
        },
        actions={
            Action.OPENED: "ждёт персонал",
            Action.REPEATED: "ждёт, спрошено ещё раз",
            Action.ACKNOWLEDGED: "этим занимаются: {by}",
            Action.REOPENED: "снова ждёт",
            Action.OVERDUE: "ждёт слишком долго",
            Action.CLOSED: "больше не ждёт: {reason}",
        },
        reasons={
            Reason.PAID: "оплачено",
            Reason.TALKED: "поговорили",
            Reason.ANSWERED: "отвечено",
            Reason.DONE: "готово",
            Reason.DELETED: "снято",
            Reason.EXPIRED: "слишком старое",
            Reason.END_OF_DAY: "конец дня",
        },
        forgotten="никто не откликнулся: {reason}",
    ),
}


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[
        [str, str, Callable[[Event[Any]], dict[str, Any]]], None
    ],
) -> None:
    """Register the sentences of both bus events."""
    devices = dr.async_get(hass)

    @callback
    def describe(event: Event[Any]) -> dict[str, Any]:
        """Return who and what, at the event entity's place."""
        data = event.data
        words = SENTENCES.get(hass.config.language, SENTENCES["en"])
        device = devices.async_get(data.get("device_id") or "")
        names = names_of(hass)
        name = (device.name_by_user or device.name) if device else None
        is_hub = device is None or (
            isinstance(device, dr.DeviceEntry)
            and device.entry_type is dr.DeviceEntryType.SERVICE
        )
        if "action" in data:
            # An alert is its caller's or writer's, not the extension's.
            if is_hub or data.get("kind") not in NAMED_BY_DEVICE:
                name = data.get("name") or data.get("title") or name
        elif is_hub and "table_id" in data and data.get("type") != EventType.OTHER:
            table = data.get("table_name") or data.get("table_id")
            name = names.of(NameKind.TABLE, table)
        return {
            LOGBOOK_ENTRY_NAME: name or data.get("entry_title"),
            LOGBOOK_ENTRY_MESSAGE: _sentence(words, data, names),
            LOGBOOK_ENTRY_ENTITY_ID: data.get("entity_id"),
        }

    for event_type in (EVENT, ALERT_EVENT):
        async_describe_event(DOMAIN, event_type, describe)


def _sentence(words: Sentences, data: Mapping[str, Any], names: Names) -> str:
    """Return a sentence with what it is about, where that is known."""
    if (action := data.get("action")) is None:
        happened = data.get("type")
        sentence = words.events.get(str(happened), str(happened))
    elif data.get("outcome") == Outcome.FORGOTTEN:
        sentence = words.forgotten
    else:
        sentence = words.actions.get(action, str(action))
    beginning, brace, field = sentence.partition(": {")
    if not brace:
        return sentence
    field = field.removesuffix("}")
    value = _who(data, names) if field == "who" else data.get(field)
    if value is None:
        return beginning
    if field == "reason":
        value = words.reasons.get(value, value)
    return f"{beginning}: {value}"


def _who(data: Mapping[str, Any], names: Names) -> str:
    """Return the other side of a call or message, by name where it is known."""
    fields = ("caller_name", "sender_name", "caller", "sender")
    bare = next((data[field] for field in fields if data.get(field)), None)
    if chat_id := data.get("chat_id"):
        return names.of(NameKind.CHAT, bare, chat_id)
    return names.of(NameKind.CALLER, bare)
