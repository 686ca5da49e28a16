"""Triggers: what happened, picked by name in the automation editor."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast, override

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

from .domain.events import EventType
from .domain.lifecycle import Action, Outcome
from .domain.numbers import number_of
from .domain.rules import AlertKind
from .runtime.trigger_events import TriggerEvent, alert_subject, async_listen
from .targets import Target

CONF_CALLER: Final = "caller"
CONF_INCLUDE_LATE: Final = "include_late"
CONF_KIND: Final = "kind"
CONF_MINIMUM_SUM: Final = "minimum_sum"
CONF_OUTCOME: Final = "outcome"
CONF_SENDER: Final = "sender"
CONF_STATUS: Final = "status"
CONF_TEXT_CONTAINS: Final = "text_contains"
CONF_VIP_ONLY: Final = "vip_only"

type Options = Mapping[str, Any]
type Data = Mapping[str, Any]


def _any(options: Options, data: Data) -> bool:
    return True


def _sum_is_enough(options: Options, data: Data) -> bool:
    least = options.get(CONF_MINIMUM_SUM)
    return least is None or (data["order_sum"] or 0.0) >= least


def _status_is_one_of(options: Options, data: Data) -> bool:
    statuses = options.get(CONF_STATUS)
    return not statuses or data["status"] in statuses


def _caller_is(options: Options, data: Data) -> bool:
    if options[CONF_VIP_ONLY] and not data["vip"]:
        return False
    wanted = options.get(CONF_CALLER)
    if wanted and data["caller"] is None and number_of(wanted).is_unknown:
        return True
    return not wanted or _is_person(wanted, data["caller"], data["caller_name"])


def _message_is(options: Options, data: Data) -> bool:
    wanted, text = options.get(CONF_SENDER), options.get(CONF_TEXT_CONTAINS)
    if wanted and not (
        _is_person(wanted, data["sender"], data["sender_name"])
        or _is_person(wanted, data["chat_id"], None)
    ):
        return False
    return not text or text.casefold() in (data["text"] or "").casefold()


def _kind_is_one_of(options: Options, data: Data) -> bool:
    kinds = options.get(CONF_KIND)
    return not kinds or data["kind"] in kinds


def _ended_as(options: Options, data: Data) -> bool:
    outcomes = options.get(CONF_OUTCOME)
    return _kind_is_one_of(options, data) and (
        not outcomes or data["outcome"] in outcomes
    )


def _is_forgotten(options: Options, data: Data) -> bool:
    return data["outcome"] == Outcome.FORGOTTEN and _kind_is_one_of(options, data)


def _is_person(wanted: str, number: str | None, name: str | None) -> bool:
    """Return whether a number in any form, or a name in any case, is the wanted one."""
    wanted = wanted.strip()
    if name is not None and name.strip().casefold() == wanted.casefold():
        return True
    if number is None:
        return False
    if number == wanted:
        return True
    if number.startswith("-") or wanted.startswith("-"):
        # The id of a group is its sign too.
        return False
    compared = number_of(wanted).digits
    return compared is not None and compared == number_of(number).digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A trigger: the subject that it listens to, its options, and what they select.

    ``also`` is another subject that is the same to it, ``text`` what a trace says of it
    where that is not the subject.
    """

    subject: str
    options: Mapping[Any, Any]
    matches: Callable[[Options, Data], bool] = _any
    also: str | None = None
    text: str | None = None


LATE: Final[dict[Any, Any]] = {
    vol.Optional(CONF_INCLUDE_LATE, default=True): cv.boolean
}
KINDS: Final[dict[Any, Any]] = {
    vol.Optional(CONF_KIND): vol.All(
        cv.ensure_list, [vol.In([kind.value for kind in AlertKind])]
    )
}
DESCRIPTIONS: Final[Mapping[str, Description]] = {
    "waiter_called": Description(subject=EventType.WAITER_CALL, options=LATE),
    "dishes_added": Description(subject=EventType.DISHES_ADDED, options=LATE),
    "payment_received": Description(
        subject=EventType.ONLINE_PAYMENT,
        options={
            **LATE,
            vol.Optional(CONF_MINIMUM_SUM): vol.All(
                vol.Coerce(float), vol.Range(min=0)
            ),
        },
        matches=_sum_is_enough,
    ),
    "call_incoming": Description(subject=EventType.INCOMING_CALL, options=LATE),
    "call_answered": Description(subject=EventType.START_TALK, options=LATE),
    "call_ended": Description(
        subject=EventType.CALL_END,
        options={
            **LATE,
            vol.Optional(CONF_STATUS): vol.All(cv.ensure_list, [cv.string]),
        },
        matches=_status_is_one_of,
    ),
    "call_missed": Description(
        subject=EventType.MISSED_CALL,
        options={
            **LATE,
            vol.Optional(CONF_CALLER): cv.string,
            vol.Optional(CONF_VIP_ONLY, default=False): cv.boolean,
        },
        matches=_caller_is,
    ),
    "sms_received": Description(subject=EventType.SMS, options=LATE),
    "message_received": Description(
        subject=EventType.MESSAGE,
        options={
            **LATE,
            vol.Optional(CONF_SENDER): cv.string,
            vol.Optional(CONF_TEXT_CONTAINS): cv.string,
        },
        matches=_message_is,
    ),
    **{
        alert_subject(action): Description(
            subject=alert_subject(action),
            options={**LATE, **KINDS},
            matches=_kind_is_one_of,
        )
        for action in (Action.ACKNOWLEDGED, Action.OVERDUE)
    },
    "alert_opened": Description(
        subject=alert_subject(Action.OPENED),
        also=alert_subject(Action.REOPENED),
        options={**LATE, **KINDS},
        matches=_kind_is_one_of,
    ),
    "alert_closed": Description(
        subject=alert_subject(Action.CLOSED),
        options={
            **LATE,
            **KINDS,
            vol.Optional(CONF_OUTCOME): vol.All(
                cv.ensure_list, [vol.In([outcome.value for outcome in Outcome])]
            ),
        },
        matches=_ended_as,
    ),
    "alert_forgotten": Description(
        subject=alert_subject(Action.CLOSED),
        text="alert forgotten",
        options={**LATE, **KINDS},
        matches=_is_forgotten,
    ),
    "connection_restored": Description(subject="connection_restored", options=LATE),
}
CONNECTION_LOST: Final = Description(
    subject="connection_lost",
    options={**LATE, vol.Optional(CONF_FOR): cv.positive_time_period},
)


class CarbisTrigger(Trigger):
    """A trigger on what the sources publish: once for each event, and never otherwise."""

    description: Description

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        schema = vol.Schema(
            {
                vol.Optional(CONF_TARGET): cv.TARGET_FIELDS,
                vol.Optional(CONF_OPTIONS, default=dict): dict(cls.description.options),
            }
        )
        return cast(ConfigType, schema(config))

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the target and the options."""
        super().__init__(hass, config)
        self._options: dict[str, Any] = config.options or {}
        self._target = Target(hass, config.target or {})

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        @callback
        def listen(event: TriggerEvent) -> None:
            if self._is_meant(event):
                _run(run_action, event, self.description.text)

        removes = [
            async_listen(self._hass, subject, listen, self._target.matches)
            for subject in (self.description.subject, self.description.also)
            if subject is not None
        ]

        @callback
        def detach() -> None:
            for remove in removes:
                remove()

        return detach

    def _is_meant(self, event: TriggerEvent) -> bool:
        """Return whether the options select what happened."""
        data = event.data
        return (
            self._options[CONF_INCLUDE_LATE] or not data["late"]
        ) and self.description.matches(self._options, data)


class ConnectionLostTrigger(CarbisTrigger):
    """The connection is lost, and has been for a while."""

    description = CONNECTION_LOST

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        waits: dict[str, CALLBACK_TYPE] = {}
        pause: timedelta = self._options.get(CONF_FOR) or timedelta()

        @callback
        def lost(event: TriggerEvent) -> None:
            if not self._is_meant(event):
                return
            if not pause:
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


def _run(
    run_action: TriggerActionRunner, event: TriggerEvent, text: str | None = None
) -> None:
    """Run the automation with the bus event's data."""
    # Home Assistant keeps the task.
    _ = run_action(
        {"event": event.data},
        text or event.subject.replace("_", " "),
        event.context,
    )


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    **{
        name: type(name, (CarbisTrigger,), {"description": description})
        for name, description in DESCRIPTIONS.items()
    },
    "connection_lost": ConnectionLostTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers."""
    return TRIGGERS
