"""Phones with the companion app, and Home Assistant's people who have one."""

from dataclasses import dataclass
from typing import Any, Final

from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from ..companion import APP
from ..const import CONF_CHANNEL, CONF_USER_ID

PERSON_DOMAIN: Final = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A phone with the companion app: its device, and the user who signed in there."""

    device_id: str
    name: str
    user_id: str | None
    can_push: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AppUser:
    """A person of Home Assistant's who has the app; the best phone comes first."""

    entity_id: str
    name: str
    phones: tuple[Phone, ...]

    @property
    def channels(self) -> list[dict[str, Any]]:
        """Return the ways to the phones, as a person holds them."""
        return [mobile_app(phone.device_id) for phone in self.phones]


def mobile_app(device_id: str) -> dict[str, Any]:
    """Return the way to a phone, as a person holds it."""
    return {CONF_CHANNEL: APP, ATTR_DEVICE_ID: device_id}


@callback
def all_phones(hass: HomeAssistant) -> list[Phone]:
    """Return the phones: those that take notifications first, then the newest."""
    registry = dr.async_get(hass)
    found = []
    for entry in hass.config_entries.async_entries(
        APP, include_ignore=False, include_disabled=False
    ):
        devices = dr.async_entries_for_config_entry(registry, entry.entry_id)
        if not devices:
            continue
        app_data = entry.data.get("app_data") or {}
        phone = Phone(
            device_id=devices[0].id,
            name=devices[0].name_by_user or devices[0].name or entry.title,
            user_id=entry.data.get(CONF_USER_ID),
            can_push={"push_token", "push_url"} <= app_data.keys()
            or "push_websocket_channel" in app_data,
        )
        found.append((not phone.can_push, -entry.created_at.timestamp(), phone))
    return [phone for *_, phone in sorted(found, key=lambda one: one[:2])]


@callback
def app_users(hass: HomeAssistant) -> list[AppUser]:
    """Return who of Home Assistant's people has the app, by their names."""
    phones = all_phones(hass)
    users = []
    for state in hass.states.async_all(PERSON_DOMAIN):
        user_id = state.attributes.get(CONF_USER_ID)
        own = tuple(phone for phone in phones if phone.user_id == user_id)
        if user_id is not None and own:
            users.append(
                AppUser(entity_id=state.entity_id, name=state.name, phones=own)
            )
    return sorted(users, key=lambda user: user.name.casefold())


@callback
def app_user(hass: HomeAssistant, entity_id: str) -> AppUser | None:
    """Return a person of Home Assistant's who has the app."""
    return next((user for user in app_users(hass) if user.entity_id == entity_id), None)
