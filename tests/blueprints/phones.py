"""Phones with Home Assistant's app, of which the notifications are kept."""

from typing import Any

from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.helpers import device_registry as dr
from homeassistant.util import slugify
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_mock_service,
)

from ..helpers import wait_until


def registered(hass: HomeAssistant, name: str) -> tuple[Context, MockConfigEntry]:
    """Return a user who may control all entities, and the entry of the user's phone."""
    user = MockUser(name=name).add_to_hass(hass)
    user.mock_policy({"entities": True})
    entry = MockConfigEntry(domain="mobile_app", title=name, data={"user_id": user.id})
    entry.add_to_hass(hass)
    return Context(user_id=user.id), entry


class Phone:
    """A phone and what it was sent."""

    def __init__(self, hass: HomeAssistant, name: str) -> None:
        """Register it as the app does."""
        self._hass = hass
        self._context, entry = registered(hass, name)
        self.device_id = (
            dr.async_get(hass)
            .async_get_or_create(
                config_entry_id=entry.entry_id,
                identifiers={("mobile_app", name)},
                name=name,
            )
            .id
        )
        self._calls: list[ServiceCall] = async_mock_service(
            hass, "notify", f"mobile_app_{slugify(name)}"
        )

    @property
    def pushes(self) -> list[dict[str, Any]]:
        """Return what it was sent so far."""
        return [dict(call.data) for call in self._calls]

    async def wait(self, count: int) -> list[dict[str, Any]]:
        """Wait until it was sent so many notifications."""
        await wait_until(lambda: len(self._calls) >= count)
        return self.pushes

    def answer(self, push: dict[str, Any], text: str) -> None:
        """Write an answer into a notification, as the app sends it."""
        self._hass.bus.async_fire(
            "mobile_app_notification_action",
            {
                "action": push["data"]["actions"][0]["action"],
                "reply_text": text,
                "tag": push["data"]["tag"],
            },
            context=self._context,
        )
