"""Ids as version 0.1 made them: what it has published is not published again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.util import dt as dt_util

from ...domain.short_ids import packed_id, short_id
from ...runtime.storage import as_dict, as_time

# The form of ids that is stored now; version 0.1 stored none.
FORM: Final = 2
# The service keeps a notification for so long, and gives it until it is deleted.
KNOWN_FOR: Final = timedelta(hours=24)
MAX_KEYS: Final = 5_000


class OldKeys:
    """The ids that the version before an update had noted, for a day."""

    def __init__(self) -> None:
        """Begin with none."""
        self._keys: frozenset[str] = frozenset()
        self._until: datetime | None = None

    def has(self, key: str, now: datetime) -> bool:
        """Return whether version 0.1 has published what has this id."""
        if self._until is None or now >= self._until:
            self._keys, self._until = frozenset(), None
        short = short_id(key)
        return bool(self._keys) and not self._keys.isdisjoint((short, packed_id(short)))

    def collect(self) -> dict[str, Any]:
        """Return what to store."""
        return {
            "key_form": FORM,
            "old_keys": sorted(self._keys),
            "old_keys_until": self._until.isoformat() if self._until else None,
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored, by this version or by 0.1."""
        keys: Any = stored.get("old_keys")
        self._until = as_time(stored.get("old_keys_until"))
        if stored and stored.get("key_form") != FORM:
            keys = list(as_dict(as_dict(stored.get("journal")).get("seen")))
            self._until = dt_util.utcnow() + KNOWN_FOR
        self._keys = frozenset(
            short_id(key)
            for key in (keys[-MAX_KEYS:] if isinstance(keys, list) else ())
            if isinstance(key, str)
        )
