"""People with phones that are really theirs."""

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import CLIENT_ID
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from .real_phones import Pushes, RealPhone


class Staff:
    """People with phones that are really theirs."""

    def __init__(
        self, hass: HomeAssistant, hass_client: ClientSessionGenerator, pushes: Pushes
    ) -> None:
        """Begin with nobody."""
        self._hass = hass
        self._hass_client = hass_client
        self.pushes = pushes
        self.users: dict[str, User] = {}
        self.phones: dict[str, RealPhone] = {}

    async def add(self, name: str, group: str = GROUP_ID_USER) -> RealPhone:
        """Add a user, whose phone is named alike."""
        user = await self._hass.auth.async_create_user(name, group_ids=[group])
        self.users[name] = user
        return await self.register(name, name)

    async def register(self, name: str, phone: str) -> RealPhone:
        """Register a phone, which somebody may have had before, as a user."""
        token = await self._hass.auth.async_create_refresh_token(
            self.users[name], CLIENT_ID
        )
        client = await self._hass_client(
            self._hass.auth.async_create_access_token(token)
        )
        registered = await RealPhone.register(
            self._hass, client, self.pushes, owner=phone, name=phone
        )
        self.phones[name] = registered
        return registered

    def action(self, name: str, index: int = 0) -> str:
        """Return an action that somebody's phone was sent last."""
        sent: str = self.pushes.of(name)[-1]["data"]["actions"][index]["action"]
        return sent
