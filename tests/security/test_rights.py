"""What a user may ask for who may not see everything."""

from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.carbis_alerts.const import DOMAIN
from simulator.qr_menu import QrMenuService

from ..alerts import table_calls
from ..conftest import Recorder

TABLE = "event.table_6_activity"


async def asked(
    hass: HomeAssistant, user: MockUser | None, **data: Any
) -> list[dict[str, Any]]:
    """Return the alerts that a user gets; None is an automation."""
    answer: Any = await hass.services.async_call(
        DOMAIN,
        "get_alerts",
        data,
        blocking=True,
        return_response=True,
        context=Context(user_id=user.id if user else None),
    )
    alerts: list[dict[str, Any]] = answer["alerts"]
    return alerts


@pytest.fixture
async def tables(
    qr_menu: QrMenuService, entry: MockConfigEntry, alerts: Recorder
) -> None:
    """Have two tables call."""
    for table in ("6", "7"):
        await table_calls(qr_menu, alerts, table)


@pytest.mark.usefixtures("tables")
async def test_a_user_gets_the_alerts_of_what_he_may_see(
    hass: HomeAssistant, entry: MockConfigEntry, hass_admin_user: MockUser
) -> None:
    user = MockUser().add_to_hass(hass)
    user.mock_policy({"entities": {"entity_ids": {TABLE: {"read": True}}}})
    for data in ({}, {"entry_id": entry.entry_id}):
        assert [alert["title"] for alert in await asked(hass, user, **data)] == ["6"]
    for whole in (hass_admin_user, None):
        assert len(await asked(hass, whole, entry_id=entry.entry_id)) == 2


@pytest.mark.usefixtures("tables")
async def test_who_may_see_nothing_gets_nothing_and_no_entry_that_he_names(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    user = MockUser().add_to_hass(hass)
    user.mock_policy({"entities": {"entity_ids": {"light.hall": True}}})
    assert await asked(hass, user) == []
    assert await asked(hass, user, state="closed") == []
    with pytest.raises(Unauthorized):
        await asked(hass, user, entry_id=entry.entry_id)
    gone = MockUser(id="whoever was deleted")
    assert await asked(hass, gone) == []


async def test_a_name_of_whoever_has_it_is_a_short_line(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    opened = await table_calls(qr_menu, alerts, "6")
    answer: Any = await hass.services.async_call(
        DOMAIN,
        "acknowledge",
        {"alert_id": opened["alert_id"], "by": "Anna\n\u202e" + "x" * 3_000_000},
        blocking=True,
        return_response=True,
    )
    (alert,) = answer["alerts"]
    assert alert["by"] == f"Anna {'x' * 94}…"
