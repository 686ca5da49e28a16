"""Which messenger an entry is of."""

from collections.abc import Mapping
from typing import Any

from ...api.green_api import MESSENGERS, WHATSAPP, Messenger
from ...const import CONF_MESSENGER


def messenger_in(data: Mapping[str, Any]) -> Messenger:
    """Return the messenger that an entry's data name; version 0.1 knew WhatsApp alone."""
    return MESSENGERS.get(data.get(CONF_MESSENGER, WHATSAPP.name), WHATSAPP)
