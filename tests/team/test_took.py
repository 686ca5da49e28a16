"""Who took it: a person of the team, however they did it, and the figures by person."""

from typing import Any

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.carbis_alerts.const import CONF_FIGURES_BY_PERSON
from simulator.qr_menu import QrMenuService

from ..alerts import ACKNOWLEDGE, TODO, act, press, site_clock, table_calls
from ..conftest import Recorder
from .teams import device_of, gather, shown, somebody


def is_person(hass: HomeAssistant, name: str, user: MockUser) -> None:
    """Have Home Assistant's person of a name be a user."""
    hass.states.async_set(f"person.{name}", "home", {"user_id": user.id})


async def ticked(hass: HomeAssistant, alert: dict[str, Any], who: Context) -> None:
    """Tick an alert off the list."""
    await hass.services.async_call(
        "todo",
        "update_item",
        {"entity_id": TODO, "item": alert["alert_id"], "status": "completed"},
        blocking=True,
        context=who,
    )


@pytest.mark.parametrize("way", ["action", "button", "list"])
async def test_a_user_who_is_a_person_is_that_person(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    hass_admin_user: MockUser,
    way: str,
) -> None:
    is_person(hass, "anna", hass_admin_user)
    await gather(hass, somebody("Anna", person_entity="person.anna"))
    alert = await table_calls(qr_menu, alerts, "6")
    assert (alert["by"], alert["person_id"]) == (None, None)
    who = Context(user_id=hass_admin_user.id)
    if way == "action":
        await act(hass, "acknowledge", who, alert_id=alert["alert_id"])
    elif way == "button":
        await press(hass, ACKNOWLEDGE, who)
    else:
        await ticked(hass, alert, who)
    taken = alerts.data[-1]
    assert (taken["action"], taken["by"], taken["person_id"]) == (
        "acknowledged",
        "Anna",
        "anna",
    )


@pytest.mark.parametrize(
    ("said", "by", "person_id"),
    [
        ({"person_id": "boris"}, "Boris", "boris"),
        ({"person_id": "boris", "by": "The bar"}, "The bar", "boris"),
        ({"by": "Boris"}, "Boris", "boris"),
        ({"by": "Twin"}, "Twin", None),
        ({"by": "The bar"}, "The bar", None),
        ({}, None, None),
    ],
)
async def test_an_automation_says_who(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    said: dict[str, Any],
    by: str | None,
    person_id: str | None,
) -> None:
    twins = [{**somebody("Twin"), "subentry_id": f"twin {one}"} for one in (1, 2)]
    await gather(hass, somebody("Anna"), somebody("Boris"), *twins)
    alert = await table_calls(qr_menu, alerts, "6")
    await act(hass, "acknowledge", alert_id=alert["alert_id"], **said)
    assert (alerts.data[-1]["by"], alerts.data[-1]["person_id"]) == (by, person_id)


async def test_a_person_is_named_by_the_device_too(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    await gather(hass, somebody("Anna"))
    alert = await table_calls(qr_menu, alerts, "6")
    device = device_of(hass, "Anna")
    assert device is not None
    for action in ("acknowledge", "reopen", "snooze", "close"):
        await act(hass, action, alert_id=alert["alert_id"], person_id=device.id)
        assert (alerts.data[-1]["by"], alerts.data[-1]["person_id"]) == ("Anna", "anna")


async def test_a_user_of_a_shared_tablet_names_a_person_and_a_person_nobody_else(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    group = await hass.auth.async_get_group(GROUP_ID_USER)
    assert group is not None
    tablet, waiter = (
        MockUser(name=name, groups=[group]).add_to_hass(hass)
        for name in ("Tablet", "boris the user")
    )
    is_person(hass, "boris", waiter)
    await gather(
        hass, somebody("Anna"), somebody("Boris", person_entity="person.boris")
    )
    for user, person_id, by in (
        (tablet, "anna", "Anna"),
        (tablet, None, "Tablet"),
        (waiter, "boris", "Boris"),
        (waiter, None, "Boris"),
    ):
        alert = await table_calls(qr_menu, alerts, "6")
        data = {"person_id": person_id} if person_id else {}
        # Whose name it is is not for them to say.
        await act(
            hass,
            "acknowledge",
            Context(user_id=user.id),
            alert_id=alert["alert_id"],
            by="The owner",
            **data,
        )
        assert alerts.data[-1]["by"] == by
    alert = await table_calls(qr_menu, alerts, "7")
    for user, person_id, key in (
        (waiter, "anna", "another_person"),
        (tablet, "nobody", "unknown_person"),
    ):
        with pytest.raises(ServiceValidationError) as refused:
            await act(
                hass,
                "acknowledge",
                Context(user_id=user.id),
                alert_id=alert["alert_id"],
                person_id=person_id,
            )
        assert refused.value.translation_key == key
    assert alerts.data[-1]["action"] == "opened"


async def test_a_person_of_another_team_takes_nothing_here(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    hass_admin_user: MockUser,
) -> None:
    is_person(hass, "anna", hass_admin_user)
    await gather(
        hass, somebody("Anna", person_entity="person.anna"), entries=("elsewhere",)
    )
    alert = await table_calls(qr_menu, alerts, "6")
    with pytest.raises(ServiceValidationError):
        await act(hass, "acknowledge", alert_id=alert["alert_id"], person_id="anna")
    who = Context(user_id=hass_admin_user.id)
    await act(hass, "acknowledge", who, alert_id=alert["alert_id"])
    taken = alerts.data[-1]
    assert (taken["by"], taken["person_id"]) == (hass_admin_user.name, None)


async def test_who_has_it_is_known_after_a_restart_and_when_the_person_is_gone(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    team = await gather(hass, somebody("Anna"))
    alert = await table_calls(qr_menu, alerts, "6")
    await act(hass, "acknowledge", alert_id=alert["alert_id"], person_id="anna")
    await hass.config_entries.async_reload(entry.entry_id)
    hass.config_entries.async_remove_subentry(team, "anna")
    await hass.async_block_till_done()
    ((kept),) = (await act(hass, "get_alerts"))["alerts"]
    assert (kept["state"], kept["by"], kept["person_id"]) == (
        "acknowledged",
        "Anna",
        "anna",
    )
    people = entry.runtime_data.alerts.people_today.people
    assert [day.name for day in people.values()] == ["Anna"]


async def test_figures_are_by_person_and_an_answer_that_is_taken_back_is_none(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("19:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        await gather(hass, somebody("Anna"), somebody("Boris"))

        def figures(person: str) -> tuple[str, str]:
            return (
                shown(hass, "sensor", "answered_today", person),
                shown(hass, "sensor", "answer_time", person),
            )

        assert figures("Anna") == ("0", "unknown")
        alert: dict[str, Any] = {}
        for table, person_id, seconds in (("6", "anna", 10), ("7", "boris", 30)):
            alert = await table_calls(qr_menu, alerts, table)
            await clock.wait(hass, seconds=seconds)
            await act(
                hass, "acknowledge", alert_id=alert["alert_id"], person_id=person_id
            )
        await hass.async_block_till_done()
        assert (figures("Anna"), figures("Boris")) == (("1", "10.0"), ("1", "30.0"))
        assert shown(hass, "sensor", "answer_time") == "20.0"

        # Whoever gives it back had it for nobody, whoever says so.
        await act(hass, "reopen", alert_id=alert["alert_id"], person_id="anna")
        await hass.async_block_till_done()
        assert (figures("Anna"), figures("Boris")) == (("1", "10.0"), ("0", "unknown"))
        await act(hass, "acknowledge", alert_id=alert["alert_id"], person_id="anna")
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        assert figures("Anna") == ("2", "20.0")
        # A guest who calls again so soon was not served.
        await clock.wait(hass, seconds=60)
        await table_calls(qr_menu, alerts, "7")
        await hass.async_block_till_done()
        assert figures("Anna") == ("1", "10.0")


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        ("name", {"anna": (1, "Anna")}),
        ("number", {"anna": (1, None)}),
        ("none", {}),
    ],
)
async def test_a_team_may_want_no_names_or_nothing_of_its_people_in_figures(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    wanted: str,
    kept: dict[str, tuple[int, str | None]],
) -> None:
    def people() -> dict[str, tuple[int, str | None]]:
        days = entry.runtime_data.alerts.people_today.people
        return {who: (day.answered, day.name) for who, day in days.items()}

    team = await gather(hass, somebody("Anna"), **{CONF_FIGURES_BY_PERSON: wanted})
    alert = await table_calls(qr_menu, alerts, "6")
    await act(hass, "acknowledge", alert_id=alert["alert_id"], person_id="anna")
    await hass.async_block_till_done()
    assert people() == kept
    is_shown = shown(hass, "sensor", "answered_today", "Anna") == "1"
    assert is_shown == (wanted == "name")
    # What was counted before the team wanted none is not kept.
    hass.config_entries.async_update_entry(
        team, options={CONF_FIGURES_BY_PERSON: "none"}
    )
    await hass.async_block_till_done()
    assert people() == {}
    # Who comes is known all the same.
    assert alerts.data[-1]["by"] == "Anna"
