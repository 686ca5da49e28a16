"""The contacts and numbers of an entry, as people have entered them."""

from homeassistant.config_entries import ConfigEntry

from ...api.fields import as_name
from ...const import (
    CONF_EXTENSION_DIGITS,
    CONF_NUMBER,
    CONF_OWN_NUMBERS,
    CONF_VIP,
    SUBENTRY_CONTACT,
)
from ...domain.contacts import Contact, Contacts
from ...domain.number_plan import DEFAULT_EXTENSION_DIGITS, NumberPlan


def contacts_of(entry: ConfigEntry) -> Contacts:
    """Return the contacts of an entry."""
    return Contacts(
        (
            subentry.data.get(CONF_NUMBER),
            Contact(
                name=as_name(subentry.title) or "",
                vip=subentry.data.get(CONF_VIP) is True,
            ),
        )
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_CONTACT
    )


def plan_of(entry: ConfigEntry) -> NumberPlan:
    """Return which numbers are an entry's own."""
    options = entry.options
    return NumberPlan.of(
        options.get(CONF_EXTENSION_DIGITS, DEFAULT_EXTENSION_DIGITS),
        options.get(CONF_OWN_NUMBERS, ()),
    )
