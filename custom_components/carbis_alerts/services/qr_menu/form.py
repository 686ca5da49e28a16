"""The form of a QR menu."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import (
    BooleanSelector,
    ObjectSelector,
    ObjectSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.helpers.translation import async_get_cached_translations
import voluptuous as vol
from yarl import URL

from ...api.errors import AuthenticationError
from ...api.qr_menu import EVENTS_PATH, QrMenuClient
from ...api.transport import Limits
from ...const import CONF_CODE_MEANINGS, CONF_FINGERPRINT, CONF_ORDERS_WAIT, DOMAIN
from ...domain.codes import CODE, KNOWN, MEANING, Meaning, rows_of
from ...domain.events import Source
from ...domain.shown import shown
from ..abilities import asks_for_codes
from ..form import PASSWORD_SELECTOR, URL_SELECTOR, FieldError, ServiceForm, secret
from ..options import Fields


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
    def entry_options(self, hass: HomeAssistant, entry: ConfigEntry) -> Fields:
        rows = rows_of(entry.options.get(CONF_CODE_MEANINGS))
        questions = asks_for_codes(entry)
        codes = [*(questions.seen if questions else ()), *(row[CODE] for row in rows)]
        return {
            vol.Required(CONF_ORDERS_WAIT, default=False): BooleanSelector(),
            vol.Optional(CONF_CODE_MEANINGS): _meanings(hass, dict.fromkeys(codes)),
        }

    @override
    def options(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        rows = rows_of(user_input.get(CONF_CODE_MEANINGS))
        if any(row[CODE] in KNOWN for row in rows):
            raise FieldError(CONF_CODE_MEANINGS, "code_known")
        options = {**user_input, CONF_CODE_MEANINGS: rows}
        return {name: value for name, value in options.items() if value != []}

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


def _meanings(hass: HomeAssistant, codes: Iterable[str]) -> ObjectSelector:
    """Return rows of a code and its meaning; codes that came are proposed."""
    # Home Assistant's form of a row looks for no words of ours.
    words = async_get_cached_translations(
        hass, hass.config.language, "selector", DOMAIN
    )
    prefix = f"component.{DOMAIN}.selector.code_meaning.options"
    return ObjectSelector(
        ObjectSelectorConfig(
            fields={
                CODE: {
                    "required": True,
                    "selector": SelectSelector(
                        SelectSelectorConfig(
                            options=[
                                SelectOptionDict(value=code, label=shown(code))
                                for code in codes
                            ],
                            custom_value=True,
                            mode=SelectSelectorMode.DROPDOWN,
                        )
                    ),
                },
                MEANING: {
                    "required": True,
                    "selector": SelectSelector(
                        SelectSelectorConfig(
                            options=[
                                SelectOptionDict(
                                    value=meaning,
                                    label=words.get(f"{prefix}.{meaning}", meaning),
                                )
                                for meaning in Meaning
                            ]
                        )
                    ),
                },
            },
            label_field=CODE,
            description_field=MEANING,
            multiple=True,
            translation_key="code_meanings",
        )
    )
