"""Times of which events may be lost: nobody asked before the service dropped them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from . import issues
from .storage import as_time
from .timings import timings

MAX_OUTAGES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageWindow:
    """A time without an answer, as far as the service's queue does not reach back."""

    began: datetime
    ended: datetime

    @property
    def part(self) -> str:
        """Return what distinguishes its repair."""
        return str(int(self.began.timestamp()))


class OutageWindows:
    """Open a repair for each outage; it closes when a person has seen it, or after a day."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        *,
        retention: float,
        changed: Callable[[], None],
    ) -> None:
        """Take for how many seconds the service keeps an event, and whom to notify."""
        self._hass = hass
        self._entry = entry
        self._retention = timedelta(seconds=retention)
        self._changed = changed
        self._outages: dict[str, OutageWindow] = {}
        # What ends the showing of each.
        self._timers: dict[str, CALLBACK_TYPE] = {}
        entry.async_on_unload(self._async_stop)

    @callback
    def async_note(self, last_answer: datetime | None) -> None:
        """Note a good answer, and when the one before it came."""
        ended = dt_util.utcnow() - self._retention
        if last_answer is None or last_answer >= ended:
            return
        self._async_show(OutageWindow(began=last_answer, ended=ended))
        while len(self._outages) > MAX_OUTAGES:
            self.async_seen(next(iter(self._outages)))
        self._changed()

    @callback
    def async_seen(self, part: str) -> None:
        """Close the repair of an outage: a person has seen it, or its time is over."""
        if self._outages.pop(part, None) is not None:
            self._timers.pop(part)()
            issues.async_close(self._hass, self._entry, issues.EVENTS_LOST, part)
            self._changed()

    def as_list(self) -> list[dict[str, str]]:
        """Return what to store."""
        return [
            {"began": outage.began.isoformat(), "ended": outage.ended.isoformat()}
            for outage in self._outages.values()
        ]

    @callback
    def async_restore(self, stored: object) -> None:
        """Show again what was stored and is still to be shown."""
        items: list[Any] = stored if isinstance(stored, list) else []
        for item in items[-MAX_OUTAGES:]:
            times = item if isinstance(item, dict) else {}
            began, ended = as_time(times.get("began")), as_time(times.get("ended"))
            if began and ended and dt_util.utcnow() < ended + timings().outage_shown:
                self._async_show(OutageWindow(began=began, ended=ended))

    @callback
    def _async_show(self, outage: OutageWindow) -> None:
        """Open the repair of an outage, and see to its end."""
        self._outages[outage.part] = outage
        issues.async_open(
            self._hass,
            self._entry,
            issues.EVENTS_LOST,
            part=outage.part,
            severity=issues.Severity.WARNING,
            details={
                "day": dt_util.as_local(outage.began).date().isoformat(),
                "from": issues.clock_time(outage.began),
                "to": issues.clock_time(outage.ended),
            },
        )

        @callback
        def close(_: datetime) -> None:
            self.async_seen(outage.part)

        remaining = (
            outage.ended + timings().outage_shown - dt_util.utcnow()
        ).total_seconds()
        if (cancel := self._timers.get(outage.part)) is not None:
            cancel()
        self._timers[outage.part] = async_call_later(
            self._hass, max(remaining, 0), HassJob(close, cancel_on_shutdown=True)
        )

    @callback
    def _async_stop(self) -> None:
        """Stop the timers; what is shown stays."""
        for cancel in self._timers.values():
            cancel()
        self._timers.clear()
