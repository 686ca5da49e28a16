"""What is wrong with a messenger's account, as repairs that people fix elsewhere."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
import time
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ...api.errors import (
    AccountUnusable,
    QuotaExceeded,
    RequestRefused,
    SecondReader,
    ServiceError,
)
from ...api.green_api import (
    STATE_OF,
    STATES,
    AccountState,
    GreenApiClient,
    Received,
    Trouble,
    restricted_until,
)
from ...const import LOGGER
from ...runtime import issues
from ...runtime.devices import HUB
from ...runtime.signals import Signals
from ...runtime.timings import timings

# So many deletions of what was gone already, within a short time, are another
# program's doing.
STOLEN: Final = 3
# The repairs of what is wrong by a state, and those of refusals that are no state.
STATE_REPAIRS: Final[Mapping[str, str]] = {
    Trouble.NOT_AUTHORIZED: issues.NOT_LINKED,
    Trouble.ACCOUNT_RESTRICTED: issues.ACCOUNT_STATE,
    Trouble.INSTANCE_DELETED: issues.INSTANCE_DELETED,
    Trouble.INSTANCE_EXPIRED: issues.INSTANCE_EXPIRED,
}
REPAIRS: Final[Mapping[str, str]] = {Trouble.WEBHOOK_URL_SET: issues.WEBHOOK_URL_SET}


class Account:
    """The account's state, its quota, and whether somebody else reads its queue."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        signals: Signals,
        client: GreenApiClient,
    ) -> None:
        """Take whom to call when the state has changed, and whom to ask for it."""
        self._hass = hass
        self._entry = entry
        self._signals = signals
        self._client = client
        self.state: str | None = None
        # Until when the messenger restricts the account, where the service says.
        self.restricted_until: datetime | None = None
        self._watch: asyncio.Task[None] | None = None
        # The repair of the last refusal.
        self._refused: str | None = None
        # When the last deletions were made of what was gone already.
        self._stolen: list[float] = []
        self._shared_at: float | None = None
        self._quota_noted_at: float | None = None

    @property
    def is_restricted(self) -> bool:
        """Return whether the messenger has the account send to some people only."""
        known = self._known
        return known.trouble is Trouble.ACCOUNT_RESTRICTED and known.receives

    @property
    def trouble(self) -> str | None:
        """Return what keeps the account from sending at all, as far as its state says."""
        return None if self._known.receives else self._known.trouble

    @callback
    def async_set_state(self, state: str) -> None:
        """Note the account's state; a person has to fix some of them."""
        has_changed, self.state = state != self.state, state
        if not self.is_restricted:
            self._end_watch()
        elif self._watch is None:
            self._watch = self._entry.async_create_background_task(
                self._hass, self._async_watch(), f"{self._entry.entry_id} restriction"
            )
        self._show_state()
        if has_changed:
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

    @property
    def _known(self) -> AccountState:
        """Return what the account's state means."""
        return STATES.get(self.state or "", AccountState())

    @callback
    def _show_state(self) -> None:
        """Open the repair of the state, and close those of others."""
        kind = STATE_REPAIRS.get(self._known.trouble or "")
        if self.is_restricted:
            kind = issues.ACCOUNT_RESTRICTED
        for other in {*STATE_REPAIRS.values(), issues.ACCOUNT_RESTRICTED} - {kind}:
            issues.async_close(self._hass, self._entry, other)
        if kind is not None:
            until = self.restricted_until
            self._open(
                kind,
                issues.Severity.ERROR,
                state=self.state,
                messenger=self._client.messenger.title,
                until=None if until is None else issues.clock_time(until),
            )

    async def _async_watch(self) -> None:
        """Ask when a restriction ends, and then whether it has: not all is reported."""
        while self.is_restricted:
            try:
                self._async_set_end(await restricted_until(self._client))
            except ServiceError as err:
                LOGGER.debug("The end of a restriction is not known: %s", err)
            await asyncio.sleep(self._until_next_look())
            try:
                self.async_set_state(await self._client.state())
            except ServiceError as err:
                LOGGER.debug("The account's state is not known: %s", err)

    @callback
    def _end_watch(self) -> None:
        """Ask no more when a restriction ends: it has."""
        self.restricted_until = None
        watch, self._watch = self._watch, None
        if watch is not None and watch is not asyncio.current_task():
            watch.cancel()

    @callback
    def _async_set_end(self, until: datetime | None) -> None:
        """Note when a restriction ends."""
        if self.is_restricted and until != self.restricted_until:
            self.restricted_until = until
            self._show_state()
            self._signals.values_changed((HUB,))

    def _until_next_look(self) -> float:
        """Return the seconds until the state is asked for: soon after the end."""
        most = timings().restriction_look
        if self.restricted_until is None:
            return most
        left = (self.restricted_until - dt_util.utcnow()).total_seconds()
        return min(most, max(left, 0.0) + timings().restriction_grace)

    def _refuse(self, kind: str, **details: object) -> None:
        """Open the repair of a refusal in place of the one before."""
        if self._refused not in {None, kind}:
            self.async_accepted()
        self._refused = kind
        self._open(kind, issues.Severity.ERROR, **details)

    def _open(self, kind: str, severity: issues.Severity, **details: object) -> None:
        """Open a repair that goes by itself; all but one a person fixes elsewhere."""
        issues.async_open(
            self._hass,
            self._entry,
            kind,
            severity=severity,
            details=details,
            is_fixable=kind == issues.NOT_LINKED,
        )
