"""To-do lists: what waits, to be ticked off."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice
from typing import Any, Final, Self, override

from homeassistant.components.todo.const import TodoItemStatus, TodoListEntityFeature
from homeassistant.components.todo.entity import TodoItem, TodoListEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .domain.alert import Alert
from .domain.lifecycle import State
from .domain.names import Names
from .entity import CarbisEntity
from .registries import registry_version
from .runtime.devices import HUB
from .runtime.runtime import CarbisConfigEntry
from .runtime.slices import Slices
from .runtime.timings import timings
from .services.raising import async_raise, device_called
from .services.refusing import check_free
from .services.registry import service_of

PARALLEL_UPDATES: Final = 0

# Seconds between two who are sent a long list.
BETWEEN: Final = 0.05

# A list of so many is sent with each change: more than any restaurant has at a time.
FEW: Final = 100

ALERTS: Final = EntityDescription(key="alerts")

STATUS: Final = {
    State.OPEN: TodoItemStatus.NEEDS_ACTION,
    State.ACKNOWLEDGED: TodoItemStatus.COMPLETED,
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CarbisConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the to-do list of an entry."""
    async_add_entities([AlertsList(entry.runtime_data, HUB, ALERTS)])


class AlertItem(TodoItem):
    """An item that never changes: of an alert that does, another one is made.

    Home Assistant copies all items with each write of the state.
    """

    def __copy__(self) -> Self:
        """Return itself."""
        return self


class LongList(list[TodoItem]):
    """Items of which a search begins where the last one ended.

    Home Assistant looks for each item of an action from the front; an action that
    removes thousands names them in their order.
    """

    _found = 0

    @override
    def __iter__(self) -> Iterator[TodoItem]:
        for index in chain(range(self._found, len(self)), range(self._found)):
            self._found = index
            yield self[index]
        self._found = 0


class AlertsList(CarbisEntity, TodoListEntity):
    """The alerts of an entry that are not closed.

    Its state is how many are open. An item is made again only where its alert or its
    name has changed.
    """

    def __init__(self, *args: Any) -> None:
        """Offer what this service's alerts allow."""
        super().__init__(*args)
        # The items by the ids of their alerts, those that are not as they were made, and
        # what devices are called in them.
        self._items: dict[str, AlertItem] = {}
        self._changed: dict[str, None] = {}
        self._names: dict[str | None, str | None] = {}
        self._language: Names | None = None
        self._registries = -1
        # As it was asked for in this turn of the loop.
        self._long_list: LongList | None = None
        self._sending: asyncio.Task[None] | None = None
        features = (
            TodoListEntityFeature.DELETE_TODO_ITEM
            | TodoListEntityFeature.UPDATE_TODO_ITEM
        )
        if service_of(self._runtime.entry).raised is not None:
            features |= TodoListEntityFeature.CREATE_TODO_ITEM
        self._attr_supported_features = features

    @override
    async def async_added_to_hass(self) -> None:
        book = self._runtime.alerts.book
        self._changed = book.follow()
        self.async_on_remove(lambda: book.unfollow(self._changed))
        self._note_names()
        async for part in Slices().of([*self._changed]):
            self._renew(len(part))
        self.async_on_remove(
            self._runtime.signals.listen_values(self._key, self._async_values_changed)
        )

    @property
    @override
    def state(self) -> int:
        return self._runtime.alerts.book.open_count()

    @property
    @override
    def todo_items(self) -> list[TodoItem]:
        self._renew(len(self._changed))
        if len(self._items) <= FEW:
            return [*self._items.values()]
        if self._long_list is None:
            self._long_list = LongList(self._items.values())
            self.hass.loop.call_soon(self._forget_long_list)
        return self._long_list

    @callback
    def _forget_long_list(self) -> None:
        self._long_list = None

    @callback
    def _async_values_changed(self) -> None:
        """Write the state if anything of the list has changed."""
        self._note_names()
        # Of very many the rest is made when somebody asks.
        if self._renew(FEW) or self._changed:
            self.async_write_ha_state()

    @callback
    @override
    def _async_write_ha_state(self) -> None:
        # Not as every list does it: that sends all items to everybody each time.
        super(TodoListEntity, self)._async_write_ha_state()
        if len(self._items) <= FEW:
            self.async_update_listeners()
        elif self._update_listeners and self._sending is None:
            self._sending = self._runtime.entry.async_create_background_task(
                self.hass, self._async_send(), f"{self.entity_id} items"
            )

    def _renew(self, most: int) -> bool:
        """Make items of what has changed, so many at most; return whether any is another."""
        is_another = False
        for alert_id in [*islice(self._changed, most)]:
            del self._changed[alert_id]
            before = self._items.get(alert_id)
            alert = self._runtime.alerts.book.find(alert_id)
            item = None if alert is None else self._item(alert)
            if item == before:
                continue
            is_another = True
            self._long_list = None
            if item is None:
                del self._items[alert_id]
            else:
                self._items[alert_id] = item
        return is_another

    async def _async_send(self) -> None:
        """Send a long list once for all that changes in a second, to one at a time."""
        await asyncio.sleep(timings().write_interval)
        self._sending = None
        # A short list that comes next is compared with what was sent, which is this one.
        self._last_broadcast_items = None
        for listener in [*(self._update_listeners or ())]:
            if listener in (self._update_listeners or ()):
                listener(self.todo_items)
            # Each of them takes Home Assistant a while: nobody waits for two.
            await asyncio.sleep(BETWEEN)

    def _note_names(self) -> None:
        """Note which items have another name than they were made with."""
        book, devices = self._runtime.alerts.book, self._runtime.devices
        names, version = self._runtime.alert_events.names, registry_version(self.hass)
        if names is self._language and version == self._registries:
            return
        called = {key: devices.name_of(key) for key in book.devices}
        if names is not self._language:
            renamed = [*called]
        else:
            renamed = [key for key in called if called[key] != self._names.get(key)]
        self._changed |= dict.fromkeys(alert.alert_id for alert in book.at(renamed))
        self._names, self._language, self._registries = called, names, version

    @override
    async def async_create_todo_item(self, item: TodoItem) -> None:
        context, rights = await self.async_actor()
        name = (item.summary or "").strip()
        device = device_called(self._runtime, name, rights.may_see)
        async_raise(self._runtime, device, None, context)

    @override
    async def async_update_todo_item(self, item: TodoItem) -> None:
        context, rights = await self.async_actor()
        alert = self._alert(item.uid)
        # By what the list shows, which a device's new name may be ahead of.
        shown = self._items.get(alert.alert_id)
        if shown is None or item.summary != shown.summary:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="alert_not_renamed"
            )
        by = self.actor(rights)
        alerts = self._runtime.alerts
        # Actions give a text, not the enum.
        if item.status == TodoItemStatus.COMPLETED:
            taken = await alerts.async_acknowledge([alert], by, context)
            if not taken and not rights.is_automation:
                check_free(self._runtime, [alert], by, rights.may_see)
        else:
            await alerts.async_reopen([alert], by, context)

    @override
    async def async_delete_todo_items(self, uids: list[str]) -> None:
        context, rights = await self.async_actor()
        alerts = [self._alert(uid) for uid in uids]
        await self._runtime.alerts.async_delete(alerts, self.actor(rights), context)

    def _alert(self, uid: str | None) -> Alert:
        """Return the alert of an item."""
        alert = self._runtime.alerts.book.find(uid or "")
        if alert is None:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="unknown_alert"
            )
        return alert

    def _item(self, alert: Alert) -> AlertItem:
        """Return an alert as an item."""
        count = f"×{alert.count}" if alert.count > 1 else None
        about = self._runtime.alert_events.names.about(alert.kind)
        is_open = alert.state is State.OPEN
        return AlertItem(
            uid=alert.alert_id,
            summary=self._runtime.alert_events.name(alert),
            status=STATUS[alert.state],
            description=" · ".join(
                filter(None, (about, alert.text, count, self._who(alert)))
            )
            or None,
            due=(
                alert.snoozed_until or self._runtime.alerts.book.due(alert)
                if is_open
                else None
            ),
            completed=None if is_open else alert.acknowledged_at,
        )

    def _who(self, alert: Alert) -> str | None:
        """Return who has an alert and since when, or who snoozed it until when.

        Whoever only opened it again is nobody of both.
        """
        said = None
        if alert.state is State.ACKNOWLEDGED:
            said = _time(alert.acknowledged_at) if alert.by else None
        elif (until := _time(alert.snoozed_until)) is not None:
            said = self._runtime.alert_events.names.snoozed(until)
        return f"{alert.by}, {said}" if alert.by and said else said


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else f"{dt_util.as_local(moment):%H:%M}"
