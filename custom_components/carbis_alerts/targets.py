"""What a target of an action, trigger or condition means for this integration.

A target matches the devices and entities that it names or finds. The hub's device or
one of its event entities, named directly, stands for the whole entry; found through
an area, floor or label it does not. What a target excludes never matches, in a whole
entry neither.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    target as target_helper,
)
from homeassistant.helpers.target import (
    SelectedEntities,
    TargetSelection,
    async_extract_referenced_entity_ids,
)
from homeassistant.helpers.typing import ConfigType

from .const import DOMAIN
from .entries import loaded_services
from .registries import registry_version
from .runtime.devices import HUB
from .runtime.runtime import ServiceRuntime

CONF_EXCLUDE: Final = "exclude"
# What happens at a device is shown by entities of these domains. Whoever excludes one
# of them excludes the device; whoever excludes its bill or its button does not.
SHOWING: Final = frozenset((Platform.BINARY_SENSOR, Platform.EVENT))

type Keys = dict[str, set[str]]


def _no_keys() -> Keys:
    return defaultdict(set)


@dataclass(slots=True)
class Selected:
    """Entries that are meant as a whole, and device keys of others by their entries."""

    entries: set[str] = field(default_factory=set)
    keys: Keys = field(default_factory=_no_keys)
    excluded: Keys = field(default_factory=_no_keys)
    """Device keys that are not meant, in entries that are meant as a whole neither."""

    def matches(self, entry_id: str, key: str | None) -> bool:
        """Return whether a device of an entry is meant."""
        key = key or HUB
        return (
            entry_id in self.entries or key in self.keys.get(entry_id, ())
        ) and key not in self.excluded.get(entry_id, ())

    def keys_of(self, entry_id: str) -> set[str]:
        """Return the devices that are named or found; the hub for a whole entry."""
        keys = self.keys.get(entry_id, set()) | (
            {HUB} if entry_id in self.entries else set()
        )
        return keys - self.excluded.get(entry_id, set())


@callback
def async_select(hass: HomeAssistant, config: ConfigType) -> Selected | None:
    """Return what a configuration's target selects, None where it has no target."""
    target = TargetSelection(config)
    if not target.has_any_target:
        return None
    # Home Assistant has taken out of it what the target excludes.
    found = async_extract_referenced_entity_ids(hass, target)
    selected = Selected()
    named = _named_devices(hass, target, found)
    # Before 2026.11 a target excludes nothing.
    exclude: TargetSelection | None = getattr(target, CONF_EXCLUDE, None)
    if exclude is not None:
        # A hub stands for its entry even where its own area is excluded; only one that
        # is excluded by its own name does not.
        everything = TargetSelection(
            {key: value for key, value in config.items() if key != CONF_EXCLUDE}
        )
        named = _named_devices(
            hass, everything, async_extract_referenced_entity_ids(hass, everything)
        ) - _async_exclude(hass, target, exclude, selected)
    for device_id in named:
        for entry_id, key in _keys(hass, device_id):
            if key == HUB:
                selected.entries.add(entry_id)
    for device_id in found.referenced_devices | _devices(
        hass, found.referenced | found.indirectly_referenced
    ):
        for entry_id, key in _keys(hass, device_id):
            selected.keys[entry_id].add(key)
    return selected


def _async_exclude(
    hass: HomeAssistant,
    target: TargetSelection,
    exclude: TargetSelection,
    selected: Selected,
) -> set[str]:
    """Note which devices are excluded; return those that are named for it."""
    gone = async_extract_referenced_entity_ids(
        hass, exclude, primary_entities_only=False
    )
    entity_ids = gone.referenced | gone.indirectly_referenced
    # Hidden ones too, which the function above leaves out.
    if hidden := getattr(target_helper, "async_extract_excluded_entity_ids", None):
        entity_ids |= hidden(hass, target)
    entities = er.async_get(hass)
    excluded = set(gone.referenced_devices)
    for entity_id in entity_ids:
        entity = entities.async_get(entity_id)
        if (
            entity is not None
            and entity.platform == DOMAIN
            and entity.domain in SHOWING
            and entity.entity_category is None
            and entity.device_id is not None
        ):
            excluded.add(entity.device_id)
    for device_id in excluded:
        for entry_id, key in _keys(hass, device_id):
            selected.excluded[entry_id].add(key)
    return _named_devices(hass, exclude, gone)


def _named_devices(
    hass: HomeAssistant, target: TargetSelection, found: SelectedEntities
) -> set[str]:
    """Return the devices that a target names, by their event entities too."""
    return target.device_ids | _devices(hass, found.referenced, Platform.EVENT)


def _devices(
    hass: HomeAssistant, entity_ids: Iterable[str], domain: str | None = None
) -> set[str]:
    """Return the devices of those entities that are ours, of one domain or of any."""
    entities = er.async_get(hass)
    found = (entities.async_get(entity_id) for entity_id in entity_ids)
    return {
        entity.device_id
        for entity in found
        if entity is not None
        and entity.platform == DOMAIN
        and domain in (None, entity.domain)
        and entity.device_id
    }


def _keys(hass: HomeAssistant, device_id: str) -> list[tuple[str, str]]:
    """Return the entry of a device of ours and the device's key within it."""
    device = dr.async_get(hass).async_get(device_id)
    return [
        (entry_id, key)
        for domain, identifier in (device.identifiers if device else ())
        if domain == DOMAIN
        for entry_id, _, key in [identifier.partition("_")]
    ]


def sources(hass: HomeAssistant) -> list[ServiceRuntime]:
    """Return the sources of all services that are loaded."""
    return [entry.runtime_data for entry in loaded_services(hass)]


class Target:
    """A target that stays: looked up again when a registry changes."""

    def __init__(self, hass: HomeAssistant, config: ConfigType) -> None:
        """Take a configuration's target; without any all entries are meant."""
        self._hass = hass
        self._config = config
        self._has_any = TargetSelection(config).has_any_target
        self._selected: Selected | None = None
        self._version = -1

    @callback
    def matches(self, entry_id: str, key: str | None) -> bool:
        """Return whether a device of an entry is meant."""
        if not self._has_any:
            return True
        version = registry_version(self._hass)
        if self._selected is None or version != self._version:
            self._selected = async_select(self._hass, self._config)
            self._version = version
        return self._selected is not None and self._selected.matches(entry_id, key)
