"""The push: who is asked, what an answer does, and when it goes."""

import time
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    label_registry as lr,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.qr_menu import QrMenuService

from ..alerts import act, site_clock, table_calls
from ..conftest import Recorder
from ..helpers import wait_until
from .conftest import Automate, MakePhone

TIMER = "custom_components.carbis_alerts.runtime.alert_timer"
CLEAR = "clear_notification"
CALL = "Table 6 is calling the waiter."


async def test_the_first_who_comes_takes_the_call(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
) -> None:
    anna, boris = phone("Anna"), phone("Boris")
    await automate(
        "push",
        staff=[
            {"phone": anna.device_id, "name": "Anna P."},
            {"phone": boris.device_id},
            {"phone": "a phone that is gone"},
        ],
    )
    opened = await table_calls(qr_menu, alerts, "6")
    await wait_until(lambda: len(boris.calls) == 1)
    assert anna.messages == boris.messages == [CALL]
    assert anna.last["title"] == "Table 6"
    assert anna.last["data"]["tag"] == boris.last["data"]["tag"]
    assert [action["title"] for action in anna.last["data"]["actions"]] == [
        "I'm coming",
        "Not me",
    ]

    anna.tap(0)
    acknowledged = (await alerts.wait(2))[1]
    assert (acknowledged["action"], acknowledged["by"]) == ("acknowledged", "Anna P.")
    await wait_until(lambda: len(boris.calls) == 2)
    assert boris.messages == [CALL, CLEAR]
    assert boris.last["data"]["tag"] == f"carbis_alerts-{opened['alert_id']}"
    # Too late: it changes nothing, and he learns why.
    boris.tap(0)
    await wait_until(lambda: len(boris.calls) == 3)
    assert (boris.last["title"], boris.messages[-1].rpartition(", since")[0]) == (
        "Table 6",
        "Anna P. has it",
    )
    # Who has it may say so twice.
    anna.tap(0)
    await hass.async_block_till_done()
    assert anna.messages == [CALL, CLEAR]
    assert len(alerts.events) == 2


@pytest.mark.parametrize(
    ("language", "by", "said"),
    [
        ("en", "Clara", "Clara has it, since 1:05."),
        ("en", None, "Somebody has it, since 1:05."),
        ("ru", "Клара", "Этим уже занимается Клара, 1:05."),
        ("ru", None, "Этим уже занимаются, 1:05."),
    ],
)
async def test_who_comes_second_learns_who_has_it_and_since_when(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
    language: str,
    by: str | None,
    said: str,
) -> None:
    anna = phone("Anna")
    with site_clock("19:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        await automate("push", staff=[{"phone": anna.device_id}], language=language)
        opened = await table_calls(qr_menu, alerts, "6")
        await wait_until(lambda: len(anna.calls) == 1)
        who: dict[str, Any] = {"by": by} if by else {}
        await act(hass, "acknowledge", alert_id=opened["alert_id"], **who)
        await wait_until(lambda: len(anna.calls) == 2)
        clock.pass_by(seconds=65)
        anna.tap(0)
        await wait_until(lambda: len(anna.calls) == 3)
        assert anna.messages[-1] == said
        assert anna.last["data"]["tag"] == "carbis_alerts-taken"
        # What has ended is nobody's.
        qr_menu.pay("6")
        await alerts.wait(3)
        await wait_until(lambda: len(anna.calls) == 4)
        anna.tap(0)
        await hass.async_block_till_done()
        assert anna.messages == [*anna.messages[:3], CLEAR]


async def test_several_tables_at_once_each_have_their_notification(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
) -> None:
    anna = phone("Anna")
    await hass.config.async_update(language="ru")
    await automate("push", staff=[{"phone": anna.device_id}], language="ru")
    for table in ("6", "7", "8"):
        qr_menu.waiter_call(table)
    await wait_until(lambda: len(anna.calls) == 3)
    assert sorted(anna.messages) == [
        f"Столик {table} зовёт официанта." for table in (6, 7, 8)
    ]
    assert len({call.data["data"]["tag"] for call in anna.calls}) == 3
    qr_menu.pay("7")
    await wait_until(lambda: len(anna.calls) == 4)
    assert anna.messages[-1] == CLEAR


@pytest.mark.parametrize("hours", [-1, 3])
async def test_a_clock_that_is_set_shows_nobody_again_and_keeps_nobody_waiting(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
    hours: int,
) -> None:
    anna = phone("Anna")
    ahead = 0
    moved = SimpleNamespace(
        monotonic=time.monotonic, time=lambda: time.time() + ahead * 3600
    )
    with site_clock("19:00") as clock, patch(f"{TIMER}.time", moved):
        await hass.config_entries.async_reload(entry.entry_id)
        await automate("push", staff=[{"phone": anna.device_id}])
        for table in ("6", "7", "8"):
            await table_calls(qr_menu, alerts, table)
            await hass.async_block_till_done()
            ahead += hours
            clock.pass_by(hours=hours)
        assert anna.messages == [
            f"Table {table} is calling the waiter." for table in (6, 7, 8)
        ]


async def _in_zones(hass: HomeAssistant, opened: dict[str, Any]) -> tuple[str, str]:
    """Put a table on the terrace, by its area, and label it."""
    area = ar.async_get(hass).async_create("Terrace")
    label = lr.async_get(hass).async_create("By the window")
    dr.async_get(hass).async_update_device(
        opened["device_id"], area_id=area.id, labels={label.label_id}
    )
    await act(hass, "acknowledge", alert_id=opened["alert_id"])
    await hass.async_block_till_done()
    return area.id, label.label_id


async def test_a_zone_has_its_waiters_and_the_others_come_after_them(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
) -> None:
    anna, boris, clara, dora = map(phone, ("Anna", "Boris", "Clara", "Dora"))
    area, label = await _in_zones(hass, await table_calls(qr_menu, alerts, "6"))
    dr.async_get(hass).async_update_device(clara.device_id, area_id=area)
    await automate(
        "push",
        staff=[
            {"phone": anna.device_id, "labels": [label]},
            {"phone": boris.device_id, "areas": ["bar"]},
            {"phone": clara.device_id},
            {"phone": dora.device_id, "areas": [area], "on_shift": "person.dora"},
        ],
    )
    hass.states.async_set("person.dora", "not_home")
    await table_calls(qr_menu, alerts, "6")
    await wait_until(lambda: len(clara.calls) == 1)
    assert (len(anna.calls), len(boris.calls), len(dora.calls)) == (1, 0, 0)

    anna.tap(1)
    await wait_until(lambda: len(boris.calls) == 1)
    await hass.async_block_till_done()
    assert (len(anna.calls), len(clara.calls), len(dora.calls)) == (1, 1, 0)
    # Now everybody was asked.
    boris.tap(1)
    await hass.async_block_till_done()
    assert [len(who.calls) for who in (anna, boris, clara, dora)] == [1, 1, 1, 0]


async def test_where_a_zone_has_nobody_everybody_on_shift_is_asked(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
) -> None:
    anna, boris, clara = map(phone, ("Anna", "Boris", "Clara"))
    area, _ = await _in_zones(hass, await table_calls(qr_menu, alerts, "6"))
    for helper, state in (("anna", "off"), ("boris", "on"), ("clara", "on")):
        hass.states.async_set(f"input_boolean.{helper}", state)
    await automate(
        "push",
        message="{{ alert.title }}, {{ alert.entry_title }}",
        staff=[
            {
                "phone": who.device_id,
                "areas": [zone],
                "on_shift": f"input_boolean.{helper}",
            }
            for who, helper, zone in (
                (anna, "anna", area),
                (boris, "boris", "bar"),
                (clara, "clara", "bar"),
            )
        ],
    )
    await table_calls(qr_menu, alerts, "6")
    await wait_until(lambda: len(clara.calls) == 1)
    assert (len(anna.calls), boris.messages) == (0, ["6, 127.0.0.1"])

    # Nobody at all is on shift: better everybody than nobody.
    for helper in ("boris", "clara"):
        hass.states.async_set(f"input_boolean.{helper}", "off")
    await table_calls(qr_menu, alerts, "8")
    await wait_until(lambda: len(clara.calls) == 2)
    assert (len(anna.calls), len(boris.calls)) == (1, 2)


async def test_without_phones_nothing_happens(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
) -> None:
    automation = await automate("push")
    await table_calls(qr_menu, alerts, "6")
    await hass.async_block_till_done()
    state = hass.states.get(automation)
    assert state is not None
    assert state.attributes["last_triggered"] is None
