"""The people of teams, as their entries hold them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .api.fields import as_name
from .const import (
    CONF_CHANNELS,
    CONF_PERSON_ENTITY,
    CONF_POS_WAITER,
    CONF_ROLE,
    CONF_SHIFT_ENTITY,
    CONF_USER_ID,
    CONF_ZONE,
    SUBENTRY_PERSON,
)
from .entries import team_entries, team_of

DEVICE_PREFIX: Final = "person_"
"""Before the id of a person's subentry, in the key of the device."""


class Role(StrEnum):
    """What somebody is in a team."""

    WAITER = "waiter"
    MANAGER = "manager"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of a team: a subentry of it.

    ``person_entity`` is Home Assistant's person, ``pos_waiter`` the till's waiter (id or
    name), ``zone`` a target (empty: everywhere), ``shift_entity`` what says whether the
    person is on shift (None: a switch of ours), ``channels`` the ways to the person, the
    best first.
    """

    person_id: str
    team_id: str
    name: str
    role: Role = Role.WAITER
    person_entity: str | None = None
    pos_waiter: str | None = None
    zone: Mapping[str, Any] = field(default_factory=dict)
    shift_entity: str | None = None
    channels: tuple[Mapping[str, Any], ...] = ()

    @property
    def is_manager(self) -> bool:
        """Return whether the person is a manager."""
        return self.role is Role.MANAGER

    @property
    def device_key(self) -> str:
        """Return the key of the person's device within the team."""
        return f"{DEVICE_PREFIX}{self.person_id}"

    @classmethod
    def of(cls, entry: ConfigEntry, subentry: ConfigSubentry) -> Self:
        """Return the person that a subentry holds."""
        data = subentry.data
        role = data.get(CONF_ROLE)
        return cls(
            person_id=subentry.subentry_id,
            team_id=entry.entry_id,
            name=as_name(subentry.title) or "",
            role=next((known for known in Role if known == role), Role.WAITER),
            person_entity=data.get(CONF_PERSON_ENTITY) or None,
            pos_waiter=data.get(CONF_POS_WAITER) or None,
            zone=data.get(CONF_ZONE) or {},
            shift_entity=data.get(CONF_SHIFT_ENTITY) or None,
            channels=tuple(data.get(CONF_CHANNELS) or ()),
        )


@callback
def people_of(entry: ConfigEntry) -> list[Person]:
    """Return the people of a team."""
    return [
        Person.of(entry, subentry)
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_PERSON
    ]


@callback
def find_person(hass: HomeAssistant, person_id: str) -> Person | None:
    """Return a person of any team by the id of the subentry."""
    for entry in team_entries(hass):
        if (
            subentry := entry.subentries.get(person_id)
        ) is not None and subentry.subentry_type == SUBENTRY_PERSON:
            return Person.of(entry, subentry)
    return None


@callback
def people_of_user(hass: HomeAssistant, user_id: str) -> list[Person]:
    """Return who a signed-in user is, by Home Assistant's person: one in each team."""
    return [
        person
        for entry in team_entries(hass, include_disabled=False)
        for person in people_of(entry)
        if is_user(hass, person, user_id)
    ]


@callback
def is_user(hass: HomeAssistant, person: Person, user_id: str) -> bool:
    """Return whether somebody is a user, by Home Assistant's person."""
    return (
        person.person_entity is not None
        and (state := hass.states.get(person.person_entity)) is not None
        and state.attributes.get(CONF_USER_ID) == user_id
    )


@callback
def colleagues(hass: HomeAssistant, entry_id: str) -> list[Person]:
    """Return the people of the team that an entry of a service belongs to."""
    team = team_of(hass, entry_id)
    return people_of(team) if team is not None else []


@callback
def person_id_of(hass: HomeAssistant, id_: str) -> str:
    """Return the id of a person whose device is named, any other id as it is."""
    device = dr.async_get(hass).async_get(id_)
    if device is None or device.config_subentry_id is None:
        return id_
    return device.config_subentry_id
