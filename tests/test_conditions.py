"""Conditions: through real automations and from real servers."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from simulator.faults import Faults
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from .alerts import act, site_clock
from .automations import check
from .conftest import Recorder
from .helpers import HUB_ACTIVITY, wait_for_state
from .services import conftest as sources

pbx = sources.pbx
make_pbx = sources.make_pbx
pbx_entry = sources.pbx_entry

ANNA = "+79821234567"


def ours(name: str, target: dict[str, Any] | None = None, **options: Any) -> Any:
    """Return the configuration of a condition of ours."""
    return {
        "condition": f"carbis_alerts.{name}",
        **({} if target is None else {"target": target}),
        **({"options": options} if options else {}),
    }


async def test_somebody_waits_by_kind_age_and_device(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    bus: Recorder,
) -> None:
    with site_clock("19:00") as clock:
        for table in ("6", "7"):
            qr_menu.waiter_call(table)
        six, seven = (data["device_id"] for data in await bus.wait(2))
        await act(hass, "acknowledge", device_id=[six, seven])
        hall = ar.async_get(hass).async_create("Hall")
        hub = entry.runtime_data.devices.hub_id
        for device in (six, hub):
            dr.async_get(hass).async_update_device(device, area_id=hall.id)
        waits = "has_open_alerts"
        checks = await check(
            hass,
            {
                "any": ours(waits),
                "waiter": ours(waits, kind="waiter_call"),
                "phone": ours(waits, kind=["missed_call", "message"]),
                "long": ours(waits, older_than=60),
                "six": ours(waits, {"device_id": six}),
                "seven": ours(waits, {"entity_id": "event.table_7_activity"}),
                "hall": ours(waits, {"area_id": hall.id}),
                "hub": ours(waits, {"entity_id": HUB_ACTIVITY}),
                "not": {"condition": "not", "conditions": [ours(waits)]},
            },
        )
        assert await checks.hold() == {"not"}

        qr_menu.waiter_call("6")
        await bus.wait(3)
        of_six = {"any", "waiter", "six", "hall", "hub"}
        assert await checks.hold() == of_six
        await clock.wait(hass, seconds=60)
        assert await checks.hold() == of_six | {"long"}

        await act(hass, "acknowledge", device_id=six)
        assert await checks.hold() == {"not"}
        qr_menu.waiter_call("7")
        await bus.wait(4)
        assert await checks.hold() == {"any", "waiter", "seven", "hub"}

        assert await hass.config_entries.async_reload(entry.entry_id)
        assert await checks.hold() == {"any", "waiter", "seven", "hub"}
        assert await hass.config_entries.async_unload(entry.entry_id)
        assert await checks.hold() == {"not"}

        pbx.miss(pbx.ring(ANNA, "107"))
        await bus.wait(7)
        assert await checks.hold() == {"any", "phone"}


async def test_somebody_is_on_the_phone_by_device_and_while_it_is_known(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, bus: Recorder
) -> None:
    pbx.miss(pbx.ring(ANNA, "108"))
    other = (await bus.wait(3))[0]["device_id"]
    call = pbx.ring(ANNA, "107")
    device = (await bus.wait(4))[3]["device_id"]
    talks = "is_in_call"
    checks = await check(
        hass,
        {
            "any": ours(talks),
            "107": ours(talks, {"device_id": device}),
            "108": ours(talks, {"device_id": other}),
            "hub": ours(talks, {"device_id": pbx_entry.runtime_data.devices.hub_id}),
        },
    )
    assert await checks.hold() == set()
    pbx.answer(call)
    await bus.wait(5)
    assert await checks.hold() == {"any", "107", "hub"}
    pbx.hang_up(call)
    await bus.wait(6)
    assert await checks.hold() == set()

    # Nobody knows whether they still talk.
    call = pbx.ring(ANNA, "107")
    pbx.answer(call)
    await bus.wait(8)
    assert await checks.hold() == {"any", "107", "hub"}
    pbx.faults.set(Faults(refuse=True))
    pbx.end_streams()
    await wait_for_state(hass, "binary_sensor.pbx_127_0_0_1_connection", "off")
    assert await checks.hold() == set()


WRONG = {
    "an unknown kind": ours("has_open_alerts", kind="fire"),
    "a word for an age": ours("has_open_alerts", older_than="long"),
    "an age below zero": ours("has_open_alerts", older_than=-1),
    "an age that is none": ours("has_open_alerts", older_than="nan"),
    "an option of another": ours("is_in_call", kind="message"),
    "an option beside": {**ours("has_open_alerts"), "kind": "message"},
    "an unknown target": ours("is_in_call", {"table": "6"}),
    "an unknown condition": ours("is_in_love"),
}


@pytest.mark.parametrize("condition", WRONG.values(), ids=list(WRONG))
async def test_a_wrong_option_is_an_error(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, condition: Any
) -> None:
    assert await async_setup_component(hass, "automation", {})
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "validate_config", "conditions": condition})
    answer = await client.receive_json()
    assert answer["result"]["conditions"]["valid"] is False
