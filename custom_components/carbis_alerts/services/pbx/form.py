"""The form of a PBX, over either transport."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Final, override

from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import (
    CONF_PASSWORD,
    CONF_TOKEN,
    CONF_URL,
    CONF_USERNAME,
    CONF_WEBHOOK_ID,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TextSelectorConfig,
)
import voluptuous as vol
from yarl import URL

from ...api.fields import as_key
from ...api.pbx import EVENTS_PATH
from ...api.transport import Limits
from ...const import (
    CONF_DEVICE_ID,
    CONF_DEVICE_URL,
    CONF_EXTENSION_DIGITS,
    CONF_OWN_NUMBERS,
    CONF_TRANSPORT,
)
from ...domain.events import Source
from ...domain.number_plan import DEFAULT_EXTENSION_DIGITS, MAX_EXTENSION_DIGITS
from ...domain.numbers import normalised
from ...entries import service_entries
from ...runtime import issues
from ..form import (
    PASSWORD_SELECTOR,
    TEXT_SELECTOR,
    URL_SELECTOR,
    ErrorKeys,
    FieldError,
    ServiceForm,
    secret,
)
from ..options import Fields, whole_number
from .call_form import async_try_device, call_fields, call_options, device_address
from .client import make_client
from .hook import HookLine, async_remove_hook
from .hook_registry import async_tried
from .hook_requests import async_register
from .hook_url import NoHookUrl, async_hook_url
from .source import PbxSource
from .verifier import Verifier

SSE: Final = "sse"
WEBHOOK: Final = "webhook"
CREDENTIALS: Final = (CONF_TOKEN, CONF_USERNAME, CONF_PASSWORD)


class PbxForm(ServiceForm):
    """An address, a transport, and whichever credentials the PBX wants."""

    source = Source.PBX
    secrets: ClassVar[tuple[str, ...]] = (CONF_TOKEN, CONF_PASSWORD)
    path: ClassVar[str] = EVENTS_PATH
    error_keys: ClassVar[ErrorKeys] = ((NoHookUrl, "no_external_url"),)
    default_url: ClassVar[str | None] = "https://api.sprecord.cloud"

    @override
    def schema(self, *, is_new: bool) -> vol.Schema:
        return vol.Schema(
            {
                vol.Required(CONF_URL, default=self.default_url): URL_SELECTOR,
                vol.Required(CONF_TRANSPORT, default=SSE): SelectSelector(
                    SelectSelectorConfig(
                        options=[SSE, WEBHOOK], translation_key=CONF_TRANSPORT
                    )
                ),
                vol.Optional(CONF_TOKEN): PASSWORD_SELECTOR,
                vol.Optional(CONF_USERNAME): TEXT_SELECTOR,
                vol.Optional(CONF_PASSWORD): PASSWORD_SELECTOR,
                vol.Optional(CONF_DEVICE_URL): URL_SELECTOR,
            }
        )

    @override
    def options_schema(self) -> vol.Schema:
        numbers = TextSelector(TextSelectorConfig(multiple=True, autocomplete="off"))
        return (
            super()
            .options_schema()
            .extend(
                {
                    vol.Optional(CONF_OWN_NUMBERS, default=[]): numbers,
                    vol.Required(
                        CONF_EXTENSION_DIGITS, default=DEFAULT_EXTENSION_DIGITS
                    ): whole_number(1, MAX_EXTENSION_DIGITS),
                }
            )
        )

    @override
    def options(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        entered = map(str.strip, user_input[CONF_OWN_NUMBERS])
        numbers = {normalised(text): text for text in entered if text}
        if None in numbers:
            raise FieldError(CONF_OWN_NUMBERS, "invalid_number")
        return {
            **call_options(user_input),
            CONF_OWN_NUMBERS: list(numbers.values()),
        }

    @override
    def entry_options(self, hass: HomeAssistant, entry: ConfigEntry) -> Fields:
        return call_fields() if entry.data.get(CONF_DEVICE_URL) else {}

    @override
    def data(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        username = (user_input.get(CONF_USERNAME) or "").strip() or None
        if username is not None and ":" in username:
            # It would end there: HTTP sends name and password with one between them.
            raise FieldError(CONF_USERNAME, "invalid_auth")
        data: dict[str, Any] = {
            CONF_TRANSPORT: user_input[CONF_TRANSPORT],
            CONF_USERNAME: username,
            CONF_TOKEN: secret(user_input, {} if username else known, CONF_TOKEN),
            CONF_PASSWORD: (
                secret(user_input, known, CONF_PASSWORD) if username else None
            ),
        }
        if data[CONF_TRANSPORT] == WEBHOOK:
            data[CONF_WEBHOOK_ID] = (
                known.get(CONF_WEBHOOK_ID) or webhook.async_generate_id()
            )
        if device_id := known.get(CONF_DEVICE_ID):
            data[CONF_DEVICE_ID] = device_id
        if device_url := device_address(user_input.get(CONF_DEVICE_URL)):
            data[CONF_DEVICE_URL] = device_url
        return data

    @override
    def is_same(self, data: Mapping[str, Any], other: ConfigEntry) -> bool:
        device_id = data.get(CONF_DEVICE_ID)
        if device_id is not None and device_id == _device_id(other):
            return True
        return super().is_same(data, other) and all(
            data.get(key) == other.data.get(key) for key in CREDENTIALS
        )

    @override
    async def async_connect(
        self,
        hass: HomeAssistant,
        data: dict[str, Any],
        entry: ConfigEntry | None,
        limits: Limits,
    ) -> None:
        known = entry.data.get(CONF_DEVICE_URL) if entry else None
        if data.get(CONF_DEVICE_URL) != known:
            await async_try_device(hass, data)
        if data[CONF_TRANSPORT] == WEBHOOK:
            await self._async_try_hook(hass, data, entry, limits)
            return
        async with (
            _line_given_up(entry),
            make_client(hass, data, limits).stream(),
        ):
            # It stands: that is all there is to see before somebody rings.
            pass

    @override
    async def async_leave(
        self, hass: HomeAssistant, entry: ConfigEntry, data: Mapping[str, Any]
    ) -> None:
        if CONF_WEBHOOK_ID in entry.data and CONF_WEBHOOK_ID not in data:
            await async_remove_hook(hass, entry.title, entry.data)
            issues.async_close(hass, entry, issues.UNKNOWN_DEVICE)

    async def _async_try_hook(
        self,
        hass: HomeAssistant,
        data: dict[str, Any],
        entry: ConfigEntry | None,
        limits: Limits,
    ) -> None:
        """Subscribe and prove, as the source will do again; learn the device's id."""
        webhook_id: str = data[CONF_WEBHOOK_ID]
        verifier = Verifier()
        async_register(hass, webhook_id)
        async with async_tried(hass, webhook_id, verifier), _hook_left_alone(entry):
            url = await async_hook_url(hass, webhook_id, URL(data[CONF_URL]))
            await verifier.async_subscribe(make_client(hass, data, limits), url)
            self._learn_device(hass, data, entry, verifier)

    def _learn_device(
        self,
        hass: HomeAssistant,
        data: dict[str, Any],
        entry: ConfigEntry | None,
        verifier: Verifier,
    ) -> None:
        """Note which device has asked for the proof; abort where it is another entry's."""
        known = _device_id(entry) if entry else None
        device_id = known if known in verifier.named else verifier.device_id
        if device_id is None:
            return
        others = [
            other
            for other in service_entries(hass)
            if other is not entry and _device_id(other) == device_id
        ]
        for other in others:
            if (line := _hook_line(other)) is not None:
                # The PBX sends to the hook that was tried out, and to no other.
                line.async_subscribe_again()
        line = _hook_line(entry)
        if known is not None and known != device_id:
            if line is not None:
                line.question.async_ask_about(device_id)
            raise AbortFlow("wrong_account")
        if others:
            raise AbortFlow("already_configured")
        if known is None and entry is not None and CONF_WEBHOOK_ID in entry.data:
            # Others may know a hook that is not new, and ask for a proof too.
            if line is not None:
                line.question.async_ask_about(device_id)
            return
        data[CONF_DEVICE_ID] = device_id


def _source(entry: ConfigEntry | None) -> PbxSource | None:
    """Return the source of an entry of a PBX, None where it does not run."""
    if entry is None or entry.state is not ConfigEntryState.LOADED:
        return None
    source = entry.runtime_data.source
    return source if isinstance(source, PbxSource) else None


def _device_id(entry: ConfigEntry) -> str | None:
    """Return the id of an entry's device, where it is known."""
    source = _source(entry)
    if source is not None and source.device_id is not None:
        return source.device_id
    return as_key(entry.data.get(CONF_DEVICE_ID))


def _hook_line(entry: ConfigEntry | None) -> HookLine | None:
    """Return the hook by which an entry's messages come, None where it has none."""
    source = _source(entry)
    line = None if source is None else source.line
    return line if isinstance(line, HookLine) else None


@asynccontextmanager
async def _hook_left_alone(entry: ConfigEntry | None) -> AsyncGenerator[None]:
    """Have the entry's own source not subscribe meanwhile; an event stream goes on."""
    if _hook_line(entry) is not None:
        async with _line_given_up(entry):
            yield
    else:
        yield


@asynccontextmanager
async def _line_given_up(entry: ConfigEntry | None) -> AsyncGenerator[None]:
    """Have the entry's own source keep away: a PBX has three lines for everybody."""
    if entry is None or entry.state is not ConfigEntryState.LOADED:
        yield
        return
    async with entry.runtime_data.task.async_paused():
        yield
