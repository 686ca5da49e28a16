"""Triggers: what happened, picked by name in the automation editor."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, cast, override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_FOR, CONF_OPTIONS, CONF_TARGET
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

from .runtime.trigger_events import TriggerEvent, async_listen
from .summary import Summary
from .targets import Target
from .trigger_descriptions import (
    CONF_INCLUDE_LATE,
    CONF_SUMMARIZE,
    CONNECTION_LOST,
    DESCRIPTIONS,
    KINDS,
    Description,
)
from .waiting import WAITING_OPTIONS, GoneBatches, WaitingBatches


class TargetTrigger(Trigger):
    """A trigger with a target and options."""

    options: ClassVar[Mapping[Any, Any]]

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        schema = vol.Schema(
            {
                vol.Optional(CONF_TARGET): cv.TARGET_FIELDS,
                vol.Optional(CONF_OPTIONS, default=dict): dict(cls.options),
            }
        )
        return cast(ConfigType, schema(config))

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the target and the options."""
        super().__init__(hass, config)
        self._options: dict[str, Any] = config.options or {}
        self._target = Target(hass, config.target or {})


class CarbisTrigger(TargetTrigger):
    """A trigger on what the sources publish: once for each event, and never otherwise."""

    description: Description

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        @callback
        def run(event: TriggerEvent, more: int = 0) -> None:
            _run(run_action, event, self.description.text, more)

        summary = Summary(self._hass, run)
        pass_on = summary.add if self._options.get(CONF_SUMMARIZE) else run

        @callback
        def listen(event: TriggerEvent) -> None:
            if self._is_meant(event):
                pass_on(event)

        removes = [
            summary.detach,
            *(
                async_listen(self._hass, subject, listen, self._target.matches)
                for subject in (self.description.subject, self.description.also)
                if subject is not None
            ),
        ]

        @callback
        def detach() -> None:
            for remove in removes:
                remove()

        return detach

    def _is_meant(self, event: TriggerEvent) -> bool:
        """Return whether the options select what happened."""
        data = event.data
        # What cannot be late has no such option.
        return (
            self._options.get(CONF_INCLUDE_LATE, True) or not data["late"]
        ) and self.description.matches(self._options, data)


class ConnectionLostTrigger(CarbisTrigger):
    """The connection is lost, and has been for a while."""

    description = CONNECTION_LOST
    options = CONNECTION_LOST.options

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        waits: dict[str, CALLBACK_TYPE] = {}
        wanted: timedelta = self._options.get(CONF_FOR) or timedelta()

        @callback
        def lost(event: TriggerEvent) -> None:
            if not self._is_meant(event):
                return
            # Counted from the loss itself, which is published only after a while.
            pause = wanted.total_seconds() - event.age
            if pause <= 0:
                _run(run_action, event)
                return

            @callback
            def run(_: datetime) -> None:
                waits.pop(event.entry_id, None)
                if _is_set_up(self._hass, event.entry_id):
                    _run(run_action, event)

            restored(event)
            waits[event.entry_id] = async_call_later(
                self._hass, pause, HassJob(run, cancel_on_shutdown=True)
            )

        @callback
        def restored(event: TriggerEvent) -> None:
            if (cancel := waits.pop(event.entry_id, None)) is not None:
                cancel()

        removes = (
            async_listen(self._hass, "connection_lost", lost, self._target.matches),
            async_listen(self._hass, "connection_restored", restored),
        )

        @callback
        def detach() -> None:
            for remove in (*removes, *waits.values()):
                remove()

        return detach


def _is_set_up(hass: HomeAssistant, entry_id: str) -> bool:
    """Return whether anybody still wants an entry's service; it may be disabled or gone."""
    entry = hass.config_entries.async_get_entry(entry_id)
    return entry is not None and entry.state is not ConfigEntryState.NOT_LOADED


class BatchTrigger(TargetTrigger):
    """A trigger on what the alert books hold: many at a time, in one run."""

    batches: type[WaitingBatches | GoneBatches]

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        return self.batches(
            self._hass, run_action, self._target, self._options
        ).attach()


class AlertWaiting(BatchTrigger):
    """An alert waits, for long enough."""

    options = WAITING_OPTIONS
    batches = WaitingBatches


class AlertsGone(BatchTrigger):
    """Alerts do not wait any more."""

    options = KINDS
    batches = GoneBatches


def _run(
    run_action: TriggerActionRunner,
    event: TriggerEvent,
    text: str | None = None,
    more: int = 0,
) -> None:
    """Run the automation with the bus event's data."""
    # Home Assistant keeps the task.
    _ = run_action(
        {"event": event.data, "more": more},
        text or event.subject.replace("_", " "),
        event.context,
    )


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    **{
        name: type(
            name,
            (CarbisTrigger,),
            {"description": description, "options": description.options},
        )
        for name, description in DESCRIPTIONS.items()
    },
    "connection_lost": ConnectionLostTrigger,
    "alert_waiting": AlertWaiting,
    "alerts_gone": AlertsGone,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers."""
    return TRIGGERS
