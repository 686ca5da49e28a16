"""Set-up in the UI: a form for each service, and what a person has to decide.

An entry is created or changed only after its service has really answered.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowContext,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.const import CONF_NAME, CONF_URL
from homeassistant.core import callback
from homeassistant.helpers.selector import BooleanSelector
import voluptuous as vol

# Home Assistant loads this module in the executor, and with it the rest of what it calls.
from . import entry as _entry, migration  # noqa: F401
from .api.certificate import ServerCertificate
from .api.errors import ServiceError
from .const import DOMAIN, SUBENTRY_PERSON, SUBENTRY_STEP, TEAM
from .domain.events import Source
from .domain.shown import placeholders, shown
from .entries import is_team
from .link_flow import LinkSteps
from .options_flow import CarbisOptionsFlow
from .runtime.issues import certificate_details
from .runtime.naming import entry_name
from .service_flow import ServiceFlow
from .services.form import FieldError, Fix, Untrusted, entered_name
from .services.registry import SERVICES, service_of
from .team.form import TeamSteps
from .team.options import TeamOptionsFlow
from .team.person_form import PersonFlow
from .team.step_form import StepFlow

CONF_CONFIRM: Final = "confirm"
CONF_TRUST: Final = "trust"

type Step = Callable[
    [CarbisConfigFlow, dict[str, Any] | None], Awaitable[ConfigFlowResult]
]


class CarbisConfigFlow(
    LinkSteps[ConfigFlowContext, ConfigFlowResult, str],
    TeamSteps,
    ServiceFlow,
    domain=DOMAIN,
):
    """Set up, fix or change an entry of one service, or a team."""

    VERSION = migration.VERSION
    MINOR_VERSION = migration.MINOR_VERSION

    # The one that the step of this name is about.
    _certificate: ServerCertificate
    # What the step of this name is about, and the entry that waits for it.
    _fix: Fix
    _fixed: dict[str, Any]

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        return TeamOptionsFlow() if is_team(config_entry) else CarbisOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        if is_team(config_entry):
            return {SUBENTRY_PERSON: PersonFlow, SUBENTRY_STEP: StepFlow}
        return dict(service_of(config_entry).subentries)

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let the user pick a service, or a team."""
        return self.async_show_menu(step_id="user", menu_options=[*SERVICES, TEAM])

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
        """Change an entry's address or credentials, or a team."""
        entry = self._get_reconfigure_entry()
        if is_team(entry):
            return await self.async_team_form("reconfigure", entry, user_input)
        return await self._async_form("reconfigure", user_input)

    async def async_step_certificate(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show a certificate that is not trusted, and pin it if the user agrees."""
        return await self._async_ask("certificate", user_input)

    async def async_step_certificate_trusted(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show one that is trusted in place of a pinned one, and drop the pin."""
        return await self._async_ask("certificate_trusted", user_input)

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
                    await self._connector.async_fix(self._fixed, self._fix)
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

    @override
    async def async_linked(self) -> ConfigFlowResult:
        return await self._async_form(self._form_step, self._input)

    @override
    async def async_not_linked(self, err: ServiceError) -> ConfigFlowResult:
        return self._show_form(self._form_step, {"base": self._error_key(err)})

    async def _async_ask(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Ask whether a certificate is that of the server."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if user_input[CONF_TRUST]:
                self._connector.trust(self._input, self._certificate)
                return await self._async_form(self._form_step, self._input)
            errors["base"] = "certificate_rejected"
        return self.async_show_form(
            step_id=step_id,
            data_schema=vol.Schema(
                {vol.Required(CONF_TRUST, default=False): BooleanSelector()}
            ),
            description_placeholders=placeholders(
                host=self._connector.address(self._input).host,
                **certificate_details(self._certificate),
            ),
            errors=errors,
        )

    async def _async_form(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Show the form, and act on what was entered once the service agrees."""
        if user_input is None:
            return self._show_form(step_id, {})
        self._input = user_input
        try:
            return await self._async_submit(user_input)
        except ServiceError as err:
            field = self._form.error_field(err)
            return self._show_form(step_id, {field: self._error_key(err)})

    def _show_form(self, step_id: str, errors: dict[str, str]) -> ConfigFlowResult:
        """Show the form with what is known, and what is wrong."""
        entry, form = self._entry, self._form
        # What is known of a secret is never shown; what was typed just now is kept.
        known = {
            key: value
            for key, value in (entry.data if entry else {}).items()
            if key not in form.secrets
        }
        if entry and (name := form.given_name(entry)):
            known[CONF_NAME] = name
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                form.fields(is_new=entry is None), {**known, **self._input}
            ),
            description_placeholders=placeholders(
                title=entry_name(self.hass, entry) if entry else "",
                said=self._said,
            ),
            errors=errors,
        )

    async def _async_submit(self, user_input: dict[str, Any]) -> ConfigFlowResult:
        """Connect, and finish or ask; raise a ``ServiceError`` to be shown in the form."""
        try:
            data = self._connector.entry_data(user_input)
        except ValueError:
            raise FieldError(CONF_URL, "invalid_url") from None
        self._connector.abort_if_known(data)
        try:
            await self._connector.async_connect(data, user_input[CONF_URL])
        except Untrusted as question:
            self._certificate = question.certificate
            if self._certificate.is_trusted:
                return await self.async_step_certificate_trusted()
            return await self.async_step_certificate()
        except Fix as fix:
            self._fix, self._fixed = fix, data
            return await self.async_step_mend()
        except ServiceError as err:
            if not self._form.needs_link(err):
                raise
            return await self.async_begin_link(self._form.linker(self.hass, data))
        return await self._async_finish(data, self._entry)

    async def _async_finish(
        self, data: dict[str, Any], entry: ConfigEntry | None
    ) -> ConfigFlowResult:
        """Create the entry or change it."""
        # Looked up again: another flow may have been quicker while the server answered,
        # and the answer may have said which device it is.
        self._connector.abort_if_known(data)
        # A name that the user gave stays.
        title = entered_name(self._input) or (
            self._form.given_name(entry) if entry else None
        )
        title = title or shown(self._form.title(data))
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
