"""The board's question, asked by somebody who is not signed in."""

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from simulator.qr_menu import QrMenuService

from ..conftest import Recorder


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let Home Assistant's own heartbeat of a connection run out by itself."""
    return True


@pytest.mark.parametrize("token", [None, "", "no token of this site"])
async def test_whoever_is_signed_out_gets_nothing(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    token: str | None,
) -> None:
    assert await async_setup_component(hass, "websocket_api", {})
    qr_menu.waiter_call("6")
    await bus.wait(1)
    client = await hass_client_no_auth()
    async with client.ws_connect("/api/websocket") as socket:
        assert (await socket.receive_json())["type"] == "auth_required"
        if token is not None:
            await socket.send_json({"type": "auth", "access_token": token})
        else:
            await socket.send_json({"id": 1, "type": "carbis_alerts/subscribe"})
        assert (await socket.receive_json())["type"] == "auth_invalid"
        assert (await socket.receive()).type.name in ("CLOSE", "CLOSED", "CLOSING")
