"""The form of a PBX that phones people: its own address, and the options for it."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from simulator.faults import Faults
from simulator.pbx import PbxService

from .flows import begin, fix
from .services.conftest import MakePbx, make_pbx, pbx

__all__ = ["make_pbx", "pbx"]


async def enter(hass: HomeAssistant, result: Any, **data: Any) -> Any:
    """Fill in a form."""
    return await hass.config_entries.flow.async_configure(result["flow_id"], data)


async def _enter(hass: HomeAssistant, pbx: PbxService, device_url: str) -> Any:
    result = await begin(hass, "pbx")
    given = {"url": pbx.url, "transport": "sse", "device_url": device_url}
    return await enter(hass, result, **given)


@pytest.mark.parametrize(
    "text", ["{url}", " {url}/ ", "{host}", "{url}/auto_call/status"]
)
async def test_the_devices_own_address_is_asked_and_kept(
    hass: HomeAssistant, pbx: PbxService, text: str
) -> None:
    host = f"{pbx.host}:{pbx.port}"
    result = await _enter(hass, pbx, text.format(url=pbx.url, host=host))
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    assert result["data"]["device_url"].rstrip("/") == pbx.url
    assert "/auto_call/status" in [request.path for request in pbx.requests]


async def test_an_address_without_a_port_is_that_of_the_api(
    hass: HomeAssistant, pbx: PbxService
) -> None:
    from custom_components.carbis_alerts.services.pbx.call_form import device_address

    assert device_address("192.168.1.20") == "http://192.168.1.20:9000"
    assert device_address("http://pbx.local/") == "http://pbx.local:9000"
    assert device_address("http://192.168.1.20:80") == "http://192.168.1.20"
    assert device_address("https://pbx.example") == "https://pbx.example"
    assert device_address("http://[fd00::1]") == "http://[fd00::1]:9000"
    assert device_address(" ") is None


@pytest.mark.parametrize(
    ("device_url", "faults", "error"),
    [
        ("", Faults(status=404), "no_auto_call"),
        ("", Faults(garbage=True), "no_auto_call"),
        ("", Faults(status=500), "device_away"),
        ("http://", Faults(), "invalid_url"),
    ],
)
async def test_an_address_that_does_not_phone_is_the_fields_error(
    hass: HomeAssistant,
    pbx: PbxService,
    device_url: str,
    faults: Faults,
    error: str,
) -> None:
    async with PbxService() as device:
        device.faults.set(faults)
        result = await _enter(hass, pbx, device_url or device.url)
        assert result["errors"] == {"device_url": error}
        device.faults.clear()
        result = await enter(
            hass, result, url=pbx.url, transport="sse", device_url=device.url
        )
    assert result["type"] is FlowResultType.CREATE_ENTRY, result


async def test_the_cloud_has_no_auto_call(hass: HomeAssistant, pbx: PbxService) -> None:
    pbx.auto_calls.has_key = False
    result = await _enter(hass, pbx, pbx.url)
    assert result["errors"] == {"device_url": "no_auto_call"}


async def test_a_device_that_is_away_keeps_nobody_from_changing_the_rest(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx
) -> None:
    entry = make_pbx(pbx, device_url="http://127.0.0.1:9")
    assert await hass.config_entries.async_setup(entry.entry_id)
    result = await fix(hass, entry, "reconfigure")
    same = {"url": pbx.url, "transport": "sse", "device_url": "http://127.0.0.1:9"}
    result = await enter(hass, result, **same)
    assert result["reason"] == "reconfigure_successful"
    result = await fix(hass, entry, "reconfigure")
    result = await enter(hass, result, url=pbx.url, transport="sse")
    assert result["reason"] == "reconfigure_successful"
    assert entry.data.get("device_url") is None
    await hass.async_block_till_done()


async def _options(hass: HomeAssistant, entry: Any, **given: Any) -> Any:
    shown = await hass.config_entries.options.async_init(entry.entry_id)
    given = {
        "overdue_after": 120,
        "keep_for": 72,
        "daily_reset": "06:00:00",
        "own_numbers": [],
        "extension_digits": 5,
        **given,
    }
    return await hass.config_entries.options.async_configure(shown["flow_id"], given)


async def test_keys_are_two_of_a_telephones(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx
) -> None:
    entry = make_pbx(pbx, device_url=pbx.url)
    assert await hass.config_entries.async_setup(entry.entry_id)
    call = {"call_scenario": " staff ", "result_field": "result#2"}
    for keys, errors in (
        (("a", "2"), {"key_take": "invalid_key"}),
        (("1", "22"), {"key_decline": "invalid_key"}),
        (("1", " 1"), {"key_decline": "same_key"}),
    ):
        result = await _options(
            hass, entry, key_take=keys[0], key_decline=keys[1], **call
        )
        assert result["errors"] == errors
    result = await _options(hass, entry, key_take=" * ", key_decline="#", **call)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options["call_scenario"] == "staff"
    assert entry.options["key_take"] == "*"
    assert entry.options["result_field"] == "result#2"
    await hass.async_block_till_done()


async def test_an_entry_without_a_device_has_no_such_options(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx
) -> None:
    entry = make_pbx(pbx)
    assert await hass.config_entries.async_setup(entry.entry_id)
    shown = await hass.config_entries.options.async_init(entry.entry_id)
    assert shown["data_schema"] is not None
    assert "key_take" not in map(str, shown["data_schema"].schema)
