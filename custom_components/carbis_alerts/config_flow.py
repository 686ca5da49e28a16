"""Set-up in the UI: a form for each service, and the certificate.

An entry is created or changed only after its service has really answered.
"""

from collections.abc import Awaitable, Callable, Mapping
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
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.const import CONF_NAME, CONF_URL
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import BooleanSelector
import voluptuous as vol
from yarl import URL

# Home Assistant loads this module in the executor, and with it the rest of what it calls.
from . import entry as _entry, migration  # noqa: F401
from .api.address import parse_address, same_server
from .api.certificate import ServerCertificate, read_certificate
from .api.errors import (
    AuthenticationError,
    CertificateError,
    ProtocolError,
    RequestRefused,
    ServiceError,
    ServiceUnavailable,
)
from .api.transport import Limits
from .const import CONF_FINGERPRINT, CONF_SERVICE, DOMAIN
from .domain.events import Source
from .domain.shown import placeholders
from .options_flow import CarbisOptionsFlow
from .runtime.issues import certificate_details
from .runtime.naming import entry_name
from .services.form import Fix, ServiceForm, given_name
from .services.registry import SERVICES, service_of

_LOGGER = logging.getLogger(__name__)

CONF_CONFIRM: Final = "confirm"
CONF_TRUST: Final = "trust"

LIMITS: Final = Limits()

type Step = Callable[
    [CarbisConfigFlow, dict[str, Any] | None], Awaitable[ConfigFlowResult]
]


class CarbisConfigFlow(ConfigFlow, domain=DOMAIN):
    """Set up, fix or change an entry of one service."""

    VERSION = migration.VERSION
    MINOR_VERSION = migration.MINOR_VERSION

    # The one that the step of this name is about.
    _certificate: ServerCertificate
    # The service that this flow is about.
    _service: Source
    # What the step of this name is about, and the entry that waits for it.
    _fix: Fix
    _fixed: dict[str, Any]

    def __init__(self) -> None:
        """Begin with nothing."""
        self._input: dict[str, Any] = {}
        # What a person agreed to in this flow, and for which server.
        self._trusted: tuple[URL, str] | None = None
        # The service's own words, where its reason is not one that is known.
        self._said: str | None = None

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        return CarbisOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        return dict(service_of(config_entry).subentries)

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let the user pick a service."""
        return self.async_show_menu(step_id="user", menu_options=list(SERVICES))

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Begin to replace credentials that the service no longer accepts."""
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
                self._trusted = (self._address(self._input), certificate.fingerprint)
                return await self._async_form(self._form_step, self._input)
            errors["base"] = "certificate_rejected"
        return self.async_show_form(
            step_id="certificate",
            data_schema=vol.Schema(
                {vol.Required(CONF_TRUST, default=False): BooleanSelector()}
            ),
            description_placeholders=placeholders(
                host=self._address(self._input).host,
                **certificate_details(certificate),
            ),
            errors=errors,
        )

    async def async_step_mend(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show which of the service's settings would be changed, and change them."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if not user_input[CONF_CONFIRM]:
                errors["base"] = self._fix.key
            else:
                try:
                    await self._form.async_fix(
                        self.hass, self._fixed, self._fix.changes, LIMITS
                    )
                except ServiceError as err:
                    errors["base"] = self._error_key(err)
                else:
                    return await self._async_finish(self._fixed, self._entry)
        return self.async_show_form(
            step_id="mend",
            data_schema=vol.Schema(
                {vol.Required(CONF_CONFIRM, default=False): BooleanSelector()}
            ),
            description_placeholders=placeholders(
                changes=self._fix.shown(), said=self._said
            ),
            errors=errors,
        )

    def _error_key(self, err: ServiceError) -> str:
        """Return the key of an error's words, which may quote the service's own."""
        self._said = err.said if isinstance(err, RequestRefused) else None
        return self._form.error_key(err)

    @property
    def _form(self) -> ServiceForm:
        """Return the form of the service that this flow is about."""
        entry = self._entry
        return (service_of(entry) if entry else SERVICES[self._service]).form

    @property
    def _form_step(self) -> str:
        """Return the step in which the form is shown."""
        match self.source:
            case "reauth":
                return "reauth_confirm"
            case "reconfigure":
                return "reconfigure"
            case _:
                return self._service

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
        entry, form = self._entry, self._form
        errors: dict[str, str] = {}
        if user_input is not None:
            self._input = user_input
            try:
                data = self._entry_data(user_input, entry)
            except ValueError:
                errors[CONF_URL] = "invalid_url"
            except ServiceError as err:
                errors[form.error_field(err)] = self._error_key(err)
            else:
                self._abort_if_known(data)
                if (error := await self._async_check(data, entry)) is None:
                    return await self._async_finish(data, entry)
                if error == "certificate":
                    return await self.async_step_certificate()
                if error == "mend":
                    self._fixed = data
                    return await self.async_step_mend()
                errors["base"] = error
        known = dict(entry.data) if entry else {}
        if entry and self._has_name(entry):
            known[CONF_NAME] = entry.title
        shown = {**known, **self._input}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                form.fields(is_new=entry is None),
                {key: shown[key] for key in shown if key not in form.secrets},
            ),
            description_placeholders=placeholders(
                title=entry_name(self.hass, entry) if entry else "",
                said=self._said,
            ),
            errors=errors,
        )

    def _has_name(self, entry: ConfigEntry) -> bool:
        """Return whether a person named an entry."""
        return entry.title != self._form.title(entry.data)

    def _address(self, user_input: Mapping[str, Any]) -> URL:
        """Return the address that was entered; raise ``ValueError`` if it is none."""
        return parse_address(user_input[CONF_URL], without=self._form.path)

    def _abort_if_known(self, data: Mapping[str, Any]) -> None:
        """Abort where another entry is about the same thing."""
        for other in self._async_current_entries(include_ignore=False):
            if (
                other.entry_id != self.context.get("entry_id")
                and other.data[CONF_SERVICE] == data[CONF_SERVICE]
                and self._form.is_same(data, other)
            ):
                raise AbortFlow("already_configured")

    def _entry_data(
        self, user_input: Mapping[str, Any], entry: ConfigEntry | None
    ) -> dict[str, Any]:
        """Return what the entry would hold; a secret left blank stays as it is."""
        address = self._address(user_input)
        known: Mapping[str, Any] = entry.data if entry else {}
        fingerprint: str | None = None
        if self._trusted is not None and same_server(self._trusted[0], address):
            fingerprint = self._trusted[1]
        elif known and same_server(URL(known[CONF_URL]), address):
            fingerprint = known.get(CONF_FINGERPRINT)
        return {
            CONF_SERVICE: self._form.source.value,
            CONF_URL: str(address),
            CONF_FINGERPRINT: fingerprint if address.scheme == "https" else None,
            **self._form.data(user_input, known),
        }

    async def _async_connect(
        self, data: dict[str, Any], entry: ConfigEntry | None
    ) -> None:
        """Really connect; where the path entered leads nowhere, to the server itself."""
        form, url = self._form, URL(data[CONF_URL])
        try:
            await form.async_connect(self.hass, data, entry, LIMITS)
        except (AuthenticationError, ProtocolError, ServiceUnavailable) as err:
            # Whoever enters the path of the API means what stands before it.
            is_meant = form.path in self._input[CONF_URL]
            # No answer at all has nothing to do with the path.
            is_answer = (
                not isinstance(err, ServiceUnavailable) or err.status is not None
            )
            if url.path == "/" or is_meant or not is_answer:
                raise
            data[CONF_URL] = str(url.origin())
            try:
                await form.async_connect(self.hass, data, entry, LIMITS)
            except ProtocolError, ServiceUnavailable:
                data[CONF_URL] = str(url)
                raise err from None

    async def _async_check(
        self, data: dict[str, Any], entry: ConfigEntry | None
    ) -> str | None:
        """Really connect; return an error's key, or "certificate" for a question."""
        try:
            # A certificate that has become trusted needs no pin.
            for pin in dict.fromkeys((data[CONF_FINGERPRINT], None)):
                data[CONF_FINGERPRINT] = pin
                with suppress(CertificateError):
                    await self._async_connect(data, entry)
                    return None
            # Only looked at: nothing is sent to the server.
            self._certificate = await read_certificate(
                URL(data[CONF_URL]), limits=LIMITS
            )
        except Fix as fix:
            self._fix = fix
            return "mend"
        except ServiceError as err:
            return self._error_key(err)
        except AbortFlow:
            raise
        except Exception:
            _LOGGER.exception("Unexpected failure while connecting")
            return "unknown"
        return "certificate"

    async def _async_finish(
        self, data: dict[str, Any], entry: ConfigEntry | None
    ) -> ConfigFlowResult:
        """Create the entry or change it."""
        # Looked up again: another flow may have been quicker while the server answered,
        # and the answer may have said which device it is.
        self._abort_if_known(data)
        title = given_name(self._input) or (
            # A name that the user gave stays.
            entry.title
            if entry is not None and self._has_name(entry)
            else self._form.title(data)
        )
        if entry is None:
            return self.async_create_entry(title=title, data=data)
        await self._form.async_leave(self.hass, entry, data)
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


def _step(source: Source) -> Step:
    """Return the step that sets up a service."""

    async def async_step(
        self: CarbisConfigFlow, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set up an entry of the service."""
        self._service = source
        return await self._async_form(source.value, user_input)

    return async_step


for _source in SERVICES:
    # Home Assistant looks for a method of the step's name.
    setattr(CarbisConfigFlow, f"async_step_{_source}", _step(_source))
