"""What all entities share."""

from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.entity import Entity, EntityDescription

from .sources.coordinator import ServiceCoordinator


class CarbisEntity(Entity):
    """An entity of the hub or of a place below it.

    It stays available while the service is away: an event entity that comes back
    looks like an event, and what was known still holds. The connection sensor tells.
    """

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self, source: ServiceCoordinator, key: str, description: EntityDescription
    ) -> None:
        """Attach to the device of the key."""
        self.entity_description = description
        self._source = source
        self._key = key
        self._attr_translation_key = description.translation_key or description.key
        self._attr_unique_id = source.unique_id(key, description.key)
        # The source keeps the device's name and maker up to date itself.
        self._attr_device_info = dr.DeviceInfo(identifiers={source.identifier(key)})
