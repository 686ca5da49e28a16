"""Two phones of one name: each has its own push, and a repair says which lacks answers."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..alerts import table_calls
from ..conftest import Recorder
from ..flows import WORDS
from ..helpers import wait_for_state, wait_until
from ..services.conftest import MakeWhatsApp
from .conftest import Automate, Register
from .real_phones import Pushes, RealPhone

OWNERS = ("anna", "boris")


def repairs(hass: HomeAssistant) -> list[ir.IssueEntry]:
    """Return the repairs about phones."""
    return [
        issue
        for issue in ir.async_get(hass).issues.values()
        if issue.translation_key == "phone_dropped" and issue.active
    ]


async def all_pushed(pushes: Pushes, count: int = 1) -> None:
    """Wait until everybody has had so many pushes."""
    await wait_until(
        lambda: all(len(pushes.of(owner)) >= count for owner in OWNERS),
    )


def check(hass: HomeAssistant, pushes: Pushes, phones: dict[str, RealPhone]) -> str:
    """Return who has no answers: the one that the repair names."""
    (issue,) = repairs(hass)
    (dropped,) = (
        owner
        for owner, phone in phones.items()
        if issue.issue_id == f"phone_dropped_{phone.device_id}"
    )
    (kept,) = {*OWNERS} - {dropped}
    (plain,), (whole,) = pushes.of(dropped), pushes.of(kept)
    assert (plain["title"], plain["message"]) == (whole["title"], whole["message"])
    assert "data" in whole
    assert "data" not in plain
    return dropped


async def both(register: Register, other: str = "iPhone") -> dict[str, RealPhone]:
    """Return two phones of one name."""
    return {
        owner: await register(owner=owner, name=name)
        for owner, name in zip(OWNERS, ("iPhone", other), strict=True)
    }


@pytest.mark.parametrize("other", ["iPhone", "IPHONE", "i-Phone"])
async def test_a_call_comes_to_each_of_two_phones(
    hass: HomeAssistant,
    register: Register,
    pushes: Pushes,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    other: str,
) -> None:
    phones = await both(register, other)
    await automate(
        "push", staff=[{"phone": phone.device_id} for phone in phones.values()]
    )
    await table_calls(qr_menu, alerts, "6")
    await all_pushed(pushes)
    await hass.async_block_till_done()
    if other == "i-Phone":
        # Its action is another one.
        assert repairs(hass) == []
        assert all("data" in pushes.of(owner)[0] for owner in OWNERS)
        return
    check(hass, pushes, phones)
    assert pushes.of("anna")[0]["title"] == "Table 6"

    # Only what can be cleared is: the other phone would show the word.
    qr_menu.pay("6")
    await wait_until(lambda: sum(len(pushes.of(owner)) for owner in OWNERS) == 3)
    await hass.async_block_till_done()
    texts = [push["message"] for owner in OWNERS for push in pushes.of(owner)]
    assert texts.count("clear_notification") == 1
    assert len(texts) == 3


async def test_the_repair_goes_when_one_is_renamed(
    hass: HomeAssistant,
    register: Register,
    pushes: Pushes,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
) -> None:
    phones = await both(register)
    await automate(
        "push", staff=[{"phone": phone.device_id} for phone in phones.values()]
    )
    (issue,) = repairs(hass)
    assert issue.translation_placeholders is not None
    for words in WORDS.values():
        for text in words["issues"]["phone_dropped"].values():
            assert "iPhone" in text.format_map(issue.translation_placeholders)
    await phones["boris"].rename(pushes, owner="boris", name="iPhone of Boris")
    await hass.async_block_till_done()
    assert repairs(hass) == []
    await table_calls(qr_menu, alerts, "6")
    await all_pushed(pushes)
    await hass.async_block_till_done()
    assert [len(pushes.of(owner)) for owner in OWNERS] == [1, 1]
    assert all("actions" in pushes.of(owner)[0]["data"] for owner in OWNERS)


async def test_the_repair_goes_with_one_of_the_phones_and_with_the_last_entry(
    hass: HomeAssistant, register: Register, entry: MockConfigEntry
) -> None:
    phones = await both(register)
    assert len(repairs(hass)) == 1
    await hass.config_entries.async_remove(phones["boris"].entry.entry_id)
    await hass.async_block_till_done()
    assert repairs(hass) == []
    await register(owner="clara", name="iPhone")
    assert len(repairs(hass)) == 1
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert repairs(hass) == []


async def test_what_is_there_at_the_start_is_found(
    hass: HomeAssistant, register: Register, qr_menu: QrMenuService, make_entry: Any
) -> None:
    await both(register)
    assert repairs(hass) == []
    assert await hass.config_entries.async_setup(make_entry(qr_menu).entry_id)
    await hass.async_block_till_done()
    assert len(repairs(hass)) == 1


async def test_payments_missed_calls_and_messages_come_to_each_phone(
    hass: HomeAssistant,
    register: Register,
    pushes: Pushes,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    automate: Automate,
) -> None:
    phones = await both(register)
    ids = [phone.device_id for phone in phones.values()]
    whatsapp = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(whatsapp.entry_id)
    await wait_for_state(hass, "binary_sensor.whatsapp_4567_connection", "on")
    await wait_until(lambda: not whatsapp.runtime_data.source._late)
    for blueprint in ("payment", "missed_call", "whatsapp_answer"):
        await automate(blueprint, phones=ids)
    dropped = set()
    for act in (
        lambda: qr_menu.pay("6"),
        lambda: pbx.miss(pbx.ring("+79820000001", "107")),
        lambda: green_api.message("79820000001@c.us", "A table for two?"),
    ):
        pushes.sent.clear()
        act()
        await all_pushed(pushes)
        await hass.async_block_till_done()
        dropped.add(check(hass, pushes, phones))
    assert len(dropped) == 1
