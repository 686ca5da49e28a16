"""The event entity of a team: what became of the last alert, who came or went."""

from typing import Any, Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import Context, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..domain.lifecycle import DispatchAction
from ..runtime.devices import HUB
from .dispatch_events import DISPATCH_KEY, DISPATCHED
from .entity import TeamEntity
from .runtime import TeamRuntime

DISPATCH: Final = EventEntityDescription(
    key=DISPATCH_KEY, event_types=[action.value for action in DispatchAction]
)
# Who it was, and what was waited for, is in the state, but not in the database.
UNRECORDED: Final = frozenset({"error", "name", "person", "title"})


@callback
def async_add_team_events(
    team: TeamRuntime, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the event entity of a team."""
    async_add_entities([DispatchEvent(team, HUB, DISPATCH)])


class DispatchEvent(TeamEntity, EventEntity):
    """The last event of a team."""

    _unrecorded_attributes = UNRECORDED

    @override
    async def async_added_to_hass(self) -> None:
        self.async_on_remove(
            async_dispatcher_connect(self.hass, DISPATCHED, self._async_handle)
        )

    @callback
    def _async_handle(self, data: dict[str, Any], context: Context | None) -> None:
        if data["team_entry_id"] != self._team.entry.entry_id:
            return
        attributes = {**data}
        # The type is the entity's own attribute, and its device is the team.
        del attributes["action"], attributes["team_entry_id"]
        self._trigger_event(data["action"], attributes)
        if context is not None:
            self.async_set_context(context)
        self.async_write_ha_state()
