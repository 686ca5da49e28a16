"""Actions that are not those of an entity."""

from functools import cache
from typing import Any, Final

from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
import voluptuous as vol

from .acts import ACTS, ATTR_PERSON_ID
from .api.texts import whole
from .const import CONF_CHAT_ID, CONF_NUMBER, DOMAIN
from .domain.lifecycle import State
from .domain.rules import AlertKind
from .entries import is_team
from .rights import Check, async_rights, check_control
from .runtime.runtime import ServiceRuntime
from .runtime.slices import Slices
from .services.abilities import SendsText
from .services.raising import RAISE_ALERT, RAISED, async_raise, device_called
from .services.sending import async_chat_of, async_send
from .targets import sources
from .team.forget import async_forget_number, async_forget_person

FORGET: Final = "forget"
SEND_MESSAGE: Final = "send_message"
ATTR_ENTRY_ID: Final = "entry_id"
ATTR_PHONE: Final = "phone"
ATTR_MESSAGE: Final = "message"
ATTR_QUOTED_MESSAGE_ID: Final = "quoted_message_id"
ATTR_FILE_URL: Final = "file_url"
GET_ALERTS: Final = "get_alerts"
ATTR_KIND: Final = "kind"
ATTR_STATE: Final = "state"
ATTR_TABLE: Final = "table"
ATTR_TEXT: Final = "text"

# What templates give may hold halves of characters, which nothing can store or send.
_TEXT: Final = vol.All(cv.string, whole)

SEND_MESSAGE_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_ENTRY_ID): _TEXT,
        vol.Exclusive(CONF_CHAT_ID, "recipient"): _TEXT,
        vol.Exclusive(ATTR_PHONE, "recipient"): _TEXT,
        vol.Optional(ATTR_MESSAGE, default=""): _TEXT,
        vol.Optional(ATTR_FILE_URL): _TEXT,
        vol.Optional(ATTR_QUOTED_MESSAGE_ID): _TEXT,
    }
)
GET_ALERTS_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_ENTRY_ID): _TEXT,
        vol.Optional(ATTR_KIND): vol.In([kind.value for kind in AlertKind]),
        vol.Optional(ATTR_STATE): vol.In([state.value for state in State]),
    }
)
RAISE_ALERT_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_ENTRY_ID): _TEXT,
        vol.Required(ATTR_TABLE): _TEXT,
        vol.Optional(ATTR_TEXT): _TEXT,
        vol.Optional(ATTR_KIND, default=RAISED[0].value): vol.In(
            [kind.value for kind in RAISED]
        ),
    }
)
FORGET_SCHEMA: Final = vol.Schema(
    {
        vol.Exclusive(ATTR_PERSON_ID, "who"): _TEXT,
        vol.Exclusive(CONF_NUMBER, "who"): _TEXT,
    }
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, handle, schema in (
        *ACTS,
        (GET_ALERTS, _async_get_alerts, GET_ALERTS_SCHEMA),
        (RAISE_ALERT, _async_raise, RAISE_ALERT_SCHEMA),
        (SEND_MESSAGE, _async_send_message, SEND_MESSAGE_SCHEMA),
    ):
        does = name != GET_ALERTS
        response = SupportsResponse.OPTIONAL if does else SupportsResponse.ONLY
        hass.services.async_register(
            DOMAIN, name, handle, schema=schema, supports_response=response
        )
    async_register_admin_service(
        hass,
        DOMAIN,
        FORGET,
        _async_forget,
        schema=FORGET_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _async_get_alerts(call: ServiceCall) -> ServiceResponse:
    """Return alerts."""
    entry_id = call.data.get(ATTR_ENTRY_ID)
    kind, state = call.data.get(ATTR_KIND), call.data.get(ATTR_STATE)
    may_see = (await async_rights(call.hass, call.context)).may_see
    # Named, so that an empty list would say that nobody waits.
    if entry_id is not None and not _any_of(_runtime(call.hass, entry_id), may_see):
        raise Unauthorized(context=call.context, permission=POLICY_READ)
    found: list[Any] = []
    for runtime in sources(call.hass):
        if entry_id not in (None, runtime.entry.entry_id):
            continue
        book, entity_of = runtime.alerts.book, cache(runtime.alert_events.entity_of)
        asked_for = [
            alert
            for alert in (book.closed if state == State.CLOSED else book.alerts)
            if kind in (None, alert.kind) and state in (None, alert.state)
        ]
        async for part in Slices().of(asked_for):
            found += [
                runtime.alert_events.data(alert)
                for alert in part
                if may_see(entity_of(alert.device_key))
            ]
    return {"alerts": found}


async def _async_raise(call: ServiceCall) -> ServiceResponse:
    """Have a device call for somebody."""
    rights = await async_rights(call.hass, call.context)
    runtime = _runtime(call.hass, call.data[ATTR_ENTRY_ID])
    # Before any answer says which tables there are.
    if not _any_of(runtime, rights.may_control):
        raise Unauthorized(context=call.context, permission=POLICY_CONTROL)
    device = device_called(runtime, call.data[ATTR_TABLE].strip(), rights.may_see)
    key = runtime.devices.key(device.id)
    check_control(rights, call.context, [runtime.alert_events.entity_of(key)])
    transitions = async_raise(
        runtime,
        device,
        call.data.get(ATTR_TEXT),
        call.context,
        kind=AlertKind(call.data[ATTR_KIND]),
    )
    return {"alert_id": transitions[-1].alert.alert_id}


async def _async_forget(call: ServiceCall) -> ServiceResponse:
    """Take a person or a number out of everything that is kept."""
    if (person_id := call.data.get(ATTR_PERSON_ID)) is not None:
        return {"removed": await async_forget_person(call.hass, person_id)}
    try:
        number: str = call.data.get(CONF_NUMBER, "")
        return {"removed": await async_forget_number(call.hass, number)}
    except ValueError as err:
        raise _invalid("nobody_to_forget") from err


async def _async_send_message(call: ServiceCall) -> ServiceResponse:
    """Send a text, a file or both to a chat or a phone number."""
    rights = await async_rights(call.hass, call.context)
    runtime = _runtime(call.hass, call.data[ATTR_ENTRY_ID])
    if not isinstance(runtime.source, SendsText):
        raise _invalid("cannot_send")
    check_control(rights, call.context, [runtime.alert_events.entity_of(None)])
    chat_id: str = call.data.get(CONF_CHAT_ID, "")
    recipient: str = chat_id or call.data.get(ATTR_PHONE, "")
    if not recipient:
        raise _invalid("no_recipient")
    sender = runtime.source.sender
    message_id = await async_send(
        call.hass,
        sender,
        await async_chat_of(sender, recipient, is_phone=not chat_id),
        call.data[ATTR_MESSAGE],
        file_url=call.data.get(ATTR_FILE_URL),
        quoted_message_id=call.data.get(ATTR_QUOTED_MESSAGE_ID),
    )
    return {"message_id": message_id}


def _runtime(hass: HomeAssistant, entry_id: str) -> ServiceRuntime:
    """Return the runtime of an entry of ours."""
    entry = hass.config_entries.async_get_entry(entry_id)
    if entry is None or entry.domain != DOMAIN or is_team(entry):
        raise _invalid("unknown_entry")
    if entry.state is not ConfigEntryState.LOADED:
        raise _invalid("entry_not_loaded")
    runtime: ServiceRuntime = entry.runtime_data
    if not runtime.is_started:
        raise _invalid("entry_not_loaded")
    return runtime


def _any_of(runtime: ServiceRuntime, may: Check) -> bool:
    """Return whether somebody may do something with an entry's hub or any device."""
    return any(
        may(runtime.alert_events.entity_of(key)) for key in (None, *runtime.devices.all)
    )


def _invalid(key: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)
