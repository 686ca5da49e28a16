"""Alerts that people raise by hand."""

from typing import Final

from homeassistant.core import Context, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now

from ..api.texts import whole
from ..const import DOMAIN
from ..domain.alert import Transition
from ..domain.shown import placeholders
from ..runtime.devices import ChildDevice
from ..runtime.runtime import ServiceRuntime
from .registry import service_of

RAISE_ALERT: Final = "raise_alert"


def device_called(runtime: ServiceRuntime, name: str) -> ChildDevice:
    """Return the device with a name or an id; raise an error in words if not just one."""
    if service_of(runtime.entry).raised is None:
        raise _cannot()
    name = whole(name)
    found = _devices_called(runtime, name)
    if len(found) != 1:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="ambiguous_table" if found else "unknown_table",
            translation_placeholders=placeholders(table=name),
        )
    return found[0]


@callback
def async_raise(
    runtime: ServiceRuntime,
    device: ChildDevice,
    text: str | None,
    context: Context | None,
) -> list[Transition]:
    """Have a device call for somebody, as if a guest had."""
    if (raised := service_of(runtime.entry).raised) is None:
        raise _cannot()
    event = raised(
        device,
        {
            "code": RAISE_ALERT,
            "event_id": f"{RAISE_ALERT}:{ulid_now()}",
            "time": dt_util.utcnow(),
            "device_key": runtime.devices.key(device.id),
            "note": text,
        },
    )
    return runtime.publisher.async_publish(event, context=context)


def _devices_called(runtime: ServiceRuntime, name: str) -> list[ChildDevice]:
    """Return the devices with a name or an id, else those that people call so."""
    devices = runtime.devices.all
    return (
        [device for device in devices.values() if device.name == name]
        or [device for device in devices.values() if device.id == name]
        or [devices[key] for key in devices if runtime.devices.name_of(key) == name]
    )


def _cannot() -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key="cannot_raise"
    )
