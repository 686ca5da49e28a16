"""A flow that tries a hook out, however it ends: the running source goes on receiving."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import DOMAIN
from simulator.faults import Faults
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from .conftest import Recorder
from .flows import begin, fix, short_limits
from .helpers import wait_for_state, wait_until
from .plain import TOKEN
from .test_pbx_flow import SSE, WEBHOOK, _web, add, enter, pbx

__all__ = ["_web", "pbx"]

CONNECTION = "binary_sensor.pbx_127_0_0_1_connection"
CALLER = "+79821234567"
VERIFIER = "custom_components.carbis_alerts.services.pbx.verifier.Verifier"

pytestmark = pytest.mark.usefixtures("_web")


@pytest.fixture
async def entry(hass: HomeAssistant, pbx: PbxService) -> Any:
    """Return an entry whose hook the PBX has taken."""
    pbx.hooks.retry_pauses = (0.01,) * 500
    entry = await add(hass, pbx, **WEBHOOK)
    await wait_for_state(hass, CONNECTION, "on")
    return entry


async def assert_hears(pbx: PbxService, bus: Recorder, extension: str = "107") -> None:
    """Take that a call comes through at once, and no message was sent back."""
    before, answers = len(bus.data), len(pbx.hook_answers)
    pbx.ring(CALLER, extension)
    await bus.wait(before + 1)
    await pbx.wait_until(lambda: len(pbx.hook_answers) > answers)
    # That of a proof, which was asked for before, may come meanwhile.
    assert {answer.status for answer in list(pbx.hook_answers)[answers:]} == {200}


@asynccontextmanager
async def held_up(pbx: PbxService) -> AsyncGenerator[tuple[asyncio.Event, Any]]:
    """Have the PBX wait before it asks for a proof; yield what says so, and lets it go."""
    reached, go_on = asyncio.Event(), asyncio.Event()
    verify = pbx.hooks.verify

    async def wait(*args: Any) -> bool:
        reached.set()
        await go_on.wait()
        return await verify(*args)

    with patch.object(pbx.hooks, "verify", wait):
        yield reached, go_on
        go_on.set()


async def same_data(hass: HomeAssistant, pbx: PbxService, entry: Any) -> None:
    result = await enter(
        hass, await fix(hass, entry, "reconfigure"), url=pbx.url, **WEBHOOK
    )
    assert result["reason"] == "reconfigure_successful"


async def wrong_token(hass: HomeAssistant, pbx: PbxService, entry: Any) -> None:
    pbx.token = "another"
    result = await enter(
        hass, await fix(hass, entry, "reconfigure"), url=pbx.url, token="x", **WEBHOOK
    )
    assert result["errors"] == {"base": "invalid_auth"}
    hass.config_entries.flow.async_abort(result["flow_id"])
    pbx.token = None


async def refused(hass: HomeAssistant, pbx: PbxService, entry: Any) -> None:
    with patch.object(pbx.hooks, "verify", return_value=False):
        result = await enter(
            hass, await fix(hass, entry, "reconfigure"), url=pbx.url, **WEBHOOK
        )
    assert result["errors"] == {"base": "hook_refused"}


async def timeout(hass: HomeAssistant, pbx: PbxService, entry: Any) -> None:
    faults = Faults(half_open=True)
    pbx.faults.set(faults)
    with short_limits(faults):
        result = await enter(
            hass, await fix(hass, entry, "reconfigure"), url=pbx.url, **WEBHOOK
        )
    assert result["errors"] == {"base": "timeout"}
    pbx.faults.clear()


async def another_device(hass: HomeAssistant, pbx: PbxService, entry: Any) -> None:
    async with PbxService(device_id="another") as other:
        result = await enter(
            hass, await fix(hass, entry, "reconfigure"), url=other.url, **WEBHOOK
        )
    assert result["reason"] == "wrong_account"


async def exception(hass: HomeAssistant, pbx: PbxService, entry: Any) -> None:
    result = await fix(hass, entry, "reconfigure")
    with patch(f"{VERIFIER}.async_subscribe", side_effect=RuntimeError):
        result = await enter(hass, result, url=pbx.url, **WEBHOOK)
    assert result["errors"] == {"base": "unknown"}


async def no_address(hass: HomeAssistant, pbx: PbxService, entry: Any) -> None:
    result = await enter(
        hass,
        await fix(hass, entry, "reconfigure"),
        url="https://pbx.example.com",
        **WEBHOOK,
    )
    assert result["errors"] == {"base": "no_external_url"}


async def aborted(hass: HomeAssistant, pbx: PbxService, entry: Any) -> None:
    result = await fix(hass, entry, "reconfigure")
    async with held_up(pbx) as (reached, go_on):
        trying = hass.async_create_task(enter(hass, result, url=pbx.url, **WEBHOOK))
        await reached.wait()
        hass.config_entries.flow.async_abort(result["flow_id"])
        go_on.set()
        await asyncio.gather(trying, return_exceptions=True)


async def cancelled(hass: HomeAssistant, pbx: PbxService, entry: Any) -> None:
    result = await fix(hass, entry, "reconfigure")
    async with held_up(pbx) as (reached, _):
        trying = hass.async_create_task(enter(hass, result, url=pbx.url, **WEBHOOK))
        await reached.wait()
        trying.cancel()
        with suppress(asyncio.CancelledError):
            await trying


async def two_at_once(hass: HomeAssistant, pbx: PbxService, entry: Any) -> None:
    flows = [await fix(hass, entry, how) for how in ("reconfigure", "reauth")]
    pbx.dialect = "plain"
    results = await asyncio.gather(
        *(enter(hass, flow, url=pbx.url, **WEBHOOK) for flow in flows)
    )
    assert {result["reason"] for result in results} == {
        "reconfigure_successful",
        "reauth_successful",
    }


@pytest.mark.parametrize(
    "end",
    [
        *(same_data, wrong_token, refused, timeout, another_device, exception),
        *(no_address, aborted, cancelled, two_at_once),
    ],
)
async def test_however_a_flow_ends_the_source_receives_and_subscribes_as_before(
    hass: HomeAssistant,
    pbx: PbxService,
    entry: Any,
    bus: Recorder,
    end: Callable[[HomeAssistant, PbxService, Any], Awaitable[None]],
) -> None:
    await assert_hears(pbx, bus)
    await end(hass, pbx, entry)
    await assert_hears(pbx, bus, "108")
    await wait_for_state(hass, CONNECTION, "on")
    assert pbx.hook is not None
    assert pbx.hook["hook"].endswith(entry.data["webhook_id"])
    # It listens: a change of the address makes it subscribe again.
    asked = pbx.received
    entry.runtime_data.source.line.async_subscribe_again()
    await wait_until(lambda: pbx.received > asked)


async def test_a_call_during_the_try_reaches_the_source(
    hass: HomeAssistant, pbx: PbxService, entry: Any, bus: Recorder
) -> None:
    result = await fix(hass, entry, "reconfigure")
    async with held_up(pbx) as (reached, go_on):
        trying = hass.async_create_task(enter(hass, result, url=pbx.url, **WEBHOOK))
        await reached.wait()
        await assert_hears(pbx, bus)
        go_on.set()
        assert (await trying)["reason"] == "reconfigure_successful"


async def test_an_entry_that_reloads_while_a_flow_tries_receives(
    hass: HomeAssistant, pbx: PbxService, entry: Any, bus: Recorder
) -> None:
    result = await fix(hass, entry, "reconfigure")
    async with held_up(pbx) as (reached, go_on):
        trying = hass.async_create_task(enter(hass, result, url=pbx.url, **WEBHOOK))
        await reached.wait()
        assert await hass.config_entries.async_reload(entry.entry_id)
        await assert_hears(pbx, bus)
        go_on.set()
        await trying
    await assert_hears(pbx, bus, "108")
    await wait_for_state(hass, CONNECTION, "on")


async def test_the_same_device_tried_as_another_is_given_back_to_its_entry(
    hass: HomeAssistant, pbx: PbxService, entry: Any, bus: Recorder
) -> None:
    result = await enter(
        hass, await begin(hass, "pbx"), url=pbx.url, token="other", **WEBHOOK
    )
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    await wait_until(
        lambda: (
            pbx.hook is not None and pbx.hook["hook"].endswith(entry.data["webhook_id"])
        )
    )
    await assert_hears(pbx, bus)


async def test_an_event_stream_goes_on_while_a_hook_is_tried_in_vain(
    hass: HomeAssistant, pbx: PbxService, bus: Recorder
) -> None:
    entry = await add(hass, pbx, **SSE)
    await pbx.wait_for_streams(1)
    result = await fix(hass, entry, "reconfigure")
    with patch.object(pbx.hooks, "verify", return_value=False):
        result = await enter(hass, result, url=pbx.url, **WEBHOOK)
    assert result["errors"] == {"base": "hook_refused"}
    assert pbx.streams == 1
    pbx.ring(CALLER, "107")
    await bus.wait(1)
    assert "webhook_id" not in entry.data


async def test_a_hook_is_set_up_beside_another_service(
    hass: HomeAssistant, pbx: PbxService, bus: Recorder
) -> None:
    async with QrMenuService(token=TOKEN) as menu:
        data = {"service": "qr_menu", "url": menu.url, "token": TOKEN}
        other = MockConfigEntry(domain=DOMAIN, title="Menu", data=data)
        other.add_to_hass(hass)
        assert await hass.config_entries.async_setup(other.entry_id)
        pbx.hooks.retry_pauses = (0.01,) * 500
        await add(hass, pbx, **WEBHOOK)
        await wait_for_state(hass, CONNECTION, "on")
        await assert_hears(pbx, bus)
        assert await hass.config_entries.async_unload(other.entry_id)
