"""Home Assistant's people with an account and, some of them, a phone with its app."""

from typing import Any

from homeassistant.components import person
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from .blueprints.real_phones import Pushes, RealPhone


class Colleagues:
    """Add people of Home Assistant's as their owner does, and register their phones."""

    def __init__(
        self, hass: HomeAssistant, client: ClientSessionGenerator, pushes: Pushes
    ) -> None:
        """Begin with nobody."""
        self._hass = hass
        self._client = client
        self._pushes = pushes
        self.phones: dict[str, list[RealPhone]] = {}

    async def add(self, name: str, phones: int = 1) -> str:
        """Add somebody with so many phones; return the entity of the person."""
        hass = self._hass
        assert await async_setup_component(hass, "person", {})
        user = await hass.auth.async_create_user(name, group_ids=["system-users"])
        await person.async_create_person(hass, name, user_id=user.id)
        token = await hass.auth.async_create_refresh_token(user, "https://example.com")
        client = await self._client(hass.auth.async_create_access_token(token))
        # Of two of one name, the one who came last.
        self.phones.pop(name, None)
        known = len(hass.config_entries.async_entries("mobile_app"))
        self.phones[name] = [
            await RealPhone.register(
                hass,
                client,
                self._pushes,
                owner=f"{name}-{known + number}",
                name=f"{name}'s phone {number}",
            )
            for number in range(phones)
        ]
        await hass.async_block_till_done()
        (entity_id,) = (
            state.entity_id
            for state in hass.states.async_all("person")
            if state.attributes.get("user_id") == user.id
        )
        return entity_id

    def channels(self, name: str) -> list[dict[str, Any]]:
        """Return the ways to somebody's phones, the newest first."""
        return [
            {"channel": "mobile_app", "device_id": phone.device_id}
            for phone in reversed(self.phones[name])
        ]
