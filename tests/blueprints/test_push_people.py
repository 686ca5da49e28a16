"""The push to people of a team: the team says whose a table is, and who is on shift."""

from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.carbis_alerts.const import DOMAIN
from simulator.qr_menu import QrMenuService
from simulator.restaurant import WAITERS

from ..alerts import act, site_clock, table_calls
from ..conftest import Recorder
from ..helpers import wait_until
from .conftest import Automate, MakePhone, Phone, elapse

CALL = "Table 6 is calling the waiter."
CLEAR = "clear_notification"
PEOPLE = ("anna", "boris")


def a_person(name: str, phone: Phone, **data: Any) -> dict[str, Any]:
    return {
        "data": {
            "channels": [{"channel": "mobile_app", "device_id": phone.device_id}],
            **data,
        },
        "subentry_id": name,
        "subentry_type": "person",
        "title": name.title(),
        "unique_id": None,
    }


async def gather(hass: HomeAssistant, *people: dict[str, Any]) -> dict[str, str]:
    """Set a team up; return the devices of its people."""
    team = MockConfigEntry(
        domain=DOMAIN,
        title="Evening",
        data={"service": "team", "entries": []},
        subentries_data=people,
    )
    team.add_to_hass(hass)
    assert await hass.config_entries.async_setup(team.entry_id)
    await hass.async_block_till_done()
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), team.entry_id)
    return {one.name.casefold(): one.id for one in devices if one.name}


async def get_people(hass: HomeAssistant, **data: Any) -> dict[str, dict[str, Any]]:
    answer = await act(hass, "get_people", **data)
    return {row["person_id"]: row for row in answer["people"]}


async def test_the_tables_own_waiter_is_asked_then_the_others(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
) -> None:
    anna, boris = phone("Anna"), phone("Boris")
    qr_menu.add_dishes("6")
    waiter_id, _ = qr_menu.restaurant.orders["6"].waiter
    devices = await gather(
        hass,
        a_person("anna", anna),
        a_person("boris", boris, pos_waiter=str(waiter_id)),
    )
    await automate("push", people=[devices[name] for name in PEOPLE])
    await table_calls(qr_menu, alerts, "6")
    await wait_until(lambda: len(boris.calls) == 1)
    assert (boris.messages, anna.messages) == ([CALL], [])

    boris.tap(1)
    await wait_until(lambda: len(anna.calls) == 1)
    anna.tap(0)
    acknowledged = (await alerts.wait(2))[1]
    assert (acknowledged["action"], acknowledged["by"]) == ("acknowledged", "Anna")
    assert acknowledged["person_id"] == "anna"
    await wait_until(lambda: [*anna.messages, *boris.messages].count(CLEAR) == 2)


async def test_people_and_phones_of_others_in_one_automation(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
) -> None:
    anna, boris, clara = phone("Anna"), phone("Boris"), phone("Clara")
    helper = "input_boolean.evening"
    hass.states.async_set(helper, "off")
    devices = await gather(
        hass, a_person("anna", anna, shift_entity=helper), a_person("boris", boris)
    )
    await automate(
        "push",
        people=[*(devices[name] for name in PEOPLE), "gone"],
        staff=[{"phone": clara.device_id}],
    )
    await table_calls(qr_menu, alerts, "6")
    await wait_until(lambda: len(boris.calls) == 1)
    # The phone of nobody's zone comes next; who is off shift is not asked at all.
    boris.tap(1)
    await wait_until(lambda: len(clara.calls) == 1)
    assert (anna.messages, boris.messages) == ([], [CALL])


async def test_what_is_said_of_people(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    phone: MakePhone,
) -> None:
    anna = phone("Anna")
    nobody = a_person("boris", anna, pos_waiter=WAITERS[0][1]) | {}
    nobody["data"]["channels"] = [{"channel": "mobile_app", "device_id": "gone"}]
    devices = await gather(hass, a_person("anna", anna), nobody)
    rows = await get_people(hass)
    assert rows["anna"] == {
        "device_id": devices["anna"],
        "person_id": "anna",
        "name": "Anna",
        "phone": anna.device_id,
        "on_shift": True,
        "asked": False,
    }
    assert rows["boris"]["phone"] is None
    assert [*(await get_people(hass, people=[devices["boris"], "x"]))] == ["boris"]
    opened = await table_calls(qr_menu, alerts, "6")
    asked = await get_people(hass, alert_id=opened["alert_id"])
    assert [one["asked"] for one in asked.values()] == [True, True]
    with pytest.raises(ServiceValidationError, match="no such alert"):
        await get_people(hass, alert_id="gone")


async def test_who_may_not_see_all_learns_nothing_of_people(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    user = MockUser().add_to_hass(hass)
    user.mock_policy({"entities": {"domains": {"light": True}}})
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            "get_people",
            blocking=True,
            return_response=True,
            context=Context(user_id=user.id),
        )


@pytest.mark.parametrize("blueprint", ["payment", "whatsapp_answer", "connection_lost"])
async def test_people_stand_for_their_phones_wherever_phones_are_asked_for(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    phone: MakePhone,
    automate: Automate,
    blueprint: str,
) -> None:
    anna, boris = phone("Anna"), phone("Boris")
    devices = await gather(hass, a_person("anna", anna))
    await automate(blueprint, phones=[devices["anna"], boris.device_id, "gone"])
    if blueprint == "payment":
        qr_menu.pay("6")
        await wait_until(lambda: len(boris.calls) == 1)
        assert anna.messages == boris.messages


async def test_people_are_escalated_to(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
) -> None:
    anna = phone("Anna")
    devices = await gather(hass, a_person("anna", anna))
    with site_clock("19:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        await automate("escalation", phones=[devices["anna"]])
        await table_calls(qr_menu, alerts, "6")
        await elapse(hass, clock, 121)
        await wait_until(lambda: len(anna.calls) == 1)
        anna.tap(0)
        await wait_until(lambda: CLEAR in anna.messages)
        assert alerts.events[-1].data["by"] == "Anna"
