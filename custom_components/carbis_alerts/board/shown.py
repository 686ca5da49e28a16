"""What the board's subscribers were last sent of an entry."""

from dataclasses import dataclass, field
from itertools import islice

from homeassistant.helpers.json import json_bytes, json_fragment

from ..domain.alert import Alert
from ..domain.names import Names
from ..runtime.runtime import ServiceRuntime
from .views import Json, alert_view


class ShownAlerts:
    """What was sent of each alert: made once, for as long as the alert stays the same."""

    def __init__(self) -> None:
        """Begin with none."""
        self._views: dict[str, json_fragment] = {}
        self._runtime: ServiceRuntime | None = None
        # The ids of those that are not as they were sent.
        self._changed: dict[str, None] = {}
        # In which language.
        self._names: Names | None = None

    @property
    def is_behind(self) -> bool:
        """Return whether any is not as it was sent."""
        return bool(self._changed)

    @property
    def views(self) -> list[json_fragment]:
        """Return all of them as they were sent; the last that is known of what is away."""
        return [*self._views.values()]

    def attach(self, runtime: ServiceRuntime) -> None:
        """Follow the alerts of an entry."""
        self.detach()
        self._runtime = runtime
        self._changed = runtime.alerts.book.follow()
        self._changed |= dict.fromkeys(self._views)

    def detach(self) -> None:
        """Follow nothing, but show the last that is known."""
        if self._runtime is not None:
            self._runtime.alerts.book.unfollow(self._changed)
        self._runtime, self._changed, self._names = None, {}, None

    def renew(self, most: int) -> tuple[list[json_fragment], list[str]]:
        """Return what has changed, so much at most, and the ids of what is gone."""
        runtime = self._runtime
        if runtime is None:
            return [], []
        book = runtime.alerts.book
        if self._names is not runtime.alert_events.names:
            self._names = runtime.alert_events.names
            self._changed |= dict.fromkeys(alert.alert_id for alert in book.alerts)
        changed, removed = [], []
        closed: dict[str, Alert] = {}
        for alert_id in [*islice(self._changed, most)]:
            del self._changed[alert_id]
            if (alert := book.find(alert_id)) is not None:
                view = self._views[alert_id] = _view(runtime, alert)
                changed.append(view)
            elif self._views.pop(alert_id, None) is not None:
                closed = closed or {alert.alert_id: alert for alert in book.closed}
                if (ended := closed.get(alert_id)) is not None:
                    changed.append(_view(runtime, ended))
                else:
                    removed.append(alert_id)
        return changed, removed


@dataclass(slots=True)
class Shown:
    """What subscribers were last sent of an entry."""

    entry: Json = field(default_factory=dict)
    devices: dict[str, Json] = field(default_factory=dict)
    alerts: ShownAlerts = field(default_factory=ShownAlerts)
    calls: dict[str, Json] = field(default_factory=dict)
    messages: dict[str, Json] = field(default_factory=dict)
    # In which language they are.
    names: Names | None = None


def _view(runtime: ServiceRuntime, alert: Alert) -> json_fragment:
    return json_fragment(json_bytes(alert_view(runtime, alert)))
