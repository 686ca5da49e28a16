"""Which messenger an entry is of: as it was set up, and as its service says."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ...api.green_api import (
    MESSENGERS,
    WHATSAPP,
    Messenger,
    Received,
    named,
    of_instance,
)
from ...api.types import Json
from ...const import CONF_INSTANCE_ID, CONF_MESSENGER, CONF_TITLE, LOGGER
from ...domain.shown import shown

# What a title has before the end of a number.
END_OF_NUMBER: Final = "…"
SERVICE_NAME: Final = "typeInstance"


def messenger_in(data: Mapping[str, Any]) -> Messenger:
    """Return the messenger that an entry's data name; version 0.1 knew WhatsApp alone."""
    return MESSENGERS.get(data.get(CONF_MESSENGER, WHATSAPP.name), WHATSAPP)


def messenger_said(settings: Mapping[str, Json], instance_id: str) -> Messenger | None:
    """Return the messenger that an instance's settings name, else the one of its id."""
    return named(settings.get(SERVICE_NAME)) or of_instance(instance_id)


def title_of(messenger: Messenger, number: str) -> str:
    """Return a title with the end of a number."""
    return f"{messenger.title} {END_OF_NUMBER}{number}"


@callback
def async_take_by_instance(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take what an instance's id says for an entry that names no messenger.

    Version 0.1 set up every account as one of WhatsApp.
    """
    found = of_instance(entry.data[CONF_INSTANCE_ID])
    if CONF_MESSENGER in entry.data or found is None or found is WHATSAPP:
        return
    _async_change(hass, entry, found)


class ServiceSays:
    """Compare what notifications say of the messenger with what the entry is set up as."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        *,
        stored: Callable[[], None],
    ) -> None:
        """Take whom to call when something is to be stored."""
        self._hass = hass
        self._entry = entry
        self._stored = stored
        # What an entry was changed to: once, or two that disagree would change it for ever.
        self._found: str | None = None

    @callback
    def async_is_other(self, received: Received) -> bool:
        """Change an entry that is set up as another messenger's; it is loaded again then.

        True where it does, and what was received is to be read as the other's.
        """
        notification = received.notification
        found = notification.named if notification is not None else None
        if found is None or found is messenger_in(self._entry.data) or self._found:
            return False
        self._found = found.name
        self._stored()
        _async_change(self._hass, self._entry, found)
        return True

    def collect(self) -> dict[str, Any]:
        """Return what to store."""
        return {"messenger": self._found}

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take over what was stored."""
        found = stored.get("messenger")
        self._found = found if isinstance(found, str) else None


@callback
def _async_change(hass: HomeAssistant, entry: ConfigEntry, found: Messenger) -> None:
    """Make an entry one of another messenger; what a person named stays so."""
    LOGGER.info(
        "An account that was set up as another messenger's is one of %s", found.title
    )
    before = str(entry.data.get(CONF_TITLE) or entry.title)
    title = title_of(found, before.rpartition(END_OF_NUMBER)[2])
    hass.config_entries.async_update_entry(
        entry,
        title=title if entry.title in (before, shown(before)) else entry.title,
        data={**entry.data, CONF_MESSENGER: found.name, CONF_TITLE: title},
    )
