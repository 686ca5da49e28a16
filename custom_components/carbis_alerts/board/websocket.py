"""The WebSocket command by which a card subscribes to the board."""

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import ERR_UNAUTHORIZED
from homeassistant.components.websocket_api.decorators import websocket_command
from homeassistant.components.websocket_api.messages import event_message
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import Unauthorized
import voluptuous as vol

from ..const import DOMAIN
from ..rights import Rights
from .hub import BOARD
from .views import Json


@websocket_command({vol.Required("type"): f"{DOMAIN}/subscribe"})
@callback
def async_subscribe(
    hass: HomeAssistant, connection: ActiveConnection, msg: Json
) -> None:
    """Send a user what waits, who calls and who wrote, and each change of it."""
    rights = Rights(connection.user)
    if not rights.sees_all:
        raise Unauthorized

    @callback
    def send(message: Json) -> None:
        # Asked each time: a right may be given or taken while somebody looks.
        if not rights.sees_all:
            if (leave := connection.subscriptions.pop(msg["id"], None)) is not None:
                leave()
                connection.send_error(msg["id"], ERR_UNAUTHORIZED, "Unauthorized")
            return
        connection.send_message(
            event_message(msg["id"], {**message, "may_act": rights.controls_all})
        )

    # The answer comes before the first event.
    connection.send_result(msg["id"])
    connection.subscriptions[msg["id"]] = hass.data[BOARD].async_subscribe(send)
