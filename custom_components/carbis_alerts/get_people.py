"""The action that says of people where automations reach them, and whose an alert is."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import config_validation as cv, device_registry as dr
import voluptuous as vol

from .companion import APP, entry_of
from .const import CONF_CHANNEL, CONF_DEVICE_ID, DOMAIN
from .people import Person
from .rights import async_rights
from .targets import sources
from .team.runtime import TeamRuntime, loaded_teams
from .team.shifts import Shifts
from .team.whose import Whose

GET_PEOPLE: Final = "get_people"
ATTR_ALERT_ID: Final = "alert_id"
ATTR_PEOPLE: Final = "people"
MAX_PEOPLE: Final = 1_000

SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_PEOPLE): vol.All(
            cv.ensure_list, [cv.string], vol.Length(max=MAX_PEOPLE)
        ),
        vol.Optional(ATTR_ALERT_ID): cv.string,
    }
)


@callback
def async_setup_get_people(hass: HomeAssistant) -> None:
    """Register the action."""

    async def handle(call: ServiceCall) -> ServiceResponse:
        rights = await async_rights(hass, call.context)
        if not rights.sees_all:
            raise Unauthorized(context=call.context)
        return {"people": _rows(hass, call.data)}

    hass.services.async_register(
        DOMAIN,
        GET_PEOPLE,
        handle,
        schema=SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


@callback
def _rows(hass: HomeAssistant, data: Mapping[str, Any]) -> list[Any]:
    """Return a row for each of the people; whoever is none is passed over."""
    wanted: list[str] | None = data.get(ATTR_PEOPLE)
    alert_id: str | None = data.get(ATTR_ALERT_ID)
    where = _where(hass, alert_id) if alert_id else None
    rows = [
        _row(team, person, where)
        for team in loaded_teams(hass)
        for person in team.people.values()
    ]
    return [row for row in rows if wanted is None or row["device_id"] in wanted]


@callback
def _where(hass: HomeAssistant, alert_id: str) -> tuple[str, str | None]:
    """Return the entry of an alert, and the key of its device."""
    for runtime in sources(hass):
        if (alert := runtime.alerts.book.find(alert_id)) is not None:
            return runtime.entry.entry_id, alert.device_key
    raise ServiceValidationError(
        translation_domain=DOMAIN, translation_key="unknown_alert"
    )


@callback
def _row(
    team: TeamRuntime, person: Person, where: tuple[str, str | None] | None
) -> dict[str, Any]:
    """Return what is said of a person; ``asked`` is whether the alert is theirs now."""
    device = dr.async_get(team.hass).async_get_device(
        {team.identifier(person.device_key)}
    )
    is_asked = (
        where is not None
        and team.serves(where[0])
        and person.person_id in team.part(Whose).of(*where).person_ids
    )
    return {
        "device_id": device.id if device else None,
        "person_id": person.person_id,
        "name": person.name,
        "phone": _phone(team.hass, person),
        "on_shift": team.part(Shifts).is_on(person.person_id),
        "asked": is_asked,
    }


@callback
def _phone(hass: HomeAssistant, person: Person) -> str | None:
    """Return the device of somebody's first phone, None where there is none."""
    return next(
        (
            device_id
            for channel in person.channels
            if channel.get(CONF_CHANNEL) == APP
            and entry_of(hass, device_id := channel.get(CONF_DEVICE_ID, ""))
        ),
        None,
    )
