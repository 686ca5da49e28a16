"""The QR menu: tables whose guests call, order and pay."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import CONF_TOKEN

from ...const import CONF_CODE_MEANINGS, CONF_ORDERS_WAIT
from ...domain.diagnosis import WINDOWS, Diagnosis, flag, is_set, length, number
from ...domain.events import (
    BillRequest,
    DishesAdded,
    Source,
    TableEvent,
    WaiterCall,
    table_of,
)
from ...domain.rules import AlertKind
from ...runtime.devices import ChildDevice
from ..entities import (
    ANSWER_TIME,
    BILL_REQUESTED,
    FORGOTTEN_TODAY,
    IN_TIME,
    WAITER_CALLED,
    WAITING_SINCE,
    CarbisSensorDescription,
    Entities,
    counted_today,
    event_entities,
    open_alerts,
)
from ..service import Header, Service
from .bills import BILL
from .form import QrMenuForm
from .source import REPEAT_WINDOW, QrMenuSource


def _bill(source: QrMenuSource, key: str) -> float | None:
    """Return what a table has to pay."""
    found = source.runtime.devices.all.get(key)
    return None if found is None else found.values.get(BILL)


# What a person calls for by hand, where that is not the waiter.
RAISED: Final[Mapping[AlertKind, Callable[..., TableEvent]]] = {
    AlertKind.BILL_REQUEST: BillRequest,
    AlertKind.ORDER: partial(DishesAdded, waits=True),
}


def _raised(table: ChildDevice, kind: AlertKind, header: Header) -> TableEvent:
    """Return what a person calls for at a table."""
    table_id, name = table_of(table.id, table.name)
    made = RAISED.get(kind, WaiterCall)
    return made(table_id=table_id, table_name=name, **header)


QR_MENU: Final = Service[QrMenuSource](
    source=Source.QR_MENU,
    manufacturer="Carbis",
    model="QR menu",
    device_kind="table",
    alert_entity=TableEvent.entity,
    repeat_window=REPEAT_WINDOW,
    create=QrMenuSource,
    form=QrMenuForm(),
    diagnosis=Diagnosis(
        data={CONF_TOKEN: is_set},
        options={CONF_CODE_MEANINGS: length, CONF_ORDERS_WAIT: flag},
        source={
            "answer_time": number,
            "cursor_age": number,
            "pause": number,
            "poll_interval": number,
            "gaps": WINDOWS,
        },
    ),
    hub=Entities(
        events=event_entities(Source.QR_MENU, TableEvent.entity, hub=True),
        sensors=(
            open_alerts("open_calls", AlertKind.WAITER_CALL, AlertKind.BILL_REQUEST),
            counted_today("calls_today"),
            CarbisSensorDescription(
                key="payments_today",
                device_class=SensorDeviceClass.MONETARY,
                state_class=SensorStateClass.TOTAL,
                suggested_display_precision=2,
                is_money=True,
                value=lambda source, _: source.runtime.alerts.payments_today.total,
                since=lambda source: source.runtime.alerts.payments_today.since,
            ),
            ANSWER_TIME,
            IN_TIME,
            FORGOTTEN_TODAY,
            WAITING_SINCE,
        ),
    ),
    devices=Entities(
        events=event_entities(Source.QR_MENU, TableEvent.entity, hub=False),
        sensors=(
            CarbisSensorDescription(
                key=BILL,
                device_class=SensorDeviceClass.MONETARY,
                suggested_display_precision=2,
                is_money=True,
                value=_bill,
            ),
        ),
    ),
    waiting=(WAITER_CALLED, BILL_REQUESTED),
    raised=_raised,
)
