"""How long somebody has waited: since the service's own time, where that can be right."""

import time

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.green_api import GreenApiService
from simulator.green_api_notifications import text_data

from ..conftest import Recorder

GUEST = "79821234567@c.us"


def wrote(green_api: GreenApiService, chat: str, text: str, *, ago: float) -> None:
    """Let a guest's message come that was written so many seconds ago."""
    body = green_api.writer.message(chat, "Guest", text_data(text))
    green_api.push({**body, "timestamp": int(time.time() - ago)})


@pytest.mark.parametrize(
    ("ago", "age"),
    [(600, 600), (86_000, 86_000), (90_000, 0), (-30, 0), (-90, 0), (10**9, 0)],
)
async def test_an_alert_is_as_old_as_its_message_where_that_can_be(
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    alerts: Recorder,
    ago: int,
    age: int,
) -> None:
    wrote(green_api, GUEST, "Есть столик?", ago=ago)
    opened = (await alerts.wait(1))[0]
    assert opened["action"] == "opened"
    assert age <= opened["age"] <= age + 30


async def test_a_message_that_was_long_on_its_way_is_overdue_at_once_and_once(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    alerts: Recorder,
) -> None:
    wrote(green_api, GUEST, "Есть столик?", ago=7200)
    opened, overdue = await alerts.wait(2)
    assert (opened["action"], overdue["action"]) == ("opened", "overdue")
    wrote(green_api, GUEST, "Алло?", ago=3600)
    repeated = (await alerts.wait(3))[2]
    assert (repeated["action"], repeated["opened_at"]) == (
        "repeated",
        opened["opened_at"],
    )
    answer = await hass.services.async_call(
        "carbis_alerts",
        "acknowledge",
        {"alert_id": opened["alert_id"]},
        blocking=True,
        return_response=True,
    )
    assert answer
    # Who writes again waits since then, not since the first message.
    wrote(green_api, GUEST, "Вы где?", ago=1800)
    again, overdue = (await alerts.wait(6))[4:]
    assert (again["action"], overdue["action"]) == ("opened", "overdue")
    assert 1800 <= again["age"] <= 1830
    assert whatsapp.runtime_data.alerts.waits_today.longest[0] >= 7200
    await green_api.wait_until_empty()
    await hass.async_block_till_done()
    assert len(alerts.events) == 6
