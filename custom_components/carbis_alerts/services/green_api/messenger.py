"""Which messenger an entry is of."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry

from ...api.green_api import MESSENGERS, WHATSAPP, Messenger
from ...const import CONF_MESSENGER


def messenger_of(entry: ConfigEntry) -> Messenger:
    """Return the messenger of an entry; those of version 0.1 are of WhatsApp."""
    return messenger_in(entry.data)


def messenger_in(data: Mapping[str, Any]) -> Messenger:
    """Return the messenger that an entry's data name."""
    return MESSENGERS.get(data.get(CONF_MESSENGER, WHATSAPP.name), WHATSAPP)
