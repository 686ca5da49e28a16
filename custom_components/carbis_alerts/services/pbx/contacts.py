"""The contacts of an entry, as people have entered them."""

from homeassistant.config_entries import ConfigEntry

from ...const import CONF_NUMBER, CONF_VIP, SUBENTRY_CONTACT
from ...domain.contacts import Contact, Contacts


def contacts_of(entry: ConfigEntry) -> Contacts:
    """Return the contacts of an entry."""
    return Contacts(
        (
            subentry.data.get(CONF_NUMBER),
            Contact(name=subentry.title, vip=subentry.data.get(CONF_VIP) is True),
        )
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_CONTACT
    )
