"""The steps in which a person links an account, in the set-up and in a repair alike."""

import asyncio
from typing import Any, Final, override

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.components.repairs.models import RepairsFlowContext
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback
from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult
import voluptuous as vol

from .api.errors import (
    AccountUnusable,
    RequestRefused,
    ServiceError,
    ServiceUnavailable,
)
from .domain.shown import placeholders
from .services.form import TEXT_SELECTOR
from .services.linking import Linker
from .services.registry import service_of

CONF_PHONE: Final = "phone"


class LinkSteps[C: FlowContext, R: FlowResult[Any, Any], H](FlowHandler[C, R, H]):
    """Show what links an account until it is linked, then go on by itself."""

    _linker: Linker
    # Waits for what is to be shown next.
    _change: asyncio.Task[None] | None = None

    async def async_linked(self) -> R:
        """Go on once the account is linked."""
        raise NotImplementedError

    async def async_not_linked(self, err: ServiceError) -> R:
        """Say why it is not linked."""
        raise NotImplementedError

    async def async_begin_link(self, linker: Linker) -> R:
        """Let a person choose how to link an account; nothing is asked of it before."""
        self._end_link()
        self._linker = linker
        return await self.async_step_link()

    async def async_step_link(self, user_input: dict[str, Any] | None = None) -> R:
        """Let a person choose."""
        return self.async_show_menu(
            step_id="link",
            menu_options=list(self._linker.ways),
            description_placeholders=placeholders(messenger=self._linker.title),
        )

    async def async_step_link_qr(self, user_input: dict[str, Any] | None = None) -> R:
        """Show an image, each new one in place of the one before."""
        await self._linker.async_begin()
        return self._show_link("link_qr")

    async def async_step_link_code(self, user_input: dict[str, Any] | None = None) -> R:
        """Ask for the phone's number, then show the code for it."""
        if user_input is None and self._change is not None:
            return self._show_link("link_code")
        linker = self._linker
        errors: dict[str, str] = {}
        said: str | None = None
        if user_input is not None:
            try:
                await linker.async_ask_code(user_input[CONF_PHONE])
            except ValueError:
                errors[CONF_PHONE] = "invalid_phone"
            except ServiceError as err:
                errors["base"] = link_error_key(err)
                said = err.said if isinstance(err, RequestRefused) else None
            else:
                return self._show_link("link_code")
        elif linker.has_code and linker.is_late:
            errors["base"] = "code_expired"
        return self.async_show_form(
            step_id="link_code",
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema({vol.Required(CONF_PHONE): TEXT_SELECTOR}), user_input
            ),
            description_placeholders=placeholders(messenger=linker.title, said=said),
            errors=errors,
        )

    async def async_step_link_over(self, user_input: dict[str, Any] | None = None) -> R:
        """Go on, or say why not; a code that was not typed in time is asked for again."""
        self._end_link()
        linker = self._linker
        if linker.has_code and linker.is_late:
            return await self.async_step_link_code()
        if linker.failure is not None:
            return await self.async_not_linked(linker.failure)
        return await self.async_linked()

    @override
    @callback
    def async_remove(self) -> None:
        """Leave nothing behind where a person gives up."""
        self._end_link()
        super().async_remove()

    def _show_link(self, step_id: str) -> R:
        """Show what links the account now, and wait for what comes next."""
        linker = self._linker
        if linker.is_over:
            return self.async_show_progress_done(next_step_id="link_over")
        if self._change is None or self._change.done():
            self._change = self.hass.async_create_background_task(
                linker.async_change(), f"link {linker.title}", eager_start=False
            )
        return self.async_show_progress(
            step_id=step_id,
            progress_action=linker.shown.action,
            description_placeholders=placeholders(**linker.shown.words),
            progress_task=self._change,
        )

    def _end_link(self) -> None:
        if self._change is not None:
            self._change.cancel()
            self._change = None
        if hasattr(self, "_linker"):
            self._linker.close()


class LinkFlow(
    LinkSteps[RepairsFlowContext, RepairsFlowResult, str],
    RepairsFlow,
):
    """Link the account of an entry again, which was logged out."""

    def __init__(self, entry: ConfigEntry) -> None:
        """Link an entry's account."""
        self._entry = entry

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Begin; what comes in is the repair."""
        form = service_of(self._entry).form
        return await self.async_begin_link(form.linker(self.hass, self._entry.data))

    @override
    async def async_linked(self) -> RepairsFlowResult:
        # Or it would be asked for at the next try only.
        self.hass.config_entries.async_schedule_reload(self._entry.entry_id)
        return self.async_create_entry(data={})

    @override
    async def async_not_linked(self, err: ServiceError) -> RepairsFlowResult:
        said = err.said if isinstance(err, RequestRefused) else None
        return self.async_abort(
            reason=link_error_key(err),
            description_placeholders=placeholders(said=said),
        )


def link_error_key(err: ServiceError) -> str:
    """Return the key of the words for a link that failed."""
    if isinstance(err, RequestRefused):
        return "service_refused"
    if isinstance(err, ServiceUnavailable) and not isinstance(err, AccountUnusable):
        return "cannot_connect"
    return "not_authorized"
