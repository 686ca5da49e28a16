"""Codes of a menu's own: the owner is asked once, and what they mean happens."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.carbis_alerts.const import CONF_CODE_MEANINGS, DOMAIN
from custom_components.carbis_alerts.domain.codes import Meaning
from simulator.qr_menu import QrMenuService

from .alerts import CALLS_TODAY, OPEN_CALLS, act, get_alerts, items, number_of
from .automations import automate, ours
from .conftest import Recorder
from .flows import WORDS, every_word_known, suggested
from .helpers import state_of
from .test_repairs import Dialog, dialog

__all__ = ["dialog"]

REQUESTED = "binary_sensor.table_6_bill_requested"
CALLED = "binary_sensor.table_6_waiter_called"
TABLE = {"table": 6, "table_repr": {"id": 6, "name": "6"}}
DISHES = {"session": {"dishes": [{"name": "Tea", "price": 5, "count": 1}]}}


def questions(hass: HomeAssistant) -> list[ir.IssueEntry]:
    """Return the repairs that ask what a code means."""
    return [
        issue
        for issue in ir.async_get(hass).issues.values()
        if issue.translation_key == "unknown_code" and issue.active
    ]


async def give(
    hass: HomeAssistant, entry: MockConfigEntry, *rows: tuple[str, str], **more: Any
) -> None:
    """Give codes a meaning in the options."""
    with every_word_known():
        shown = await hass.config_entries.options.async_init(entry.entry_id)
        given = [{"code": code, "meaning": meaning} for code, meaning in rows]
        result = await hass.config_entries.options.async_configure(
            shown["flow_id"],
            {"poll_interval": 1, CONF_CODE_MEANINGS: given, **more},
        )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def ask(
    hass: HomeAssistant, qr_menu: QrMenuService, bus: Recorder, code: str
) -> ir.IssueEntry:
    """Have an unknown code come until its owner is asked."""
    for number in range(1, 4):
        assert not questions(hass)
        qr_menu.push({"code": code, **TABLE})
        assert (await bus.wait(number))[-1]["type"] == "other"
    await hass.async_block_till_done()
    (issue,) = questions(hass)
    return issue


async def test_an_answer_is_kept_and_works_from_then_on(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
    dialog: Dialog,
) -> None:
    issue = await ask(hass, qr_menu, bus, "need_bill")
    assert await get_alerts(hass) == []

    step = await dialog.open(issue.issue_id)
    assert step["step_id"] == "meaning"
    (field,) = step["data_schema"]
    assert field["selector"]["select"]["options"] == [*Meaning]
    for words in WORDS.values():
        flow = words["issues"]["unknown_code"]["fix_flow"]["step"]["meaning"]
        shown = step["description_placeholders"]
        assert "need_bill" in flow["title"].format_map(shown)
        assert shown["title"] == "QR menu 127.0.0.1"
        assert "need_bill" in flow["description"].format_map(shown)
        assert field["name"] in flow["data"]
        meanings = words["selector"]["code_meaning"]["options"]
        assert meanings.keys() == {*Meaning}
    done = await dialog.submit(step, meaning="bill_request")
    assert done["type"] == "create_entry"
    await hass.async_block_till_done()
    assert questions(hass) == []
    assert entry.options[CONF_CODE_MEANINGS] == [
        {"code": "need_bill", "meaning": "bill_request"}
    ]

    qr_menu.push({"code": "need_bill", **TABLE})
    data = (await bus.wait(4))[3]
    assert (data["type"], data["code"], data["raw"]) == (
        "bill_request",
        "need_bill",
        None,
    )
    opened = (await alerts.wait(1))[0]
    assert (opened["action"], opened["kind"]) == ("opened", "bill_request")
    assert (state_of(hass, REQUESTED), state_of(hass, CALLED)) == ("on", "off")
    assert number_of(hass, OPEN_CALLS) == number_of(hass, CALLS_TODAY) == 1


async def test_what_nobody_answered_is_asked_on_after_a_restart(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
) -> None:
    issue = await ask(hass, qr_menu, bus, "need_bill")
    ir.async_delete_issue(hass, DOMAIN, issue.issue_id)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert [found.issue_id for found in questions(hass)] == [issue.issue_id]
    # Answered where all meanings are.
    await give(hass, entry, ("need_bill", "ignore"))
    assert questions(hass) == []


async def test_ignored_is_an_answer(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    dialog: Dialog,
) -> None:
    issue = await ask(hass, qr_menu, bus, "table_closed")
    await dialog.submit(await dialog.open(issue.issue_id), meaning="ignore")
    await hass.async_block_till_done()
    for number in range(4, 8):
        # With dishes it would be an order.
        qr_menu.push({"code": "table_closed", "invoice": DISHES, **TABLE})
        assert (await bus.wait(number))[-1]["type"] == "other"
    assert questions(hass) == []
    assert await get_alerts(hass) == []
    # Taken back, it is not asked again.
    await give(hass, entry)
    for number in range(8, 12):
        qr_menu.push({"code": "table_closed", **TABLE})
        await bus.wait(number)
    await hass.async_block_till_done()
    assert questions(hass) == []


async def test_a_question_shows_no_more_than_a_code(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    issue = await ask(hass, qr_menu, bus, "**pay** [here](https://x.example)`")
    assert issue.translation_placeholders is not None
    code = issue.translation_placeholders["code"]
    assert not {*"*[]`"} & {*code}
    assert "://" not in code


async def test_a_meaning_that_is_taken_back_leaves_what_waits(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    await give(hass, entry, ("need_bill", "bill_request"), ("come", "waiter_call"))
    qr_menu.push({"code": "need_bill", **TABLE})
    qr_menu.push({"code": "come", **TABLE})
    await bus.wait(2)
    assert (state_of(hass, REQUESTED), state_of(hass, CALLED)) == ("on", "on")
    assert number_of(hass, OPEN_CALLS) == 2
    assert {
        (item["summary"], item.get("description")) for item in await items(hass)
    } == {
        ("Table 6", "Bill request"),
        ("Table 6", None),
    }

    await give(hass, entry)
    assert (state_of(hass, REQUESTED), state_of(hass, CALLED)) == ("on", "on")
    qr_menu.push({"code": "need_bill", **TABLE})
    assert (await bus.wait(3))[2]["type"] == "other"
    assert len(await get_alerts(hass)) == 2

    await act(hass, "acknowledge", entity_id=REQUESTED)
    qr_menu.push({"code": "online_payment", "order": {"sum": 186}, **TABLE})
    await bus.wait(4)
    closed = [data for data in alerts.data if data["action"] == "closed"]
    assert {(data["kind"], data["reason"]) for data in closed} == {
        ("bill_request", "paid"),
        ("waiter_call", "paid"),
    }
    assert (state_of(hass, REQUESTED), state_of(hass, CALLED)) == ("off", "off")


async def test_orders_wait_where_it_is_wanted(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    runs = await automate(hass, {"dishes": ours("dishes_added")})
    qr_menu.push({"code": "add", "invoice": DISHES, **TABLE})
    await bus.wait(1)
    assert await get_alerts(hass) == []
    await give(hass, entry, ("new_order", "dishes_added"), orders_wait=True)
    qr_menu.push({"code": "add", "invoice": DISHES, **TABLE})
    qr_menu.push({"code": "new_order", **TABLE})
    await bus.wait(3)
    (waits,) = await get_alerts(hass)
    assert (waits["kind"], waits["count"]) == ("order", 2)
    assert (state_of(hass, REQUESTED), state_of(hass, CALLED)) == ("off", "off")
    assert number_of(hass, OPEN_CALLS) == 0
    # A payment is no look at it.
    qr_menu.push({"code": "online_payment", "order": {"sum": 186}, **TABLE})
    await bus.wait(4)
    assert len(await get_alerts(hass)) == 1
    await runs.wait(3)


async def test_who_asks_for_the_bill_starts_automations(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    await give(hass, entry, ("need_bill", "bill_request"))
    runs = await automate(
        hass,
        {
            "bill": ours("bill_requested"),
            "alert": ours("alert_opened", kind=["bill_request"]),
            "call": ours("waiter_called"),
        },
    )
    qr_menu.push({"code": "need_bill", **TABLE})
    await runs.wait(2)
    await runs.all_done()
    assert runs.counts == {"bill": 1, "alert": 1}


async def test_codes_that_came_are_proposed(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    qr_menu.push({"code": "need_bill", **TABLE})
    qr_menu.push({"code": "add", "invoice": DISHES, **TABLE})
    qr_menu.push({"code": "waiter_call", **TABLE})
    await bus.wait(3)
    await give(hass, entry, ("older", "ignore"))
    shown = await hass.config_entries.options.async_init(entry.entry_id)
    assert suggested(shown)[CONF_CODE_MEANINGS] == [
        {"code": "older", "meaning": "ignore"}
    ]
    assert shown["data_schema"] is not None
    selector = shown["data_schema"].schema[CONF_CODE_MEANINGS]
    code = selector.config["fields"]["code"]["selector"].config
    assert [option["value"] for option in code["options"]] == [
        "add",
        "need_bill",
        "older",
    ]
    assert code["custom_value"]


async def test_what_is_known_cannot_mean_something_else(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    with every_word_known():
        shown = await hass.config_entries.options.async_init(entry.entry_id)
        row = {"code": "waiter_call", "meaning": "ignore"}
        result = await hass.config_entries.options.async_configure(
            shown["flow_id"], {"poll_interval": 1, CONF_CODE_MEANINGS: [row]}
        )
    assert result["errors"] == {CONF_CODE_MEANINGS: "code_known"}
    with pytest.raises(InvalidData):
        await hass.config_entries.options.async_configure(
            shown["flow_id"],
            {"poll_interval": 1, CONF_CODE_MEANINGS: [{"code": "a", "meaning": "no"}]},
        )


@pytest.mark.parametrize("stored", [None, "x", [None], [{"code": 1}], {"code": "a"}])
async def test_options_that_are_none_keep_nothing_from_starting(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    stored: Any,
) -> None:
    hass.config_entries.async_update_entry(
        entry, options={**entry.options, CONF_CODE_MEANINGS: stored}
    )
    await hass.async_block_till_done()
    qr_menu.push({"code": "a", **TABLE})
    assert (await bus.wait(1))[0]["type"] == "other"
    shown = await hass.config_entries.options.async_init(entry.entry_id)
    assert shown["type"] is FlowResultType.FORM


async def test_the_form_reaches_the_browser(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
) -> None:
    assert await async_setup_component(hass, "config", {})
    client = await hass_client()
    qr_menu.push({"code": "<b>pay</b>", **TABLE})
    await bus.wait(1)
    path = "/api/config/config_entries/options/flow"
    shown = await (await client.post(path, json={"handler": entry.entry_id})).json()
    fields = {field["name"]: field for field in shown["data_schema"]}
    config = fields[CONF_CODE_MEANINGS]["selector"]["object"]
    code, meaning = (config["fields"][name]["selector"] for name in ("code", "meaning"))
    # The code is chosen as it is, and shown as text that does nothing.
    (choice,) = code["select"]["options"]
    assert choice["value"] == "<b>pay</b>"
    assert "<" not in choice["label"]
    assert meaning["select"]["options"] == [
        {
            "value": value,
            "label": WORDS["en"]["selector"]["code_meaning"]["options"][value],
        }
        for value in Meaning
    ]
    rows = [{"code": choice["value"], "meaning": "waiter_call"}]
    answer = await client.post(
        f"{path}/{shown['flow_id']}",
        json={"poll_interval": 1, CONF_CODE_MEANINGS: rows},
    )
    assert (await answer.json())["type"] == "create_entry"
    assert entry.options[CONF_CODE_MEANINGS] == rows
