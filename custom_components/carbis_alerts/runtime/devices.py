"""The devices of an entry: the hub, and those below it, such as tables."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import EntityPlatform
from homeassistant.helpers.typing import UNDEFINED

from ..api.fields import as_amount, as_name
from ..const import DOMAIN, LOGGER
from ..domain.names import NameKind, Names
from ..domain.packing import MAX_ID
from ..domain.short_ids import short_id
from .identity import Identity
from .naming import names_of
from .storage import as_dict

HUB: Final = "hub"
"""The device key of the hub, where another device's would be."""

# Devices below a hub: a restaurant of hundreds of tables has fewer.
MAX_DEVICES: Final = 1_000

type EntityBuilder = Callable[[str], Iterable[Entity]]


@dataclass(slots=True, kw_only=True)
class ChildDevice:
    """A device below the hub: what it is called, and its entities' values.

    ``id`` is the service's own; ``subentry_id`` is that of the subentry which the device
    belongs to, if any.
    """

    id: str
    device_id: str
    name: str | None
    values: dict[str, float]
    subentry_id: str | None = None


class Devices:
    """Create, name and find the devices of an entry, and have entities built for them."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        identity: Identity,
        *,
        name: str,
        stored: Callable[[], None],
        changed: Callable[[str], None],
    ) -> None:
        """Take whom to call when something is to be stored, and when a device changed."""
        self._hass = hass
        self._entry = entry
        self._identity = identity
        self._name = name
        self._stored = stored
        self._changed = changed
        self._is_full = False
        self._builders: list[tuple[EntityPlatform, EntityBuilder]] = []
        self._lock = asyncio.Lock()
        self.all: dict[str, ChildDevice] = {}
        self.hub_id = ""

    @property
    def is_new(self) -> bool:
        """Return whether the entry has no hub yet."""
        return (
            dr.async_get(self._hass).async_get_device_by_identifier(
                self.identifier(HUB), self._entry.entry_id
            )
            is None
        )

    @callback
    def create_hub(self, configuration_url: str | None) -> None:
        """Create the hub, before any entity is added."""
        hub = dr.async_get(self._hass).async_get_or_create(
            config_entry_id=self._entry.entry_id,
            identifiers={self.identifier(HUB)},
            entry_type=dr.DeviceEntryType.SERVICE,
            manufacturer=self._identity.manufacturer,
            model=self._identity.model,
            name=self._names.hub(self._identity.source.value, self._entry.title),
            configuration_url=configuration_url,
        )
        self.hub_id = hub.id

    @callback
    def async_rename(self) -> None:
        """Name the devices in the present language; what a person named stays so."""
        registry = dr.async_get(self._hass)
        for key, child in self.all.items():
            known = registry.async_get(child.device_id)
            # Where the file was lost, only the registry knows the name.
            if child.name is None and not (
                known and known.name and known.name.endswith(child.id)
            ):
                continue
            self._register(key, child.id, child.name, child.subentry_id)

    def identifier(self, key: str) -> tuple[str, str]:
        """Return the identifier of a device in Home Assistant's registry."""
        return (DOMAIN, f"{self._entry.entry_id}_{key}")

    def unique_id(self, key: str, entity_key: str) -> str:
        """Return the unique id of an entity of a device."""
        return f"{self._entry.entry_id}_{key}_{entity_key}"

    def key(self, id_: str) -> str:
        """Return the device key of what has an id at the service."""
        return f"{self._identity.device_kind}_{id_}"

    def known_key(self, id_: str | None) -> str | None:
        """Return the key of a device that is there, None for the hub's."""
        key = self.key(id_) if id_ else None
        return key if key in self.all else None

    def key_of(self, device: dr.DeviceEntry) -> str | None:
        """Return the key of a registry's device below the hub, None for any other."""
        prefix = f"{self._entry.entry_id}_{self._identity.device_kind}_"
        for domain, identifier in device.identifiers:
            if domain == DOMAIN and identifier.startswith(prefix):
                return self.key(identifier.removeprefix(prefix))
        return None

    def name_of(self, key: str | None) -> str | None:
        """Return what a person calls a device, None where there is none."""
        known = self.all.get(key or "")
        device = dr.async_get(self._hass).async_get(known.device_id) if known else None
        return (device.name_by_user or device.name) if device else None

    def id_of(self, key: str | None) -> str:
        """Return Home Assistant's id of a device, the hub's where there is none."""
        known = self.all.get(key or "")
        return known.device_id if known else self.hub_id

    def location(self, key: str, entity_key: str) -> dict[str, Any]:
        """Return where in Home Assistant something is: entry, device, event entity."""
        known = self.all.get(key)
        entity_id = er.async_get(self._hass).async_get_entity_id(
            "event", DOMAIN, self.unique_id(key if known else HUB, entity_key)
        )
        return {
            "entry_id": self._entry.entry_id,
            "entry_title": self._entry.title,
            "device_id": self.id_of(key),
            "entity_id": entity_id,
        }

    async def async_add_builder(
        self, platform: EntityPlatform, build: EntityBuilder
    ) -> None:
        """Have a platform build the entities of each device, known or to come."""
        self._builders.append((platform, build))
        by_subentry: dict[str | None, list[Entity]] = defaultdict(list)
        for key, device in self.all.items():
            by_subentry[device.subentry_id] += build(key)
        for subentry_id, entities in by_subentry.items():
            await platform.async_add_entities(entities, config_subentry_id=subentry_id)

    async def async_ensure(self, id_: str, name: str | None) -> str | None:
        """Return a device's key; where it is new, create it and its entities first.

        None where there are more than any restaurant has: what happens there is the hub's.
        """
        key = self.key(id_)
        async with self._lock:
            known = self.all.get(key)
            if known is None and len(self.all) >= MAX_DEVICES:
                self._log_full()
                return None
            if known is None:
                self.all[key] = ChildDevice(
                    id=id_,
                    device_id=self._register(key, id_, name),
                    name=name,
                    values={},
                )
                self._stored()
                for platform, build in self._builders:
                    await platform.async_add_entities(list(build(key)))
                self._changed(key)
            elif name is not None and name != known.name:
                known.name = name
                self._register(key, id_, name)
                self._stored()
                self._changed(key)
        return key

    @callback
    def async_forget(self, key: str) -> None:
        """Forget a device that was deleted; its next event brings it back."""
        self.all.pop(key, None)
        self._stored()

    @callback
    def async_add_subentry(self, subentry: ConfigSubentry, id_: str) -> None:
        """Create the device of a subentry."""
        key, name = self.key(id_), as_name(subentry.title)
        self.all[key] = ChildDevice(
            id=id_,
            device_id=self._register(key, id_, name, subentry.subentry_id),
            name=name,
            values={},
            subentry_id=subentry.subentry_id,
        )

    def collect(self) -> dict[str, Any]:
        """Return what to store."""
        return {
            "places": {
                key: {"name": device.name, "values": dict(device.values)}
                for key, device in self.all.items()
            }
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over the devices that exist, with what was stored of them."""
        details = as_dict(stored.get("places"))
        for device in dr.async_entries_for_config_entry(
            dr.async_get(self._hass), self._entry.entry_id
        ):
            if (key := self.key_of(device)) is not None:
                self.all[key] = _restored(
                    key.removeprefix(f"{self._identity.device_kind}_"),
                    device.id,
                    as_dict(details.get(key) or details.get(short_id(key, MAX_ID))),
                )

    @property
    def _names(self) -> Names:
        return names_of(self._hass)

    def _register(
        self, key: str, id_: str, name: str | None, subentry_id: str | None = None
    ) -> str:
        """Create or rename a device; return its id."""
        kind = self._identity.device_kind or ""
        # A chat has a name without that of its own too, by its id.
        bare = name or ("" if kind == NameKind.CHAT else id_)
        device = dr.async_get(self._hass).async_get_or_create(
            config_entry_id=self._entry.entry_id,
            config_subentry_id=subentry_id or UNDEFINED,
            identifiers={self.identifier(key)},
            manufacturer=self._identity.manufacturer,
            name=self._names.of(kind, bare, id_),
            via_device_id=self.hub_id,
        )
        return device.id

    def _log_full(self) -> None:
        """Log once that there are too many devices."""
        if not self._is_full:
            self._is_full = True
            LOGGER.warning(
                "%s names more than %s places; no more devices are created. Delete"
                " those that do not exist",
                self._name,
                MAX_DEVICES,
            )


def _restored(id_: str, device_id: str, details: dict[str, Any]) -> ChildDevice:
    """Return a device as it was stored."""
    name = details.get("name")
    return ChildDevice(
        id=id_,
        device_id=device_id,
        name=as_name(name) if isinstance(name, str) else None,
        values={
            name: amount
            for name, value in as_dict(details.get("values")).items()
            if not isinstance(value, str) and (amount := as_amount(value)) is not None
        },
    )
