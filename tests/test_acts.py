"""What people do with an alert: done, snooze, and who learns that another has it."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, Final

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.translation import async_get_translations
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from custom_components.carbis_alerts.const import ALERT_EVENT, EVENT
from simulator.qr_menu import QrMenuService

from .alerts import (
    ACKNOWLEDGE,
    ANSWER_TIME,
    FORGOTTEN_TODAY,
    OPEN_CALLS,
    TODO,
    WAITER_CALLED,
    act,
    get_alerts,
    items,
    press,
    site_clock,
    table_calls,
)
from .automations import automate, ours
from .conftest import Recorder
from .helpers import state_of
from .sites import life

BILL_REQUESTED: Final = "binary_sensor.table_6_bill_requested"


@pytest.fixture(autouse=True)
async def _zone(hass: HomeAssistant) -> None:
    """Live where the clock of these tests does."""
    await hass.config.async_set_time_zone("UTC")


@pytest.mark.parametrize("is_taken", [False, True])
async def test_done_is_served_whoever_had_it(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    is_taken: bool,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    if is_taken:
        await act(hass, "acknowledge", alert_id=opened["alert_id"], by="Anna")
    answer = await act(hass, "close", entity_id=WAITER_CALLED, by="Boris")
    (closed,) = answer["alerts"]
    assert (closed["state"], closed["outcome"], closed["by"]) == (
        "closed",
        "served",
        "Boris",
    )
    assert closed["closed_at"] is not None
    assert (alerts.data[-1]["action"], alerts.data[-1]["reason"]) == ("closed", "done")
    assert state_of(hass, WAITER_CALLED) == "off"
    assert state_of(hass, FORGOTTEN_TODAY) == "0"
    assert await items(hass) == []
    assert await act(hass, "close", entity_id=WAITER_CALLED) == {"alerts": []}
    with pytest.raises(ServiceValidationError):
        await act(hass, "close", alert_id=opened["alert_id"])


async def test_a_snoozed_alert_is_open_and_silent_until_it_waits_again(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("19:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        opened = await table_calls(qr_menu, alerts, "6")
        answer = await act(hass, "snooze", alert_id=opened["alert_id"], by="Anna")
        (alert,) = answer["alerts"]
        assert (alert["state"], alert["overdue"], alert["by"]) == (
            "open",
            False,
            "Anna",
        )
        until = clock.utcnow() + timedelta(minutes=10)
        assert alert["snoozed_until"] == until.isoformat()
        assert alerts.data[-1]["action"] == "snoozed"
        assert state_of(hass, OPEN_CALLS) == "1"
        (item,) = await items(hass)
        assert (item["status"], item["due"]) == ("needs_action", until.isoformat())
        await clock.wait(hass, minutes=9, seconds=58)
        assert len(alerts.events) == 2
        await clock.wait(hass, seconds=2)
        assert [data["action"] for data in alerts.data[2:]] == ["reopened", "overdue"]
        back = alerts.data[-1]
        assert (back["snoozed_until"], back["age"]) == (None, 600)
        assert state_of(hass, ANSWER_TIME) == "unknown"


async def test_a_new_press_of_the_guest_ends_the_snooze(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    runs = await automate(hass, {"opened": ours("alert_opened")})
    opened = await table_calls(qr_menu, alerts, "6")
    await act(hass, "snooze", alert_id=opened["alert_id"], minutes=240)
    qr_menu.waiter_call("6")
    again = (await alerts.wait(4))[-1]
    assert [data["action"] for data in alerts.data[2:]] == ["reopened", "repeated"]
    assert (again["snoozed_until"], again["count"]) == (None, 2)
    assert again["opened_at"] == opened["opened_at"]
    await runs.wait(2)


@pytest.mark.parametrize("minutes", [0, 241, -5, "soon"])
async def test_a_snooze_of_another_length_is_refused(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    minutes: Any,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    with pytest.raises(vol.Invalid):
        await act(hass, "snooze", alert_id=opened["alert_id"], minutes=minutes)
    assert len(alerts.events) == 1


async def test_who_waits_for_long_is_not_shown_while_snoozed(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    with site_clock("19:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        runs = await automate(hass, {"waits": ours("alert_waiting", older_than=60)})
        opened = await table_calls(qr_menu, alerts, "6")
        await act(hass, "snooze", alert_id=opened["alert_id"], minutes=5)
        await clock.wait(hass, seconds=200)
        await runs.all_done()
        assert runs.counts == {}
        await clock.wait(hass, seconds=101)
        assert [one["name"] for one in await runs.wait(1)] == ["waits"]


async def test_a_restart_keeps_a_snooze(
    qr_menu: QrMenuService, hass_storage: dict[str, Any]
) -> None:
    with site_clock("19:00") as clock:
        async with life(qr_menu) as first:
            await first.settle()
            alerts = Recorder(first.hass, ALERT_EVENT)
            opened = await table_calls(qr_menu, alerts, "6")
            await act(first.hass, "snooze", alert_id=opened["alert_id"])
            (before,) = await get_alerts(first.hass)
        clock.pass_by(seconds=200)
        async with life(qr_menu) as second:
            await second.settle()
            (alert,) = await get_alerts(second.hass)
            assert alert["snoozed_until"] == before["snoozed_until"]
            assert not alert["overdue"]


async def refused(
    hass: HomeAssistant, way: str, alert_id: str, context: Context
) -> ServiceValidationError:
    """Return why a person may not have what another has."""
    tick = {"entity_id": TODO, "item": alert_id, "status": "completed"}
    if way == "button":
        asked: Awaitable[Any] = press(hass, ACKNOWLEDGE, context)
    elif way == "tick":
        asked = hass.services.async_call(
            "todo", "update_item", tick, blocking=True, context=context
        )
    else:
        asked = act(hass, way, context, alert_id=alert_id)
    with pytest.raises(ServiceValidationError) as raised:
        await asked
    return raised.value


@pytest.mark.parametrize("way", ["acknowledge", "snooze", "button", "tick"])
@pytest.mark.parametrize(
    ("language", "by", "said"),
    [
        ("en", "Anna", "Anna has it, since 0:40."),
        ("en", None, "Somebody has it, since 0:40."),
        ("ru", "Anna", "Этим уже занимается Anna, 0:40."),
        ("ru", None, "Этим уже занимаются, 0:40."),
    ],
)
async def test_a_person_learns_who_has_it_and_since_when(
    hass: HomeAssistant,
    hass_admin_user: MockUser,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    way: str,
    language: str,
    by: str | None,
    said: str,
) -> None:
    with site_clock("19:00") as clock:
        await hass.config_entries.async_reload(entry.entry_id)
        opened = await table_calls(qr_menu, alerts, "6")
        data = {"alert_id": opened["alert_id"], **({"by": by} if by else {})}
        await act(hass, "acknowledge", **data)
        clock.pass_by(seconds=40)
        who = Context(user_id=hass_admin_user.id)
        error = await refused(hass, way, opened["alert_id"], who)
        assert error.translation_key == ("alert_taken_by" if by else "alert_taken")
        assert (error.translation_placeholders or {})["since"] == "0:40"
        words = await translated(hass, language, error)
        assert words == said
        # An automation goes on, as ever.
        answer = await act(hass, "acknowledge", alert_id=opened["alert_id"])
        assert answer == {"alerts": []}
        assert len(alerts.events) == 2


async def translated(
    hass: HomeAssistant, language: str, error: ServiceValidationError
) -> str:
    """Return an error in a language."""
    found = await async_get_translations(
        hass, language, "exceptions", ["carbis_alerts"]
    )
    key = f"component.carbis_alerts.exceptions.{error.translation_key}.message"
    return found[key].format(**(error.translation_placeholders or {}))


async def test_whoever_has_it_may_say_so_twice(
    hass: HomeAssistant,
    hass_admin_user: MockUser,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    who = Context(user_id=hass_admin_user.id)
    await act(hass, "acknowledge", who, alert_id=opened["alert_id"])
    answer = await act(hass, "acknowledge", who, alert_id=opened["alert_id"])
    assert answer == {"alerts": []}


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        ("waiter_call", "waiter_call"),
        ("bill_request", "bill_request"),
        ("order", "dishes_added"),
    ],
)
async def test_a_person_raises_what_a_guest_could(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    kind: str,
    type_: str,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    await act(hass, "close", alert_id=opened["alert_id"])
    events = Recorder(hass, EVENT)
    answer = await act(
        hass, "raise_alert", entry_id=entry.entry_id, table="6", kind=kind, text="soon"
    )
    assert (events.data[-1]["type"], events.data[-1]["code"]) == (type_, "raise_alert")
    (alert,) = await get_alerts(hass)
    assert (alert["alert_id"], alert["kind"], alert["text"]) == (
        answer["alert_id"],
        kind,
        "soon",
    )
    assert state_of(hass, WAITER_CALLED) == ("on" if kind == "waiter_call" else "off")
    assert state_of(hass, BILL_REQUESTED) == ("on" if kind == "bill_request" else "off")


async def test_nobody_raises_another_kind(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    with pytest.raises(vol.Invalid):
        await act(
            hass, "raise_alert", entry_id=entry.entry_id, table="6", kind="message"
        )
