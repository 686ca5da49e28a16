"""The connection to a service: up or down, since when, and what a person is asked."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
import time
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
from yarl import URL

from ..api.errors import (
    AuthenticationError,
    CertificateError,
    EncryptionTooOld,
    ServiceError,
)
from ..const import CONF_FINGERPRINT, LOGGER
from . import issues
from .backoff import Backoff
from .certificates import async_certificate_refused, async_explain
from .grace import Change, Grace, async_forget_published
from .signals import Signals
from .statistics import Statistics
from .storage import EntryStore, as_time
from .timings import timings
from .trigger_events import TriggerEvent, async_dispatch, async_forget


class Connection:
    """Whether a service answers, the same for those that are asked and for lines."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        name: str,
        *,
        location: Callable[[], dict[str, Any]],
        signals: Signals,
        source: str,
        statistics: Statistics,
        store: EntryStore,
    ) -> None:
        """Take the name of the service, for the log, and where its hub is."""
        self._hass = hass
        self._entry = entry
        self._location = location
        self._name = name
        self._signals = signals
        self._source = source
        self._statistics = statistics
        self._store = store
        self._is_refused = False
        self._is_logged = False
        self._grace = Grace(hass, entry, self._async_changed)
        self.limits = timings().limits
        self.backoff = Backoff(base=timings().base_pause)
        # What is a refusal of the credentials.
        self.refusals: tuple[type[ServiceError], ...] = (AuthenticationError,)
        # As of now, whatever is published of it; None before the first try.
        self.is_up: bool | None = None
        # By the monotonic clock: what is now began then.
        self.up_since: float | None = None
        self.down_since: float | None = None
        # Why it was last away.
        self.failure: ServiceError | None = None
        # How often it came up.
        self.count = 0
        # The last good answer: by the monotonic clock, None since the start of the
        # source; by the wall clock, kept over restarts.
        self.last_answer: float | None = None
        self.last_answer_at: datetime | None = None
        # Called when events may be missed from now on.
        self.interrupted: Callable[[], None] = lambda: None
        # Called when a loss is published.
        self.lost: Callable[[], None] = lambda: None

    @property
    def is_connected(self) -> bool | None:
        """Return what is published: away only where it has been for a while."""
        return self._grace.is_connected

    @callback
    def async_start(self) -> None:
        """Go on with a loss that began before a reload."""
        self._grace.async_start()

    @callback
    def async_up(self) -> None:
        """Note that the service answers again, or for the first time."""
        self.up_since = time.monotonic()
        self.down_since = None
        self.count += 1
        if self._is_logged:
            LOGGER.info("%s is connected again", self._name)
            self._is_logged = False
        if self._is_refused:
            self._is_refused = False
            self._take_question_back()
        issues.async_close(self._hass, self._entry, issues.CERTIFICATE)
        issues.async_close(self._hass, self._entry, issues.STREAM_REFUSED)
        issues.async_close(self._hass, self._entry, issues.TLS_TOO_OLD)
        self.is_up = True
        self._grace.async_up()

    @callback
    def async_answered(self) -> None:
        """Note a good answer; on the disk only where the one before is long ago.

        An idle restaurant writes nothing of ours: Home Assistant's own file of states, which it
        writes now and then anyway, has the time too.
        """
        if self.last_answer is None or not self.is_up:
            self._store.async_changed()
        self.last_answer = time.monotonic()
        self.last_answer_at = self._statistics.succeeded()

    async def async_failed(
        self, err: ServiceError, *, log: bool = True, since: float | None = None
    ) -> float:
        """Note that the service does not answer; return the pause before the next try.

        ``since`` is when it should have, by the monotonic clock, where that is not now.
        """
        self.up_since = None
        if self.down_since is None:
            self.down_since = time.monotonic() if since is None else since
        self.is_up = False
        self.interrupted()
        self._grace.async_down(self.down_since)
        data = self._entry.data
        err = await async_explain(
            err, URL(data[CONF_URL]), data.get(CONF_FINGERPRINT), self.limits
        )
        self.failure = err
        self._statistics.failed(err)
        pause = self.backoff.failed(err)
        if log and not self._is_logged:
            LOGGER.error("%s is not connected: %s", self._name, err)
            self._is_logged = True
        if isinstance(err, self.refusals):
            # It goes on to try: the service may come to its senses by itself.
            self._is_refused = True
            self._entry.async_start_reauth(self._hass)
            return timings().refused_pause
        if isinstance(err, CertificateError):
            await async_certificate_refused(self._hass, self._entry, self.limits)
        elif isinstance(err, EncryptionTooOld):
            issues.async_open(
                self._hass,
                self._entry,
                issues.TLS_TOO_OLD,
                severity=issues.Severity.ERROR,
                is_fixable=False,
            )
        return pause

    @callback
    def async_restore_answer(self, answered_at: datetime | None) -> None:
        """Take over when the last good answer came, where that is news."""
        known = self.last_answer_at
        if answered_at is not None and (known is None or answered_at > known):
            self.last_answer_at = answered_at

    def collect(self) -> dict[str, Any]:
        """Return what to store."""
        answered_at = self.last_answer_at
        return {"last_answer": answered_at.isoformat() if answered_at else None}

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored."""
        self.last_answer_at = as_time(stored.get("last_answer"))

    @callback
    def _async_changed(self, change: Change) -> None:
        """Have states show what is published now, and triggers fire where it is news."""
        if not change.is_connected:
            self.lost()
        self._signals.connection_changed()
        if not change.is_news:
            return
        time_of_it = dt_util.utcnow() - timedelta(seconds=change.age)
        happened = TriggerEvent(
            subject="connection_restored" if change.is_connected else "connection_lost",
            entry_id=self._entry.entry_id,
            key=None,
            data={
                "connected": change.is_connected,
                "late": False,
                "source": self._source,
                "time": time_of_it.isoformat(),
                **self._location(),
            },
            context=None,
            age=change.age,
        )
        async_dispatch(self._hass, (happened,))

    def _take_question_back(self) -> None:
        """End the question for new credentials: those that are there are accepted."""
        for flow in self._entry.async_get_active_flows(self._hass, {SOURCE_REAUTH}):
            self._hass.config_entries.flow.async_abort(flow["flow_id"])


@callback
def async_forget_entry(hass: HomeAssistant, entry_id: str) -> None:
    """Forget what outlives an entry's reload, but not the entry."""
    async_forget_published(hass, entry_id)
    async_forget(hass)
