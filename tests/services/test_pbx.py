"""The PBX's source over the event stream: from a real server to the site."""

from typing import Any
from unittest.mock import patch

from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.api.errors import ServiceUnavailable
from simulator.faults import Faults
from simulator.pbx import PbxService

from ..conftest import Recorder
from ..helpers import entity_ids, state_of, wait_for_state, wait_until
from ..timings import timed
from .conftest import MakePbx

CONNECTION = "binary_sensor.pbx_127_0_0_1_connection"
STATE = "sensor.pbx_127_0_0_1_state"
ACTIVE = "sensor.pbx_127_0_0_1_active_calls"
LAST_CALLER = "sensor.pbx_127_0_0_1_last_caller"
HUB_CALLS = "event.pbx_127_0_0_1_calls"
HUB_SMS = "event.pbx_127_0_0_1_sms"
CALLER = "+79821234567"


async def test_a_call_from_its_ring_to_its_end(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    call = pbx.ring(CALLER, "107", trunk="GSM1")
    (ring,) = await bus.wait(1)
    device = dr.async_get(hass).async_get(ring["device_id"])
    assert device is not None
    assert device.name == "Extension 107"
    assert {key: ring[key] for key in ring if key not in ("time", "event_id")} == {
        "source": "pbx",
        "type": "incoming_call",
        "code": "incoming_call",
        "late": False,
        "entry_id": pbx_entry.entry_id,
        "entry_title": "127.0.0.1",
        "device_id": device.id,
        "entity_id": "event.extension_107_calls",
        "call_id": str(call),
        "caller": CALLER,
        "caller_name": None,
        "vip": False,
        "extension": "107",
        "extensions": ["107"],
        "trunk": "GSM1",
        "direction": "incoming",
        "duration": None,
        "status": None,
        "record_id": None,
        "number": None,
        "sender": None,
        "text": None,
        "raw": None,
    }
    assert state_of(hass, STATE) == "ringing"
    assert state_of(hass, ACTIVE) == "1"
    assert state_of(hass, LAST_CALLER) == CALLER
    assert state_of(hass, "sensor.extension_107_state") == "ringing"
    assert state_of(hass, "sensor.extension_107_caller") == CALLER

    pbx.answer(call)
    await bus.wait(2)
    assert state_of(hass, "sensor.extension_107_state") == "talking"

    pbx.hang_up(call, status="success", duration=42)
    end = (await bus.wait(3))[2]
    assert (end["type"], end["duration"], end["status"]) == ("call_end", 42, "success")
    assert (end["caller"], end["extension"], end["direction"]) == (
        CALLER,
        "107",
        "incoming",
    )
    assert end["record_id"] is not None
    assert state_of(hass, STATE) == "idle"
    assert state_of(hass, ACTIVE) == "0"
    assert state_of(hass, "sensor.extension_107_caller") == "unknown"
    for entity_id in (HUB_CALLS, "event.extension_107_calls"):
        state = hass.states.get(entity_id)
        assert state is not None
        assert state.attributes["event_type"] == "call_end"
    assert len(bus.events) == 3


async def test_a_call_that_nobody_takes_is_missed(
    pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    call = pbx.ring(CALLER, "107")
    pbx.miss(call)
    ring, end, missed = await bus.wait(3)
    assert [event["type"] for event in (ring, end, missed)] == [
        "incoming_call",
        "call_end",
        "missed_call",
    ]
    assert missed["event_id"] == f"{ring['event_id']}:missed"
    assert missed["status"] == end["status"] == "no_answer"
    assert (missed["caller"], missed["extension"]) == (CALLER, "107")


async def test_an_outgoing_call_is_of_the_extension_and_never_missed(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    call = pbx.dial("107", CALLER)
    (dial,) = await bus.wait(1)
    assert (dial["type"], dial["direction"]) == ("outgoing_call", "outgoing")
    assert (dial["extension"], dial["caller"]) == ("107", CALLER)
    assert state_of(hass, STATE) == "dialing"
    assert state_of(hass, LAST_CALLER) == "unknown"
    pbx.hang_up(call, status="busy")
    pbx.sms(CALLER, "next")
    await bus.wait(3)
    assert [data["type"] for data in bus.data] == ["outgoing_call", "call_end", "sms"]


async def test_a_redirected_call_moves_to_the_other_extension(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    call = pbx.ring(CALLER, "107")
    pbx.redirect(call, "108")
    moved = (await bus.wait(2))[1]
    assert (moved["type"], moved["number"], moved["extension"]) == (
        "answer_elsewhere",
        "108",
        "108",
    )
    assert moved["entity_id"] == "event.extension_108_calls"
    assert state_of(hass, "sensor.extension_107_state") == "idle"
    assert state_of(hass, "sensor.extension_108_state") == "ringing"


async def test_an_sms_is_published_with_its_own_time(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    await hass.config.async_set_time_zone("Asia/Yekaterinburg")
    dates = ("2026-11-21 22:30:00", "21.11.2026 22:30:00", "2026-11-21T17:30:00Z")
    for guests, date in enumerate(dates):
        pbx.push(
            {
                "event_type": "incoming_sms",
                "payload": {
                    "sms_src": CALLER,
                    "text": f" Столик на {guests}? ",
                    "trunk": "GSM1",
                    "date": date,
                },
            }
        )
    for guests, data in enumerate(await bus.wait(3)):
        assert data["time"] == "2026-11-21T17:30:00+00:00"
        assert (data["sender"], data["text"], data["trunk"]) == (
            CALLER,
            f" Столик на {guests}? ",
            "GSM1",
        )
        assert data["entity_id"] == HUB_SMS
    pbx.push(
        {"event_type": "incoming_sms", "payload": {"text": "x", "date": "yesterday"}}
    )
    assert (await bus.wait(4))[3]["time"] != "2026-11-21T17:30:00+00:00"


async def test_contacts_are_named_and_important_ones_marked(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx, bus: Recorder
) -> None:
    entry = make_pbx(
        pbx,
        contacts=(
            {"name": "Анна", "number": "8 (982) 123-45-67", "vip": True},
            {"name": "Поставщик", "number": "+79991112233", "vip": False},
        ),
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pbx.wait_for_streams(1)
    pbx.ring("+79821234567", "107")
    pbx.ring("89991112233", "107")
    pbx.ring("anonymous", "107")
    pbx.sms("9821234567", "hello")
    named = [
        (data["caller_name"], data["vip"], data["caller"]) for data in await bus.wait(4)
    ]
    assert named == [
        ("Анна", True, "+79821234567"),
        ("Поставщик", False, "89991112233"),
        (None, False, None),
        ("Анна", None, None),
    ]
    assert state_of(hass, LAST_CALLER) == "unknown"


async def test_what_is_unknown_is_published_as_other_and_what_is_garbage_is_counted(
    pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    pushed = pbx.push({"event_type": "fax", "payload": {"pages": 3}})
    pbx.push([1, 2])
    pbx.push_raw(b"data: {not json\n\n")
    pbx.push_raw(b": only a comment\n\nretry: 1000\n\n")
    pbx.ring("", "reception")
    other, ring = await bus.wait(2)
    assert (other["type"], other["code"], other["raw"]) == ("other", "fax", pushed)
    assert other["entity_id"] == ring["entity_id"] == HUB_CALLS
    assert (ring["caller"], ring["extension"]) == (None, None)
    assert pbx_entry.runtime_data.statistics.malformed == 2


async def test_the_same_message_twice_is_one_event_and_a_restart_makes_it_new(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    message = {
        "device_id": pbx.device_id,
        "event_type": "incoming_call",
        "payload": {"call_id": 1, "call_src": CALLER, "call_dst": "107"},
    }
    startup = {"device_id": pbx.device_id, "event_type": "startup", "payload": {}}
    for sent in (message, message, startup, startup, message, message):
        pbx.push(sent)
    await bus.wait(3)
    pbx.sms(CALLER, "end")
    await bus.wait(4)
    types = [data["type"] for data in bus.data]
    assert types == ["incoming_call", "startup", "incoming_call", "sms"]
    assert len(set(bus.ids)) == 4
    assert state_of(hass, ACTIVE) == "1"


async def test_a_message_with_one_brace_too_many_is_understood(
    pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    pbx.push_raw(
        b'data: {"device_id": "Y7=", "event_type": "incoming_call",\n'
        b'data: "payload": {"call_id": 8, "call_src": "+798299xxxxx",\n'
        b'data: "call_dst": "107", "trunk": "GSM1"}}}\n\n'
    )
    (data,) = await bus.wait(1)
    assert (data["caller"], data["extension"]) == ("+798299xxxxx", "107")


async def test_while_the_line_is_down_calls_are_not_known_and_may_still_be_missed(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    call = pbx.ring(CALLER, "107")
    await bus.wait(1)
    pbx.faults.set(Faults(refuse=True))
    await wait_for_state(hass, CONNECTION, "off")
    for entity_id in (STATE, ACTIVE, "sensor.extension_107_state"):
        assert state_of(hass, entity_id) == "unavailable"
    assert state_of(hass, LAST_CALLER) == CALLER
    assert state_of(hass, HUB_CALLS) != "unavailable"

    pbx.faults.clear()
    await pbx.wait_for_streams(1)
    await wait_for_state(hass, CONNECTION, "on")
    assert state_of(hass, STATE) == "idle"
    pbx.miss(call)
    pbx.sms(CALLER, "end")
    await bus.wait(4)
    types = [data["type"] for data in bus.data]
    assert types == ["incoming_call", "call_end", "missed_call", "sms"]


FAULTS = {
    "refused": Faults(refuse=True),
    "reset": Faults(reset=True),
    "401": Faults(status=401),
    "403": Faults(status=403),
    "404": Faults(status=404),
    "429": Faults(status=429, headers={"Retry-After": "0"}),
    "503": Faults(status=503),
    "html": Faults(garbage=True),
    "wrong content type": Faults(garbage="data: {}\n\n"),
    "redirected elsewhere": Faults(redirect="http://127.0.0.2:1/"),
    "half open": Faults(half_open=True),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_after_a_fault_the_line_comes_back_and_is_one(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: MakePbx,
    bus: Recorder,
    fault: Faults,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = make_pbx(pbx, token="s3cret-of-the-pbx")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pbx.wait_for_streams(1)
    pbx.ring(CALLER, "107")
    await bus.wait(1)
    caplog.clear()
    caplog.set_level("DEBUG")

    pbx.faults.set(fault)
    pbx.end_streams()
    await wait_for_state(hass, CONNECTION, "off")
    if not fault.half_open:
        await wait_until(lambda: entry.runtime_data.connection.backoff.failures >= 3)
    pbx.faults.clear()
    await pbx.wait_for_streams(1)
    await wait_for_state(hass, CONNECTION, "on")
    pbx.sms(CALLER, "after")
    await bus.wait(2)

    assert [data["type"] for data in bus.data] == ["incoming_call", "sms"]
    assert pbx.streams == 1
    assert "s3cret" not in caplog.text
    ours = [
        record.levelname
        for record in caplog.records
        if record.name.startswith("custom_components") and record.levelname != "DEBUG"
    ]
    assert ours == ["ERROR", "INFO"]


async def test_refused_credentials_ask_for_new_ones_until_they_are_accepted(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry
) -> None:
    pbx.faults.set(Faults(status=401))
    pbx.end_streams()
    await wait_for_state(hass, CONNECTION, "off")
    await wait_until(
        lambda: bool(
            hass.config_entries.flow.async_progress_by_handler("carbis_alerts")
        )
    )
    pbx.faults.clear()
    await wait_for_state(hass, CONNECTION, "on")
    assert not hass.config_entries.flow.async_progress_by_handler("carbis_alerts")


async def test_a_server_without_stream_is_left_alone_until_a_person_says_so(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    issue_registry: Any,
) -> None:
    pbx.faults.set(Faults(no_content=True))
    pbx.end_streams()
    issue = ("carbis_alerts", f"stream_refused_{pbx_entry.entry_id}")
    await wait_until(lambda: issue_registry.async_get_issue(*issue) is not None)
    asked = pbx.received
    await hass.async_block_till_done()
    assert pbx.received == asked

    pbx.faults.clear()
    assert await hass.config_entries.async_reload(pbx_entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    assert issue_registry.async_get_issue(*issue) is None


async def test_the_last_event_id_is_sent_again_and_the_servers_pause_is_kept(
    pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    pbx.push_raw(b"retry: 600\n\n")
    pbx.push_raw(b'id: 17\ndata: {"event_type": "fax"}\n\n')
    await bus.wait(1)
    pbx.end_streams()
    await wait_until(lambda: pbx.last_event_ids[-1:] == ["17"])
    assert pbx_entry.runtime_data.connection.backoff.base == 0.6


async def test_unloading_closes_the_line_at_once_and_reloading_opens_one(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry
) -> None:
    for _ in range(3):
        assert await hass.config_entries.async_reload(pbx_entry.entry_id)
        await pbx.wait_for_streams(1)
        assert pbx.streams == 1
    assert await hass.config_entries.async_unload(pbx_entry.entry_id)
    await pbx.wait_until(lambda: pbx.open_connections == 0)


async def test_nothing_is_opened_before_home_assistant_has_started(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx
) -> None:
    hass.set_state(CoreState.starting)
    entry = make_pbx(pbx)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert pbx.connections == 0
    hass.set_state(CoreState.running)
    hass.bus.async_fire("homeassistant_started")
    await pbx.wait_for_streams(1)


async def test_a_call_whose_end_never_came_is_given_up(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    pbx.ring(CALLER, "107")
    await bus.wait(1)
    with patch("custom_components.carbis_alerts.domain.legs.MAX_RINGING", -1.0):
        pbx_entry.runtime_data.source._async_give_up_calls(None)
    assert state_of(hass, STATE) == "idle"
    assert state_of(hass, "sensor.extension_107_state") == "idle"


async def test_a_burst_of_messages_arrives_in_order_and_each_once(
    pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    texts = [f"SMS {index}" for index in range(200)]
    for text in texts:
        pbx.sms(CALLER, text)
    assert [data["text"] for data in await bus.wait(200)] == texts


async def test_extensions_and_the_last_caller_are_there_after_a_restart(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    call = pbx.ring(CALLER, "107")
    pbx.miss(call)
    await bus.wait(3)
    before = entity_ids(hass, pbx_entry)
    assert await hass.config_entries.async_reload(pbx_entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    assert entity_ids(hass, pbx_entry) == before
    assert set(before) == {
        "hub_acknowledge_all",
        "hub_alerts",
        "hub_calls",
        "hub_forgotten_today",
        "hub_waiting_since",
        "hub_missed_calls_today",
        "hub_sms",
        "hub_state",
        "hub_active_calls",
        "hub_last_caller",
        "hub_connection",
        "extension_107_calls",
        "extension_107_state",
        "extension_107_caller",
    }
    assert state_of(hass, LAST_CALLER) == CALLER


async def test_the_pauses_have_full_jitter_up_to_a_bound(
    pbx: PbxService, pbx_entry: MockConfigEntry
) -> None:
    backoff = pbx_entry.runtime_data.connection.backoff

    def pauses(failures: int) -> list[float]:
        def pause() -> float:
            backoff.failures = failures - 1
            seconds: float = backoff.failed(ServiceUnavailable(""))
            return seconds

        return [pause() for _ in range(200)]

    with timed(max_pause=30.0):
        backoff.base = 1.0
        for failures, bound in ((1, 1.0), (2, 2.0), (5, 16.0), (6, 30.0), (99, 30.0)):
            found = pauses(failures)
            assert 0 <= min(found) < bound * 0.2
            assert bound * 0.8 < max(found) <= bound
        backoff.base = 5.0
        assert max(pauses(1)) > 4.0


async def test_a_bug_of_ours_ends_the_line_and_it_comes_back(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with patch.object(
        type(pbx_entry.runtime_data.source),
        "async_handle",
        side_effect=RuntimeError("a bug"),
    ):
        pbx.sms(CALLER, "lost in the bug")
        await wait_for_state(hass, CONNECTION, "off")
    await wait_for_state(hass, CONNECTION, "on")
    pbx.sms(CALLER, "after")
    assert (await bus.wait(1))[0]["text"] == "after"
    assert "a bug" in caplog.text
