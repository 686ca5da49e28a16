"""What only some services can do: asked of a source, whichever service it is."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, runtime_checkable

from homeassistant.config_entries import ConfigEntry, ConfigEntryState

from ..domain.calls import Calls
from ..domain.table_waiters import Waiter
from .attachments import Attachment
from .phoning import Phone


@runtime_checkable
class HoldsCalls(Protocol):
    """Keep the calls in progress."""

    @property
    def calls(self) -> Calls:
        """Return the calls."""

    def caller_data(self, number: str | None) -> dict[str, Any]:
        """Return ``caller``, ``caller_name`` and ``vip`` of the other side of a call."""

    def device_of(self, extension: str | None) -> str:
        """Return the id of an extension's device, of the hub's where there is none."""


class DeviceQuestion(Protocol):
    """Have a person say which of the devices that send is the entry's."""

    @property
    def devices(self) -> Mapping[str, int]:
        """Return how many messages each unknown device has sent, by id, most first."""

    @property
    def is_known(self) -> bool:
        """Return whether one device is believed, so that others are refused."""

    def async_believe(self, device_id: str, asked: Iterable[str]) -> None:
        """Believe one of the devices that were shown, and refuse the others for good."""

    def async_ignore(self, asked: Iterable[str]) -> None:
        """Refuse devices that were shown for good."""


@runtime_checkable
class AsksForDevice(Protocol):
    """Take messages of whoever knows an address, so that a person says whose they are."""

    @property
    def device_question(self) -> DeviceQuestion | None:
        """Return the question, None where there is none."""


class NobodyThere(Exception):
    """Nobody is found under a phone number's digits.

    ``is_abroad`` says that the messenger finds nobody of that country.
    """

    def __init__(self, number: str, messenger: str, *, is_abroad: bool = False) -> None:
        super().__init__("Nobody is found under this number")
        self.number = number
        self.messenger = messenger
        self.is_abroad = is_abroad


class Sender(Protocol):
    """Send texts and files to chats."""

    @property
    def trouble(self) -> str | None:
        """Return what is known to keep the account from sending to anybody."""

    @property
    def max_text(self) -> int:
        """Return the longest text that the service takes, in units of UTF-16."""

    @property
    def max_caption(self) -> int:
        """Return the longest text below a file, in units of UTF-16."""

    async def async_chat_of(self, recipient: str, *, is_phone: bool = False) -> str:
        """Return the id of a chat or of a phone number's.

        ``is_phone`` says that digits alone are a number. Raise ``ValueError``,
        ``NobodyThere`` or a ``ServiceError``.
        """

    def is_group(self, chat_id: str) -> bool:
        """Return whether several people write in a chat."""

    def is_chat_of(self, chat_id: str, recipient: str, *, is_phone: bool) -> bool:
        """Return whether a chat is a recipient's, as far as that is known without asking.

        The recipient is one that ``async_chat_of`` takes.
        """

    def titled(self, title: str, text: str) -> str:
        """Return a text below its title, in the service's markup."""

    def turn(self, chat_id: str) -> AbstractAsyncContextManager[None]:
        """Return what keeps the parts of one message together, in their chat."""

    async def async_send(
        self,
        chat_id: str,
        text: str | None,
        *,
        file: Attachment | None = None,
        quoted_message_id: str | None = None,
        first: str | None = None,
    ) -> str:
        """Send a text, or a file with a text below it; return the message's id.

        ``first`` is the id of the first part of a message of several. Raise a
        ``ServiceError``.
        """


@runtime_checkable
class SendsText(Protocol):
    """Send messages to chats."""

    @property
    def sender(self) -> Sender:
        """Return what sends them."""


@runtime_checkable
class KnowsWaiters(Protocol):
    """Know who serves a table by the till."""

    @property
    def waiters_seen(self) -> list[Waiter]:
        """Return the waiters that orders named, the one that came last first."""

    def waiter_of(self, device_key: str | None) -> Waiter | None:
        """Return the waiter of a device's open order, None where nobody is known."""


@runtime_checkable
class PhonesPeople(Protocol):
    """Have people phoned."""

    @property
    def phone(self) -> Phone | None:
        """Return what phones them, None where nothing of the entry's can."""


class CodeQuestions(Protocol):
    """Have a person say what codes of a service's own mean."""

    @property
    def seen(self) -> list[str]:
        """Return the codes that came, the one that came last first."""

    @property
    def answers(self) -> list[str]:
        """Return what a code can mean."""

    def asked(self, part: str) -> str | None:
        """Return the code that a repair is about, None where it is answered."""

    def async_answer(self, code: str, meaning: str) -> None:
        """Keep what a code means."""


@runtime_checkable
class AsksForCodes(Protocol):
    """Have codes of its own, which nobody but its owner knows."""

    @property
    def codes(self) -> CodeQuestions:
        """Return the questions."""


def asks_for_codes(entry: ConfigEntry) -> CodeQuestions | None:
    """Return the questions about an entry's codes, None where it is not loaded."""
    if entry.state is not ConfigEntryState.LOADED:
        return None
    source = entry.runtime_data.source
    return source.codes if isinstance(source, AsksForCodes) else None


def knows_waiters(entry: ConfigEntry) -> KnowsWaiters | None:
    """Return what knows an entry's waiters, None where it is not loaded or has none."""
    if entry.state is not ConfigEntryState.LOADED:
        return None
    source = entry.runtime_data.source
    return source if isinstance(source, KnowsWaiters) else None
