"""Reach people: by the first of their ways that works."""

import asyncio
from collections.abc import Awaitable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self, override

from homeassistant.core import callback

from .. import companion
from ..const import CONF_CHANNEL, CONF_DEVICE_ID
from ..people import Person
from ..runtime.failures import FaultLog
from ..runtime.timings import timings
from ..services.sending import async_words
from .channels.channel import Address, ChannelError, Message
from .channels.pushes import pushes
from .channels.registry import CHANNELS
from .reach_watch import ReachWatch
from .runtime import Part, TeamRuntime

_SECTION: Final = "pushes"
_TRY: Final = {"en": "This is a try. It works.", "ru": "Это проверка. Всё работает."}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A way that did not take a message, and why."""

    address: Address
    error: ChannelError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was handed over: by which way, and by what it is edited or withdrawn.

    ``failures`` are the ways that were tried before.
    """

    channel: str
    address: Address
    handle: str | None
    failures: tuple[Failure, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return what to store."""
        return {"address": dict(self.address), "handle": self.handle}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Return what was stored; raise ``KeyError`` or ``TypeError`` for what is no such."""
        address = dict(stored["address"])
        return cls(
            channel=address[CONF_CHANNEL], address=address, handle=stored.get("handle")
        )


class Unreached(ChannelError):
    """None of somebody's ways took a message."""

    def __init__(
        self, key: str, failures: tuple[Failure, ...] = (), **words: object
    ) -> None:
        """Take why each way failed."""
        super().__init__(key, **words)
        self.failures = failures


class Reach(Part):
    """Send to the people of a team, and say who cannot be reached."""

    def __init__(self, team: TeamRuntime) -> None:
        """Take the team; nobody is looked at before the start."""
        super().__init__(team)
        self._channels = {
            kind: channel(team.hass) for kind, channel in CHANNELS.items()
        }
        self._faults = FaultLog()
        self._watch = ReachWatch(team.hass, team.entry, team.signals, self.problem_of)
        team.store.add_section(
            lambda: {_SECTION: pushes(self.hass).as_dict()}, self._restore
        )

    @override
    @callback
    def async_start(self) -> None:
        """Look, and follow what people's ways depend on."""
        self._watch.async_start(self.team.people.values())

    @override
    @callback
    def async_stop(self) -> None:
        """Follow nothing any more."""
        self._watch.async_stop()

    @callback
    def problem_of(self, person: Person) -> ChannelError | None:
        """Return why somebody cannot be reached, None where a way works."""
        first = None
        for address in person.channels:
            if (problem := self._problem(address)) is None:
                return None
            first = first or problem
        return first or ChannelError("person_without_channels", name=person.name)

    def is_local(self, address: Address) -> bool:
        """Return whether a way is a phone that is reached without internet now."""
        entry = companion.entry_of(self.hass, str(address.get(CONF_DEVICE_ID)))
        return (
            entry is not None
            and companion.is_running(entry)
            and companion.is_connected(self.hass, entry)
        )

    async def async_send(
        self,
        person: Person,
        message: Message,
        *,
        skip: Collection[Address] = (),
        only: Collection[str] = (),
    ) -> Sent:
        """Hand a message to the first way that takes it.

        ``skip`` are ways that are passed over, ``only`` the kinds that may be used (empty:
        all). Raise ``Unreached`` where none takes it.
        """
        passed = [dict(address) for address in skip]
        failures: list[Failure] = []
        for address in person.channels:
            kind = address.get(CONF_CHANNEL, "")
            if dict(address) in passed or (only and kind not in only):
                continue
            try:
                handle = await self._async_hand_over(address, message)
            except ChannelError as err:
                failures.append(Failure(address=address, error=err))
                continue
            return Sent(
                channel=kind, address=address, handle=handle, failures=tuple(failures)
            )
        if not failures:
            raise Unreached("person_without_channels", name=person.name)
        error = failures[0].error
        reason = await async_words(self.hass, error.key, error.translation_placeholders)
        raise Unreached(
            "person_unreached", tuple(failures), name=person.name, reason=reason
        )

    async def async_edit(self, sent: Sent, message: Message) -> bool:
        """Change what was sent; return whether its way can do that.

        Raise ``ChannelError`` where it failed.
        """
        channel = self._channels.get(sent.channel)
        if channel is None or not channel.can.edit or sent.handle is None:
            return False
        await self._async_guarded(
            channel.async_edit(sent.address, sent.handle, message)
        )
        return True

    async def async_withdraw(self, sent: Sent) -> bool:
        """Take back what was sent; return whether its way can do that.

        Raise ``ChannelError`` where it failed.
        """
        channel = self._channels.get(sent.channel)
        if channel is None or not channel.can.withdraw or sent.handle is None:
            return False
        await self._async_guarded(channel.async_withdraw(sent.address, sent.handle))
        return True

    async def async_try(self, address: Address) -> None:
        """Send a try by a way, whether or not it is anybody's yet.

        Raise ``ChannelError`` where it was not taken.
        """
        message = Message(
            title=self.team.entry.title,
            text=_TRY.get(self.hass.config.language, _TRY["en"]),
            tag="carbis_alerts-try",
        )
        await self._async_hand_over(address, message)

    @callback
    def _problem(self, address: Address) -> ChannelError | None:
        channel = self._channels.get(kind := address.get(CONF_CHANNEL, ""))
        if channel is None:
            return ChannelError("channel_unknown", channel=kind)
        try:
            return channel.problem(address)
        except Exception as err:  # noqa: BLE001 - logged there, without content
            self._faults.log("A look at a way to somebody failed", err)
            return ChannelError("channel_failed")

    async def _async_hand_over(self, address: Address, message: Message) -> str | None:
        if (problem := self._problem(address)) is not None:
            raise problem
        channel = self._channels[address[CONF_CHANNEL]]
        handle = await self._async_guarded(channel.async_send(address, message))
        self.team.store.async_changed()
        return handle

    async def _async_guarded[T](self, doing: Awaitable[T]) -> T:
        """Wait for a way, for so long; whatever goes wrong is an error in words."""
        try:
            async with asyncio.timeout(timings().hand_over):
                return await doing
        except ChannelError:
            raise
        except TimeoutError:
            raise ChannelError("channel_slow") from None
        except Exception as err:
            self._faults.log("A way to somebody failed", err)
            raise ChannelError("channel_failed") from err

    def _restore(self, stored: Mapping[str, Any]) -> None:
        counts = stored.get(_SECTION)
        pushes(self.hass).restore(counts if isinstance(counts, dict) else {})
