"""What is wrong with a messenger's account, as repairs that people fix elsewhere."""

from collections.abc import Mapping
import time
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ...api.errors import (
    AccountUnusable,
    QuotaExceeded,
    RequestRefused,
    SecondReader,
    ServiceError,
)
from ...api.green_api import STATE_OF, STATES, Received, Trouble
from ...api.green_api.linking import UNLINKED
from ...runtime import issues
from ...runtime.devices import HUB
from ...runtime.signals import Signals
from ...runtime.timings import timings

# So many deletions of what was gone already, within a short time, are another
# program's doing.
STOLEN: Final = 3
# The repairs of refusals that are no state of the account.
REPAIRS: Final[Mapping[str, str]] = {
    Trouble.INSTANCE_DELETED: issues.INSTANCE_DELETED,
    Trouble.INSTANCE_EXPIRED: issues.INSTANCE_EXPIRED,
    Trouble.WEBHOOK_URL_SET: issues.WEBHOOK_URL_SET,
}


class Account:
    """The account's state, its quota, and whether somebody else reads its queue."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, signals: Signals
    ) -> None:
        """Take whom to call when the state has changed."""
        self._hass = hass
        self._entry = entry
        self._signals = signals
        self.state: str | None = None
        # The repair of the last refusal.
        self._refused: str | None = None
        # When the last deletions were made of what was gone already.
        self._stolen: list[float] = []
        self._shared_at: float | None = None
        self._quota_noted_at: float | None = None

    @callback
    def async_set_state(self, state: str) -> None:
        """Note the account's state; a person has to fix some of them."""
        kind: str | None = None
        if state in UNLINKED:
            kind = issues.NOT_LINKED
            self._open(kind, issues.Severity.ERROR, is_fixable=True)
        elif state in STATES and STATES[state].trouble is not None:
            kind = issues.ACCOUNT_STATE
            self._open(kind, issues.Severity.ERROR, state=state)
        for other in {issues.NOT_LINKED, issues.ACCOUNT_STATE} - {kind}:
            issues.async_close(self._hass, self._entry, other)
        if state != self.state:
            self.state = state
            self._signals.values_changed((HUB,))

    @callback
    def async_refused(self, err: ServiceError) -> float | None:
        """Open the repair of a refusal; return the pause that it asks for, if any."""
        match err:
            case AccountUnusable() if err.trouble in STATE_OF:
                self.async_set_state(STATE_OF[err.trouble])
            case AccountUnusable():
                self._refuse(REPAIRS[err.trouble])
            case RequestRefused():
                self._refuse(issues.SERVICE_REFUSED, said=err.said)
            case SecondReader():
                self.async_queue_shared()
            case QuotaExceeded():
                self.async_quota_used_up()
                return timings().quota_pause
        return None

    @callback
    def async_accepted(self) -> None:
        """Close the repair of a refusal: the queue is read."""
        if self._refused is not None:
            issues.async_close(self._hass, self._entry, self._refused)
            self._refused = None

    @callback
    def async_quota_used_up(self) -> None:
        """Note that the tariff's quota is used up."""
        self._open(issues.QUOTA_EXCEEDED, issues.Severity.ERROR)

    @callback
    def async_note_quota(self, received: Received | None) -> None:
        """Open or close the repair of a quota that is used up, by what was received.

        Where a notification says so the queue goes on, so an answer does not say that it
        is over.
        """
        notification = received.notification if received is not None else None
        if notification is not None and notification.is_quota:
            self._quota_noted_at = time.monotonic()
            self.async_quota_used_up()
        elif (
            self._quota_noted_at is None
            or time.monotonic() - self._quota_noted_at > timings().quota_shown
        ):
            self._quota_noted_at = None
            issues.async_close(self._hass, self._entry, issues.QUOTA_EXCEEDED)

    @callback
    def async_note_deletion(self, was_there: bool) -> None:
        """Note a deletion; what is gone already was somebody else's to read."""
        if not was_there:
            self._stolen.append(time.monotonic())
            del self._stolen[:-STOLEN]
            if (
                len(self._stolen) == STOLEN
                and self._stolen[-1] - self._stolen[0] < timings().stolen_within
            ):
                self.async_queue_shared()
        elif (
            self._shared_at
            and time.monotonic() - self._shared_at > timings().stolen_within
        ):
            self._shared_at = None
            issues.async_close(self._hass, self._entry, issues.SECOND_READER)

    @callback
    def async_queue_shared(self) -> None:
        """Note that somebody else reads the queue."""
        self._shared_at = time.monotonic()
        self._open(issues.SECOND_READER, issues.Severity.WARNING)

    def diagnostics(self) -> dict[str, Any]:
        """Return how the account does."""
        return {
            "account_state": self.state,
            "queue_shared": self._shared_at is not None,
        }

    def _refuse(self, kind: str, **details: object) -> None:
        """Open the repair of a refusal in place of the one before."""
        if self._refused not in {None, kind}:
            self.async_accepted()
        self._refused = kind
        self._open(kind, issues.Severity.ERROR, **details)

    def _open(
        self,
        kind: str,
        severity: issues.Severity,
        *,
        is_fixable: bool = False,
        **details: object,
    ) -> None:
        """Open a repair that goes by itself; most a person fixes elsewhere."""
        issues.async_open(
            self._hass,
            self._entry,
            kind,
            severity=severity,
            details=details,
            is_fixable=is_fixable,
        )
