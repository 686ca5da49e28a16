"""Acts that do nothing because somebody else has it: a person learns who, and since when."""

from collections.abc import Callable, Iterable

from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..domain.actor import Actor
from ..domain.alert import Alert
from ..domain.lifecycle import State
from ..domain.shown import placeholders
from ..runtime.runtime import ServiceRuntime


def check_free(
    runtime: ServiceRuntime,
    alerts: Iterable[Alert],
    by: Actor,
    may_see: Callable[[str | None], bool],
) -> None:
    """Raise an error in words where another has one of these alerts.

    It names nobody to whoever may not see the alert.
    """
    for given in alerts:
        alert = runtime.alerts.book.find(given.alert_id)
        if (
            alert is None
            or alert.state is not State.ACKNOWLEDGED
            or alert.acknowledged_at is None
            or by.is_same(alert.actor)
        ):
            continue
        is_seen = may_see(runtime.alert_events.entity_of(alert.device_key))
        name = alert.by if is_seen else None
        passed = (dt_util.utcnow() - alert.acknowledged_at).total_seconds()
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="alert_taken_by" if name else "alert_taken",
            translation_placeholders=placeholders(
                **({"by": name} if name else {}), since=_span(passed)
            ),
        )


def _span(seconds: float) -> str:
    """Return a span as the board shows it: 0:40, 1:05:00."""
    minutes, seconds = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
