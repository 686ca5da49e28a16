"""The one file of an entry: cursor, journal and whatever else must survive together."""

from collections.abc import Callable, Mapping
from datetime import datetime
import logging
from pathlib import Path
from typing import Any, Final, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, UnsupportedStorageVersionError
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError
from homeassistant.util.hass_dict import HassKey
import orjson

from ..const import DOMAIN
from ..domain.alert import as_stored_moment
from ..domain.packing import fitted, is_large, made, unpacked
from .large_file import read_large
from .timings import timings

_LOGGER = logging.getLogger(__name__)

VERSION: Final = 1
MINOR_VERSION: Final = 1
# What Home Assistant's store raises for a file that it has never written, or that is
# from a version before the first.
NO_SUCH_FILE: Final = (AttributeError, LookupError, NotImplementedError, TypeError)


class CompactStore(Store[dict[str, Any]]):
    """A store that writes without blanks, and nothing of it in the event loop."""

    def __init__(self, hass: HomeAssistant, key: str) -> None:
        """Take the name of the file, which its user alone can read."""
        super().__init__(
            hass,
            VERSION,
            key,
            private=True,
            atomic_writes=True,
            minor_version=MINOR_VERSION,
            serialize_in_event_loop=False,
        )

    @override
    def _write_data(self, data: dict[str, Any]) -> None:
        if "data_func" in data:
            data["data"] = data.pop("data_func")()
        self._write_prepared_data("wb", orjson.dumps(data))


class _TolerantStore(CompactStore):
    """A store that reports a failing disk once, not with each write."""

    def __init__(
        self, hass: HomeAssistant, key: str, retry: Callable[[], None]
    ) -> None:
        super().__init__(hass, key)
        self._retry = retry
        self._failing = False

    @override
    async def _async_write_data(self, data: dict[str, Any]) -> None:
        # What is to be written is taken at one moment, and put into its form elsewhere.
        collected = data.pop("data_func")() if "data_func" in data else data["data"]
        data["data"] = await self.hass.async_add_executor_job(_written, collected)
        try:
            await super()._async_write_data(data)
        except WriteError as err:
            if not self._failing:
                _LOGGER.error(
                    "Cannot write %s: %s. Events go on; after a restart some may come"
                    " twice or late until this is fixed",
                    self.key,
                    err,
                )
            self._failing = True
            self._retry()
            return
        if self._failing:
            _LOGGER.warning("%s can be written again", self.key)
        self._failing = False


# By the entry: what is changed in its file when that is read next.
CHANGES: Final[HassKey[dict[str, Callable[[dict[str, Any]], dict[str, Any]]]]] = (
    HassKey(f"{DOMAIN}_changes_of_files")
)

type Collect = Callable[[], dict[str, Any]]
type Restore = Callable[[Mapping[str, Any]], None]


class EntryStore:
    """Write an entry's data at most once a second, and never put it off.

    Each part of an entry adds a section: what it stores, all sections together at one
    moment, and what takes it over again.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Begin without a section."""
        self._hass = hass
        self._entry_id = entry_id
        self._changes = hass.data.setdefault(CHANGES, {})
        self._sections: list[tuple[Collect, Restore]] = []
        self._due = False
        self._closed = False
        self._next_write = 0.0
        self._store = _TolerantStore(
            hass, storage_key(entry_id), self._async_schedule_retry
        )

    def add_section(self, collect: Collect, restore: Restore) -> None:
        """Add what a part stores, and what takes it over; in the order of restoring."""
        self._sections.append((collect, restore))

    async def async_restore(self) -> bool:
        """Have all sections take over what was stored; return whether anything was."""
        stored = await self._async_load()
        if stored is not None and is_large(stored):
            stored = await self._hass.async_add_executor_job(unpacked, stored)
        if stored is not None and (change := self._changes.pop(self._entry_id, None)):
            stored = change(stored)
            self.async_changed()
        for _, restore in self._sections:
            restore(stored or {})
        return stored is not None

    def snapshot(self) -> dict[str, Any]:
        """Return what would be written now, in the form in which parts restore it."""
        return made(
            {
                key: value
                for collect, _ in self._sections
                for key, value in collect().items()
            }
        )

    async def _async_load(self) -> dict[str, Any] | None:
        """Return what was stored, None where there is nothing that can be read."""
        path = Path(self._store.path)
        try:
            large = await self._hass.async_add_executor_job(read_large, path)
            if large is not None and large.get("version") == VERSION:
                # Written again as what is left of it.
                self.async_changed()
                return as_dict(large.get("data"))
            return await self._store.async_load()
        except UnsupportedStorageVersionError:
            aside = path.with_name(f"{path.name}.newer")
            _LOGGER.error(
                "%s was written by a newer version of Carbis Alerts; it is kept as %s"
                " and a new one is begun",
                path.name,
                aside.name,
            )
            await self._hass.async_add_executor_job(path.replace, aside)
        except (HomeAssistantError, *NO_SUCH_FILE) as err:
            _LOGGER.error("Cannot read %s: %r", self._store.key, err)
        return None

    @callback
    def async_changed(self) -> None:
        """Have the data written: at once, or at the end of the second."""
        self._async_schedule(max(0.0, self._next_write - self._hass.loop.time()))

    async def async_persist(self) -> None:
        """Wait for what is to be written at once; in a burst the second's end has it."""
        if self._due and self._hass.loop.time() >= self._next_write:
            await self._store.async_save(self._async_collect())

    async def async_close(self) -> None:
        """Write now what waits to be written, and nothing after it."""
        self._closed = True
        if self._due:
            await self._store.async_save(self._async_collect())

    @callback
    def _async_schedule(self, delay: float) -> None:
        # Store's own delay starts again with each call; so it gets one call a write.
        if not self._due and not self._closed:
            self._due = True
            self._store.async_delay_save(self._async_collect, delay)

    @callback
    def _async_schedule_retry(self) -> None:
        self._async_schedule(timings().retry_interval)

    @callback
    def _async_collect(self) -> dict[str, Any]:
        self._due = False
        self._next_write = self._hass.loop.time() + timings().write_interval
        return {
            key: value
            for collect, _ in self._sections
            for key, value in collect().items()
        }


def _written(collected: dict[str, Any]) -> dict[str, Any]:
    return fitted(made(collected))


async def async_read(hass: HomeAssistant, entry_id: str) -> dict[str, Any] | None:
    """Return what is stored of an entry that is not loaded, None where nothing is."""
    store = CompactStore(hass, storage_key(entry_id))
    try:
        stored = await store.async_load()
    except (HomeAssistantError, UnsupportedStorageVersionError, *NO_SUCH_FILE):
        return None
    if stored is not None and is_large(stored):
        stored = await hass.async_add_executor_job(unpacked, stored)
        section = stored["alerts"]
        section["alerts"] = [alert.as_dict() for alert in section["alerts"]]
    return stored


async def async_write(hass: HomeAssistant, entry_id: str, data: dict[str, Any]) -> None:
    """Store what is to be kept of an entry that is not loaded."""
    await CompactStore(hass, storage_key(entry_id)).async_save(fitted(data))


async def async_remove_stored(hass: HomeAssistant, entry_id: str) -> None:
    """Remove what was stored for an entry."""
    store: Store[dict[str, Any]] = Store(hass, VERSION, storage_key(entry_id))
    await store.async_remove()


def storage_key(entry_id: str) -> str:
    """Return the name of an entry's file."""
    return f"{DOMAIN}.{entry_id}"


def as_time(value: object) -> datetime | None:
    """Return a stored time, None where a file was tampered with."""
    if not isinstance(value, str):
        return None
    try:
        return as_stored_moment(value)
    except ValueError, OverflowError:
        return None


def as_dict(value: object) -> dict[str, Any]:
    """Return a stored dict, or an empty one where a file was tampered with."""
    return value if isinstance(value, dict) else {}
