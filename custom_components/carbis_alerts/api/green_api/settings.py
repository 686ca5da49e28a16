"""The settings of an instance that decide what comes into its queue."""

from collections.abc import Mapping
from typing import Final

from ..fields import as_text
from ..types import Json

# What has to be "yes" for the notifications that this client understands.
WANTED_SETTINGS: Final = (
    "incomingWebhook",
    "outgoingWebhook",
    "outgoingMessageWebhook",
    "outgoingAPIMessageWebhook",
    "stateWebhook",
    "incomingCallWebhook",
    # Orders from the shop's catalogue; off by default.
    "catalogWebhook",
)
# Nothing comes into the queue while notifications go to an address.
WEBHOOK_URL: Final = "webhookUrl"


def problems(settings: Mapping[str, Json]) -> dict[str, Json]:
    """Return what has to change so that notifications come into the queue.

    A setting that the service does not name cannot be in the way.
    """
    changes: dict[str, Json] = {
        name: "yes"
        for name in WANTED_SETTINGS
        if name in settings and not _is_yes(settings[name])
    }
    if as_text(settings.get(WEBHOOK_URL)) is not None:
        changes[WEBHOOK_URL] = ""
    return changes


def _is_yes(value: Json) -> bool:
    """Return whether a setting is on."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "yes")
