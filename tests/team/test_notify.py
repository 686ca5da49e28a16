"""Whoever writes to somebody by name reaches that person, by the first way that works."""

from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from simulator.green_api import GreenApiService

from ..blueprints.conftest import Register
from ..blueprints.real_phones import Pushes
from .conftest import MakeTeam, chat_of, person, phone_of


async def write(hass: HomeAssistant, context: Context | None = None, **to: Any) -> None:
    """Write to somebody."""
    await hass.services.async_call(
        "notify",
        "send_message",
        {"title": "Kitchen", "message": "Two soups."},
        target=to,
        blocking=True,
        context=context,
    )


async def test_each_person_is_a_notify_entity_of_that_name_and_device(
    hass: HomeAssistant, make_team: MakeTeam, register: Register, pushes: Pushes
) -> None:
    phone = await register(owner="anna", name="Pixel")
    team = await make_team({"Anna": [phone_of(phone)], "Boris": []})
    entity = er.async_get(hass).async_get("notify.anna")
    assert entity is not None
    assert entity.config_subentry_id == person(team, "Anna").person_id
    state = hass.states.get("notify.anna")
    assert state is not None
    assert state.attributes["friendly_name"] == "Anna"
    await write(hass, entity_id="notify.anna")
    await write(hass, device_id=entity.device_id)
    first, second = pushes.of("anna")
    assert (first["title"], first["message"]) == ("Kitchen", "Two soups.")
    # Both stay on the phone.
    assert first["data"]["tag"] != second["data"]["tag"]
    assert first["data"]["actions"] == []

    with pytest.raises(HomeAssistantError) as caught:
        await write(hass, entity_id="notify.boris")
    assert caught.value.translation_key == "person_without_channels"

    hass.config_entries.async_remove_subentry(team, entity.config_subentry_id)
    await hass.async_block_till_done()
    assert hass.states.get("notify.anna") is None


async def test_the_next_way_is_taken_where_the_first_fails(
    hass: HomeAssistant,
    make_team: MakeTeam,
    register: Register,
    whatsapp: MockConfigEntry,
    green_api: GreenApiService,
) -> None:
    phone = await register(owner="anna", name="Pixel")
    await make_team({"Anna": [phone_of(phone), chat_of(whatsapp, "79821234567@c.us")]})
    await hass.config_entries.async_remove(phone.entry.entry_id)
    await write(hass, entity_id="notify.anna")
    (sent,) = green_api.sent
    assert sent.text == "*Kitchen*\nTwo soups."


async def test_whoever_may_not_control_it_writes_nothing(
    hass: HomeAssistant, make_team: MakeTeam, register: Register, pushes: Pushes
) -> None:
    phone = await register(owner="anna", name="Pixel")
    await make_team({"Anna": [phone_of(phone)]})
    user = MockUser(groups=[]).add_to_hass(hass)
    user.mock_policy({"entities": {"entity_ids": {"notify.anna": {"read": True}}}})
    with pytest.raises(Unauthorized):
        await write(hass, Context(user_id=user.id), entity_id="notify.anna")
    assert pushes.of("anna") == []
