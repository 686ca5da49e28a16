"""Adding and changing somebody of a team, through the front door."""

from collections.abc import Generator
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import (
    area_registry as ar,
    entity_registry as er,
    label_registry as lr,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..blueprints.conftest import (
    pushes as pushes,  # noqa: PLC0414 - fixtures of theirs that are fixtures here
    web as web,  # noqa: PLC0414
)
from ..blueprints.real_phones import Pushes
from ..colleagues import Colleagues
from ..excludes import CAN_EXCLUDE
from ..flows import Result, every_word_known, suggested
from ..helpers import wait_until
from ..services.conftest import (
    MakePbx,
    MakeWhatsApp,
    green_api as green_api,  # noqa: PLC0414
    make_pbx as make_pbx,  # noqa: PLC0414
    make_whatsapp as make_whatsapp,  # noqa: PLC0414
    pbx as pbx,  # noqa: PLC0414
    whatsapp as whatsapp,  # noqa: PLC0414
)

GUEST = "79821234567@c.us"
NOTHING: dict[str, Any] = {
    "role": "waiter",
    "person_entity": None,
    "pos_waiter": None,
    "zone": {},
    "shift_entity": None,
    "channels": [],
}


@pytest.fixture(autouse=True)
def _watch() -> Generator[None]:
    """Whatever a test does: all that is shown has words."""
    with every_word_known():
        yield


@pytest.fixture
async def team(hass: HomeAssistant) -> MockConfigEntry:
    """Return a team of nobody."""
    entry = MockConfigEntry(
        domain="carbis_alerts", title="Hall", data={"service": "team", "entries": []}
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    return entry


@pytest.fixture
async def colleagues(
    hass: HomeAssistant,
    web: TestClient[Any, Any],
    hass_client: ClientSessionGenerator,
    pushes: Pushes,
) -> Colleagues:
    """Return Home Assistant's people."""
    return Colleagues(hass, hass_client, pushes)


class Window:
    """The window in which somebody is added or changed."""

    def __init__(self, hass: HomeAssistant, team: MockConfigEntry) -> None:
        """Show nothing yet."""
        self._hass = hass
        self._team = team
        self.shown: Result = None

    async def add(self) -> Window:
        """Open the first form."""
        return await self._open({"source": SOURCE_USER})

    async def change(self, name: str) -> Window:
        """Open the menu of what to change."""
        (person_id,) = (
            key
            for key, subentry in self._team.subentries.items()
            if subentry.title == name
        )
        return await self._open(
            {"source": SOURCE_RECONFIGURE, "subentry_id": person_id}
        )

    async def _open(self, context: Any) -> Window:
        self.shown = await self._hass.config_entries.subentries.async_init(
            (self._team.entry_id, "person"), context=context
        )
        return self

    async def fill(self, **given: Any) -> Result:
        """Send a form."""
        self.shown = await self._hass.config_entries.subentries.async_configure(
            self.shown["flow_id"], given
        )
        await self._hass.async_block_till_done()
        return self.shown

    async def pick(self, *options: str) -> Result:
        """Choose from menus, one after the other."""
        for option in options:
            assert option in self.shown["menu_options"]
            await self.fill(next_step_id=option)
        return self.shown

    @property
    def step(self) -> str:
        """Return the step that is shown."""
        step: str = self.shown["step_id"]
        return step

    @property
    def said(self) -> dict[str, str]:
        """Return what stands in the words."""
        said: dict[str, str] = self.shown["description_placeholders"]
        return said

    def offers(self, field: str) -> list[str]:
        """Return the labels of what a field offers."""
        (selector,) = (
            value
            for key, value in self.shown["data_schema"].schema.items()
            if key == field
        )
        return [option["label"] for option in selector.config["options"]]


@pytest.fixture
def window(hass: HomeAssistant, team: MockConfigEntry) -> Window:
    """Return the window of the team."""
    return Window(hass, team)


def people(team: MockConfigEntry) -> dict[str, dict[str, Any]]:
    """Return the data of a team's people by their names."""
    return {one.title: dict(one.data) for one in team.subentries.values()}


async def test_a_name_alone_is_somebody_of_the_team(
    window: Window, team: MockConfigEntry
) -> None:
    await window.add()
    assert window.step == "user"
    created = await window.fill(name="  Anna   K. ")
    assert created["type"] is FlowResultType.CREATE_ENTRY
    assert people(team) == {"Anna K.": NOTHING}
    (person,) = team.runtime_data.people.values()
    assert person.name == "Anna K."


async def test_a_person_of_home_assistants_brings_name_and_phones(
    window: Window, team: MockConfigEntry, colleagues: Colleagues
) -> None:
    anna = await colleagues.add("Anna", 2)
    await (await window.add()).fill(person_entity=anna)
    assert people(team) == {
        "Anna": {
            **NOTHING,
            "person_entity": anna,
            "channels": colleagues.channels("Anna"),
        }
    }


async def test_a_name_and_a_number_are_one_form(
    window: Window, team: MockConfigEntry, whatsapp: MockConfigEntry
) -> None:
    await window.add()
    assert window.offers("via") == [f"Message: {whatsapp.title}"]
    chosen = window.shown["data_schema"]({"name": "Anna", "number": "8 982 123-45-67"})
    await window.fill(**chosen)
    channel = {"channel": "chat", "entry_id": whatsapp.entry_id, "chat_id": GUEST}
    assert people(team) == {"Anna": {**NOTHING, "channels": [channel]}}


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({}, {"name": "no_name"}),
        ({"name": " "}, {"name": "no_name"}),
        ({"name": "anna  k"}, {"name": "name_known"}),
        (
            {"name": "Boris", "person_entity": "person.gone"},
            {"person_entity": "entity_unknown"},
        ),
        ({"name": "Boris", "number": "what"}, {"number": "invalid_chat"}),
        ({"name": "Boris", "number": "5"}, {"number": "invalid_chat"}),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(
    window: Window,
    team: MockConfigEntry,
    whatsapp: MockConfigEntry,
    given: dict[str, Any],
    errors: dict[str, str],
) -> None:
    await (await window.add()).fill(name="Anna K")
    await window.add()
    via = f"chat:{whatsapp.entry_id}"
    shown = await window.fill(**given, via=via)
    assert shown["errors"] == errors
    assert suggested(shown) == {**given, "via": via, "more": False}
    assert [*people(team)] == ["Anna K"]
    assert (await window.fill(name="Boris"))["type"] is FlowResultType.CREATE_ENTRY


async def test_a_number_asks_by_which_of_two_accounts(
    window: Window,
    whatsapp: MockConfigEntry,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
) -> None:
    make_whatsapp(green_api)
    await window.add()
    assert len(window.offers("via")) == 2
    shown = await window.fill(name="Anna", number="+79821234567")
    assert shown["errors"] == {"via": "no_way"}


async def test_a_service_that_does_not_run_finds_no_number(
    hass: HomeAssistant, window: Window, whatsapp: MockConfigEntry
) -> None:
    await hass.config_entries.async_unload(whatsapp.entry_id)
    await window.add()
    shown = await window.fill(
        name="Anna", number="+79821234567", via=f"chat:{whatsapp.entry_id}"
    )
    assert shown["errors"] == {"number": "not_loaded"}


async def test_the_same_person_of_home_assistants_is_in_a_team_once(
    window: Window, colleagues: Colleagues
) -> None:
    anna = await colleagues.add("Anna")
    await (await window.add()).fill(person_entity=anna)
    shown = await (await window.add()).fill(name="Another", person_entity=anna)
    assert shown["errors"] == {"person_entity": "person_known"}


async def test_two_people_share_a_chat_once_that_was_said(
    window: Window, team: MockConfigEntry, whatsapp: MockConfigEntry
) -> None:
    given = {"via": f"chat:{whatsapp.entry_id}", "number": "+79821234567"}
    await (await window.add()).fill(name="Anna", **given)
    shown = await (await window.add()).fill(name="Boris", **given)
    assert shown["errors"] == {"base": "address_shared"}
    assert window.said["others"] == "Anna"
    await window.fill(name="Boris", **given)
    one, other = people(team).values()
    assert one["channels"] == other["channels"] != []


async def test_step_by_step(
    hass: HomeAssistant,
    window: Window,
    team: MockConfigEntry,
    whatsapp: MockConfigEntry,
    colleagues: Colleagues,
) -> None:
    await colleagues.add("Boris")
    area = ar.async_get(hass).async_create("Terrace").id
    label = lr.async_get(hass).async_create("VIP").label_id
    hass.states.async_set("schedule.evening", "on")

    await (await window.add()).fill(name="Anna", more=True)
    assert window.step == "about"
    assert suggested(window.shown)["name"] == "Anna"
    await window.fill(name="Anna", role="manager", pos_waiter=" 17 ")
    assert window.step == "zone"
    await window.fill(zone={"area_id": [area], "label_id": label})
    assert window.step == "shift"
    await window.fill(shift_entity="schedule.evening")
    assert window.step == "channels"
    assert window.said["channels"] == "—"
    assert window.shown["menu_options"] == ["add", "done"]
    await window.pick("add", "chat")
    shown = await window.fill(entry_id=whatsapp.entry_id, chat_id="nobody")
    assert shown["errors"] == {"chat_id": "invalid_chat"}
    await window.fill(entry_id=whatsapp.entry_id, chat_id="+7 982 123-45-67")
    (phone,) = colleagues.channels("Boris")
    await window.pick("add", "mobile_app")
    await window.fill(device_id=phone["device_id"])
    chat = {"channel": "chat", "entry_id": whatsapp.entry_id, "chat_id": GUEST}
    assert window.said["channels"] == (
        f"Message: {whatsapp.title} +7 982 123-45-67 → Push: Boris's phone 0"
    )
    await window.pick("first")
    await window.fill(channel="1")
    await window.pick("done")
    assert people(team) == {
        "Anna": {
            "role": "manager",
            "person_entity": None,
            "pos_waiter": "17",
            "zone": {"area_id": [area], "label_id": [label]},
            "shift_entity": "schedule.evening",
            "channels": [phone, chat],
        }
    }


async def test_a_change_of_one_thing_is_stored_at_once(
    hass: HomeAssistant, window: Window, team: MockConfigEntry
) -> None:
    await (await window.add()).fill(name="Anna")
    hass.states.async_set("input_boolean.anna", "on")
    for part, given in (
        ("about", {"name": "Anna K", "role": "manager"}),
        ("zone", {"zone": {"area_id": ["bar"]}}),
        ("shift", {"shift_entity": "input_boolean.anna"}),
    ):
        await (await window.change(next(iter(people(team))))).pick(part)
        done = await window.fill(**given)
        assert done["reason"] == "reconfigure_successful"
    assert people(team) == {
        "Anna K": {
            **NOTHING,
            "role": "manager",
            "zone": {"area_id": ["bar"]},
            "shift_entity": "input_boolean.anna",
        }
    }
    # Left empty, it is gone.
    for part in ("zone", "shift"):
        await (await window.change("Anna K")).pick(part)
        assert [*suggested(window.shown)] in (["zone"], ["shift_entity"])
        await window.fill()
    assert people(team) == {"Anna K": {**NOTHING, "role": "manager"}}


async def test_channels_are_removed(
    window: Window, team: MockConfigEntry, colleagues: Colleagues
) -> None:
    anna = await colleagues.add("Anna", 2)
    await (await window.add()).fill(person_entity=anna)
    await (await window.change("Anna")).pick("channels", "remove")
    await window.fill(channels=["0"])
    await window.pick("done")
    assert people(team)["Anna"]["channels"] == colleagues.channels("Anna")[1:]


async def test_a_channel_is_had_once(window: Window, colleagues: Colleagues) -> None:
    anna = await colleagues.add("Anna")
    await (await window.add()).fill(person_entity=anna)
    await (await window.change("Anna")).pick("channels", "add", "mobile_app")
    (phone,) = colleagues.channels("Anna")
    shown = await window.fill(device_id=phone["device_id"])
    assert shown["errors"] == {"base": "channel_known"}


async def test_a_device_that_is_no_phone_is_refused(
    hass: HomeAssistant,
    window: Window,
    team: MockConfigEntry,
    colleagues: Colleagues,
) -> None:
    await colleagues.add("Boris")
    await (await window.add()).fill(name="Anna")
    await (await window.change("Anna")).pick("channels", "add", "mobile_app")
    shown = await window.fill(device_id=team.runtime_data.hub_id)
    assert shown["errors"] == {"device_id": "no_phone"}


async def test_a_try_arrives_or_says_why_not(
    hass: HomeAssistant, window: Window, pushes: Pushes, colleagues: Colleagues
) -> None:
    anna = await colleagues.add("Anna")
    await (await window.add()).fill(person_entity=anna)
    await (await window.change("Anna")).pick("channels", "try")
    assert window.step == "tried"
    assert window.said["channel"] == "Push: Anna's phone 0"
    assert len(pushes.of("Anna-0")) == 1
    await window.fill()
    assert window.step == "channels"

    await hass.config_entries.async_remove(colleagues.phones["Anna"][0].entry.entry_id)
    await window.pick("try")
    assert window.step == "try_failed"
    assert window.said["reason"] == (
        "The phone is not registered in Home Assistant any more."
    )
    await window.fill()
    assert window.step == "channels"


async def test_of_several_channels_one_is_tried(
    window: Window, pushes: Pushes, colleagues: Colleagues
) -> None:
    anna = await colleagues.add("Anna", 2)
    await (await window.add()).fill(person_entity=anna)
    await (await window.change("Anna")).pick("channels", "try")
    assert window.offers("channel") == ["Push: Anna's phone 1", "Push: Anna's phone 0"]
    await window.fill(channel="1")
    assert window.step == "tried"
    assert (len(pushes.of("Anna-0")), len(pushes.of("Anna-1"))) == (1, 0)


@pytest.mark.parametrize(
    ("zone", "error"),
    [
        ({"entity_id": ["light.bar"]}, "zone_entities"),
        ({"area_id": ["bar"], "entity_id": ["light.bar"]}, "zone_entities"),
        ({"area_id": "{{ 'bar' }}"}, "zone_templates"),
        ({"device_id": ["one", "{{ 'two' }}"]}, "zone_templates"),
        ({"entity_id": "{{ 'light.bar' }}"}, "zone_templates"),
    ],
)
async def test_what_is_no_zone_is_refused_in_words(
    window: Window, team: MockConfigEntry, zone: dict[str, Any], error: str
) -> None:
    await (await window.add()).fill(name="Anna")
    await (await window.change("Anna")).pick("zone")
    shown = await window.fill(zone=zone)
    assert shown["errors"] == {"zone": error}
    await window.fill(zone={"floor_id": ["roof"], "area_id": "none"})
    assert people(team)["Anna"]["zone"] == {"floor_id": ["roof"]}


async def test_what_a_zone_excludes_is_kept(
    window: Window, team: MockConfigEntry
) -> None:
    await (await window.add()).fill(name="Anna")
    await (await window.change("Anna")).pick("zone")
    zone = {"floor_id": ["roof"], "exclude": {"area_id": ["bar"]}}
    if not CAN_EXCLUDE:
        with pytest.raises(InvalidData):
            await window.fill(zone=zone)
        return
    await window.fill(zone=zone)
    assert people(team)["Anna"]["zone"] == zone


async def test_the_own_switch_does_not_decide_the_shift(
    hass: HomeAssistant, window: Window, team: MockConfigEntry
) -> None:
    await (await window.add()).fill(name="Anna")
    (person_id,) = team.subentries
    switch = (
        er.async_get(hass)
        .async_get_or_create(
            "switch",
            "carbis_alerts",
            "own",
            config_entry=team,
            config_subentry_id=person_id,
        )
        .entity_id
    )
    await window.change("Anna")
    await window.pick("shift")
    assert (await window.fill(shift_entity=switch))["errors"] == {
        "shift_entity": "own_switch"
    }
    assert (await window.fill(shift_entity="schedule.gone"))["errors"] == {
        "shift_entity": "entity_unknown"
    }


async def test_the_tills_waiters_are_proposed(
    hass: HomeAssistant,
    window: Window,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    team: MockConfigEntry,
) -> None:
    qr_menu.push(
        {
            "code": "order_added",
            "table": {"id": 6, "name": "6"},
            "order": {
                "guid": "9",
                "sum": 100,
                "table": {"id": 6, "name": "6"},
                "waiter": {"id": 17, "name": "Елена"},
            },
        }
    )
    source = entry.runtime_data.source
    await wait_until(lambda: bool(source.waiters_seen))
    await (await window.add()).fill(name="Anna", more=True)
    assert window.offers("pos_waiter") == ["Елена"]
    await window.fill(name="Anna", role="waiter", pos_waiter="17")


def notifier(hass: HomeAssistant, platform: str) -> str:
    """Add a notify entity of an integration's; return its id."""
    entity_id = (
        er.async_get(hass).async_get_or_create("notify", platform, platform).entity_id
    )
    hass.states.async_set(entity_id, "unknown", {"friendly_name": platform.title()})
    return entity_id


async def test_a_person_who_is_phoned(
    hass: HomeAssistant,
    window: Window,
    team: MockConfigEntry,
    pbx: PbxService,
    make_pbx: MakePbx,
) -> None:
    make_pbx(pbx)
    exchange = make_pbx(pbx, device_url="http://192.168.1.20:9000")
    await window.add()
    via = f"call:{exchange.entry_id}"
    shown = await window.fill(name="Anna", via=via, number="anonymous")
    assert shown["errors"] == {"number": "invalid_number"}
    await window.fill(name="Anna", via=via, number=" 8 982 123-45-67 ")
    call = {
        "channel": "call",
        "entry_id": exchange.entry_id,
        "number": "8 982 123-45-67",
    }
    assert people(team)["Anna"]["channels"] == [call]
    # The same number in another form.
    await (await window.change("Anna")).pick("channels", "add", "call")
    shown = await window.fill(entry_id=exchange.entry_id, number="+79821234567")
    assert shown["errors"] == {"base": "channel_known"}


async def test_a_chat_of_home_assistants_telegram_bot_needs_no_number(
    hass: HomeAssistant, window: Window, team: MockConfigEntry
) -> None:
    bot, mail = notifier(hass, "telegram_bot"), notifier(hass, "smtp")
    await window.add()
    assert window.offers("via") == ["Telegram bot: Telegram_Bot"]
    await window.fill(name="Anna", via=f"telegram:{bot}")
    private = {"channel": "telegram", "entity_id": bot}
    assert people(team)["Anna"]["channels"] == [private]

    await (await window.change("Anna")).pick("channels", "add", "telegram")
    shown = await window.fill(entity_id=mail)
    assert shown["errors"] == {"entity_id": "no_telegram"}
    shown = await window.fill(entity_id=bot, user_id="@anna")
    assert shown["errors"] == {"user_id": "invalid_user"}
    await window.fill(entity_id=bot, user_id="100001")
    await window.pick("add", "notify")
    await window.fill(entity_id=mail)
    await window.pick("done")
    assert people(team)["Anna"]["channels"] == [
        private,
        {**private, "user_id": "100001"},
        {"channel": "notify", "entity_id": mail},
    ]


async def test_a_notify_entity_of_ours_is_no_way(
    hass: HomeAssistant, window: Window, team: MockConfigEntry
) -> None:
    await (await window.add()).fill(name="Anna")
    await (await window.change("Anna")).pick("channels")
    assert "add" not in window.shown["menu_options"]
    ours = notifier(hass, "carbis_alerts")
    notifier(hass, "smtp")
    await window.fill(next_step_id="done")
    await (await window.change("Anna")).pick("channels", "add", "notify")
    shown = await window.fill(entity_id=ours)
    assert shown["errors"] == {"entity_id": "own_notify"}
