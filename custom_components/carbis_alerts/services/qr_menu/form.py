"""The form of a QR menu."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import voluptuous as vol
from yarl import URL

from ...api.errors import AuthenticationError
from ...api.qr_menu import EVENTS_PATH, QrMenuClient
from ...api.transport import Limits
from ...const import CONF_FINGERPRINT
from ...domain.events import Source
from ..form import PASSWORD_SELECTOR, URL_SELECTOR, ServiceForm, secret


class QrMenuForm(ServiceForm):
    """An address and a token."""

    source = Source.QR_MENU
    secrets: ClassVar[tuple[str, ...]] = (CONF_TOKEN,)
    path: ClassVar[str] = EVENTS_PATH
    polls = True

    @override
    def schema(self, *, is_new: bool) -> vol.Schema:
        token = vol.Required if is_new else vol.Optional
        return vol.Schema(
            {vol.Required(CONF_URL): URL_SELECTOR, token(CONF_TOKEN): PASSWORD_SELECTOR}
        )

    @override
    def data(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {CONF_TOKEN: secret(user_input, known, CONF_TOKEN)}

    @override
    async def async_connect(
        self,
        hass: HomeAssistant,
        data: dict[str, Any],
        entry: ConfigEntry | None,
        limits: Limits,
    ) -> None:
        if not data[CONF_TOKEN]:
            raise AuthenticationError("There is no token")
        client = QrMenuClient(
            async_get_clientsession(hass),
            URL(data[CONF_URL]),
            data[CONF_TOKEN],
            fingerprint=data[CONF_FINGERPRINT],
            limits=limits,
        )
        await client.fetch(None)
