"""Each service is added in the pages of Home Assistant, and what happens is seen there."""

from collections.abc import Mapping
from typing import Any

from playwright.async_api import expect
import pytest
import pytest_asyncio

from tests.real_site import RealSite

from .conftest import Show
from .dialogs import set_up_pbx, set_up_qr_menu, set_up_whatsapp
from .people import Person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("language", ["en", "ru"]),
]

EVENT = "entity.event.{}.state_attributes.event_type.state.{}"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def restaurants(site: RealSite) -> Mapping[str, Mapping[str, Any]]:
    """Return a restaurant for each language: none can be added twice."""
    other = await site.start_simulator(
        *("--pbx-device-id", "the-other-pbx", "--green-api-instance", "1101000002")
    )
    return {"en": site.simulator, "ru": other}


async def test_a_qr_menu_is_added_and_its_guests_are_seen(
    site: RealSite,
    person: Person,
    language: str,
    restaurants: Mapping[str, Mapping[str, Any]],
    show: Show,
) -> None:
    restaurant = restaurants[language]
    screen = await show(site, person=person)

    await set_up_qr_menu(screen, restaurant)
    await site.publish("/qr-menu/tables/6/call", simulator=restaurant)

    call = screen.words.own(EVENT.format("activity", "waiter_call"))
    events = screen.page.locator("ha-device-entities-card")
    await expect(events.get_by_text(call)).to_be_visible()
    await screen.shot("qr-menu-hub")
    await screen.page.get_by_role("link", name="Table 6").click()
    waits = screen.words.own("entity.binary_sensor.waiter_called.state.on")
    await expect(screen.page.get_by_text(waits).first).to_be_visible()
    await screen.shot("table")


async def test_a_pbx_is_added_and_its_calls_are_seen(
    site: RealSite,
    person: Person,
    language: str,
    restaurants: Mapping[str, Mapping[str, Any]],
    show: Show,
) -> None:
    restaurant = restaurants[language]
    screen = await show(site, person=person)

    await set_up_pbx(screen, restaurant)
    call = {"from": "+79821234567", "to": "107"}
    await site.publish("/pbx/calls", call, simulator=restaurant)

    rings = screen.words.own("entity.sensor.state.state.ringing")
    await expect(screen.page.get_by_text(rings).first).to_be_visible()
    await expect(screen.page.get_by_role("link", name="107")).to_be_visible()
    await screen.shot("pbx-hub")


async def test_a_whatsapp_account_is_added_and_its_messages_are_seen(
    site: RealSite,
    person: Person,
    language: str,
    restaurants: Mapping[str, Mapping[str, Any]],
    show: Show,
) -> None:
    restaurant = restaurants[language]
    keeps_back = {"incomingWebhook": "no"}
    await site.publish("/green-api/instance", keeps_back, simulator=restaurant)
    screen = await show(site, person=person)

    await set_up_whatsapp(screen, restaurant)
    message = {"chat": "79821234567", "name": "Анна", "text": "Столик на двоих?"}
    await site.publish("/green-api/messages", message, simulator=restaurant)

    came = screen.words.own(EVENT.format("messages", "message"))
    await expect(screen.page.get_by_text(came).first).to_be_visible()
    await screen.shot("whatsapp-hub")
