"""The law of names at Home Assistant's front doors: devices, alerts, lists, voice, people."""

from typing import Any

from homeassistant.components import conversation
from homeassistant.components.todo.entity import TodoItem
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, intent
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from .alerts import TODO, act, get_alerts, items, press, table_calls
from .conftest import Recorder
from .helpers import entity_ids, state_of
from .services.conftest import (
    MakeWhatsApp,
    green_api,
    make_pbx,
    make_whatsapp,
    pbx,
    pbx_entry,
)

__all__ = ["green_api", "make_pbx", "make_whatsapp", "pbx", "pbx_entry"]


async def speak(hass: HomeAssistant, language: str) -> None:
    """Have Home Assistant speak a language."""
    await hass.config.async_update(language=language)
    await hass.async_block_till_done()


def device_names(hass: HomeAssistant, entry: MockConfigEntry) -> list[str | None]:
    """Return the names of an entry's devices."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return [device.name for device in devices]


@pytest.mark.parametrize(
    ("table", "title", "name"),
    [
        ({"id": 6, "name": "6"}, "6", "Столик 6"),
        ({"id": 7, "name": "Бар"}, "Бар", "Бар"),
        ({"id": 8, "name": "VIP-2"}, "VIP-2", "VIP-2"),
        (None, "Без столика", "Без столика"),
    ],
)
async def test_a_table_has_one_name_everywhere(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    table: dict[str, Any] | None,
    title: str,
    name: str,
) -> None:
    await speak(hass, "ru")
    qr_menu.push({"code": "waiter_call", "table_repr": table})
    opened = (await alerts.wait(1))[0]
    assert (opened["title"], opened["name"]) == (title, name)
    (found,) = await get_alerts(hass)
    assert (found["title"], found["name"]) == (title, name)
    (item,) = await items(hass)
    assert item["summary"] == name
    hub = "QR-меню 127.0.0.1"
    assert device_names(hass, entry) == ([hub, name] if table else [hub])


async def test_names_follow_the_language_and_ids_do_not(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    for table in ("6", "7"):
        await table_calls(qr_menu, alerts, table)
    own: str = alerts.data[1]["device_id"]
    dr.async_get(hass).async_update_device(own, name_by_user="Терраса")
    before = entity_ids(hass, entry)

    await speak(hass, "ru")
    assert device_names(hass, entry) == ["QR-меню 127.0.0.1", "Столик 6", "Столик 7"]
    assert entity_ids(hass, entry) == before
    assert [alert["name"] for alert in await get_alerts(hass)] == [
        "Столик 6",
        "Терраса",
    ]
    assert [item["summary"] for item in await items(hass)] == ["Столик 6", "Терраса"]
    assert (await table_calls(qr_menu, alerts, "8"))["name"] == "Столик 8"
    assert device_names(hass, entry)[3] == "Столик 8"
    taken = (await act(hass, "acknowledge", device_id=own))["alerts"]
    assert [alert["name"] for alert in taken] == ["Терраса"]


async def test_devices_are_named_again_at_a_start(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    await table_calls(qr_menu, alerts, "6")
    assert await hass.config_entries.async_unload(entry.entry_id)
    await speak(hass, "ru")
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert device_names(hass, entry) == ["QR-меню 127.0.0.1", "Столик 6"]


async def test_an_unknown_caller_has_words_and_the_sensors_have_nothing(
    hass: HomeAssistant, pbx: PbxService, pbx_entry: MockConfigEntry, alerts: Recorder
) -> None:
    pbx.miss(pbx.ring("", "107"))
    missed = (await alerts.wait(1))[0]
    assert (missed["title"], missed["name"]) == ("Hidden number", "Hidden number")
    await speak(hass, "ru")
    (found,) = await get_alerts(hass)
    assert (found["title"], found["name"]) == ("Номер скрыт", "Номер скрыт")
    (item,) = await items(hass, "todo.pbx_127_0_0_1_alerts")
    assert item["summary"] == "Номер скрыт"
    assert state_of(hass, "sensor.pbx_127_0_0_1_last_caller") == "unknown"
    assert state_of(hass, "sensor.extension_107_caller") == "unknown"
    assert "Внутренний 107" in device_names(hass, pbx_entry)


@pytest.mark.parametrize(
    ("chat", "sender", "name"),
    [
        ("79821234567@c.us", "Anna", "Anna"),
        ("79821234567@c.us", "", "+7 982 123-45-67"),
        ("155508384251501@lid", "", "Hidden number"),
    ],
)
async def test_a_chat_without_a_name_has_its_number(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    alerts: Recorder,
    chat: str,
    sender: str,
    name: str,
) -> None:
    entry = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await green_api.wait_for_requests(3)
    green_api.message(chat, "Hello", sender)
    opened = (await alerts.wait(1))[0]
    assert opened["name"] == name
    assert opened["title"]


# Tables by what people say


TABLES = ({"id": 1, "name": "VIP"}, {"id": 2, "name": "бар"}, {"id": 3, "name": "6"})


@pytest.fixture
async def tables(
    qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> MockConfigEntry:
    """Return an entry that knows some tables."""
    for table in TABLES:
        qr_menu.push({"code": "x", "table_repr": table})
    await bus.wait(len(TABLES))
    return entry


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("vip", "VIP"),
        ("table vip", "VIP"),
        ("БАР", "бар"),
        ("столик 6", "6"),
        ("Table 6", "6"),
        (" 3 ", "6"),
    ],
)
async def test_a_table_is_found_in_any_case(
    hass: HomeAssistant,
    tables: MockConfigEntry,
    alerts: Recorder,
    said: str,
    title: str,
) -> None:
    await act(hass, "raise_alert", entry_id=tables.entry_id, table=said)
    await hass.services.async_call(
        "todo", "add_item", {"entity_id": TODO, "item": said}, blocking=True
    )
    await listen(hass, "HassListAddItem", said)
    assert [data["title"] for data in alerts.data] == [title] * 3


async def listen(hass: HomeAssistant, kind: str, item: str) -> None:
    """Take what is said about an item of the list, as voice does."""
    if "intent" not in hass.config.components:
        assert await async_setup_component(hass, "intent", {})
        await hass.async_block_till_done()
    state = hass.states.get(TODO)
    assert state is not None
    slots = {"item": {"value": item}, "name": {"value": state.name}}
    await intent.async_handle(hass, "test", kind, slots, context=Context())


async def test_a_table_that_is_not_there_is_an_error_in_words(
    hass: HomeAssistant, tables: MockConfigEntry, bus: Recorder, qr_menu: QrMenuService
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "raise_alert", entry_id=tables.entry_id, table="99")
    assert str(caught.value) == (
        "There is no table 99. Known: Table 6, VIP, бар."
        " A table is known from its first event on"
    )
    for table in range(100, 110):
        qr_menu.push({"code": "x", "table": table})
    await bus.wait(13)
    with pytest.raises(
        ServiceValidationError, match="Table 102, Table 103, Table 104, …"
    ):
        await act(hass, "raise_alert", entry_id=tables.entry_id, table="99")


async def test_voice_says_which_tables_there_are(
    hass: HomeAssistant, tables: MockConfigEntry
) -> None:
    for component in ("homeassistant", "conversation"):
        assert await async_setup_component(hass, component, {})
    state = hass.states.get(TODO)
    assert state is not None
    heard = await conversation.async_converse(
        hass, f"add terrace to my {state.name} list", None, Context(), "en"
    )
    speech = heard.response.speech["plain"]["speech"]
    assert "Terrace (Table 6, VIP, бар)" in speech


async def test_voice_cannot_call_where_there_are_no_tables(
    hass: HomeAssistant, pbx_entry: MockConfigEntry
) -> None:
    phone_list = hass.data["todo"].get_entity("todo.pbx_127_0_0_1_alerts")
    assert phone_list is not None
    with pytest.raises(intent.MatchFailedError, match="Nobody can raise alerts"):
        await phone_list.async_create_todo_item(TodoItem(summary="6"))


# Who acts


async def test_nobody_is_named_for_what_another_did_before(
    hass: HomeAssistant,
    hass_admin_user: MockUser,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    for table in ("6", "7", "8", "5"):
        await table_calls(qr_menu, alerts, table)
    person = Context(user_id=hass_admin_user.id)

    async def tick(table: str, context: Context | None = None) -> None:
        await hass.services.async_call(
            "todo",
            "update_item",
            {"entity_id": TODO, "item": f"Table {table}", "status": "completed"},
            blocking=True,
            context=context,
        )

    await tick("6", person)
    await listen(hass, "HassListCompleteItem", "table 7")
    await tick("8")
    with pytest.raises(ServiceValidationError):
        await tick("no such", person)
    await listen(hass, "HassListCompleteItem", "table 5")
    taken = alerts.data[4:]
    assert [(data["name"], data["by"]) for data in taken] == [
        ("Table 6", hass_admin_user.name),
        ("Table 7", None),
        ("Table 8", None),
        ("Table 5", None),
    ]
    assert [event.context.user_id for event in alerts.events[4:]] == [
        hass_admin_user.id,
        None,
        None,
        None,
    ]


async def test_who_adds_or_removes_by_voice_is_not_who_did_before(
    hass: HomeAssistant,
    hass_admin_user: MockUser,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    person = Context(user_id=hass_admin_user.id)
    for table in ("6", "7"):
        await table_calls(qr_menu, alerts, table)
    await hass.services.async_call(
        "todo",
        "remove_item",
        {"entity_id": TODO, "item": ["Table 6"]},
        blocking=True,
        context=person,
    )
    await listen(hass, "HassListRemoveItem", "table 7")
    await listen(hass, "HassListAddItem", "table 6")
    assert [data["by"] for data in alerts.data[2:4]] == [hass_admin_user.name, None]
    assert alerts.events[4].context.user_id is None


async def test_a_button_names_who_presses_it_now(
    hass: HomeAssistant,
    hass_admin_user: MockUser,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    button = "button.table_6_acknowledge"
    for context in (Context(user_id=hass_admin_user.id), None):
        await table_calls(qr_menu, alerts, "6")
        await press(hass, button, context)
    taken = [data["by"] for data in alerts.data if data["action"] == "acknowledged"]
    assert taken == [hass_admin_user.name, None]
