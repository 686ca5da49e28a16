"""Notify entities: write to somebody of a team, wherever that person is reached."""

from typing import Final, override

from homeassistant.components.notify import NotifyEntity, NotifyEntityDescription
from homeassistant.components.notify.const import NotifyEntityFeature
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util.ulid import ulid_now

from ..const import DOMAIN
from ..people import Person
from .channels.channel import Message
from .entity import TeamEntity, async_add_people
from .reach import Reach
from .runtime import TeamRuntime

PERSON: Final = NotifyEntityDescription(key="notify")


@callback
def async_add_notifies(
    team: TeamRuntime, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the notify entity of each person."""
    async_add_people(
        team, async_add_entities, lambda person: [PersonNotify(team, person)]
    )


class PersonNotify(TeamEntity, NotifyEntity):
    """Send a text to a person, by the first way that works."""

    # The device's name says it all.
    _attr_name = None
    _attr_supported_features = NotifyEntityFeature.TITLE

    def __init__(self, team: TeamRuntime, person: Person) -> None:
        """Attach to a person's device."""
        super().__init__(team, person.device_key, PERSON)
        self._person = person

    @override
    async def async_added_to_hass(self) -> None:
        # A phone that hangs makes nobody else wait; chats of one account go in turn.
        self.parallel_updates = None

    @override
    async def async_send_message(self, message: str, title: str | None = None) -> None:
        await self.async_actor()
        # Each stays beside those before it.
        tag = f"{DOMAIN}-{ulid_now()}"
        await self._team.part(Reach).async_send(
            self._person, Message(title=title, text=message, tag=tag)
        )
