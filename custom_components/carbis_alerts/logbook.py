"""The logbook: what happened as sentences that a person reads.

Home Assistant has no place for such sentences among an integration's translations, and
asks for them in the house's language, so they stand here.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import ALERT_EVENT, DOMAIN, EVENT
from .domain.kinds import Outcome

type Words = Mapping[str, str]

# What stands in braces is a field of the event; without it the braces' sentence ends
# before the colon.
SENTENCES: Final[Mapping[str, Words]] = {
    "en": {
        "waiter_call": "called the waiter",
        "dishes_added": "added dishes",
        "online_payment": "paid online: {order_sum}",
        "startup": "was switched on",
        "incoming_call": "rings: {who}",
        "outgoing_call": "calls: {who}",
        "start_talk": "talks: {who}",
        "answer_elsewhere": "has the call now: {who}",
        "call_end": "ended the call: {who}",
        "missed_call": "missed a call: {who}",
        "sms": "received an SMS: {who}",
        "message": "received a message: {who}",
        "message_sent": "sent a message",
        "message_status": "message status: {status}",
        "whatsapp_call": "WhatsApp call: {who}",
        "account_state": "account: {state}",
        "other": "event: {code}",
        "alert_opened": "waits for somebody",
        "alert_repeated": "waits, asked again",
        "alert_acknowledged": "is taken care of: {by}",
        "alert_reopened": "waits again",
        "alert_overdue": "has waited for too long",
        "alert_closed": "waits no more: {reason}",
        "alert_forgotten": "was forgotten, nobody came: {reason}",
        "paid": "paid",
        "talked": "talked",
        "answered": "answered",
        "done": "done",
        "deleted": "dismissed",
        "expired": "too old",
        "end_of_day": "end of the day",
    },
    "ru": {
        "waiter_call": "зовёт официанта",
        "dishes_added": "добавлены блюда",
        "online_payment": "оплачено онлайн: {order_sum}",
        "startup": "включена",
        "incoming_call": "входящий звонок: {who}",
        "outgoing_call": "исходящий звонок: {who}",
        "start_talk": "разговор: {who}",
        "answer_elsewhere": "звонок теперь здесь: {who}",
        "call_end": "звонок завершён: {who}",
        "missed_call": "пропущен звонок: {who}",
        "sms": "получено SMS: {who}",
        "message": "получено сообщение: {who}",
        "message_sent": "отправлено сообщение",
        "message_status": "статус сообщения: {status}",
        "whatsapp_call": "звонок WhatsApp: {who}",
        "account_state": "аккаунт: {state}",
        "other": "событие: {code}",
        "alert_opened": "ждёт персонал",
        "alert_repeated": "ждёт, спрошено ещё раз",
        "alert_acknowledged": "этим занимаются: {by}",
        "alert_reopened": "снова ждёт",
        "alert_overdue": "ждёт слишком долго",
        "alert_closed": "больше не ждёт: {reason}",
        "alert_forgotten": "никто не откликнулся: {reason}",
        "paid": "оплачено",
        "talked": "поговорили",
        "answered": "отвечено",
        "done": "готово",
        "deleted": "снято",
        "expired": "слишком старое",
        "end_of_day": "конец дня",
    },
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
        kind = data.get("type") or f"alert_{data.get('action')}"
        if data.get("outcome") == Outcome.FORGOTTEN:
            kind = "alert_forgotten"
        device = devices.async_get(data.get("device_id") or "")
        name = (device.name_by_user or device.name) if device else None
        if "action" in data and data.get("kind") != "waiter_call":
            # An alert is its caller's or writer's, not the extension's.
            name = data.get("title") or name
        return {
            LOGBOOK_ENTRY_NAME: name or data.get("entry_title"),
            LOGBOOK_ENTRY_MESSAGE: _sentence(words.get(kind, kind), words, data),
            LOGBOOK_ENTRY_ENTITY_ID: data.get("entity_id"),
        }

    for event_type in (EVENT, ALERT_EVENT):
        async_describe_event(DOMAIN, event_type, describe)


def _sentence(sentence: str, words: Words, data: Mapping[str, Any]) -> str:
    """Return a sentence with what it is about, where that is known."""
    beginning, brace, field = sentence.partition(": {")
    if not brace:
        return sentence
    field = field.removesuffix("}")
    value = _who(data) if field == "who" else data.get(field)
    if value is None:
        return beginning
    return f"{beginning}: {words.get(str(value), value)}"


def _who(data: Mapping[str, Any]) -> str | None:
    """Return the other side of a call or message, by name where it is known."""
    fields = ("caller_name", "sender_name", "caller", "sender", "chat_id")
    return next((data[field] for field in fields if data.get(field)), None)
