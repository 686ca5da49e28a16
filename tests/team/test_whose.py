"""Whose a table is now: zones, shifts, and the till's own waiter."""

from typing import Any

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    floor_registry as fr,
    issue_registry as ir,
    label_registry as lr,
)
from homeassistant.helpers.typing import ConfigType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import DOMAIN, EVENT
from custom_components.carbis_alerts.domain.ownership import Owners, Rung
from custom_components.carbis_alerts.targets import Selected, async_select
from custom_components.carbis_alerts.team import zones as zones_module
from custom_components.carbis_alerts.team.shifts import Shifts
from custom_components.carbis_alerts.team.whose import Whose
from simulator.qr_menu import QrMenuService

from ..alerts import table_calls
from ..conftest import Recorder
from ..excludes import CAN_EXCLUDE
from ..helpers import table_device
from .teams import NAME, gather, somebody

ANNA = {"id": 15, "name": "Анна"}
GUID = "{F4CE1102-0000-4000-8000-000000000001}"


class Tables:
    """The tables of a restaurant, and whose they are."""

    def __init__(
        self, hass: HomeAssistant, entry: MockConfigEntry, qr_menu: QrMenuService
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._menu = qr_menu

    def id_of(self, table: str) -> str:
        device = table_device(
            self._hass, self._entry, self._menu.restaurant.table(table).id
        )
        assert device is not None
        return device.id

    def key_of(self, table: str | None) -> str | None:
        if table is None:
            return None
        key: str = self._entry.runtime_data.devices.key(
            str(self._menu.restaurant.table(table).id)
        )
        return key

    def put(self, table: str, **where: Any) -> None:
        dr.async_get(self._hass).async_update_device(self.id_of(table), **where)

    def of(self, team: MockConfigEntry, table: str | None) -> Owners:
        whose: Whose = team.runtime_data.part(Whose)
        return whose.of(self._entry.entry_id, self.key_of(table))

    def who(self, team: MockConfigEntry, table: str | None) -> list[str]:
        return [*self.of(team, table).person_ids]


@pytest.fixture
async def tables(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    qr_menu: QrMenuService,
    alerts: Recorder,
) -> Tables:
    """Let two tables call: 6 stands on the terrace, 7 in the hall."""
    for table in ("6", "7"):
        await table_calls(qr_menu, alerts, table)
    areas = ar.async_get(hass)
    found = Tables(hass, entry, qr_menu)
    for table, name in (("6", "Terrace"), ("7", "Hall")):
        found.put(table, area_id=areas.async_create(name).id)
    return found


async def order(
    qr_menu: QrMenuService,
    bus: Recorder,
    table: str = "6",
    *,
    waiter: Any = ANNA,
    code: str = "add_dishes",
    due: float = 500,
    guid: str | None = GUID,
) -> None:
    """Let the till say something of an order, and wait until it has come."""
    at = qr_menu.restaurant.table(table)
    before = len(bus.events)
    qr_menu.push(
        {
            "code": code,
            "table": at.id,
            "table_repr": {"id": at.id, "name": at.name},
            "invoice": {"amount_due": due},
            "order": {"guid": guid, "sum": 500, "waiter": waiter},
        }
    )
    await bus.wait(before + 1)


def two(**anna: Any) -> tuple[Any, Any]:
    """Return Anna, and Boris who serves the hall."""
    return somebody("Anna", **anna), somebody("Boris", zone={"area_id": ["hall"]})


async def test_a_team_where_nothing_is_said_is_called_as_a_whole(
    hass: HomeAssistant, tables: Tables
) -> None:
    team = await gather(hass, *map(somebody, "ABCDE"))
    assert tables.of(team, "6") == Owners(Rung.ZONE, ("a", "b", "c", "d", "e"))
    # What no table says is everybody's too.
    assert tables.who(team, None) == ["a", "b", "c", "d", "e"]


async def test_a_zone_may_be_of_anything(hass: HomeAssistant, tables: Tables) -> None:
    floor = fr.async_get(hass).async_create("Roof")
    ar.async_get(hass).async_update("terrace", floor_id=floor.floor_id)
    label = lr.async_get(hass).async_create("Window")
    tables.put("6", labels={label.label_id})
    zones = {
        "Area": {"area_id": ["terrace"]},
        "Floor": {"floor_id": [floor.floor_id]},
        "Label": {"label_id": label.label_id},
        "Device": {"device_id": [tables.id_of("6")]},
        "Hall": {"area_id": ["hall"]},
        "All": {},
    }
    team = await gather(
        hass, *(somebody(name, zone=zone) for name, zone in zones.items())
    )
    assert tables.who(team, "6") == ["area", "floor", "label", "device", "all"]
    assert tables.who(team, "7") == ["hall", "all"]
    assert tables.who(team, None) == ["all"]


async def test_whoever_excludes_only_serves_all_else(
    hass: HomeAssistant, tables: Tables
) -> None:
    team = await gather(hass, *two(zone={"exclude": {"area_id": ["hall"]}}))
    assert tables.who(team, "6") == ["anna"]
    assert tables.who(team, "7") == ["boris"]


async def test_a_zone_excludes_where_home_assistants_targets_do(
    hass: HomeAssistant, tables: Tables
) -> None:
    zone = {
        "area_id": ["terrace", "hall"],
        "exclude": {"device_id": [tables.id_of("7")]},
    }
    team = await gather(hass, *two(zone=zone))
    assert tables.who(team, "6") == ["anna"]
    expected = ["boris"] if CAN_EXCLUDE else ["anna", "boris"]
    assert tables.who(team, "7") == expected


async def test_a_change_of_an_area_is_seen_at_once(
    hass: HomeAssistant, tables: Tables
) -> None:
    team = await gather(hass, *two(zone={"area_id": ["terrace"]}))
    assert tables.who(team, "6") == ["anna"]
    tables.put("6", area_id="hall")
    assert tables.who(team, "6") == ["boris"]


async def test_what_is_known_is_not_looked_up_again(
    hass: HomeAssistant, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    zones = [{"area_id": ["terrace"]}, {"area_id": ["hall"]}, {}]
    team = await gather(
        hass, *(somebody(f"P{number}", zone=zones[number % 3]) for number in range(30))
    )
    looked_up: list[object] = []

    def count(hass: HomeAssistant, config: ConfigType) -> Selected | None:
        looked_up.append(config)
        return async_select(hass, config)

    monkeypatch.setattr(zones_module, "async_select", count)
    tables.put("6", labels=set())
    tables.put("6", area_id="hall")
    for _ in range(3):
        assert len(tables.who(team, "6")) == 20
        assert len(tables.who(team, "7")) == 20
    # Each zone once, however many have it, serve there or ask.
    assert [one for one in looked_up if one] == zones[:2]


async def test_a_zone_without_anybody_on_shift_is_everybodys(
    hass: HomeAssistant, tables: Tables
) -> None:
    team = await gather(hass, *two(zone={"area_id": ["terrace"]}))
    shifts: Shifts = team.runtime_data.part(Shifts)
    assert tables.of(team, "6").rung is Rung.ZONE
    shifts.async_set("anna", False, None)
    assert tables.of(team, "6") == Owners(Rung.SHIFT, ("boris",))
    shifts.async_set("anna", True, None)
    assert tables.who(team, "6") == ["anna"]
    for person in ("anna", "boris"):
        shifts.async_set(person, False, None)
    assert tables.of(team, "6") == Owners(
        Rung.EVERYBODY, ("anna", "boris"), is_nobody_on_shift=True
    )


async def test_a_manager_without_a_zone_is_called_where_the_zone_is_not_enough(
    hass: HomeAssistant, tables: Tables
) -> None:
    team = await gather(
        hass,
        *two(zone={"area_id": ["terrace"]}),
        somebody("Vera", role="manager"),
        somebody("Gleb", role="manager", zone={"area_id": ["hall"]}),
    )
    assert tables.who(team, "6") == ["anna"]
    assert tables.who(team, "7") == ["boris", "gleb"]
    team.runtime_data.part(Shifts).async_set("anna", False, None)
    assert tables.of(team, "6") == Owners(Rung.SHIFT, ("boris", "vera", "gleb"))


@pytest.mark.parametrize("pos_waiter", ["15", "Анна", "анна"])
async def test_the_tills_waiter_comes_first(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    tables: Tables,
    bus: Recorder,
    pos_waiter: str,
) -> None:
    team = await gather(hass, *two(pos_waiter=pos_waiter), somebody("Vera"))
    assert tables.who(team, "7") == ["anna", "boris", "vera"]
    await order(qr_menu, bus, "7")
    assert tables.of(team, "7") == Owners(Rung.TILL, ("anna",))
    # Who is off shift is nobody.
    team.runtime_data.part(Shifts).async_set("anna", False, None)
    assert tables.who(team, "7") == ["boris", "vera"]


@pytest.mark.parametrize(
    "waiter",
    [None, {}, {"id": 99, "name": "Кто-то"}, {"id": 1, "name": "Система"}, "x"],
)
async def test_whom_nobody_knows_is_nobody(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    tables: Tables,
    bus: Recorder,
    waiter: Any,
) -> None:
    team = await gather(
        hass, somebody("Anna", pos_waiter="15"), somebody("Boris", pos_waiter="Система")
    )
    await order(qr_menu, bus, waiter=waiter)
    assert tables.of(team, "6") == Owners(Rung.ZONE, ("anna", "boris"))


async def test_an_order_moves_and_is_paid(
    hass: HomeAssistant, qr_menu: QrMenuService, tables: Tables, bus: Recorder
) -> None:
    team = await gather(hass, *two(pos_waiter="15"))
    await order(qr_menu, bus, "6")
    assert tables.of(team, "6").rung is Rung.TILL
    await order(qr_menu, bus, "7")
    assert tables.of(team, "6").rung is Rung.ZONE
    assert tables.of(team, "7").rung is Rung.TILL
    # A part of it is paid: its guests are still there.
    await order(qr_menu, bus, "7", code="online_payment", due=200)
    assert tables.of(team, "7").rung is Rung.TILL
    await order(qr_menu, bus, "7", code="online_payment", due=0)
    assert tables.of(team, "7").rung is Rung.ZONE


async def test_an_order_without_an_id_has_a_waiter_too(
    hass: HomeAssistant, qr_menu: QrMenuService, tables: Tables, bus: Recorder
) -> None:
    team = await gather(hass, *two(pos_waiter="15"))
    await order(qr_menu, bus, guid=None)
    assert tables.of(team, "6").rung is Rung.TILL
    await order(qr_menu, bus, guid=None, code="online_payment", due=0)
    assert tables.of(team, "6").rung is Rung.ZONE


async def test_who_serves_a_table_is_known_when_its_alert_comes(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    qr_menu: QrMenuService,
    tables: Tables,
    bus: Recorder,
) -> None:
    team = await gather(hass, *two(pos_waiter="15"))
    seen: list[list[str]] = []

    @callback
    def ask(_: Event) -> None:
        seen.append(tables.who(team, "7"))

    hass.bus.async_listen(EVENT, ask)
    await order(qr_menu, bus, "7")
    assert seen == [["anna"]]
    # It is kept over a restart.
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert tables.who(team, "7") == ["anna"]
    # While the menu is not loaded, nobody knows.
    assert await hass.config_entries.async_unload(entry.entry_id)
    whose: Whose = team.runtime_data.part(Whose)
    key = f"table_{qr_menu.restaurant.table('7').id}"
    assert whose.of(entry.entry_id, key).rung is Rung.ZONE


async def test_a_zone_that_is_gone_is_nobodys_and_a_repair_says_so(
    hass: HomeAssistant, tables: Tables
) -> None:
    issues, areas = ir.async_get(hass), ar.async_get(hass)
    team = await gather(hass, *two(zone={"area_id": ["terrace"]}))
    issue_id = f"zone_gone_{team.entry_id}_anna"
    assert not [one for _, one in issues.issues if one.startswith("zone_gone")]

    areas.async_delete("terrace")
    await hass.async_block_till_done()
    issue = issues.async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.translation_placeholders == {
        "title": NAME,
        "name": "Anna",
        "gone": "terrace",
    }
    # Nobody is left at that table: whoever is on shift has it.
    assert tables.of(team, "6") == Owners(Rung.SHIFT, ("anna", "boris"))

    # It is there again, under its name.
    areas.async_create("Terrace")
    await hass.async_block_till_done()
    assert issues.async_get_issue(DOMAIN, issue_id) is None

    areas.async_delete("terrace")
    await hass.async_block_till_done()
    assert issues.async_get_issue(DOMAIN, issue_id) is not None
    # What is left of a zone goes on to count, and who is gone is not asked about.
    hass.config_entries.async_remove_subentry(team, "anna")
    await hass.async_block_till_done()
    assert issues.async_get_issue(DOMAIN, issue_id) is None


async def test_a_zone_of_which_a_part_is_gone_is_what_is_left_of_it(
    hass: HomeAssistant, tables: Tables
) -> None:
    zone = {"area_id": ["terrace", "cellar"], "label_id": ["none"]}
    team = await gather(hass, *two(zone=zone))
    assert tables.who(team, "6") == ["anna"]
    issue = ir.async_get(hass).async_get_issue(
        DOMAIN, f"zone_gone_{team.entry_id}_anna"
    )
    assert issue is not None
    assert (issue.translation_placeholders or {})["gone"] == "cellar, none"
