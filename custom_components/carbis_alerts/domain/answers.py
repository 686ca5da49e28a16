"""Which messages that are sent answer a guest, and which a telephone sends by itself."""

from collections import OrderedDict
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from .alert import as_stored_moment

# What comes so soon after a guest's message nobody has typed.
AUTOMATIC: Final = timedelta(seconds=5)
# Chats and messages that are remembered.
KEPT: Final = 100


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """What was sent to a chat last; ``is_certain`` where no telephone sent it by itself."""

    at: datetime
    message: str
    is_certain: bool = field(kw_only=True)


class Answers:
    """Distinguish answers of people from a telephone's greetings and notes of absence."""

    def __init__(self, *, automatic_count: bool) -> None:
        """Take whether what is sent automatically counts too."""
        self._automatic_count = automatic_count
        # By the chat: when a guest wrote last.
        self._written: OrderedDict[str, datetime] = OrderedDict()
        # What was sent from here: ids, and the chats of what is on its way.
        self._sent: OrderedDict[str, None] = OrderedDict()
        self._sending: list[str] = []
        # What answered a guest, by what is unique of a message, and the id of the alert that
        # it ended, "" where that is not known.
        self._answers: OrderedDict[str, str] = OrderedDict()
        # By the chat: what answered it last, when, and whether that is beyond doubt.
        self._last: OrderedDict[str, LastAnswer] = OrderedDict()

    def written(self, chat: str | None, at: datetime) -> None:
        """Note that a guest wrote; of a message that comes late the time stays."""
        if chat is not None:
            before = self._written.pop(chat, at)
            self._written[chat] = max(before, at)
            _trim(self._written)

    @contextmanager
    def sending(self, chat: str | None) -> Generator[None]:
        """Send to a chat inside: the service may publish it before it answers."""
        chat = chat or ""
        self._sending.append(chat)
        try:
            yield
        finally:
            self._sending.remove(chat)

    def sent(self, message: str) -> None:
        """Note what was sent from here, by what is unique of it."""
        self._sent[message] = None
        _trim(self._sent)

    def answered(self, message: str | None, alert_id: str = "") -> None:
        """Note that a message ended somebody's wait, and which."""
        if message is not None:
            self._answers[message] = alert_id
            _trim(self._answers)

    def answered_by(self, message: str | None) -> str | None:
        """Return the id of the alert that a message ended, None of none."""
        return self._answers.get(message or "")

    def failed(self, message: str | None) -> None:
        """Note that a message never arrived: it has answered nobody."""
        self._answers.pop(message or "", None)
        for chat, last in [*self._last.items()]:
            if message and last.message == message:
                del self._last[chat]

    def is_answer(
        self, chat: str | None, message: str | None, at: datetime, *, by_api: bool
    ) -> bool:
        """Return whether what was sent to a chat answers the guest.

        ``by_api`` says that no telephone sent it: this or another program did.
        """
        if self._is_certain(chat, message, by_api=by_api):
            return True
        written = self._written.get(chat or "")
        return written is None or at - written > AUTOMATIC

    def note_answer(
        self, chat: str | None, message: str | None, at: datetime, *, by_api: bool
    ) -> None:
        """Note what answered a chat, and when by the service's clock."""
        if chat is None:
            return
        last = self._last.pop(chat, None)
        if last is None or at >= last.at:
            certain = self._is_certain(chat, message, by_api=by_api)
            last = LastAnswer(at, message or "", is_certain=certain)
        self._last[chat] = last
        _trim(self._last)

    def was_answered(self, chat: str | None, at: datetime) -> bool:
        """Return whether what a guest wrote at a moment, and comes to light now, was answered.

        What a telephone sent by itself at the same moment is no answer, though nobody
        knew then that there was something to answer.
        """
        last = self._last.get(chat or "")
        return last is not None and _is_after(last.at, at, last.is_certain)

    def is_after(self, message: str, sent_at: datetime, at: datetime) -> bool:
        """Return whether a message of ours answers what was written at a moment, likewise."""
        is_certain = self._automatic_count or message in self._sent
        return _is_after(sent_at, at, is_certain)

    def _is_certain(
        self, chat: str | None, message: str | None, *, by_api: bool
    ) -> bool:
        """Return whether what was sent counts, however soon it came."""
        return (
            self._automatic_count
            or message in self._sent
            or (by_api and chat in self._sending)
        )

    def as_dict(self) -> dict[str, Any]:
        """Return what to store."""
        return {
            "written": {chat: at.isoformat() for chat, at in self._written.items()},
            "sent": list(self._sent),
            "answers": dict(self._answers),
            "last": {
                chat: [last.at.isoformat(), last.message, last.is_certain]
                for chat, last in self._last.items()
            },
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored; what is no such thing is passed over."""
        written = stored.get("written")
        for chat, at in _dict(written).items():
            try:
                self.written(chat, as_stored_moment(at))
            except OverflowError, TypeError, ValueError:
                continue
        for chat, last in _dict(stored.get("last")).items():
            try:
                at, message, is_certain = last
                self._last[str(chat)] = LastAnswer(
                    as_stored_moment(at), str(message), is_certain=is_certain is True
                )
            except OverflowError, TypeError, ValueError:
                continue
        _trim(self._last)
        sent, answers = stored.get("sent"), stored.get("answers")
        for message in sent if isinstance(sent, list) else ():
            if isinstance(message, str):
                self.sent(message)
        if isinstance(answers, list):
            # A file of before does not say what they ended.
            answers = dict.fromkeys(filter(_is_text, answers), "")
        for message, alert_id in _dict(answers).items():
            if isinstance(alert_id, str):
                self.answered(message, alert_id)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_after(sent_at: datetime, at: datetime, is_certain: bool) -> bool:
    return sent_at - at > (timedelta(0) if is_certain else AUTOMATIC)


def _trim(kept: OrderedDict[str, Any]) -> None:
    while len(kept) > KEPT:
        kept.popitem(last=False)
