"""Publish what an account's queue and lists bring: each message once, whichever has it."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ...api.green_api import Notification
from ...const import CONF_CHAT_ID, CONF_NUMBER
from ...domain.answers import Answers
from ...domain.events import AccountState, Message, MessageSent
from ...domain.known_messages import KnownMessages
from ...domain.lifecycle import Reason
from ...runtime.failures import MAX_TRIES
from ...runtime.runtime import ServiceRuntime
from ...runtime.staff import staff_chats
from .account import Account
from .chats import Chats
from .events import NOT_DELIVERED, Arrival, event_of, plain_event_of, time_of
from .old_keys import OldKeys
from .sending import MessageSender

# How far back lists are looked at, at most: a message waits for three days.
FARTHEST: Final = timedelta(days=3)


class Publishing:
    """Publish notifications, and remember which messages were published."""

    def __init__(
        self,
        runtime: ServiceRuntime,
        *,
        account: Account,
        chats: Chats,
        answers: Answers,
        sender: MessageSender,
    ) -> None:
        """Take the parts that a notification has to do with."""
        self._runtime = runtime
        self._account = account
        self._chats = chats
        self._answers = answers
        self._sender = sender
        self._old_keys = OldKeys()
        # Messages that were published, or were there before the entry.
        self._known = KnownMessages()
        # Of these, those that the queue had lost: it may find them again within a day.
        self._found = KnownMessages()
        runtime.store.add_section(self._old_keys.collect, self._old_keys.restore)

    def is_known(self, key: str) -> bool:
        """Return whether a list has nothing new in a message, by what is unique of it."""
        return key in self._known

    @callback
    def async_pass(self, key: str) -> None:
        """Note a message of before the entry: a list never has it published."""
        self._known.add(key)
        self._runtime.store.async_changed()

    async def async_take(self, notification: Notification, *, late: bool) -> None:
        """Publish what the queue brings; what fails is tried again at once."""
        key, now = notification.message_key, dt_util.utcnow()
        is_message = notification.kind in {"message", "message_sent"}
        if self._old_keys.has(notification.old_key, now) or (
            is_message and key in self._found
        ):
            self._runtime.statistics.repeats += 1
        else:
            await self._async_try(notification, Arrival(at=now, late=late))
        if is_message:
            self._known.add(key)

    async def async_take_found(
        self, notification: Notification, *, is_answered: bool
    ) -> bool:
        """Publish a message that the queue has lost; return whether it was news.

        ``is_answered`` says that nobody waits for an answer any more.
        """
        key = notification.message_key
        if key is None or self.is_known(key):
            return False
        is_news = notification.key not in self._runtime.journal
        if is_news:
            await self._async_try(
                notification,
                Arrival(at=dt_util.utcnow(), late=True, oldest=FARTHEST),
                is_answered=is_answered,
            )
            self._found.add(key)
        self.async_pass(key)
        return is_news

    async def _async_try(
        self, notification: Notification, arrival: Arrival, *, is_answered: bool = False
    ) -> None:
        async def publish() -> None:
            self._async_publish(notification, arrival, is_answered=is_answered)

        plain = partial(plain_event_of, notification, arrival)
        for _ in range(MAX_TRIES):
            if await self._runtime.delivery.async_try(
                notification.key, publish, plain, late=arrival.late
            ):
                break

    @callback
    def _async_publish(
        self, notification: Notification, arrival: Arrival, *, is_answered: bool
    ) -> None:
        """Publish a notification."""
        chat_id, chats, answers = notification.chat_id, self._chats, self._answers
        # A part that fails is a whole answer that fails.
        message = self._sender.whole(notification.message_key)
        chat_key = chats.own(chat_id)
        chats.async_heard(notification)
        failed_answer = (
            answers.answered_by(message) if notification.has_failed else None
        )
        is_staff = self._is_staff(chat_id or notification.caller)
        event = event_of(
            notification,
            arrival,
            device_key=chats.device_key(chat_id),
            chat_name=chats.name(chat_id or notification.caller),
            chat_key=chat_key,
            caller_key=chats.caller_key(notification.caller),
            awaits_answer=(
                failed_answer is not None
                if notification.has_failed
                # What waited before the entry was there is published, but nobody's to
                # answer.
                else self._runtime.journal.is_initialized
                and notification.awaits_answer
                and not (is_answered or is_staff)
            ),
            is_answer=answers.is_answer(
                chat_key,
                message,
                time_of(notification, arrival),
                by_api=notification.is_by_api,
            ),
            failed_answer=failed_answer,
            note=(
                self._runtime.alert_events.names.about(NOT_DELIVERED)
                if notification.has_failed
                else None
            ),
        )
        if isinstance(event, AccountState) and event.state is not None:
            self._account.async_set_state(event.state)
        transitions = self._runtime.publisher.async_publish(event)
        if isinstance(event, Message) and not is_staff:
            answers.written(event.chat_key, event.time)
        if notification.has_failed:
            answers.failed(message)
        for transition in transitions:
            if transition.reason is Reason.ANSWERED:
                answers.answered(message, transition.alert.alert_id)
        if isinstance(event, MessageSent) and event.is_answer:
            answers.note_answer(
                chat_key,
                message,
                # Both by the service's clock, however wrong it is.
                notification.timestamp or arrival.at,
                by_api=notification.is_by_api,
            )

    def _is_staff(self, chat_id: str | None) -> bool:
        """Return whether a chat is of somebody who works here."""
        runtime = self._runtime
        return chat_id is not None and any(
            self._sender.is_chat_of(
                chat_id,
                str(chat.get(CONF_CHAT_ID) or chat.get(CONF_NUMBER) or ""),
                is_phone=not chat.get(CONF_CHAT_ID),
            )
            for chat in staff_chats(runtime.hass, runtime.entry.entry_id)
        )

    def collect(self) -> dict[str, Any]:
        """Return what to store, part of it made later."""
        return {
            "known_messages": self._known.snapshot(),
            "found_messages": self._found.snapshot(),
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored."""
        self._known.restore(stored.get("known_messages"))
        self._found.restore(stored.get("found_messages"))
