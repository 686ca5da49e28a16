"""Actions on alerts: who has them, and what became of them."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any, Final

from homeassistant.core import Context, ServiceCall, ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .api.texts import whole
from .const import DOMAIN
from .domain.actor import Actor
from .domain.alert import MAX_SNOOZE, Alert, Transition
from .rights import actor_of, async_rights, check_control, named
from .runtime.alerts import AlertManager
from .runtime.runtime import ServiceRuntime
from .runtime.slices import Slices
from .services.refusing import check_free
from .targets import async_select, sources
from .team.dispatcher import Dispatcher
from .team.runtime import loaded_teams

type Change = Callable[
    [AlertManager, Iterable[Alert], Actor, Context | None],
    Awaitable[list[Transition]],
]

ATTR_ALERT_ID: Final = "alert_id"
ATTR_BY: Final = "by"
ATTR_MINUTES: Final = "minutes"
ATTR_PERSON_ID: Final = "person_id"

# Minutes, where nobody says how many.
SNOOZED_FOR: Final = 10

# What templates give may hold halves of characters, which nothing can store or send.
_TEXT: Final = vol.All(cv.string, whole)

ACKNOWLEDGE_SCHEMA: Final = vol.Schema(
    {
        **cv.ENTITY_SERVICE_FIELDS,
        vol.Optional(ATTR_ALERT_ID): _TEXT,
        vol.Optional(ATTR_BY): vol.All(_TEXT, named),
        vol.Optional(ATTR_PERSON_ID): _TEXT,
    }
)
SNOOZE_SCHEMA: Final = ACKNOWLEDGE_SCHEMA.extend(
    {
        vol.Optional(ATTR_MINUTES, default=SNOOZED_FOR): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=MAX_SNOOZE // timedelta(minutes=1))
        )
    }
)
DECLINE_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_ALERT_ID): _TEXT,
        vol.Optional(ATTR_PERSON_ID): _TEXT,
    }
)


async def _async_acknowledge(call: ServiceCall) -> ServiceResponse:
    """Take that somebody has it."""
    return await _async_change(call, AlertManager.async_acknowledge, needs_free=True)


async def _async_reopen(call: ServiceCall) -> ServiceResponse:
    """Take that nobody has it."""
    return await _async_change(call, AlertManager.async_reopen)


async def _async_close(call: ServiceCall) -> ServiceResponse:
    """Take that guests were served."""
    return await _async_change(call, AlertManager.async_done)


async def _async_snooze(call: ServiceCall) -> ServiceResponse:
    """Have alerts be silent for some minutes."""
    span = timedelta(minutes=call.data[ATTR_MINUTES])
    snooze = partial(AlertManager.async_snooze, span=span)
    return await _async_change(call, snooze, needs_free=True)


async def _async_decline(call: ServiceCall) -> ServiceResponse:
    """Take that somebody of the team does not come."""
    hass, alert_id = call.hass, call.data[ATTR_ALERT_ID]
    rights = await async_rights(hass, call.context)
    for runtime in sources(hass):
        if (alert := runtime.alerts.book.find(alert_id)) is None:
            continue
        entity_id = runtime.alert_events.entity_of(alert.device_key)
        check_control(rights, call.context, [entity_id])
        entry_id = runtime.entry.entry_id
        actor = actor_of(
            hass, rights, entry_id, person_id=call.data.get(ATTR_PERSON_ID)
        )
        if actor.person_id is None:
            raise _invalid("unknown_person")
        for team in loaded_teams(hass):
            if team.serves(entry_id):
                dispatcher = team.part(Dispatcher)
                dispatcher.async_decline(alert_id, actor.person_id, call.context)
        return {}
    raise _invalid("unknown_alert")


async def _async_change(
    call: ServiceCall, change: Change, *, needs_free: bool = False
) -> ServiceResponse:
    """Change the alerts of a target, or one; return those that have changed.

    Either all of them, or none where the user may not control one. A person learns
    who has what would have ``needs_free`` to be free.
    """
    hass = call.hass
    rights = await async_rights(hass, call.context)
    alert_id = call.data.get(ATTR_ALERT_ID)
    selected = async_select(hass, call.data)
    if alert_id is None and selected is None:
        raise _invalid("no_target")
    meant: list[tuple[ServiceRuntime, list[Alert]]] = []
    is_known = alert_id is None
    for runtime in sources(hass):
        entry_id = runtime.entry.entry_id
        book = runtime.alerts.book
        alerts = book.at(
            key
            for key in book.devices
            if selected is not None and selected.matches(entry_id, key)
        )
        if alert_id is not None and (named := book.find(alert_id)) is not None:
            is_known = True
            alerts = [alert for alert in alerts if alert is not named] + [named]
        # What is selected counts although nobody waits there: a refusal says nothing.
        keys = {
            *(alert.device_key for alert in alerts),
            *(selected.keys_of(entry_id) if selected is not None else ()),
        }
        check_control(rights, call.context, map(runtime.alert_events.entity_of, keys))
        meant.append((runtime, alerts))
    if not is_known:
        raise _invalid("unknown_alert")
    by, person_id = call.data.get(ATTR_BY), call.data.get(ATTR_PERSON_ID)
    # Of all of them, before anything is done.
    acting = [
        (
            runtime,
            alerts,
            actor_of(hass, rights, runtime.entry.entry_id, by=by, person_id=person_id),
        )
        for runtime, alerts in meant
        if alerts
    ]
    may_see = rights.may_see
    found: list[Any] = []
    is_changed = False
    for runtime, alerts, actor in acting:
        transitions = await change(runtime.alerts, alerts, actor, call.context)
        is_changed |= bool(transitions)
        async for part in Slices().of(transitions):
            found += [
                runtime.alert_events.data(transition.alert)
                for transition in part
                if may_see(runtime.alert_events.entity_of(transition.alert.device_key))
            ]
    if needs_free and not is_changed and not rights.is_automation:
        for runtime, alerts, actor in acting:
            check_free(runtime, alerts, actor, may_see)
    return {"alerts": found}


def _invalid(key: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)


# By their names: what does them, and what they take.
ACTS: Final = (
    ("acknowledge", _async_acknowledge, ACKNOWLEDGE_SCHEMA),
    ("reopen", _async_reopen, ACKNOWLEDGE_SCHEMA),
    ("close", _async_close, ACKNOWLEDGE_SCHEMA),
    ("decline", _async_decline, DECLINE_SCHEMA),
    ("snooze", _async_snooze, SNOOZE_SCHEMA),
)
