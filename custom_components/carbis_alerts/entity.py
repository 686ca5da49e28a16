"""What all entities share."""

from collections.abc import Coroutine
from contextvars import ContextVar
from typing import Any, override

from homeassistant.core import CALLBACK_TYPE, Context, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.entity import Entity, EntityDescription

from .domain.actor import Actor
from .rights import Rights, actor_of, async_rights, check_control
from .runtime.runtime import ServiceRuntime

# The context of the action that runs now, until the entity takes it. A list, emptied at
# the end, for tasks that begin meanwhile keep what stands here.
_PRESENT: ContextVar[list[Context] | None] = ContextVar("present", default=None)


class ActingEntity(Entity):
    """An entity of a device that is there, which knows who acts."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self,
        description: EntityDescription,
        *,
        unique_id: str,
        identifier: tuple[str, str],
    ) -> None:
        """Attach to the device of an identifier."""
        self.entity_description = description
        self._attr_translation_key = description.translation_key or description.key
        self._attr_unique_id = unique_id
        # The runtime keeps the device's name and maker up to date itself.
        self._attr_device_info = dr.DeviceInfo(identifiers={identifier})

    @override
    async def async_request_call[T](self, coro: Coroutine[Any, Any, T]) -> T:
        present: list[Context] = []
        token = _PRESENT.set(present)
        try:
            return await super().async_request_call(coro)
        finally:
            present.clear()
            _PRESENT.reset(token)

    @override
    @callback
    def async_set_context(self, context: Context) -> None:
        super().async_set_context(context)
        if (present := _PRESENT.get()) is not None:
            present[:] = [context]

    @callback
    def take_context(self) -> Context | None:
        """Return the context of the action that calls, None where none does.

        Voice calls methods directly, and the entity's own context is that of whoever
        acted last.
        """
        if present := _PRESENT.get():
            return present.pop()
        self._context = self._context_set = None
        return None

    async def async_actor(self) -> tuple[Context | None, Rights]:
        """Return the context of the action that calls, and whose rights it has.

        Home Assistant has asked whether the user may; not whether he still is one.
        """
        context = self.take_context()
        rights = await async_rights(self.hass, context)
        check_control(rights, context, [self.entity_id])
        return context, rights


class ShowingEntity(ActingEntity):
    """An entity that shows something that is kept elsewhere.

    A signal says that something has changed; the state is written only where what this
    entity shows has.
    """

    _shown: Any = None

    def listen(self, changed: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Have it called when values may have changed."""
        raise NotImplementedError

    @override
    async def async_added_to_hass(self) -> None:
        self._shown = self.shown()
        self.async_on_remove(self.listen(self.async_values_changed))

    def shown(self) -> Any:
        """Return everything that the entity shows, to be compared."""
        raise NotImplementedError

    @callback
    def async_values_changed(self) -> None:
        """Write the state if it is another."""
        shown = self.shown()
        if shown != self._shown:
            self._shown = shown
            self.async_write_ha_state()


class CarbisEntity(ActingEntity):
    """An entity of the hub or of a place below it.

    It stays available while the service is away: an event entity that comes back
    looks like an event, and what was known still holds. The connection sensor shows it.
    """

    def __init__(
        self, runtime: ServiceRuntime, key: str, description: EntityDescription
    ) -> None:
        """Attach to the device of the key."""
        super().__init__(
            description,
            unique_id=runtime.devices.unique_id(key, description.key),
            identifier=runtime.devices.identifier(key),
        )
        self._runtime = runtime
        self._key = key

    def actor(self, rights: Rights) -> Actor:
        """Return who acts here by these rights."""
        return actor_of(self.hass, rights, self._runtime.entry.entry_id)


class CarbisValueEntity(CarbisEntity, ShowingEntity):
    """An entity that shows something that the source keeps."""

    @override
    def listen(self, changed: CALLBACK_TYPE) -> CALLBACK_TYPE:
        return self._runtime.signals.listen_values(self._key, changed)
