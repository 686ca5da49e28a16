"""Calls to people by the PBX's auto-call."""

from collections.abc import Generator, Mapping
from typing import Any

from homeassistant.core import HomeAssistant, callback
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.api.pbx.auto_call import START_PATH
from custom_components.carbis_alerts.team.channels.call import (
    CallChannel,
    Called,
    async_listen_calls,
)
from custom_components.carbis_alerts.team.channels.channel import ChannelError, Message
from simulator.faults import Faults
from simulator.pbx import PbxService
from simulator.pbx_auto_calls import RESULTS

from ...helpers import wait_until
from ...services.conftest import MakePbx, make_pbx, pbx
from ...timings import timed

__all__ = ["make_pbx", "pbx"]

MESSAGE = Message(
    title="Table 6",
    text="The waiter is called",
    tag="tag-1",
    answers={"take:1": "I'm coming", "decline:1": "Not me"},
)
NUMBER = "+7 (982) 000-00-01"
OPTIONS = {"call_scenario": "staff"}


@pytest.fixture(autouse=True)
def _often() -> Generator[None]:
    """Look at calls often."""
    with timed(call_look=0.01):
        yield


class Site:
    """An entry whose PBX phones people, and how calls ended."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        """Listen to the ends of calls."""
        self.ends: list[Called] = []
        self.channel = CallChannel(hass)
        self.entry = entry
        async_listen_calls(hass, self._note)

    @callback
    def _note(self, called: Called) -> None:
        self.ends.append(called)

    def address(self, number: str = NUMBER) -> dict[str, str]:
        """Return the address of somebody's telephone."""
        entry_id = self.entry.entry_id
        return {"channel": "call", "entry_id": entry_id, "number": number}

    async def end(self, count: int = 1) -> Called:
        """Return the last of so many ends, once it is there."""
        await wait_until(lambda: len(self.ends) >= count)
        return self.ends[count - 1]


async def _site(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: MakePbx,
    options: Mapping[str, Any] = OPTIONS,
    **data: Any,
) -> Site:
    entry = make_pbx(pbx, device_url=pbx.url, **data)
    hass.config_entries.async_update_entry(entry, options=dict(options))
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pbx.wait_for_streams(1)
    return Site(hass, entry)


@pytest.mark.parametrize(
    ("heard", "data"),
    [
        ({"result#1": "1"}, "take:1"),
        ({"result#1": "2"}, "decline:1"),
        ({"result#1": "7"}, None),
        ({"result#2": "1"}, None),
        ({}, None),
    ],
)
async def test_a_pressed_key_is_the_answer(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: MakePbx,
    heard: dict[str, str],
    data: str | None,
) -> None:
    site = await _site(hass, pbx, make_pbx)
    assert site.channel.problem(site.address()) is None
    await site.channel.async_send(site.address(), MESSAGE)
    assert pbx.auto_calls.ringing is not None
    assert pbx.auto_calls.ringing.number == "+79820000001"
    assert site.ends == []
    pbx.auto_calls.end("talk_ok", heard)
    end = await site.end()
    assert (end.data, end.error) == (data, None)
    assert end.answers == ("take:1", "decline:1")
    assert end.address == site.address()


async def test_keys_and_their_field_are_options(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx
) -> None:
    options = {"key_take": "*", "key_decline": "1", "result_field": "result#3"}
    site = await _site(hass, pbx, make_pbx, {**OPTIONS, **options})
    pbx.auto_calls.by_itself = ("talk_unsuccess", {"result#3": "*", "result#1": "1"})
    await site.channel.async_send(site.address(), MESSAGE)
    assert (await site.end()).data == "take:1"


@pytest.mark.parametrize("result", RESULTS)
async def test_each_result_without_a_key_has_its_words(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx, result: str
) -> None:
    site = await _site(hass, pbx, make_pbx)
    pbx.auto_calls.by_itself = (result, {})
    await site.channel.async_send(site.address(), MESSAGE)
    end = await site.end()
    assert end.data is None
    if result.startswith("talk"):
        assert end.error is None
        return
    assert end.error is not None
    no_line = ("no_route", "line_busy", "line_fail", "error")
    assert end.error.key == ("call_no_line" if result in no_line else "call_unanswered")


async def test_calls_are_made_one_after_the_other(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx
) -> None:
    site = await _site(hass, pbx, make_pbx)
    for number in ("101", "102", "103"):
        await site.channel.async_send(site.address(number), MESSAGE)
    calls = pbx.auto_calls
    for count, number in enumerate(("101", "102", "103"), start=1):
        await _rings(pbx, number)
        calls.end("talk_ok", {"result#1": "1"})
        assert (await site.end(count)).address["number"] == number
    assert len(calls.tasks) == 3


async def _rings(pbx: PbxService, number: str) -> None:
    """Wait until a number is phoned."""
    ringing = pbx.auto_calls
    await wait_until(
        lambda: (task := ringing.ringing) is not None and task.number == number
    )


async def test_somebody_elses_call_is_waited_for_but_not_for_ever(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx
) -> None:
    site = await _site(hass, pbx, make_pbx)
    other = await _start(pbx, "900")
    await site.channel.async_send(site.address(), MESSAGE)
    await pbx.wait_for_requests(2)
    assert other.number == "900"
    pbx.auto_calls.end("talk")
    await _rings(pbx, "+79820000001")
    pbx.auto_calls.end("talk_ok", {"result#1": "1"})
    assert (await site.end()).data == "take:1"
    await _start(pbx, "900")
    with timed(call_look=0.01, call_turn=0.05):
        await site.channel.async_send(site.address(), MESSAGE)
        end = await site.end(2)
    assert end.error is not None
    assert end.error.key == "call_busy"


async def _start(pbx: PbxService, number: str) -> Any:
    """Have the PBX phone somebody on behalf of another program."""
    body = f'{{"name": "staff", "list": ["{number}"]}}'.encode()
    pbx.auto_calls._start(body)
    return pbx.auto_calls.ringing


async def test_a_call_is_ended_and_one_that_waits_is_never_made(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx
) -> None:
    site = await _site(hass, pbx, make_pbx)
    first = await site.channel.async_send(site.address("101"), MESSAGE)
    second = await site.channel.async_send(site.address("102"), MESSAGE)
    assert first is not None
    assert second is not None
    await site.channel.async_withdraw(site.address("102"), second)
    await site.channel.async_withdraw(site.address("101"), first)
    assert pbx.auto_calls.ringing is None
    assert [task.is_stopped for task in pbx.auto_calls.tasks] == [True]
    # The turn is free again.
    pbx.auto_calls.by_itself = ("talk_ok", {"result#1": "2"})
    await site.channel.async_send(site.address("103"), MESSAGE)
    assert (await site.end()).address["number"] == "103"
    # One of before a restart can be ended too, and one that is over.
    await site.channel.async_withdraw(site.address("101"), first)
    await site.channel.async_withdraw(site.address("102"), second)


async def test_a_call_that_rings_for_ever_is_stopped(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx
) -> None:
    site = await _site(hass, pbx, make_pbx)
    with timed(call_look=0.01, call_length=0.05):
        await site.channel.async_send(site.address(), MESSAGE)
        end = await site.end()
    assert end.error is not None
    assert end.error.key == "call_unanswered"
    assert pbx.auto_calls.ringing is None


async def test_a_device_that_is_away_for_a_moment_is_asked_again(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx
) -> None:
    site = await _site(hass, pbx, make_pbx)
    await site.channel.async_send(site.address(), MESSAGE)
    pbx.faults.set(Faults(status=500, times=3))
    pbx.auto_calls.end("talk_ok", {"result#1": "1"})
    assert (await site.end()).data == "take:1"


@pytest.mark.parametrize(
    ("options", "faults", "has_key", "key"),
    [
        ({}, Faults(), True, "call_no_scenario"),
        ({"call_scenario": "none"}, Faults(), True, "call_scenario_unknown"),
        (OPTIONS, Faults(), False, "call_not_offered"),
        (OPTIONS, Faults(garbage=True), True, "call_not_offered"),
        (OPTIONS, Faults(status=503), True, "call_away"),
        (OPTIONS, Faults(reset=True), True, "call_away"),
    ],
)
async def test_what_keeps_a_call_from_being_made_has_its_words(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: MakePbx,
    options: dict[str, str],
    faults: Faults,
    has_key: bool,
    key: str,
) -> None:
    site = await _site(hass, pbx, make_pbx, options)
    pbx.auto_calls.has_key = has_key
    pbx.faults.set(faults)
    with pytest.raises(ChannelError) as failed:
        await site.channel.async_send(site.address(), MESSAGE)
    assert failed.value.key == key
    # The next one is made at once.
    pbx.faults.clear()
    pbx.auto_calls.has_key = True
    if options == OPTIONS:
        await site.channel.async_send(site.address(), MESSAGE)
        assert pbx.auto_calls.ringing is not None


async def test_an_entry_that_cannot_phone_is_a_problem(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx
) -> None:
    site = await _site(hass, pbx, make_pbx)
    channel, address = site.channel, site.address()

    def key(**changed: str) -> str | None:
        problem = channel.problem({**address, **changed})
        return None if problem is None else problem.key

    assert key() is None
    assert key(number="") == "no_recipient"
    assert key(entry_id="gone") == "unknown_entry"
    await hass.config_entries.async_unload(site.entry.entry_id)
    assert key() == "entry_not_loaded"
    other = make_pbx(pbx)
    assert await hass.config_entries.async_setup(other.entry_id)
    assert key(entry_id=other.entry_id) == "call_no_device"


async def test_nothing_is_phoned_after_an_unload(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx
) -> None:
    site = await _site(hass, pbx, make_pbx)
    for number in ("101", "102"):
        await site.channel.async_send(site.address(number), MESSAGE)
    await hass.config_entries.async_unload(site.entry.entry_id)
    pbx.auto_calls.end("talk_ok", {"result#1": "1"})
    await hass.async_block_till_done()
    assert [request.path for request in pbx.requests].count(START_PATH) == 1
    assert site.ends == []
