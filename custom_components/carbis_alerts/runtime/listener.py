"""What the sources share that hold a line open: bring it up, again and again."""

from abc import abstractmethod
import asyncio
import random
import time
from typing import override

from homeassistant.core import callback

from ..api.errors import (
    AuthenticationError,
    CertificateError,
    ServiceError,
    ServiceUnavailable,
    StreamRefused,
)
from ..api.transport import Limits
from . import issues
from .certificates import async_certificate_refused
from .coordinator import ServiceCoordinator
from .timings import timings


class ListeningCoordinator(ServiceCoordinator):
    """A service that tells by itself, as long as a line to it is up."""

    limits: Limits = Limits(connect=10.0, total=30.0)

    # What the service asks for as the base of the pauses, in seconds.
    _base_pause: float | None = None
    _up_since: float | None = None
    _down_since: float | None = None
    _told_down = False
    _failures = 0
    # How often the line was brought up.
    _connections = 0
    _refused = False

    @override
    async def async_request_refresh(self) -> None:
        """Do nothing: what there is to tell comes by itself."""

    @abstractmethod
    async def _async_session(self) -> None:
        """Bring the line up, call ``_async_up`` and stay on it; end by an error."""

    @override
    async def _async_run(self) -> None:
        while True:
            failure: ServiceError
            try:
                await self._async_session()
            except ServiceError as err:
                failure = err
            except Exception:
                self.logger.exception("Unexpected error of %s", self.name)
                failure = ServiceUnavailable("An unexpected error; see above")
            else:
                failure = ServiceUnavailable("The line has ended")
            pause = await self._async_failed(failure)
            await asyncio.sleep(pause)

    async def _async_failed(self, err: ServiceError) -> float:
        """Note the end of a line; return the pause before the next try."""
        was_stable = (
            self._up_since is not None
            and time.monotonic() - self._up_since >= timings().stable
        )
        self._up_since = None
        if self._down_since is None:
            self._down_since = time.monotonic()
        self._failures = 1 if was_stable else self._failures + 1
        self.statistics.failed(err)
        # A line that worked and ended is brought up again without a word in the log:
        # proxies cut streams as a matter of course.
        self._async_down(err, told=not was_stable)
        if isinstance(err, AuthenticationError):
            self._refused = True
            self.async_credentials_refused()
            return timings().refused_pause
        if isinstance(err, CertificateError):
            await async_certificate_refused(self.hass, self.config_entry, self.limits)
        if isinstance(err, StreamRefused):
            await self._async_give_up()
        pause = self._pause()
        if isinstance(err, ServiceUnavailable) and err.retry_after is not None:
            return max(pause, err.retry_after)
        return pause

    def _pause(self) -> float:
        """Return how long to wait: anything up to a bound that doubles (full jitter)."""
        base = timings().base_pause
        if self._base_pause is not None:
            base = max(self._base_pause, timings().least_base_pause)
        bound = min(timings().max_pause, base * 2 ** min(self._failures - 1, 10))
        return random.uniform(0, bound)  # noqa: S311

    @callback
    def _async_up(self) -> None:
        """Note that the line is up."""
        self._up_since = time.monotonic()
        self._down_since = None
        self._connections += 1
        if self._told_down:
            self.logger.info("%s is connected again", self.name)
            self._told_down = False
        if self._refused:
            self.async_credentials_accepted()
            self._refused = False
        issues.async_close(self.hass, self.config_entry, issues.CERTIFICATE)
        issues.async_close(self.hass, self.config_entry, issues.STREAM_REFUSED)
        self.async_answered()
        self.last_update_success = True
        self.data = True
        self.async_update_listeners()

    @callback
    def _async_down(self, err: ServiceError, *, told: bool) -> None:
        """Note that the line is down; tell the log once."""
        if told and not self._told_down:
            self.logger.error("%s is not connected: %s", self.name, err)
            self._told_down = True
        self.last_exception = err
        self.last_update_success = False
        self.async_interrupted()
        self.async_update_listeners()

    async def _async_give_up(self) -> None:
        """Open a repair and wait: the service wants no more tries."""
        issues.async_open(
            self.hass,
            self.config_entry,
            issues.STREAM_REFUSED,
            severity=issues.Severity.ERROR,
        )
        await asyncio.Future[None]()
