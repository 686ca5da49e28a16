"""What a trigger passes on where more happens than a person can take."""

from collections.abc import Callable
from datetime import datetime

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from .domain.waiting import Allowance
from .runtime.trigger_events import TriggerEvent


class Summary:
    """Pass on events one by one as long as a person can take it, then one for many."""

    def __init__(
        self, hass: HomeAssistant, run: Callable[[TriggerEvent, int], None]
    ) -> None:
        """Take what runs with an event, and for how many more it stands."""
        self._hass = hass
        self._run = run
        self._allowance = Allowance()
        self._event: TriggerEvent | None = None
        self._more = 0
        self._cancel: CALLBACK_TYPE | None = None

    @callback
    def add(self, event: TriggerEvent) -> None:
        """Take an event; the best known of those that wait is the one that is shown."""
        if self._event is not None:
            self._more += 1
            if _is_better_known(event, self._event):
                self._event = event
            return
        now = dt_util.utcnow()
        if self._allowance.left(now) > 0:
            self._allowance.spend(1, now)
            self._run(event, 0)
            return
        self._event = event
        self._cancel = async_call_later(
            self._hass,
            self._allowance.wait(now),
            HassJob(self._async_due, cancel_on_shutdown=True),
        )

    @callback
    def _async_due(self, _: datetime) -> None:
        self._cancel = None
        event, more = self._event, self._more
        self._event, self._more = None, 0
        self._allowance.spend(1, dt_util.utcnow())
        if event is not None:
            self._run(event, more)

    @callback
    def detach(self) -> None:
        """Stop."""
        if self._cancel is not None:
            self._cancel()


def _is_better_known(event: TriggerEvent, than: TriggerEvent) -> bool:
    """Return whether the caller of one is a contact, or a more important one."""

    def rank(of: TriggerEvent) -> tuple[bool, bool]:
        return bool(of.data.get("vip")), bool(of.data.get("caller_name"))

    return rank(event) > rank(than)
