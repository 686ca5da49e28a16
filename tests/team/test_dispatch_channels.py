"""Each channel on the way of an alert: faults of it, and answers by it."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.green_api import GreenApiService
from simulator.qr_menu import QrMenuService

from ..alerts import table_calls
from ..blueprints.staff import Staff
from ..fixtures import Recorder
from ..helpers import wait_until
from ..timings import timed
from .channels.bot_api import ANNA, BotApi, chat_at, running_bot
from .conftest import chat_of, phone_of
from .dispatching import (
    ONCE,
    SOON,
    dispatched as dispatched,  # noqa: PLC0414 - fixtures of theirs that are fixtures here
    done,
    make,
    shown,
    staff as staff,  # noqa: PLC0414
    with_phones,
)

CHAT = "79821234567@c.us"


@pytest.fixture
async def api(hass: HomeAssistant) -> AsyncGenerator[BotApi]:
    """Return a running server of bots."""
    assert await async_setup_component(hass, "http", {})
    async with BotApi().serve() as server:
        yield server


async def test_a_button_in_telegram_takes_it_and_the_message_says_so(
    hass: HomeAssistant,
    api: BotApi,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    async with running_bot(hass, api):
        await make(hass, {"Anna": {"channels": [chat_at(hass, "Anna")]}})
        await table_calls(qr_menu, alerts, "6")
        await done(dispatched, "sent", person="Anna", channel="telegram")
        (sent,) = api.of("sendMessage")
        assert sent["text"] == "Table 6\nCalls a waiter"
        (row,) = sent["reply_markup"]["inline_keyboard"]
        (message_id,) = api.messages
        # A press that comes twice is one.
        for _ in range(2):
            api.press(row[0]["callback_data"], message_id, user=ANNA)
        await done(dispatched, "answered", person="Anna", channel="telegram")
        assert alerts.data[-1]["by"] == "Anna"
        await done(dispatched, "withdrawn", person="Anna")
        (edited,) = api.of("editMessageText")
        assert edited["text"].startswith("Table 6\nTaken: Anna, after ")
        assert len([one for one in dispatched.data if one["action"] == "answered"]) == 1


@pytest.mark.parametrize(
    ("text", "action"), [("+", "answered"), ("Иду!", "answered"), ("не я", "declined")]
)
async def test_a_word_in_a_chat_answers(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
    text: str,
    action: str,
) -> None:
    people: dict[str, Any] = {"Anna": {"channels": [chat_of(whatsapp, CHAT)]}}
    await make(hass, people, ({**ONCE, "kinds": ["waiter_call"]},))
    await table_calls(qr_menu, alerts, "6")
    await done(dispatched, "sent", person="Anna", channel="chat")
    assert "Calls a waiter" in green_api.sent[-1].text
    green_api.message("70000000000@c.us", text)
    green_api.message(CHAT, "What?")
    green_api.message(CHAT, text)
    await done(dispatched, action, person="Anna")
    assert len([one for one in dispatched.data if one["action"] == action]) == 1


async def test_a_staff_chat_is_written_to_and_hears_who_has_it(
    hass: HomeAssistant,
    staff: Staff,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    group = {"entry_id": whatsapp.entry_id, "chat_id": "120363043968066561@g.us"}
    step = {**ONCE, "to": [], "group": group, "kinds": ["waiter_call"]}
    await make(hass, with_phones(staff, "Anna"), (step, SOON))
    await table_calls(qr_menu, alerts, "6")
    sent = await done(dispatched, "sent", channel="chat")
    assert sent["person"] is None
    assert green_api.sent[-1].chat_id == group["chat_id"]
    await hass.services.async_call(
        "carbis_alerts",
        "acknowledge",
        {"alert_id": alerts.data[0]["alert_id"], "by": "Boris"},
        blocking=True,
    )
    await done(dispatched, "withdrawn", channel="chat")
    assert "Taken: Boris, after " in green_api.sent[-1].text


async def test_a_push_address_that_hangs_has_the_next_way_be_taken(
    hass: HomeAssistant,
    staff: Staff,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    staff.pushes.hang("Anna")
    ways = [phone_of(staff.phones["Anna"]), chat_of(whatsapp, CHAT)]
    with timed(hand_over=0.2):
        await make(hass, {"Anna": {"channels": ways}})
        await table_calls(qr_menu, alerts, "6")
        await done(dispatched, "sent", person="Anna", channel="chat")
    failed = await done(dispatched, "failed", person="Anna", channel="mobile_app")
    assert failed["error"]


@pytest.mark.parametrize("status", [429, 500])
async def test_what_the_cloud_refuses_is_in_the_log_alone(
    hass: HomeAssistant,
    staff: Staff,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
    status: int,
) -> None:
    """So it is handed over, never delivered, and the ladder goes on."""
    staff.pushes.status = status
    steps = (ONCE, {**SOON, "after": 0.2})
    await make(hass, with_phones(staff, "Anna", "Boris"), steps)
    await table_calls(qr_menu, alerts, "6")
    await done(dispatched, "sent", person="Anna", step="At once")
    await done(dispatched, "sent", person="Anna", step="Shift")


async def test_two_people_with_one_phone_have_a_message_each(
    hass: HomeAssistant,
    staff: Staff,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    dispatched: Recorder,
) -> None:
    way = {"channels": [phone_of(staff.phones["Anna"])]}
    await make(hass, {"Anna": way, "Vera": way})
    await table_calls(qr_menu, alerts, "6")
    for name in ("Anna", "Vera"):
        await done(dispatched, "sent", person=name)
    # Of one tag: the phone shows one.
    await wait_until(lambda: len(shown(staff, "Anna")) == 1)
