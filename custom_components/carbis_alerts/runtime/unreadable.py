"""What cannot be read leaves a trace: a repair after the third of a kind within a day."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType

from ..api.types import Json
from ..domain.shown import keys_and_types
from . import issues
from .storage import as_dict, as_time

# So many of a kind within this time open a repair; as long it stays closed once seen.
ENOUGH: Final = 3
WITHIN: Final = timedelta(days=1)
# Kinds that are counted, and repairs that are open: whoever sends garbage sends any.
MAX_KINDS: Final = 20
MAX_OPEN: Final = 5
# From here on a repair follows each tenfold count only.
EXACT: Final = 10


@dataclass(slots=True, kw_only=True)
class Kind:
    """Things of one form: that of the last one, and when the last ones came."""

    form: Json
    times: list[datetime] = field(default_factory=list)
    count: int = 0
    is_open: bool = False
    seen_at: datetime | None = None

    def note(self, now: datetime) -> None:
        """Count one more; what came long before does not count."""
        self.times = [at for at in self.times if now - at < WITHIN][1 - ENOUGH :]
        self.times.append(now)
        self.count = self.count + 1 if self.is_open else len(self.times)

    def is_rested(self, now: datetime) -> bool:
        """Return whether a person has seen it within the last day."""
        return self.seen_at is not None and now - self.seen_at < WITHIN

    def as_dict(self) -> dict[str, Any]:
        """Return it to be stored."""
        return {
            "form": self.form,
            "times": [at.isoformat() for at in self.times],
            "count": self.count,
            "is_open": self.is_open,
            "seen_at": self.seen_at.isoformat() if self.seen_at else None,
        }


class Unreadable:
    """Count what could not be read, or not handled, by its form; have a person see it."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, changed: Callable[[], None]
    ) -> None:
        """Take whom to call when what is stored has changed."""
        self._hass = hass
        self._entry = entry
        self._changed = changed
        # The one that came last is the last.
        self._kinds: OrderedDict[str, Kind] = OrderedDict()

    @callback
    def async_note(self, form: Json) -> None:
        """Note something by its keys and types."""
        now, part = dt_util.utcnow(), _part(form)
        kind = self._kinds.setdefault(part, Kind(form=form))
        self._kinds.move_to_end(part)
        self._forget()
        if kind.is_rested(now):
            return
        kind.form = form
        kind.note(now)
        if kind.is_open:
            if kind.count <= EXACT or str(kind.count).strip("0") == "1":
                self._async_show(part, kind)
        elif kind.count >= ENOUGH and self._open_count < MAX_OPEN:
            kind.is_open = True
            self._async_show(part, kind)
        self._changed()

    @callback
    def async_seen(self, part: str) -> None:
        """Close the repair of a kind: a person has seen it."""
        if (kind := self._kinds.get(part)) is not None:
            self._kinds[part] = Kind(form=kind.form, seen_at=dt_util.utcnow())
            self._changed()
        issues.async_close(self._hass, self._entry, issues.UNREADABLE, part)

    def collect(self) -> dict[str, Any]:
        """Return what to store."""
        return {"unreadable": [kind.as_dict() for kind in self._kinds.values()]}

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored, and show again what nobody has seen."""
        items = stored.get("unreadable")
        for item in items[-MAX_KINDS:] if isinstance(items, list) else ():
            fields = as_dict(item)
            times = fields.get("times")
            count, form = fields.get("count"), fields.get("form")
            kind = Kind(
                form=form,
                times=[
                    moment
                    for at in (times if isinstance(times, list) else ())
                    if (moment := as_time(at)) is not None
                ][-ENOUGH:],
                count=count if isinstance(count, int) else 0,
                is_open=fields.get("is_open") is True,
                seen_at=as_time(fields.get("seen_at")),
            )
            self._kinds[_part(form)] = kind
            if kind.is_open:
                self._async_show(_part(form), kind)

    @property
    def _open_count(self) -> int:
        return sum(kind.is_open for kind in self._kinds.values())

    def _forget(self) -> None:
        """Forget the kinds that did not come for longest; what is shown is kept."""
        if len(self._kinds) > MAX_KINDS:
            closed = (part for part, kind in self._kinds.items() if not kind.is_open)
            del self._kinds[next(closed)]

    @callback
    def _async_show(self, part: str, kind: Kind) -> None:
        issues.async_open(
            self._hass,
            self._entry,
            issues.UNREADABLE,
            part=part,
            severity=issues.Severity.WARNING,
            details={"count": kind.count, "shape": keys_and_types(kind.form)},
        )


def _part(form: Json | JsonValueType) -> str:
    """Return what distinguishes a kind: the names at its top, whatever they hold."""
    return sha256(_top(form).encode("utf-8", "replace")).hexdigest()[:8]


def _top(form: object) -> str:
    match form:
        case dict():
            return f"{{{','.join(sorted(map(str, form)))}}}"
        case list():
            return f"[{_top(form[0]) if form else ''}]"
    # "not JSON: text" and "not JSON: object" are one kind.
    return str(form).partition(":")[0]
