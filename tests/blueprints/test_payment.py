"""A table pays online: light, thanks and push."""

from datetime import UTC, datetime, timedelta

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_mock_service,
)

from simulator.qr_menu import QrMenuService

from ..conftest import Recorder
from ..helpers import state_of, table_device, wait_for_state, wait_until
from .conftest import Automate
from .phones import Phone
from .settle import settle

LAMP = "light.bed_light"


def order(qr_menu: QrMenuService, table: str, price: float = 420.5) -> None:
    """Let a table order for a price, and pay online."""
    qr_menu.add_dishes(table, [{"name": "Борщ", "price": price, "count": 1}])
    qr_menu.pay(table)


@pytest.fixture
async def lamp(hass: HomeAssistant, hass_config_dir: str) -> str:
    """Return a lamp that is off, of Home Assistant's own demo."""
    assert await async_setup_component(hass, "scene", {})
    assert await async_setup_component(hass, "light", {"light": [{"platform": "demo"}]})
    await hass.async_block_till_done()
    return LAMP


async def test_a_push_says_the_table_and_the_sum(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    automate: Automate,
) -> None:
    phone, other = Phone(hass, "Hall manager"), Phone(hass, "Hall waiter")
    await automate("payment", phones=[phone.device_id, other.device_id])
    order(qr_menu, "6")
    (push,) = await phone.wait(1)
    assert (push["title"], push["message"]) == ("Table 6", "Paid online: 420.50 ₽")
    assert await other.wait(1) == [push]
    order(qr_menu, "VIP-зал", 5000)
    assert (await phone.wait(2))[1]["message"] == "Paid online: 5000 ₽"


async def test_a_part_is_pushed_as_what_it_is_and_a_refund_not_at_all(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    automate: Automate,
) -> None:
    phone = Phone(hass, "Hall manager")
    await automate("payment", phones=[phone.device_id])
    qr_menu.add_dishes("6", [{"name": "Борщ", "price": 3000, "count": 1}])
    for amount in (1000, -500, 200):
        qr_menu.pay("6", amount)
    said = [push["message"] for push in await phone.wait(2)]
    assert said == ["Paid online: 1000 ₽", "Paid online: 200 ₽"]


async def test_in_russian_with_another_currency(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    automate: Automate,
) -> None:
    phone = Phone(hass, "Hall manager")
    await hass.config.async_update(language="ru")
    await automate("payment", phones=[phone.device_id], language="ru", currency="BYN")
    order(qr_menu, "6", 12)
    (push,) = await phone.wait(1)
    assert push["title"] == "Столик 6"
    assert push["message"] == "Оплачено онлайн: 12 BYN"


async def test_a_payment_without_a_sum_is_published_without_one(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    automate: Automate,
) -> None:
    phone = Phone(hass, "Hall manager")
    await automate("payment", phones=[phone.device_id])
    qr_menu.push({"code": "online_payment", "table_id": 7})
    (push,) = await phone.wait(1)
    assert push["message"] == "Paid online"


async def test_only_the_chosen_tables_and_sums_are_published(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    automate: Automate,
    bus: Recorder,
) -> None:
    qr_menu.waiter_call("6")
    (call,) = await bus.wait(1)
    device = table_device(hass, entry, call["table_id"])
    assert device is not None
    phone = Phone(hass, "Hall manager")
    await automate(
        "payment",
        phones=[phone.device_id],
        tables={"device_id": device.id},
        minimum_sum=1000,
    )
    for table, price in (("6", 999), ("5", 2000), ("6", 1000)):
        order(qr_menu, table, price)
    (push,) = await phone.wait(1)
    assert (push["title"], push["message"]) == ("Table 6", "Paid online: 1000 ₽")
    await settle()
    assert len(phone.pushes) == 1


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, "Table 6 has paid. Thank you!"),
        ({"language": "ru"}, "Столик 6: оплачено. Спасибо!"),
        ({"thanks": "{{ table }}: {{ sum }}, thanks"}, "Table 6: 420.50 ₽, thanks"),
    ],
    ids=["English", "Russian", "own"],
)
async def test_thanks_are_spoken(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    automate: Automate,
    inputs: dict[str, str],
    said: str,
) -> None:
    spoken = async_mock_service(hass, "tts", "speak")
    await hass.config.async_update(language=inputs.get("language", "en"))
    await automate(
        "payment", voice="tts.hall", speakers=["media_player.hall"], **inputs
    )
    order(qr_menu, "6")
    await wait_until(lambda: len(spoken) == 1)
    assert spoken[0].data == {
        "entity_id": ["tts.hall"],
        "media_player_entity_id": ["media_player.hall"],
        "message": said,
    }


async def test_lights_signal_shortly_and_are_then_what_they_were(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    automate: Automate,
    lamp: str,
) -> None:
    others = ["light.ceiling_lights", "light.kitchen_lights"]
    before = {light: hass.states.get(light) for light in (lamp, *others)}
    assert state_of(hass, lamp) == "off"
    await automate("payment", lights=[lamp, others[0]], color=[10, 255, 30], duration=4)
    order(qr_menu, "6")
    await wait_for_state(hass, lamp, "on")
    lit = hass.states.get(lamp)
    assert lit is not None
    assert lit.attributes["rgb_color"] == pytest.approx((10, 255, 30), abs=2)
    assert lit.attributes["brightness"] == 255

    # A second payment waits for the first one's light to be what it was.
    order(qr_menu, "5")
    for _ in range(2):
        await wait_for_state(hass, lamp, "on")
        await settle()
        async_fire_time_changed(hass, datetime.now(UTC) + timedelta(seconds=5))
        await wait_for_state(hass, lamp, "off")
    await settle()
    for light, state in before.items():
        now = hass.states.get(light)
        assert now is not None
        assert state is not None
        assert now.state == state.state
        assert now.attributes.get("brightness") == state.attributes.get("brightness")


async def test_nothing_chosen_does_nothing_and_is_no_error(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    automate: Automate,
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    automation = await automate("payment")
    order(qr_menu, "6")
    await bus.wait(2)
    await settle()
    state = hass.states.get(automation)
    assert state is not None
    assert state.attributes["last_triggered"] is not None
    assert "ERROR" not in {record.levelname for record in caplog.records}
