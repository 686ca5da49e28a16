"""What all entities of a team share."""

from collections.abc import Callable, Iterable
from typing import override

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..entity import ActingEntity, ShowingEntity
from ..people import Person
from .runtime import TeamRuntime


class TeamEntity(ActingEntity):
    """An entity of the team's hub, or of a person."""

    def __init__(
        self, team: TeamRuntime, key: str, description: EntityDescription
    ) -> None:
        """Attach to the device of the key."""
        super().__init__(
            description,
            unique_id=team.unique_id(key, description.key),
            identifier=team.identifier(key),
        )
        self._team = team
        self._key = key


class TeamValueEntity(TeamEntity, ShowingEntity):
    """An entity that shows something that a part of the team keeps."""

    @override
    def listen(self, changed: CALLBACK_TYPE) -> CALLBACK_TYPE:
        return self._team.signals.listen_values(self._key, changed)


@callback
def async_add_people(
    team: TeamRuntime,
    async_add_entities: AddConfigEntryEntitiesCallback,
    build: Callable[[Person], Iterable[Entity]],
) -> None:
    """Add the entities of each person, which go with the person."""
    for person in team.people.values():
        async_add_entities(build(person), config_subentry_id=person.person_id)
