"""To-do lists: what waits, to be ticked off."""

from typing import Any, Final, Self, override

from homeassistant.components.todo.const import TodoItemStatus, TodoListEntityFeature
from homeassistant.components.todo.entity import TodoItem, TodoListEntity
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .domain.alert import Alert
from .domain.lifecycle import State
from .entity import CarbisValueEntity, async_person
from .runtime.devices import HUB
from .runtime.runtime import CarbisConfigEntry
from .services.raising import async_raise, device_called
from .services.registry import service_of

PARALLEL_UPDATES: Final = 0

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


class AlertsList(CarbisValueEntity, TodoListEntity):
    """The alerts of an entry that are not closed."""

    _shown: list[AlertItem]

    def __init__(self, *args: Any) -> None:
        """Offer what this service's alerts allow."""
        super().__init__(*args)
        self._shown = []
        # The items as they were last made, by the ids of their alerts.
        self._made: dict[str, tuple[Alert, AlertItem]] = {}
        features = (
            TodoListEntityFeature.DELETE_TODO_ITEM
            | TodoListEntityFeature.UPDATE_TODO_ITEM
        )
        if service_of(self._runtime.entry).raised is not None:
            features |= TodoListEntityFeature.CREATE_TODO_ITEM
        self._attr_supported_features = features

    @override
    def shown(self) -> list[AlertItem]:
        made = self._made
        self._made = {
            alert.alert_id: (alert, self._item(alert, *made.get(alert.alert_id, ())))
            for alert in self._runtime.alerts.book.alerts
        }
        return [item for _, item in self._made.values()]

    @property
    @override
    def todo_items(self) -> list[TodoItem]:
        # Home Assistant asks several times for each change.
        return [*self._shown]

    @override
    async def async_create_todo_item(self, item: TodoItem) -> None:
        context = self.take_context()
        device = device_called(self._runtime, (item.summary or "").strip())
        async_raise(self._runtime, device, None, context)

    @override
    async def async_update_todo_item(self, item: TodoItem) -> None:
        context = self.take_context()
        alert = self._alert(item.uid)
        # By what the list shows, which a device's new name may be ahead of.
        names = [shown.summary for shown in self._shown if shown.uid == item.uid]
        if item.summary not in names:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="alert_not_renamed"
            )
        by = await async_person(self.hass, context)
        alerts = self._runtime.alerts
        # Actions give a text, not the enum.
        if item.status == TodoItemStatus.COMPLETED:
            alerts.async_acknowledge([alert], by, context)
        else:
            alerts.async_reopen([alert], by, context)

    @override
    async def async_delete_todo_items(self, uids: list[str]) -> None:
        context = self.take_context()
        by = await async_person(self.hass, context)
        alerts = [self._alert(uid) for uid in uids]
        self._runtime.alerts.async_delete(alerts, by, context)

    def _alert(self, uid: str | None) -> Alert:
        """Return the alert of an item."""
        alert = self._runtime.alerts.book.find(uid or "")
        if alert is None:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="unknown_alert"
            )
        return alert

    def _item(
        self,
        alert: Alert,
        before: Alert | None = None,
        made: AlertItem | None = None,
    ) -> AlertItem:
        """Return an alert as an item, the same where nothing of it has changed."""
        summary = self._runtime.alert_events.name(alert)
        if made is not None and alert is before and made.summary == summary:
            return made
        count = f"×{alert.count}" if alert.count > 1 else None
        about = self._runtime.alert_events.names.about(alert.kind)
        # Whoever opened it again is not who has it.
        by = alert.by if alert.state is State.ACKNOWLEDGED else None
        return AlertItem(
            uid=alert.alert_id,
            summary=summary,
            status=STATUS[alert.state],
            description=" · ".join(filter(None, (about, alert.text, count, by)))
            or None,
            due=(
                self._runtime.alerts.book.due(alert)
                if alert.state is State.OPEN
                else None
            ),
        )
