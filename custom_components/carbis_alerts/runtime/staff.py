"""Chats of people who work here: nobody there is a guest who waits."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback

from ..const import CONF_CHANNEL, CONF_CHANNELS, CONF_ENTRY_ID
from ..entries import team_entries

CHAT: Final = "chat"
GROUP: Final = "group"


@callback
def staff_chats(hass: HomeAssistant, entry_id: str) -> Iterator[Mapping[str, Any]]:
    """Yield the chats of an account by which teams reach people, and those of their steps."""
    for team in team_entries(hass, include_disabled=False):
        for subentry in team.subentries.values():
            named = [
                address
                for address in subentry.data.get(CONF_CHANNELS) or ()
                # A step names kinds of channels there, which are no addresses.
                if isinstance(address, Mapping) and address.get(CONF_CHANNEL) == CHAT
            ]
            for chat in (*named, subentry.data.get(GROUP) or {}):
                if chat.get(CONF_ENTRY_ID) == entry_id:
                    yield chat
