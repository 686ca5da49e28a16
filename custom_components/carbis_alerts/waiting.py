"""Triggers that bring many at a time: one run looks at all who wait, or have gone."""

from abc import abstractmethod
import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.core import (
    CALLBACK_TYPE,
    CoreState,
    HassJob,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.trigger import TriggerActionRunner
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .const import DOMAIN
from .domain.alert import Alert
from .domain.lifecycle import Action, State
from .domain.waiting import Batch, Waiter, Waiting
from .entries import service_entries
from .runtime.runtime import ServiceRuntime
from .runtime.trigger_events import TriggerEvent, alert_subject, async_listen
from .targets import Target, sources
from .trigger_descriptions import CONF_KIND, KINDS, Options

CONF_COLLECT: Final = "collect"
CONF_OLDER_THAN: Final = "older_than"
CONF_OVERDUE: Final = "overdue"
CONF_TOGETHER: Final = "together"
# For how many seconds a run keeps the next one waiting.
PATIENCE: Final = 30.0
# How many of those that are shown in sum are named.
NAMED: Final = 10
# Seconds until another look while many become overdue, in slices.
BEHIND: Final = 0.05
# The longest sleep of a timer, in seconds: a clock may be set meanwhile.
LONGEST_SLEEP: Final = 3600.0

# No alert is kept for longer, in seconds.
LONGEST_WAIT: Final = 366 * 86_400.0

_SECONDS: Final = vol.All(vol.Coerce(float), vol.Range(min=0, max=LONGEST_WAIT))
WAITING_OPTIONS: Final[dict[Any, Any]] = {
    **KINDS,
    vol.Optional(CONF_OLDER_THAN, default=0.0): _SECONDS,
    vol.Optional(CONF_OVERDUE, default=False): cv.boolean,
    vol.Optional(CONF_TOGETHER, default=False): cv.boolean,
    vol.Optional(CONF_COLLECT, default=0.0): _SECONDS,
}


class Batches:
    """Run an automation with what has gathered, in serial one run after the other."""

    description: str
    is_serial = True

    def __init__(
        self,
        hass: HomeAssistant,
        run_action: TriggerActionRunner,
        target: Target,
        options: Options,
    ) -> None:
        """Take what runs, and what is meant."""
        self._hass = hass
        self._run_action = run_action
        self._target = target
        self._options = options
        self._run: asyncio.Task[Any] | None = None
        self._began = 0.0
        self._is_held = False
        self._at = 0.0
        self._cancel: CALLBACK_TYPE | None = None
        self._removes: list[CALLBACK_TYPE] = []

    @abstractmethod
    def gather(self, now: datetime) -> tuple[list[dict[str, Any]], float | None]:
        """Return what each run is to get, and in how many seconds to look again."""

    @callback
    def listen(
        self, listener: Callable[[TriggerEvent], None], *actions: Action
    ) -> None:
        """Listen to what becomes of the alerts that are meant."""
        self._removes += [
            async_listen(
                self._hass, alert_subject(action), listener, self._target.matches
            )
            for action in actions
        ]

    def is_kind(self, kind: str) -> bool:
        """Return whether alerts of a kind are meant."""
        kinds = self._options.get(CONF_KIND)
        return not kinds or kind in kinds

    @callback
    def wake(self, after: float = 0.0) -> None:
        """Look in so many seconds, or before."""
        at = self._hass.loop.time() + after
        if self._cancel is not None:
            if self._at <= at:
                return
            self._cancel()
        self._at = at
        self._cancel = async_call_later(
            self._hass,
            min(after, LONGEST_SLEEP),
            HassJob(self._async_look, cancel_on_shutdown=True),
        )

    @callback
    def _async_look(self, _: datetime | None = None) -> None:
        self._cancel = None
        if self._run is not None and not self._run.done():
            left = self._began + PATIENCE - self._hass.loop.time()
            if left > 0:
                self._is_held = True
                self.wake(left)
                return
        self._is_held = False
        payloads, again = self.gather(dt_util.utcnow())
        for payload in payloads:
            run = self._run_action(payload, self.description)
            if self.is_serial:
                self._run, self._began = run, self._hass.loop.time()
                run.add_done_callback(self._async_ended)
        if again is not None:
            self.wake(again)

    @callback
    def _async_ended(self, _: asyncio.Task[Any]) -> None:
        if self._is_held and self._removes:
            self.wake()

    @callback
    def detach(self) -> None:
        """Stop."""
        for remove in self._removes:
            remove()
        self._removes.clear()
        if self._cancel is not None:
            self._cancel()
            self._cancel = None


class WaitingBatches(Batches):
    """Who waits for long enough, each once; from the start on those too that wait already."""

    description = "alert waiting"

    @callback
    def attach(self) -> CALLBACK_TYPE:
        """Begin, when Home Assistant has started."""
        self._waiting = Waiting()
        self.is_serial = self._options[CONF_TOGETHER]
        self.listen(self._opened, Action.OPENED, Action.REOPENED, Action.OVERDUE)
        self.listen(self._ended, Action.ACKNOWLEDGED, Action.SNOOZED, Action.CLOSED)
        self._removes += [
            async_at_started(self._hass, self._started),
            async_dispatcher_connect(
                self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed
            ),
        ]
        return self.detach

    @callback
    def _started(self, _: HomeAssistant) -> None:
        self.wake()

    @callback
    def _opened(self, event: TriggerEvent) -> None:
        if self.is_kind(event.data["kind"]):
            if event.data["action"] == Action.REOPENED:
                self._waiting.ended(event.data["alert_id"])
            self._wake_for(event.data["age"])

    def _wake_for(self, age: float) -> None:
        """Look when one of an age is to be shown, and there is leave to."""
        due = max(self._options[CONF_OLDER_THAN] - age, self._options[CONF_COLLECT])
        self.wake(max(due, self._waiting.allowance.wait(dt_util.utcnow())))

    @callback
    def _ended(self, event: TriggerEvent) -> None:
        if self._waiting.ended(event.data["alert_id"]):
            self.wake()

    @callback
    def _entry_changed(self, _: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain == DOMAIN:
            self.wake()

    @override
    def gather(self, now: datetime) -> tuple[list[dict[str, Any]], float | None]:
        if self._hass.state is not CoreState.running:
            return [], None
        found: dict[str, tuple[ServiceRuntime, Alert]] = {}
        fresh: list[Waiter] = []
        present: set[str] = set()
        here = [runtime for runtime in sources(self._hass) if runtime.is_started]
        if any(runtime.alerts.is_behind for runtime in here):
            # The best known of all that are due come first: all have to be seen.
            return [], BEHIND
        for runtime in here:
            ranks = {key: rank for rank, key in enumerate(runtime.devices.all)}
            for alert in runtime.alerts.book.alerts:
                if self._is_meant(runtime.entry.entry_id, alert):
                    present.add(alert.alert_id)
                    if not self._waiting.is_shown(alert.alert_id):
                        found[alert.alert_id] = (runtime, alert)
                        fresh.append(self._waiter(runtime, alert, ranks))
        away = {entry.entry_id for entry in service_entries(self._hass)}
        away -= {runtime.entry.entry_id for runtime in here}
        batch, again = self._waiting.look(fresh, present, away, now)
        if batch is None:
            return [], again

        def data(waiter: Waiter) -> dict[str, Any]:
            runtime, alert = found[waiter.alert_id]
            return runtime.alert_events.data(alert)

        return self._payloads(batch, data), again

    def _payloads(
        self, batch: Batch, data: Callable[[Waiter], dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return what runs get; the last of them says how many more wait."""
        alerts = [data(waiter) for waiter in batch.singly]
        others = [data(waiter)["name"] for waiter in batch.in_sum[:NAMED]]
        last = {"more": batch.more, "others": others}
        if self._options[CONF_TOGETHER] or not alerts:
            runs = [alerts]
        else:
            runs = [[alert] for alert in alerts]
        return [
            {
                "event": run[0] if run else None,
                "alerts": run,
                **(last if run is runs[-1] else {"more": 0, "others": []}),
            }
            for run in runs
        ]

    def _is_meant(self, entry_id: str, alert: Alert) -> bool:
        return (
            (alert.state is State.OPEN and alert.snoozed_until is None)
            and self.is_kind(alert.kind)
            and (alert.overdue or not self._options[CONF_OVERDUE])
            and self._target.matches(entry_id, alert.device_key)
        )

    def _waiter(
        self, runtime: ServiceRuntime, alert: Alert, ranks: dict[str, int]
    ) -> Waiter:
        older_than = timedelta(seconds=self._options[CONF_OLDER_THAN])
        return Waiter(
            alert_id=alert.alert_id,
            entry_id=runtime.entry.entry_id,
            opened_at=alert.opened_at,
            due=alert.opened_at + older_than,
            rank=ranks.get(alert.device_key or "", -1),
        )


class GoneBatches(Batches):
    """Who does not wait: somebody has it, it is snoozed, or it has ended."""

    description = "alerts gone"

    @callback
    def attach(self) -> CALLBACK_TYPE:
        """Begin."""
        self._gone: list[dict[str, Any]] = []
        self.listen(self._took, Action.ACKNOWLEDGED, Action.SNOOZED, Action.CLOSED)
        return self.detach

    @callback
    def _took(self, event: TriggerEvent) -> None:
        if self.is_kind(event.data["kind"]):
            self._gone.append(event.data)
            self.wake()

    @override
    def gather(self, now: datetime) -> tuple[list[dict[str, Any]], float | None]:
        gone, self._gone = self._gone, []
        return [{"alerts": gone}], None
