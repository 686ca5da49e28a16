"""What a target of an action, trigger or condition means for this integration.

A target matches the devices and entities that it names or finds. The hub's device or
one of its event entities, named directly, stands for the whole entry; found through
an area, floor or label it does not.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from homeassistant.components.event import DOMAIN as EVENT_DOMAIN
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.target import (
    TargetSelection,
    async_extract_referenced_entity_ids,
)
from homeassistant.helpers.typing import ConfigType

from .const import DOMAIN
from .registries import registry_version
from .sources.coordinator import HUB, ServiceCoordinator


@dataclass(slots=True)
class Selected:
    """Entries that are meant as a whole, and device keys of others by their entries."""

    entries: set[str] = field(default_factory=set)
    keys: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def matches(self, entry_id: str, key: str | None) -> bool:
        """Tell whether a device of an entry is meant."""
        return entry_id in self.entries or (key or HUB) in self.keys.get(entry_id, ())


@callback
def async_select(hass: HomeAssistant, config: ConfigType) -> Selected | None:
    """Return what a configuration's target selects, None where it has no target."""
    target = TargetSelection(config)
    if not target.has_any_target:
        return None
    devices, entities = dr.async_get(hass), er.async_get(hass)
    found = async_extract_referenced_entity_ids(hass, target)
    selected = Selected()

    def add(device_id: str | None, *, whole: bool) -> None:
        device = devices.async_get(device_id) if device_id else None
        if device is None:
            return
        for domain, identifier in device.identifiers:
            entry_id, _, key = identifier.partition("_")
            if domain != DOMAIN:
                continue
            if key == HUB and whole:
                selected.entries.add(entry_id)
            else:
                selected.keys[entry_id].add(key)

    for device_id in found.referenced_devices:
        add(device_id, whole=device_id in target.device_ids)
    for entity_id in found.referenced | found.indirectly_referenced:
        entity = entities.async_get(entity_id)
        if entity is not None and entity.platform == DOMAIN:
            direct = entity_id in found.referenced
            add(entity.device_id, whole=direct and entity.domain == EVENT_DOMAIN)
    return selected


def sources(hass: HomeAssistant) -> list[ServiceCoordinator]:
    """Return the sources of all entries that are loaded."""
    return [
        entry.runtime_data for entry in hass.config_entries.async_loaded_entries(DOMAIN)
    ]


class Target:
    """A target that stays: looked up again when the house's registries change."""

    def __init__(self, hass: HomeAssistant, config: ConfigType) -> None:
        """Take a configuration's target; without any all entries are meant."""
        self._hass = hass
        self._config = config
        self._has_any = TargetSelection(config).has_any_target
        self._selected: Selected | None = None
        self._version = -1

    @callback
    def matches(self, entry_id: str, key: str | None) -> bool:
        """Tell whether a device of an entry is meant."""
        if not self._has_any:
            return True
        version = registry_version(self._hass)
        if self._selected is None or version != self._version:
            self._selected = async_select(self._hass, self._config)
            self._version = version
        return self._selected is not None and self._selected.matches(entry_id, key)
