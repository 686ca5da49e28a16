"""How many pushes went to each phone today: its maker's cloud takes 500 a day."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ...const import DOMAIN

# So many begin a day in which answers may come to be missing.
MANY: Final = 400

_PUSHES: Final[HassKey[Pushes]] = HassKey(f"{DOMAIN}_pushes")


class Pushes:
    """Count what goes over the internet; the cloud's days begin at midnight UTC.

    One over the phone's own connection, a critical one and a command count nowhere.
    """

    def __init__(self) -> None:
        """Begin a day."""
        self._day = ""
        self._counts: dict[str, int] = {}

    @callback
    def count(self, device_id: str) -> None:
        """Count a push to a phone."""
        self._turn()
        self._counts[device_id] = self._counts.get(device_id, 0) + 1

    def of(self, device_id: str) -> int:
        """Return how many pushes a phone had today."""
        self._turn()
        return self._counts.get(device_id, 0)

    def many(self) -> Iterator[str]:
        """Yield the phones that had so many that the day's rest may be too much."""
        self._turn()
        return (phone for phone, count in self._counts.items() if count >= MANY)

    def as_dict(self) -> dict[str, Any]:
        """Return what to store."""
        self._turn()
        return {"day": self._day, "counts": dict(self._counts)}

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored today; of two teams the one that counted more."""
        self._turn()
        counts = stored.get("counts")
        if stored.get("day") != self._day or not isinstance(counts, dict):
            return
        for device_id, count in counts.items():
            if isinstance(count, int):
                self._counts[device_id] = max(count, self._counts.get(device_id, 0))

    def _turn(self) -> None:
        day = dt_util.utcnow().date().isoformat()
        if day != self._day:
            self._day = day
            self._counts.clear()


@callback
def pushes(hass: HomeAssistant) -> Pushes:
    """Return the counts of all teams."""
    return hass.data.setdefault(_PUSHES, Pushes())
