"""Repairs: what a person has to decide, in a dialog of one question."""

from typing import Any, override

from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_DEVICE, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol
from yarl import URL

from .api.certificate import ServerCertificate
from .api.errors import ServiceError
from .api.transport import DEFAULT_LIMITS
from .const import CONF_FINGERPRINT
from .domain.codes import MEANING
from .domain.shown import counted, placeholders, shown
from .link_flow import LinkFlow
from .runtime import issues
from .runtime.certificates import async_pin, async_read, pin_of
from .runtime.naming import entry_name
from .runtime.runtime import CarbisConfigEntry, ServiceRuntime
from .services.abilities import AsksForDevice, DeviceQuestion, asks_for_codes


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
    if issue_id.startswith(issues.NOT_LINKED):
        return LinkFlow(entry)
    if issue_id.startswith(issues.UNKNOWN_DEVICE):
        return DeviceFlow(entry)
    part = str(details.get("part"))
    if issue_id.startswith(issues.UNKNOWN_CODE):
        return CodeFlow(entry, part)
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
        pinned = self._entry.data.get(CONF_FINGERPRINT)
        try:
            self._shown = await async_read(
                URL(self._entry.data[CONF_URL]), pinned, DEFAULT_LIMITS
            )
        except ServiceError:
            return self.async_abort(reason="cannot_connect")
        if self._shown.is_trusted:
            return await self.async_step_trusted()
        return await self.async_step_confirm()

    async def async_step_trusted(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask about one that is trusted, which would be pinned no more."""
        return self._async_ask("trusted", user_input)

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Pin the very certificate that was shown."""
        return self._async_ask("confirm", user_input)

    def _async_ask(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> RepairsFlowResult:
        if (shown := self._shown) is None:
            return self.async_abort(reason="cannot_connect")
        if user_input is not None:
            async_pin(self.hass, self._entry, pin_of(shown))
            if self._entry.state is not ConfigEntryState.LOADED:
                self.hass.config_entries.async_schedule_reload(self._entry.entry_id)
            return self.async_create_entry(data={})
        pinned = self._entry.data.get(CONF_FINGERPRINT)
        return self.async_show_form(
            step_id=step_id,
            data_schema=vol.Schema({}),
            description_placeholders=placeholders(
                title=entry_name(self.hass, self._entry),
                old=issues.grouped(pinned) if pinned else None,
                **issues.certificate_details(shown),
            ),
        )


class CodeFlow(RepairsFlow):
    """Ask what a code of a service's own means."""

    def __init__(self, entry: CarbisConfigEntry, part: str) -> None:
        """Ask about one code of an entry."""
        self._entry = entry
        self._part = part

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask; what comes in is the repair."""
        return await self.async_step_meaning()

    async def async_step_meaning(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Have the answer kept."""
        questions = asks_for_codes(self._entry)
        if questions is None or (code := questions.asked(self._part)) is None:
            return self.async_abort(reason="code_known")
        if user_input is not None:
            questions.async_answer(code, user_input[MEANING])
            return self.async_create_entry(data={})
        meanings = SelectSelectorConfig(
            options=questions.answers,
            mode=SelectSelectorMode.LIST,
            translation_key="code_meaning",
        )
        return self.async_show_form(
            step_id="meaning",
            data_schema=vol.Schema({vol.Required(MEANING): SelectSelector(meanings)}),
            description_placeholders=placeholders(title=self._entry.title, code=code),
        )


class DeviceFlow(RepairsFlow):
    """Have a person say which of the devices that send to an entry is its own."""

    def __init__(self, entry: CarbisConfigEntry) -> None:
        """Ask about what an entry gets."""
        self._entry = entry
        self._devices: list[str] = []

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Show who sends, and how often each has."""
        if (question := self._question) is None or not (devices := question.devices):
            return self.async_abort(reason="nobody")
        self._devices = list(devices)
        return self.async_show_menu(
            step_id="refused" if question.is_known else "unconfirmed",
            menu_options=["mine", "not_mine"],
            description_placeholders=placeholders(
                title=entry_name(self.hass, self._entry), devices=counted(devices)
            ),
        )

    # Home Assistant looks for a step of each menu's name.
    async_step_refused = async_step_unconfirmed = async_step_init

    async def async_step_mine(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Believe the device that is chosen among those that were shown."""
        if (question := self._question) is None:
            return self.async_abort(reason="nobody")
        if user_input is not None:
            chosen = self._devices[int(user_input[CONF_DEVICE])]
            question.async_believe(chosen, self._devices)
            return self.async_create_entry(data={})
        # An id may be anything: it is shown, and chosen by its number.
        options = [
            SelectOptionDict(value=str(number), label=shown(name))
            for number, name in enumerate(self._devices)
        ]
        only = {"default": "0"} if len(options) == 1 else {}
        return self.async_show_form(
            step_id="mine",
            data_schema=vol.Schema(
                {
                    vol.Required(CONF_DEVICE, **only): SelectSelector(
                        SelectSelectorConfig(
                            options=options, mode=SelectSelectorMode.LIST
                        )
                    )
                }
            ),
        )

    async def async_step_not_mine(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Refuse the devices that were shown for good."""
        if (question := self._question) is None:
            return self.async_abort(reason="nobody")
        if user_input is not None:
            question.async_ignore(self._devices)
            return self.async_create_entry(data={})
        return self.async_show_form(step_id="not_mine", data_schema=vol.Schema({}))

    @property
    def _question(self) -> DeviceQuestion | None:
        """Return the question, None where the entry is not loaded or has none."""
        if self._entry.state is not ConfigEntryState.LOADED:
            return None
        source = self._entry.runtime_data.source
        return source.device_question if isinstance(source, AsksForDevice) else None


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
