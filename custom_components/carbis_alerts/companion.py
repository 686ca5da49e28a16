"""Phones with Home Assistant's companion app: whose they are, and how they are reached."""

from collections.abc import Iterator
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.util import slugify

APP: Final = "mobile_app"

_DEVICE_NAME: Final = "device_name"
_USER_ID: Final = "user_id"
_WEBHOOK_ID: Final = "webhook_id"
# While Home Assistant starts, notify actions come later than phones.
_NOT_YET: Final = (AttributeError, KeyError)


class NotReady(Exception):
    """The notify actions of phones are not there yet."""


@callback
def entry_of(hass: HomeAssistant, device_id: str) -> ConfigEntry | None:
    """Return the app's entry of a phone, None where a device is no phone."""
    device = dr.async_get(hass).async_get(device_id)
    entry_id = device.config_entry_id if device else None
    entry = hass.config_entries.async_get_entry(entry_id) if entry_id else None
    return entry if entry is not None and entry.domain == APP else None


@callback
def owner_of(hass: HomeAssistant, device_id: str) -> str | None:
    """Return the id of the user whose phone a device is, None where it is no phone."""
    entry = entry_of(hass, device_id)
    user_id: str | None = entry.data.get(_USER_ID) if entry is not None else None
    return user_id


@callback
def phones(hass: HomeAssistant) -> Iterator[tuple[dr.DeviceEntry, ConfigEntry]]:
    """Yield the phones that run, with their entries."""
    for entry in hass.config_entries.async_entries(APP):
        devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        if is_running(entry) and devices:
            yield devices[0], entry


def is_running(entry: ConfigEntry) -> bool:
    """Return whether a phone's entry is loaded."""
    return entry.state is ConfigEntryState.LOADED


def name_of(entry: ConfigEntry) -> str:
    """Return the name that a phone has in its app."""
    return str(entry.data[_DEVICE_NAME])


def is_android(entry: ConfigEntry) -> bool:
    """Return whether a phone shows what only Android's notifications have."""
    return str(entry.data.get("os_name", "")).casefold() == "android"


@callback
def takes_pushes(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Return whether a phone that runs takes notifications."""
    # Loaded with the app's integration, whose requirements it has; not before.
    from homeassistant.components.mobile_app.util import supports_push  # noqa: PLC0415

    return supports_push(hass, entry.data[_WEBHOOK_ID])


@callback
def notify_action(hass: HomeAssistant, entry: ConfigEntry) -> str | None:
    """Return the notify action of a phone that runs, without its domain.

    None where Home Assistant keeps it for another phone of that name. Raise ``NotReady``
    while it starts.
    """
    from homeassistant.components.mobile_app.util import get_notify_service  # noqa: PLC0415

    try:
        return get_notify_service(hass, entry.data[_WEBHOOK_ID])
    except _NOT_YET:
        raise NotReady from None


def action_named(name: str) -> str:
    """Return the name of the notify action that Home Assistant makes of a phone's."""
    return slugify(f"{APP}_{name}")


@callback
def is_connected(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Return whether a phone is connected for notifications that need no internet."""
    channels: dict[str, Any] = hass.data[APP]["push_channel"]
    return entry.data[_WEBHOOK_ID] in channels


def has_cloud(entry: ConfigEntry) -> bool:
    """Return whether notifications reach a phone over the internet, too."""
    return "push_url" in entry.data.get("app_data", {})
