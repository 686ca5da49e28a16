"""What a way to people is: what it can, and how it is used."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ...const import DOMAIN
from ...domain.shown import placeholders

type Address = Mapping[str, Any]
"""A row of a person's ``channels``: ``channel``, and where the person is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Can:
    """What a channel can: answers by buttons, changes of what was sent, receipts."""

    buttons: bool = False
    edit: bool = False
    withdraw: bool = False
    confirm: bool = False
    max_text: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What somebody is sent.

    ``tag`` makes a later message replace this one. ``answers`` are the buttons: their
    labels by what comes back. ``since`` is the time from which a running
    chronometer counts, in seconds of the epoch.
    """

    title: str | None
    text: str
    tag: str
    answers: Mapping[str, str] = field(default_factory=dict)
    since: float | None = None
    is_critical: bool = False


class ChannelError(HomeAssistantError):
    """A channel did not take a message; in words for people."""

    def __init__(self, key: str, **words: object) -> None:
        """Take the key of the words among the exceptions, and what stands in them."""
        super().__init__(
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders=placeholders(**words),
        )
        self.key = key


class Channel(ABC):
    """A kind of way to people."""

    kind: ClassVar[str]
    """As it stands in a person's ``channels``."""
    can: ClassVar[Can]

    def __init__(self, hass: HomeAssistant) -> None:
        """Take the site."""
        self.hass = hass

    @abstractmethod
    @callback
    def problem(self, address: Address) -> ChannelError | None:
        """Return why nobody can be reached there now, None where nothing speaks against it.

        Nothing is sent or asked for it.
        """

    @abstractmethod
    async def async_send(self, address: Address, message: Message) -> str | None:
        """Hand a message over; return by what it is edited or withdrawn, if it can be.

        Raise ``ChannelError`` where it was not taken. That it was says nothing of whether
        it arrived.
        """

    async def async_edit(self, address: Address, handle: str, message: Message) -> None:
        """Change what was sent; where ``can.edit``."""
        raise NotImplementedError

    async def async_withdraw(self, address: Address, handle: str) -> None:
        """Take back what was sent; where ``can.withdraw``."""
        raise NotImplementedError
