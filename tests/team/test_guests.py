"""What a team must leave to guests."""

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.green_api import GreenApiService

from ..fixtures import Recorder
from ..helpers import wait_until
from .dispatching import ONCE, make


async def test_a_step_by_some_channels_leaves_guests_their_messages(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    alerts: Recorder,
) -> None:
    await make(hass, {}, ({**ONCE, "channels": ["call", "chat"]},))
    green_api.message("79821234567@c.us", "A table for two?")
    await wait_until(lambda: bool(alerts.data))
    assert [(one["action"], one["kind"]) for one in alerts.data] == [
        ("opened", "message")
    ]
