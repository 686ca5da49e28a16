"""A recording of what a service sends: for an hour by its owner's wish, on disk for a day."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
import secrets
import time
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_URL
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util
import orjson
from yarl import URL

from ..api.recorder import Exchange, Kind, Tap
from ..const import CONF_SERVICE, CONF_TRANSPORT, LOGGER
from ..domain.recording import BASE, Pseudonyms, Recorded, recorded
from .storage import NO_SUCH_FILE, CompactStore, as_dict, as_time, storage_key
from .timings import timings

# The form of a recording, for programs that read it.
FORMAT: Final = 1
# How many exchanges are kept, and of how many bytes in all: the last ones.
MAX_EXCHANGES: Final = 200
MAX_BYTES: Final = 900_000
# Bytes that an exchange takes in the file beside its own.
OVERHEAD: Final = 200
# Exchanges among which one that came again is looked for.
REPEATED_AMONG: Final = 3
# How long it may keep Home Assistant busy: seconds, and more of them a second.
MOST_SPENT: Final = 2.0
MOST_SHARE: Final = 0.1
# Seconds between two writes.
WRITE_INTERVAL: Final = 30.0
# Values of an entry that are no secrets.
OPEN: Final = frozenset({CONF_SERVICE, CONF_TRANSPORT, CONF_URL})
HOW: Final = (
    "None yet: entry, Configure, 'Record for an hour what the service sends'; then repeat"
    " what went wrong and download this file again"
)


class Recording:
    """The last exchanges of an entry, with nothing of anybody in them."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Begin without one; the file is read later."""
        self.tap = Tap()
        self._hass = hass
        self._service: str = entry.data[CONF_SERVICE]
        self._secrets = _secrets(entry.data)
        self._store = _store(hass, entry.entry_id)
        self._began: datetime | None = None
        self._until: datetime | None = None
        self._key = b""
        self._names: Pseudonyms | None = None
        # When it began, by the monotonic clock.
        self._zero = 0.0
        self._exchanges: deque[Recorded] = deque()
        self._sizes: deque[int] = deque()
        self._failed = self._skipped = 0
        # Seconds of work on it.
        self._spent = 0.0
        self._timers: list[CALLBACK_TYPE] = []
        self._is_due = False

    @property
    def is_running(self) -> bool:
        """Return whether exchanges are taken now."""
        return self.tap.recorder is not None

    async def async_begin(self) -> None:
        """Record from now on; what was recorded before is forgotten."""
        self._forget()
        self._began = dt_util.utcnow()
        self._until = self._began + timings().recording_length
        self._key = secrets.token_bytes(32)
        self._async_go_on()
        await self._async_write()

    async def async_end(self) -> None:
        """Record no more; what was recorded stays for its day."""
        if self.is_running:
            self._until = dt_util.utcnow()
            self._async_stop()
            await self._async_write()

    async def async_restore(self) -> None:
        """Go on after a start or a reload; what is a day old is removed."""
        try:
            stored = as_dict(await self._store.async_load())
        except (HomeAssistantError, *NO_SUCH_FILE):
            stored = {}
        if not stored:
            return
        began, until = as_time(stored.get("began")), as_time(stored.get("until"))
        now = dt_util.utcnow()
        if (
            began is None
            or until is None
            or not began <= now < began + timings().recording_kept
        ):
            await self._async_remove()
            return
        self._began, self._until = began, until
        for exchange in stored.get("exchanges") or ():
            self._append(exchange)
        self._key = bytes.fromhex(stored.get("key") or "")
        if self._key and now < until:
            self._async_go_on()
            self._append({"at": self._offset(time.monotonic()), "kind": "start"})
        else:
            self._async_stop()

    async def async_close(self) -> None:
        """Take nothing any more, and write what is not yet written."""
        self.tap.recorder = None
        self._cancel_timers()
        if self._is_due:
            await self._async_write()

    def take(self, exchange: Exchange) -> None:
        """Keep an exchange, without anything of anybody; nothing may fail by that."""
        if self._names is None:
            return
        if self._spent > MOST_SPENT + MOST_SHARE * self._passed():
            # Whoever floods us has not Home Assistant busy with that.
            self._skipped += 1
            return
        began = time.monotonic()
        try:
            made = recorded(exchange, self._names, self._secrets, self._zero)
            if exchange.kind is not Kind.REQUEST or not self._is_repeated(made):
                self._append(made)
        except Exception as err:  # noqa: BLE001 - it must not cost the service
            self._failed += 1
            LOGGER.debug("An exchange is not recorded: %s", type(err).__name__)
        self._spent += time.monotonic() - began
        self._async_write_later()

    def as_dict(self) -> dict[str, Any]:
        """Return it for the diagnostics file."""
        if self._began is None or self._until is None:
            return {"until": None, "exchanges": [], "how": HOW}
        return {
            "format": FORMAT,
            "service": self._service,
            "until": self._until.isoformat(timespec="seconds"),
            "base": BASE.isoformat(),
            "failed": self._failed,
            "skipped": self._skipped,
            "exchanges": list(self._exchanges),
        }

    # How it goes on

    @callback
    def _async_go_on(self) -> None:
        """Take exchanges until the hour is over."""
        if self._began is None or self._until is None:
            return
        self._zero = time.monotonic() - self._passed()
        self._names = Pseudonyms(self._key, self._began)
        self.tap.recorder = self

        async def end(_: datetime) -> None:
            self._async_stop()
            await self._async_write()

        self._cancel_timers()
        self._call_at(self._until, end)

    @callback
    def _async_stop(self) -> None:
        """Take nothing any more; whoever is meant by what is found out by nobody."""
        self.tap.recorder = self._names = None
        self._key = b""

        async def remove(_: datetime) -> None:
            await self._async_remove()

        self._cancel_timers()
        if self._began is not None:
            self._call_at(self._began + timings().recording_kept, remove)

    def _call_at(self, moment: datetime, action: Any) -> None:
        job = HassJob(action, cancel_on_shutdown=True)
        delay = max(timedelta(), moment - dt_util.utcnow())
        self._timers.append(async_call_later(self._hass, delay, job))

    def _cancel_timers(self) -> None:
        while self._timers:
            self._timers.pop()()

    # What is kept

    def _passed(self) -> float:
        """Return how many seconds ago it began."""
        if self._began is None:
            return 0.0
        return max(0.0, (dt_util.utcnow() - self._began).total_seconds())

    def _offset(self, moment: float) -> float:
        return round(moment - self._zero, 3)

    def _is_repeated(self, made: Recorded) -> bool:
        """Count a request whose answer was the same just before."""
        for index in range(1, min(REPEATED_AMONG, len(self._exchanges)) + 1):
            before = self._exchanges[-index]
            if _content(before) == _content(made):
                before["repeated"] = before.get("repeated", 0) + 1
                before["last_at"] = made["at"]
                return True
        return False

    def _append(self, made: Recorded) -> None:
        self._exchanges.append(made)
        self._sizes.append(len(orjson.dumps(made)) + OVERHEAD)
        while len(self._sizes) > MAX_EXCHANGES or sum(self._sizes) > MAX_BYTES:
            self._exchanges.popleft()
            self._sizes.popleft()

    def _forget(self) -> None:
        self._began = self._until = None
        self._exchanges.clear()
        self._sizes.clear()
        self._failed = self._skipped = 0
        self._spent = 0.0

    # The file

    @callback
    def _async_write_later(self) -> None:
        # Store's own delay starts again with each call; so it gets one call a write.
        if not self._is_due:
            self._is_due = True
            self._store.async_delay_save(self._collect, WRITE_INTERVAL)

    async def _async_write(self) -> None:
        await self._store.async_save(self._collect())

    async def _async_remove(self) -> None:
        self._forget()
        await self._store.async_remove()

    @callback
    def _collect(self) -> dict[str, Any]:
        self._is_due = False
        return {
            "began": self._began.isoformat() if self._began else None,
            "until": self._until.isoformat() if self._until else None,
            "key": self._key.hex(),
            "exchanges": [dict(exchange) for exchange in self._exchanges],
        }


async def async_remove_recording(hass: HomeAssistant, entry_id: str) -> None:
    """Remove what was recorded of an entry."""
    await _store(hass, entry_id).async_remove()


def _store(hass: HomeAssistant, entry_id: str) -> CompactStore:
    return CompactStore(hass, f"{storage_key(entry_id)}.recording")


def _content(made: Recorded) -> Recorded:
    """Return an exchange without its times."""
    times = {"at", "took", "repeated", "last_at"}
    return {key: value for key, value in made.items() if key not in times}


def _secrets(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what of an entry stands in no recording, its host among it."""
    values = [value for key, value in data.items() if key not in OPEN]
    values.append(URL(data[CONF_URL]).host)
    return tuple(value for value in values if isinstance(value, str) and value)
