"""Linking an account to its service while a dialog is open: what is shown, until it is done."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
import logging
import time
from typing import Final

from homeassistant.core import HomeAssistant

from ..api.errors import (
    AccountUnusable,
    AuthenticationError,
    ProtocolError,
    ServiceError,
)
from ..runtime.timings import timings
from .link_image import LinkImage

_LOGGER = logging.getLogger(__name__)

# So many failures one after the other are no bad moment of the network.
MAX_FAILURES: Final = 5
# No further try changes these.
FINAL: Final = (AccountUnusable, AuthenticationError)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a dialog shows meanwhile: the key of its words, and what fills them."""

    action: str
    words: Mapping[str, object] = field(default_factory=dict)


STARTING: Final = Shown("link_starting")


class Linker(ABC):
    """Look again and again whether an account is linked, for one dialog."""

    # The steps by which a person may do it, and what they link.
    ways: tuple[str, ...]
    title: str
    # Seconds between two looks.
    interval: float
    # What it ends with where it is not linked.
    unlinked: ServiceError

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin without having asked anything."""
        self.image = LinkImage(hass)
        self.shown = STARTING
        self.is_linked = False
        self.failure: ServiceError | None = None
        # Whether it took too long.
        self.is_late = False
        self._failures = 0
        self._until: float | None = None

    @property
    def is_over(self) -> bool:
        """Return whether there is nothing more to wait for."""
        return self.is_linked or self.failure is not None

    @property
    def has_code(self) -> bool:
        """Return whether there is a code for the phone, late or not."""
        return False

    async def async_ask_code(self, phone: str) -> None:
        """Ask for a code for a phone's number.

        Raise a ``ServiceError`` where there is none, ``ValueError`` for no number.
        """
        raise NotImplementedError

    async def async_begin(self) -> None:
        """Look for the first time.

        A page that shows a step hears of changes only some moments later.
        """
        if self._until is None:
            self.begin(timings().link_lasts)
            await self._async_try()

    async def async_change(self) -> None:
        """Return once something else is to be shown, or it is over."""
        before = self.shown
        try:
            while self.shown == before and not self.is_over:
                await asyncio.sleep(self.interval)
                await self._async_try()
        finally:
            if self.is_over:
                self.image.drop()

    def begin(self, lasts: float) -> None:
        """Look for so many seconds from now on."""
        self._until = time.monotonic() + lasts
        self._failures = 0
        self.failure = None
        self.is_late = False

    def close(self) -> None:
        """Leave nothing to be seen."""
        self.image.drop()

    @abstractmethod
    async def _async_look(self) -> Shown | None:
        """Return what is to be shown, None where it is linked; raise a ``ServiceError``."""

    async def _async_try(self) -> None:
        """Look once."""
        if self._until is not None and time.monotonic() >= self._until:
            self.failure = self.unlinked
            self.is_late = True
            return
        try:
            shown = await self._async_look()
        except ServiceError as err:
            self._failures += 1
            if isinstance(err, FINAL) or self._failures >= MAX_FAILURES:
                # An answer that cannot be read says nothing to a person.
                self.failure = self.unlinked if type(err) is ProtocolError else err
            return
        except Exception:
            _LOGGER.exception("Unexpected failure while linking an account")
            self.failure = self.unlinked
            return
        self._failures = 0
        if shown is None:
            self.is_linked = True
        else:
            self.shown = shown
