"""Phones without a notify action: Home Assistant keeps one for all phones of a name."""

from dataclasses import dataclass
from typing import Any, Final

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.const import (
    ATTR_DOMAIN,
    EVENT_SERVICE_REGISTERED,
    EVENT_SERVICE_REMOVED,
    Platform,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.start import async_at_started

from . import companion
from .const import DOCUMENTATION, DOMAIN, LOGGER
from .domain.shown import placeholders

# With the device's id behind it: blueprints look whether there is such a repair.
PHONE_DROPPED: Final = "phone_dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A phone: its device, its name in the app, and whether it has a notify action."""

    device: dr.DeviceEntry
    name: str
    has_action: bool


class PhoneWatch:
    """Open a repair for each phone whose notify action has gone to another of its name."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Look at phones whenever they, or notify actions, change."""
        self._hass = hass
        self._is_due = False
        for event_type in (EVENT_SERVICE_REGISTERED, EVENT_SERVICE_REMOVED):
            hass.bus.async_listen(event_type, self._async_service_changed, _is_notify)
        async_dispatcher_connect(
            hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._async_entry_changed
        )
        self._async_look()

    @callback
    def _async_service_changed(self, _: Event[Any]) -> None:
        self._async_touch()

    @callback
    def _async_entry_changed(self, _: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain in (companion.APP, DOMAIN):
            self._async_touch()

    @callback
    def _async_touch(self) -> None:
        """Look once all that changes at this moment has changed."""
        if not self._is_due:
            self._is_due = True
            self._hass.loop.call_soon(self._async_look)

    @callback
    def _async_look(self) -> None:
        """Open the repairs that hold now, and close the others."""
        self._is_due = False
        is_used = self._hass.config_entries.async_has_entries(
            DOMAIN, include_disabled=False
        )
        phones = _phones(self._hass) if is_used else []
        held: set[str] = set()
        for phone in phones:
            action = companion.action_named(phone.name)
            if not phone.has_action and any(
                other.has_action and companion.action_named(other.name) == action
                for other in phones
            ):
                held.add(issue_id := f"{PHONE_DROPPED}_{phone.device.id}")
                self._async_open(issue_id, phone)
        for domain, issue_id in list(ir.async_get(self._hass).issues):
            if (
                domain == DOMAIN
                and issue_id.startswith(PHONE_DROPPED)
                and issue_id not in held
            ):
                ir.async_delete_issue(self._hass, DOMAIN, issue_id)

    @callback
    def _async_open(self, issue_id: str, phone: Phone) -> None:
        device = phone.device
        shown = device.name_by_user or phone.name
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            learn_more_url=f"{DOCUMENTATION}/repairs.md#phone-dropped",
            severity=ir.IssueSeverity.WARNING,
            translation_key=PHONE_DROPPED,
            translation_placeholders=placeholders(
                name=phone.name,
                phone=f"{shown} ({device.model})" if device.model else shown,
            ),
        )


@callback
def async_watch_phones(hass: HomeAssistant) -> None:
    """Watch phones once all of them are there."""

    @callback
    def begin(_: HomeAssistant) -> None:
        PhoneWatch(hass)

    async_at_started(hass, begin)


@callback
def _phones(hass: HomeAssistant) -> list[Phone]:
    """Return the phones that run and take notifications."""
    if companion.APP not in hass.config.components:
        return []
    try:
        return [
            Phone(
                device=device,
                name=companion.name_of(entry),
                has_action=companion.notify_action(hass, entry) is not None,
            )
            for device, entry in companion.phones(hass)
            if companion.takes_pushes(hass, entry)
        ]
    except companion.NotReady:
        LOGGER.debug("The notify actions of phones are not there yet")
        return []


@callback
def _is_notify(data: Any) -> bool:
    return bool(data[ATTR_DOMAIN] == Platform.NOTIFY)
