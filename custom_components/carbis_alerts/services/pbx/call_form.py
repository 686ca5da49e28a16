"""What it takes to have a PBX phone people: its own address, what its keys mean."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig
import voluptuous as vol

from ...api.address import parse_address
from ...api.errors import ProtocolError, ServiceError
from ...api.pbx.auto_call import DEVICE_PORT, RESULT_FIELDS
from ...const import (
    CONF_CALL_SCENARIO,
    CONF_DEVICE_URL,
    CONF_KEY_DECLINE,
    CONF_KEY_TAKE,
    CONF_RESULT_FIELD,
)
from ..form import TEXT_SELECTOR, FieldError
from ..options import Fields
from .auto_calls import (
    DEFAULT_KEY_DECLINE,
    DEFAULT_KEY_TAKE,
    DEFAULT_RESULT_FIELD,
    make_auto_call_client,
)

KEYS: Final = frozenset("0123456789*#")


def call_fields() -> Fields:
    """Return the fields of the options for an entry whose PBX can phone people."""
    return {
        vol.Optional(CONF_CALL_SCENARIO): TEXT_SELECTOR,
        vol.Required(CONF_KEY_TAKE, default=DEFAULT_KEY_TAKE): TEXT_SELECTOR,
        vol.Required(CONF_KEY_DECLINE, default=DEFAULT_KEY_DECLINE): TEXT_SELECTOR,
        vol.Required(CONF_RESULT_FIELD, default=DEFAULT_RESULT_FIELD): SelectSelector(
            SelectSelectorConfig(options=list(RESULT_FIELDS))
        ),
    }


def call_options(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with keys that a telephone has, two of them; else a ``FieldError``."""
    options = dict(user_input)
    for name in (CONF_CALL_SCENARIO, CONF_KEY_TAKE, CONF_KEY_DECLINE):
        if name in options:
            options[name] = options[name].strip()
    for name in (CONF_KEY_TAKE, CONF_KEY_DECLINE):
        if name in options and options[name] not in KEYS:
            raise FieldError(name, "invalid_key")
    if CONF_KEY_TAKE in options and (
        options[CONF_KEY_TAKE] == options[CONF_KEY_DECLINE]
    ):
        raise FieldError(CONF_KEY_DECLINE, "same_key")
    return options


def device_address(text: str | None) -> str | None:
    """Return a device's own address, None for nothing; else raise a ``FieldError``.

    Such a device speaks HTTP, at a port that nobody types.
    """
    text = (text or "").strip()
    if not text:
        return None
    try:
        url = parse_address(
            text if "//" in text else f"http://{text}", without="/auto_call"
        )
    except ValueError:
        raise FieldError(CONF_DEVICE_URL, "invalid_url") from None
    host = text.partition("://")[2].partition("/")[0] or text.partition("/")[0]
    has_port = host.rpartition(":")[2].isdigit() and not host.endswith("]")
    if url.scheme == "http" and not has_port:
        url = url.with_port(DEVICE_PORT)
    return str(url)


async def async_try_device(hass: HomeAssistant, data: Mapping[str, Any]) -> None:
    """Really ask a device, where one is named; raise a ``FieldError`` where none answers."""
    client = make_auto_call_client(hass, data)
    if client is None:
        return
    try:
        await client.probe()
    except ProtocolError:
        raise FieldError(CONF_DEVICE_URL, "no_auto_call") from None
    except ServiceError:
        raise FieldError(CONF_DEVICE_URL, "device_away") from None
