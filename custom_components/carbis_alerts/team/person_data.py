"""What a person's subentry holds, and what two of one team cannot share."""

from collections.abc import Iterable, Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentryData
from homeassistant.const import ATTR_DEVICE_ID

from ..api.texts import one_line, shortened
from ..const import (
    CONF_CHANNEL,
    CONF_CHANNELS,
    CONF_CHAT_ID,
    CONF_ENTITY_ID,
    CONF_ENTRY_ID,
    CONF_NUMBER,
    CONF_PERSON_ENTITY,
    CONF_POS_WAITER,
    CONF_ROLE,
    CONF_SENDER_ID,
    CONF_SHIFT_ENTITY,
    CONF_USER_ID,
    CONF_ZONE,
    SUBENTRY_PERSON,
)
from ..domain.names import folded
from ..domain.numbers import normalised
from ..people import Person, Role, people_of
from ..services.form import MAX_NAME_LENGTH
from .channels.channel import Address
from .phones import AppUser

# What distinguishes one address from another; a group's is of many.
_PARTS = (
    CONF_CHANNEL,
    ATTR_DEVICE_ID,
    CONF_ENTITY_ID,
    CONF_ENTRY_ID,
    CONF_CHAT_ID,
    CONF_SENDER_ID,
    CONF_USER_ID,
)


def new_person(**given: Any) -> dict[str, Any]:
    """Return the data of a person of whom only this is known."""
    return {
        CONF_ROLE: Role.WAITER.value,
        CONF_PERSON_ENTITY: None,
        CONF_POS_WAITER: None,
        CONF_ZONE: {},
        CONF_SHIFT_ENTITY: None,
        CONF_CHANNELS: [],
        **given,
    }


def ticked(users: Iterable[AppUser], known: Iterable[str]) -> list[ConfigSubentryData]:
    """Return the subentries of people who were ticked; of one name, they are counted."""
    names = {folded(name) for name in known}
    made = []
    for user in users:
        bare = name = shortened(one_line(user.name), MAX_NAME_LENGTH)
        count = 1
        while folded(name) in names:
            count += 1
            name = f"{bare} {count}"
        names.add(folded(name))
        made.append(
            ConfigSubentryData(
                subentry_type=SUBENTRY_PERSON,
                title=name,
                unique_id=None,
                # Home Assistant's answer to the form has it, as JSON.
                data=new_person(
                    **{
                        CONF_PERSON_ENTITY: user.entity_id,
                        CONF_CHANNELS: user.channels,
                    }
                ),
            )
        )
    return made


def others_of(entry: ConfigEntry, person_id: str | None) -> list[Person]:
    """Return the people of a team but one."""
    return [person for person in people_of(entry) if person.person_id != person_id]


def same_address(one: Address, other: Address) -> bool:
    """Return whether two addresses are one."""
    return _key(one) == _key(other)


def who_shares(
    people: Iterable[Person], channels: Iterable[Mapping[str, Any]]
) -> list[str]:
    """Return the names of those who are reached where another is."""
    keys = {_key(address) for address in channels}
    return [
        person.name
        for person in people
        if any(_key(address) in keys for address in person.channels)
    ]


def _key(address: Address) -> tuple[Any, ...]:
    number = address.get(CONF_NUMBER)
    return (*(address.get(part) for part in _PARTS), number and normalised(number))
