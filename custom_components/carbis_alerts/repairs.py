"""Repairs: what a person has to decide, in a dialog of one question."""

from typing import Any, override

from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
import voluptuous as vol
from yarl import URL

from .api.certificate import ServerCertificate, read_certificate
from .api.errors import ServiceError
from .const import CONF_FINGERPRINT
from .domain.shown import placeholders
from .runtime import issues
from .runtime.certificates import async_pin
from .runtime.naming import entry_name
from .runtime.runtime import CarbisConfigEntry, ServiceRuntime


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, Any] | None
) -> RepairsFlow:
    """Return the dialog of a repair."""
    details = data or {}
    entry = hass.config_entries.async_get_entry(str(details.get("entry_id")))
    if entry is None:
        return ConfirmRepairFlow()
    if issue_id.startswith(issues.CERTIFICATE):
        return CertificateFlow(entry)
    if issue_id.startswith(issues.STREAM_REFUSED):
        return TryAgainFlow(entry)
    part = str(details.get("part"))
    if issue_id.startswith(issues.UNREADABLE):
        return UnreadableFlow(entry, part)
    return EventsLostFlow(entry, part)


class CertificateFlow(RepairsFlow):
    """Show the certificate that the server has now, and pin it if the user agrees."""

    def __init__(self, entry: CarbisConfigEntry) -> None:
        """Ask about an entry's server."""
        self._entry = entry
        self._shown: ServerCertificate | None = None

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Read what the server shows now: it may have changed since the repair opened."""
        try:
            self._shown = await read_certificate(URL(self._entry.data[CONF_URL]))
        except ServiceError:
            return self.async_abort(reason="cannot_connect")
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Pin the very certificate that was shown."""
        if (shown := self._shown) is None:
            return self.async_abort(reason="cannot_connect")
        if user_input is not None:
            async_pin(self.hass, self._entry, shown.fingerprint)
            if self._entry.state is not ConfigEntryState.LOADED:
                self.hass.config_entries.async_schedule_reload(self._entry.entry_id)
            return self.async_create_entry(data={})
        pinned = self._entry.data.get(CONF_FINGERPRINT)
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema({}),
            description_placeholders=placeholders(
                title=entry_name(self.hass, self._entry),
                old=issues.grouped(pinned) if pinned else None,
                **issues.certificate_details(shown),
            ),
        )


class SeenFlow(ConfirmRepairFlow):
    """Show a part of what is known of an entry, and note that a person has seen it."""

    def __init__(self, entry: CarbisConfigEntry, part: str) -> None:
        """Show one part of an entry."""
        self._entry = entry
        self._part = part

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        if user_input is not None and self._entry.state is ConfigEntryState.LOADED:
            self._note_seen(self._entry.runtime_data)
        return await super().async_step_confirm(user_input)

    def _note_seen(self, runtime: ServiceRuntime) -> None:
        """Note that a person has seen the part."""
        raise NotImplementedError


class EventsLostFlow(SeenFlow):
    """Show what may be lost; what a person has seen is not shown again."""

    @override
    def _note_seen(self, runtime: ServiceRuntime) -> None:
        if (outages := runtime.source.outages) is not None:
            outages.async_seen(self._part)


class UnreadableFlow(SeenFlow):
    """Show what could not be read; what a person has seen is not shown again for a day."""

    @override
    def _note_seen(self, runtime: ServiceRuntime) -> None:
        runtime.unreadable.async_seen(self._part)


class TryAgainFlow(ConfirmRepairFlow):
    """Have a source that gave up try again."""

    def __init__(self, entry: CarbisConfigEntry) -> None:
        """Ask about an entry's runtime."""
        self._entry = entry

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        if user_input is not None:
            self.hass.config_entries.async_schedule_reload(self._entry.entry_id)
        return await super().async_step_confirm(user_input)
