"""After any fault of the PBX's stream: the next event comes, once, over one line."""

from collections.abc import Generator
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest

from simulator.pbx import PbxService

from ..conftest import Recorder
from ..helpers import wait_for_state, wait_until
from . import pbx_faults
from .conftest import MakePbx
from .pbx_faults import FAULTS, Fault

RHYTHM = "custom_components.carbis_alerts.api.rhythm"
CONNECTION = "binary_sensor.pbx_127_0_0_1_connection"
GUEST = "+79821234567"


@pytest.fixture(autouse=True)
def _quick_heartbeats() -> Generator[None]:
    """Let hearts beat many times a second."""
    with (
        patch.object(pbx_faults, "HEARTBEAT", 0.02),
        patch(f"{RHYTHM}.SAME_HEARTBEAT", 0.0),
        patch(f"{RHYTHM}.FASTEST_RHYTHM", 0.05),
    ):
        yield


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_after_a_fault_the_next_event_comes_once_and_over_one_line(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx, bus: Recorder, fault: Fault
) -> None:
    entry = make_pbx(pbx, token="s3cret-of-the-pbx")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pbx.wait_for_streams(1)
    source = entry.runtime_data
    pbx.sms(GUEST, "before")
    await bus.wait(1)

    async with fault.happens(pbx, source):
        if fault.error is not None:
            await wait_until(lambda: source.statistics.failures[fault.error] > 0)
        if fault.lasts:
            await wait_for_state(hass, CONNECTION, "off")
        if fault.lasts and not fault.is_final:
            await wait_until(lambda: source.statistics.failures[fault.error] > 2)
    if fault.is_final:
        assert await hass.config_entries.async_reload(entry.entry_id)
        source = entry.runtime_data
    await pbx.wait_for_streams(1)
    await wait_for_state(hass, CONNECTION, "on")
    pbx.sms(GUEST, "after")
    published = await bus.wait(2 + len(fault.says))
    await hass.async_block_till_done()

    assert [event["type"] for event in published] == ["sms", *fault.says, "sms"]
    assert (published[0]["text"], published[-1]["text"]) == ("before", "after")
    assert len(bus.events) == len(published)
    assert pbx.streams == pbx.open_connections == 1
    assert source.statistics.malformed == fault.malformed
    if fault.error is None:
        assert source.diagnostics()["connections"] == 1
        assert not source.statistics.failures


async def test_bytes_that_are_no_utf8_are_shown_as_the_standard_says(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx, bus: Recorder
) -> None:
    assert await hass.config_entries.async_setup(make_pbx(pbx).entry_id)
    await pbx.wait_for_streams(1)
    pbx.push_raw(b'data: {"event_type": "fax", "text": "\xff!"}\n\n')
    (published,) = await bus.wait(1)
    assert published["raw"]["text"] == "\ufffd!"


async def test_what_was_whole_before_the_line_broke_is_published(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx, bus: Recorder
) -> None:
    entry = make_pbx(pbx)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pbx.wait_for_streams(1)
    whole = b'data: {"event_type": "incoming_sms", "payload": {"text": "whole"}}\n\n'
    pbx.cut_stream_after(len(whole) + 20)
    pbx.push_raw(whole + pbx_faults.HALF)
    assert [event["text"] for event in await bus.wait(1)] == ["whole"]
    await wait_until(lambda: entry.runtime_data.statistics.failures.total() > 0)
    # What was left of the other one does not mix with what the next line brings.
    await pbx.wait_for_streams(1)
    pbx.sms(GUEST, "after")
    assert [event["text"] for event in await bus.wait(2)] == ["whole", "after"]


async def test_a_line_without_heartbeats_is_never_given_up_for_its_silence(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx, bus: Recorder
) -> None:
    entry = make_pbx(pbx)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pbx.wait_for_streams(1)
    for number in range(20):
        pbx.sms(GUEST, f"message {number}")
    await bus.wait(20)
    assert entry.runtime_data.diagnostics()["patience"] is None
