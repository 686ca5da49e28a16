"""What a team is made of: parts, put together."""

from collections.abc import Callable, Sequence
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from ..const import DOMAIN, SUBENTRY_PERSON
from ..entries import is_team, team_of
from ..people import Person, people_of
from ..runtime.devices import HUB
from ..runtime.signals import Signals
from ..runtime.storage import EntryStore

type TeamConfigEntry = ConfigEntry[TeamRuntime]


class Part:
    """A part of a team, with one job; it finds the others by ``team.part``."""

    def __init__(self, team: TeamRuntime) -> None:
        """Take the team; what it stores is a section of its store, added here."""
        self.team = team
        self.hass = team.hass

    @callback
    def async_start(self) -> None:
        """Begin, now that Home Assistant has started and the platforms stand."""

    @callback
    def async_stop(self) -> None:
        """Stop: nothing is published any more."""


class TeamRuntime:
    """The parts of a team, put together."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: TeamConfigEntry,
        parts: Sequence[type[Part]] = (),
    ) -> None:
        """Take the people as the entry holds them; a change reloads it.

        ``parts`` are those that have something to store, to start or to stop, each before
        whatever needs it.
        """
        self.hass = hass
        self.entry = entry
        self.people: dict[str, Person] = {
            person.person_id: person for person in people_of(entry)
        }
        self.hub_id = ""
        # Keys are those of devices: the hub's, and each person's.
        self.signals = Signals(entry.title)
        self.store = EntryStore(hass, entry.entry_id)
        self._parts: dict[Callable[[TeamRuntime], Any], Any] = {}
        self._running = [self.part(kind) for kind in parts]

    def part[P](self, kind: Callable[[TeamRuntime], P]) -> P:
        """Return a part of the team, such as ``Shifts``; made when it is first asked for."""
        if (found := self._parts.get(kind)) is None:
            found = self._parts[kind] = kind(self)
        made: P = found
        return made

    @callback
    def serves(self, entry_id: str) -> bool:
        """Return whether it is this team that an entry of a service belongs to."""
        team = team_of(self.hass, entry_id)
        return team is not None and team.entry_id == self.entry.entry_id

    async def async_load(self) -> None:
        """Create the devices, before any entity is added."""
        registry = dr.async_get(self.hass)
        hub = registry.async_get_or_create(
            config_entry_id=self.entry.entry_id,
            identifiers={self.identifier(HUB)},
            entry_type=dr.DeviceEntryType.SERVICE,
            manufacturer="Carbis",
            name=self.entry.title,
        )
        self.hub_id = hub.id
        for person in self.people.values():
            registry.async_get_or_create(
                config_entry_id=self.entry.entry_id,
                config_subentry_id=person.person_id,
                identifiers={self.identifier(person.device_key)},
                manufacturer="Carbis",
                model_id=SUBENTRY_PERSON,
                name=person.name,
                via_device_id=hub.id,
            )
        await self.store.async_restore()
        self.entry.async_on_unload(
            self.hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._async_on_stop)
        )

    @callback
    def async_start(self) -> None:
        """Begin, now that Home Assistant has started and the platforms stand."""
        for part in self._running:
            part.async_start()

    async def async_stop(self) -> None:
        """Stop, and write down what has to be kept."""
        for part in reversed(self._running):
            part.async_stop()
        self.store.async_changed()
        await self.store.async_close()

    @callback
    def _async_on_stop(self, _: Event) -> None:
        """Have the last state written with Home Assistant's own."""
        self.store.async_changed()

    def identifier(self, key: str) -> tuple[str, str]:
        """Return the identifier of a device in Home Assistant's registry."""
        return (DOMAIN, f"{self.entry.entry_id}_{key}")

    def unique_id(self, key: str, entity_key: str) -> str:
        """Return the unique id of an entity of the hub or of a person."""
        return f"{self.entry.entry_id}_{key}_{entity_key}"


@callback
def loaded_teams(hass: HomeAssistant) -> list[TeamRuntime]:
    """Return the teams that are loaded."""
    return [
        entry.runtime_data
        for entry in hass.config_entries.async_loaded_entries(DOMAIN)
        if is_team(entry)
    ]
