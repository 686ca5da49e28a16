"""Set-up in the UI: a form for each service, the certificate, and the options.

An entry is created or changed only after its service has really answered.
"""

from collections.abc import Mapping
from contextlib import suppress
import logging
from typing import Any, Final, override

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    OptionsFlow,
)
from homeassistant.const import CONF_TOKEN, CONF_URL, UnitOfTime
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol
from yarl import URL

from .api.address import parse_address, same_server
from .api.certificate import ServerCertificate, read_certificate
from .api.errors import (
    AuthenticationError,
    CertificateError,
    ProtocolError,
    RequestRefused,
    ServiceError,
    ServiceTimeout,
    ServiceUnavailable,
)
from .api.qr_menu import EVENTS_PATH, QrMenuClient
from .api.transport import Limits
from .const import (
    CONF_FINGERPRINT,
    CONF_POLL_INTERVAL,
    CONF_SERVICE,
    DEFAULT_POLL_INTERVAL,
    DOMAIN,
    MAX_POLL_INTERVAL,
    MIN_POLL_INTERVAL,
)
from .model.events import Source
from .sources.issues import certificate_placeholders

_LOGGER = logging.getLogger(__name__)

CONF_TRUST: Final = "trust"

LIMITS: Final = Limits()

# The first that fits is told.
ERROR_KEYS: Final[tuple[tuple[type[ServiceError], str], ...]] = (
    (AuthenticationError, "invalid_auth"),
    # A QR menu that says no to a request for everything can only mean the token.
    (RequestRefused, "invalid_auth"),
    (ProtocolError, "invalid_response"),
    (ServiceTimeout, "timeout"),
    (ServiceUnavailable, "cannot_connect"),
)

URL_SELECTOR: Final = TextSelector(TextSelectorConfig(autocomplete="url"))
PASSWORD_SELECTOR: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)


class CarbisConfigFlow(ConfigFlow, domain=DOMAIN):
    """Set up, mend or change an entry of one service."""

    VERSION = 1
    MINOR_VERSION = 1

    # The one that the step of this name is about.
    _certificate: ServerCertificate

    def __init__(self) -> None:
        """Begin with nothing."""
        self._input: dict[str, Any] = {}
        # What a person agreed to in this flow, and for which server.
        self._trusted: tuple[URL, str] | None = None

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        return CarbisOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let the user pick a service."""
        return self.async_show_menu(step_id="user", menu_options=[Source.QR_MENU.value])

    async def async_step_qr_menu(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set up a QR menu."""
        return await self._async_form("qr_menu", user_input)

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Begin to mend credentials that the service no longer accepts."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the credentials again."""
        return await self._async_form("reauth_confirm", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change an entry's address or credentials."""
        return await self._async_form("reconfigure", user_input)

    async def async_step_certificate(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show a certificate that is not trusted, and pin it if the user agrees."""
        certificate = self._certificate
        errors: dict[str, str] = {}
        if user_input is not None:
            if user_input[CONF_TRUST]:
                address = parse_address(self._input[CONF_URL], without=EVENTS_PATH)
                self._trusted = (address, certificate.fingerprint)
                return await self._async_form(self._form_step, self._input)
            errors["base"] = "certificate_rejected"
        return self.async_show_form(
            step_id="certificate",
            data_schema=vol.Schema(
                {vol.Required(CONF_TRUST, default=False): BooleanSelector()}
            ),
            description_placeholders=certificate_placeholders(certificate),
            errors=errors,
        )

    @property
    def _form_step(self) -> str:
        """Return the form that this flow is about."""
        match self.source:
            case "reauth":
                return "reauth_confirm"
            case "reconfigure":
                return "reconfigure"
            case _:
                return "qr_menu"

    @property
    def _entry(self) -> ConfigEntry | None:
        """Return the entry that is changed, None for a new one."""
        if self.source == SOURCE_REAUTH:
            return self._get_reauth_entry()
        if self.source == SOURCE_RECONFIGURE:
            return self._get_reconfigure_entry()
        return None

    async def _async_form(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Show the form, and act on what was entered once the service agrees."""
        entry = self._entry
        errors: dict[str, str] = {}
        if user_input is not None:
            self._input = user_input
            try:
                address = parse_address(user_input[CONF_URL], without=EVENTS_PATH)
            except ValueError:
                errors[CONF_URL] = "invalid_url"
            else:
                self._abort_if_known(address)
                data = self._entry_data(address, user_input, entry)
                if (error := await self._async_check(address, data)) is None:
                    return self._async_finish(address, data, entry)
                if error == "certificate":
                    return await self.async_step_certificate()
                errors["base"] = error
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                _qr_menu_schema(secret_required=entry is None),
                {
                    CONF_URL: (entry.data if entry else {}).get(CONF_URL),
                    **_shown(self._input),
                },
            ),
            description_placeholders={"title": entry.title if entry else ""},
            errors=errors,
        )

    def _abort_if_known(self, address: URL) -> None:
        """Abort where another entry is about the same server."""
        for other in self._async_current_entries(include_ignore=False):
            if (
                other.entry_id != self.context.get("entry_id")
                and other.data[CONF_SERVICE] == Source.QR_MENU
                and same_server(URL(other.data[CONF_URL]), address)
            ):
                raise AbortFlow("already_configured")

    def _entry_data(
        self, address: URL, user_input: dict[str, Any], entry: ConfigEntry | None
    ) -> dict[str, Any]:
        """Return what the entry would hold; a secret left blank stays as it is."""
        known: Mapping[str, Any] = entry.data if entry else {}
        fingerprint: str | None = None
        if self._trusted is not None and same_server(self._trusted[0], address):
            fingerprint = self._trusted[1]
        elif known and same_server(URL(known[CONF_URL]), address):
            fingerprint = known.get(CONF_FINGERPRINT)
        return {
            CONF_SERVICE: Source.QR_MENU.value,
            CONF_URL: str(address),
            CONF_TOKEN: (user_input.get(CONF_TOKEN) or "").strip()
            or known.get(CONF_TOKEN, ""),
            CONF_FINGERPRINT: fingerprint if address.scheme == "https" else None,
        }

    async def _async_check(self, address: URL, data: dict[str, Any]) -> str | None:
        """Really connect; return an error's key, or "certificate" for a question."""
        if not data[CONF_TOKEN].isprintable() or not data[CONF_TOKEN]:
            return "invalid_auth"
        try:
            # A certificate that has become trusted needs no pin.
            for pin in dict.fromkeys((data[CONF_FINGERPRINT], None)):
                data[CONF_FINGERPRINT] = pin
                with suppress(CertificateError):
                    await self._async_fetch(address, data)
                    return None
            # Only looked at: nothing is sent to the server.
            self._certificate = await read_certificate(address, limits=LIMITS)
        except ServiceError as err:
            return _error_key(err)
        except Exception:
            _LOGGER.exception("Unexpected failure while connecting")
            return "unknown"
        return "certificate"

    async def _async_fetch(self, address: URL, data: Mapping[str, Any]) -> None:
        """Ask the server for everything, as the source will do."""
        client = QrMenuClient(
            async_get_clientsession(self.hass),
            address,
            data[CONF_TOKEN],
            fingerprint=data[CONF_FINGERPRINT],
            limits=LIMITS,
        )
        await client.fetch(None)

    def _async_finish(
        self, address: URL, data: dict[str, Any], entry: ConfigEntry | None
    ) -> ConfigFlowResult:
        """Create the entry or change it."""
        # Looked up again: another flow may have been quicker while the server answered.
        self._abort_if_known(address)
        title = address.host or ""
        if entry is None:
            return self.async_create_entry(title=title, data=data)
        # A title that the user gave stays.
        if entry.title != URL(entry.data[CONF_URL]).host:
            title = entry.title
        was_loaded = entry.state is ConfigEntryState.LOADED
        result = self.async_update_and_abort(
            entry,
            title=title,
            data=data,
            # Named, so that the words are ours and not Home Assistant's general ones.
            reason=f"{self.source}_successful",
        )
        if not was_loaded:
            # Only a loaded entry listens to its own changes. Set-up begins within this
            # call, so what it reads is changed before.
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return result


class CarbisOptionsFlow(OptionsFlow):
    """Change how an entry works."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the one form."""
        if user_input is not None:
            return self.async_create_entry(
                data={CONF_POLL_INTERVAL: int(user_input[CONF_POLL_INTERVAL])}
            )
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                _options_schema(), self.config_entry.options
            ),
        )


def _qr_menu_schema(*, secret_required: bool) -> vol.Schema:
    """Return the form of a QR menu."""
    token = vol.Required if secret_required else vol.Optional
    return vol.Schema(
        {vol.Required(CONF_URL): URL_SELECTOR, token(CONF_TOKEN): PASSWORD_SELECTOR}
    )


def _options_schema() -> vol.Schema:
    """Return the form of the options."""
    return vol.Schema(
        {
            vol.Required(
                CONF_POLL_INTERVAL, default=DEFAULT_POLL_INTERVAL
            ): NumberSelector(
                NumberSelectorConfig(
                    min=MIN_POLL_INTERVAL,
                    max=MAX_POLL_INTERVAL,
                    step=1,
                    mode=NumberSelectorMode.BOX,
                    unit_of_measurement=UnitOfTime.SECONDS,
                )
            )
        }
    )


def _error_key(err: ServiceError) -> str:
    """Return what to tell about a failure."""
    return next(key for kind, key in ERROR_KEYS if isinstance(err, kind))


def _shown(user_input: dict[str, Any]) -> dict[str, Any]:
    """Return what a form may show again: no secret."""
    return {key: value for key, value in user_input.items() if key != CONF_TOKEN}
