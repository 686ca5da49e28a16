"""Calls as real exchanges have them: groups, trunks, outages, all kinds of numbers."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.pbx import PbxService

from ..conftest import Recorder
from ..helpers import entity_ids, state_of, wait_for_state
from .conftest import MakePbx

CONNECTION = "binary_sensor.pbx_127_0_0_1_connection"
ACTIVE = "sensor.pbx_127_0_0_1_active_calls"
MISSED = "sensor.pbx_127_0_0_1_missed_calls_today"
CALLER = "+79820000001"
OTHER = "+79820000002"
OWN = "+74950000001"


def message(kind: str, **payload: Any) -> dict[str, Any]:
    return {"event_type": kind, "payload": payload}


def incoming(call_id: Any = 8, src: Any = CALLER, dst: Any = "107") -> dict[str, Any]:
    return message(
        "incoming_call", call_id=call_id, call_src=src, call_dst=dst, trunk="GSM1"
    )


def types(bus: Recorder) -> list[str]:
    return [data["type"] for data in bus.data]


def states(hass: HomeAssistant, *extensions: str) -> list[str]:
    return [state_of(hass, f"sensor.extension_{one}_state") for one in extensions]


async def test_a_group_rings_at_all_and_one_talks(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    call = pbx.ring(CALLER, "106")
    pbx.ring_also(call, "107")
    pbx.ring_also(call, "108")
    rings = await bus.wait(3)
    assert [data["extension"] for data in rings] == ["106", "107", "108"]
    assert rings[2]["extensions"] == ["106", "107", "108"]
    assert len({data["device_id"] for data in rings}) == 3
    assert states(hass, "106", "107", "108") == ["ringing"] * 3
    assert state_of(hass, "sensor.extension_108_caller") == CALLER
    assert state_of(hass, ACTIVE) == "1"

    pbx.answer(call, "106")
    talk = (await bus.wait(4))[3]
    assert (talk["type"], talk["extension"]) == ("start_talk", "106")
    assert talk["entity_id"] == "event.extension_106_calls"
    assert states(hass, "106", "107", "108") == ["talking", "idle", "idle"]
    assert state_of(hass, "sensor.extension_108_caller") == "unknown"

    pbx.hang_up(call)
    end = (await bus.wait(5))[4]
    assert (end["type"], end["extension"]) == ("call_end", "106")
    assert states(hass, "106", "107", "108") == ["idle"] * 3
    assert len(bus.data) == 5


async def test_a_group_that_nobody_takes_is_one_missed_call(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    call = pbx.ring(CALLER, "106")
    pbx.ring_also(call, "107")
    pbx.ring_also(call, "108")
    pbx.miss(call)
    pbx.sms(CALLER, "end")
    data = await bus.wait(6)
    assert types(bus) == [*["incoming_call"] * 3, "call_end", "missed_call", "sms"]
    missed = data[4]
    assert missed["event_id"] == f"{data[0]['event_id']}:missed"
    assert missed["extensions"] == ["106", "107", "108"]
    assert states(hass, "106", "107", "108") == ["idle"] * 3
    assert state_of(hass, MISSED) == "1"


@pytest.mark.parametrize("reload", [True, False], ids=["reloaded", "cut"])
@pytest.mark.parametrize(
    ("status", "missed"),
    [("no_answer", True), ("busy", True), ("overload", True), ("success", False)],
)
async def test_a_call_that_ends_after_an_interruption_is_missed_by_the_pbx_s_word(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    bus: Recorder,
    status: str,
    missed: bool,
    reload: bool,
) -> None:
    call = pbx.ring(CALLER, "107")
    await bus.wait(1)
    if reload:
        assert await hass.config_entries.async_reload(pbx_entry.entry_id)
    else:
        pbx.end_streams()
        await pbx.wait_for_streams(0)
    await pbx.wait_for_streams(1)
    await wait_for_state(hass, CONNECTION, "on")
    assert state_of(hass, ACTIVE) == "0"
    pbx.hang_up(call, status=status)
    pbx.sms(CALLER, "end")
    await bus.wait(3 + missed)
    assert types(bus) == [
        *("incoming_call", "call_end"),
        *["missed_call"] * missed,
        "sms",
    ]
    if missed:
        event = bus.data[2]
        assert (event["caller"], event["extension"]) == (CALLER, "107")
        (alert,) = pbx_entry.runtime_data.alerts.book.alerts
        assert alert.kind == "missed_call"


@pytest.mark.parametrize(
    ("src", "caller"),
    [
        ("sip:+79820000001@10.0.0.1", CALLER),
        ('"Anna" <sip:100@10.0.0.2>', "100"),
        ("tel:+79820000001;ext=5", CALLER),
        ("sips:89820000001@pbx7:5061;transport=tls", "89820000001"),
        ("anonymous@anonymous.invalid", None),
        ("Номер скрыт", None),
        (None, None),
    ],
)
async def test_of_an_address_the_user_part_calls(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: MakePbx,
    bus: Recorder,
    src: str | None,
    caller: str | None,
) -> None:
    entry = make_pbx(
        pbx, contacts=({"name": "Anna", "number": "8 982 000-00-01", "vip": True},)
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pbx.wait_for_streams(1)
    pbx.push(incoming(src=src, dst="<sip:107@10.0.0.1>"))
    pbx.push(message("call_end", call_id="8", status="no_answer"))
    data = await bus.wait(3)
    is_anna = caller is not None and len(caller) > 5
    assert {(one["caller"], one["caller_name"], one["vip"]) for one in data} == {
        (caller, "Anna" if is_anna else None, is_anna)
    }
    assert {one["extension"] for one in data} == {"107"}
    (alert,) = entry.runtime_data.alerts.book.alerts
    expected = {"100": "100", None: data[2]["event_id"]}.get(caller, "79820000001")
    assert alert.key == expected


NO_IDS: tuple[Any, ...] = (None, "", {})


@pytest.mark.parametrize("call_id", [*NO_IDS, ...])
async def test_without_an_id_the_message_itself_says_who_calls(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    bus: Recorder,
    call_id: Any,
) -> None:
    sides = {"call_src": CALLER, "call_dst": "107", "trunk": "GSM1"}
    named = {} if call_id is ... else {"call_id": call_id}
    for kind in ("incoming_call", "start_talk", "call_end"):
        pbx.push(message(kind, **named, **sides))
    for one in await bus.wait(3):
        assert (one["caller"], one["direction"], one["extension"]) == (
            CALLER,
            "incoming",
            "107",
        )
        assert (one["extensions"], one["trunk"]) == (["107"], "GSM1")


@pytest.mark.parametrize("own", [OWN, "84950000001", "555"])
async def test_short_codes_and_own_numbers_are_no_extensions(
    hass: HomeAssistant, pbx: PbxService, make_pbx: MakePbx, bus: Recorder, own: str
) -> None:
    entry = make_pbx(pbx)
    hass.config_entries.async_update_entry(
        entry, options={"own_numbers": [OWN, "555"], "extension_digits": 3}
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pbx.wait_for_streams(1)
    pbx.push(incoming(1, "900", own))
    pbx.push(message("outgoing_call", call_id=2, call_src=own, call_dst="112"))
    pbx.push(incoming(3, CALLER, "1070"))
    pbx.push(incoming(4, "900", "107"))
    data = await bus.wait(4)
    assert [(one["caller"], one["extension"], one["extensions"]) for one in data] == [
        ("900", None, None),
        ("112", None, None),
        (CALLER, None, None),
        ("900", "107", ["107"]),
    ]
    assert {
        key.split("_")[1] for key in entity_ids(hass, entry) if "extension" in key
    } == {"107"}


async def test_who_calls_from_a_short_number_is_no_extension_without_any_options(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    pbx.push(incoming(1, "900", OWN))
    (ring,) = await bus.wait(1)
    assert (ring["caller"], ring["extension"]) == ("900", None)
    # Which number is ours the call has said, for as long as the entry is there.
    assert await hass.config_entries.async_reload(pbx_entry.entry_id)
    await pbx.wait_for_streams(1)
    await wait_for_state(hass, CONNECTION, "on")
    pbx.push(message("outgoing_call", call_id=2, call_src=OWN, call_dst="112"))
    called = (await bus.wait(2))[1]
    assert (called["caller"], called["extension"]) == ("112", None)
    assert not any("extension" in key for key in entity_ids(hass, pbx_entry))


async def test_one_id_on_two_trunks_is_two_calls(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    pbx.push(incoming(8, CALLER, "106"))
    other = incoming(8, OTHER, "107")
    other["payload"]["trunk"] = "GSM2"
    pbx.push(other)
    await bus.wait(2)
    assert state_of(hass, ACTIVE) == "2"
    for record_id in (1, 2):
        pbx.push(
            message("call_end", call_id="8", status="no_answer", record_id=record_id)
        )
    missed = [one for one in await bus.wait(6) if one["type"] == "missed_call"]
    assert [(one["caller"], one["trunk"]) for one in missed] == [
        (CALLER, "GSM1"),
        (OTHER, "GSM2"),
    ]


@pytest.mark.parametrize(
    "named",
    [
        message("start_talk", call_id="8", call_src=OTHER, call_dst="107"),
        message("start_talk", call_id=8.0, call_dst="107"),
        message("answer_elsewhere", call_id="8", number="sip:107@10.0.0.1"),
    ],
    ids=["caller", "extension", "number"],
)
async def test_of_two_trunks_the_sides_say_which_call_it_is(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    bus: Recorder,
    named: dict[str, Any],
) -> None:
    pbx.push(incoming(8, CALLER, "106"))
    other = incoming(8, OTHER, "107")
    other["payload"]["trunk"] = "GSM2"
    pbx.push(other)
    pbx.push(named)
    event = (await bus.wait(3))[2]
    assert (event["caller"], event["extension"], event["trunk"]) == (
        OTHER,
        "107",
        "GSM2",
    )
    assert state_of(hass, ACTIVE) == "2"
    talking = "talking" if event["type"] == "start_talk" else "ringing"
    assert states(hass, "106", "107") == ["ringing", talking]


async def test_a_guest_who_waits_in_a_queue_for_a_quarter_of_an_hour_is_missed(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    bus: Recorder,
) -> None:
    call = pbx.ring(CALLER, "107")
    await bus.wait(1)
    # As if it had begun then.
    (ringing,) = pbx_entry.runtime_data.source.calls.active
    ringing.since -= 15 * 60
    pbx_entry.runtime_data.source._async_give_up_calls(None)
    assert state_of(hass, "sensor.extension_107_state") == "ringing"
    pbx.miss(call)
    await bus.wait(3)
    assert types(bus) == ["incoming_call", "call_end", "missed_call"]


async def test_an_end_that_came_before_its_beginning_is_missed(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    pbx.push(message("call_end", call_id="8", status="busy", duration=0, record_id=5))
    pbx.push(incoming())
    data = await bus.wait(3)
    assert types(bus) == ["call_end", "incoming_call", "missed_call"]
    assert (data[2]["caller"], data[2]["status"], data[2]["record_id"]) == (
        CALLER,
        "busy",
        "5",
    )
    assert state_of(hass, ACTIVE) == "0"
    assert state_of(hass, "sensor.extension_107_state") == "idle"


async def test_a_startup_forgets_the_calls_that_were_kept(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    pbx.push(incoming())
    await bus.wait(1)
    assert await hass.config_entries.async_reload(pbx_entry.entry_id)
    await pbx.wait_for_streams(1)
    await wait_for_state(hass, CONNECTION, "on")
    pbx.push(message("startup"))
    pbx.push(message("call_end", call_id="8", status="no_answer"))
    pbx.sms(CALLER, "end")
    await bus.wait(4)
    assert types(bus) == ["incoming_call", "startup", "call_end", "sms"]


async def test_an_entry_with_a_colon_in_its_user_name_says_so(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: MakePbx,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = make_pbx(pbx, username="anna:boss", password="secret")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "off")
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress_by_handler("carbis_alerts")
    assert flow["context"]["source"] == "reauth"
    assert "The user name has a colon" in caplog.text
    assert "Traceback" not in caplog.text
    assert "boss" not in caplog.text
