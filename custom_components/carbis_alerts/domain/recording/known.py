"""What of a service's words is nobody's: names of fields, codes, statuses, types."""

import re
from typing import Final

from ...api.green_api.content import CHANGES
from ...api.green_api.kinds import KINDS
from ...api.green_api.settings import WANTED_SETTINGS, WEBHOOK_URL
from ...api.pbx.models import EVENT_TYPES

# Values that are kept wherever they stand, in small letters.
VALUES: Final = frozenset(
    value.lower()
    for value in (
        *EVENT_TYPES,
        *KINDS,
        *CHANGES,
        *("verification", "waiter_call", "online_payment", "dish", "combo", "none"),
        *("not_def", "no_answer", "overload", "error", "busy", "success"),
        *("anonymous", "unknown", "restricted", "private", "withheld", "unavailable"),
        *("authorized", "notAuthorized", "blocked", "sleepMode", "starting"),
        *("yellowCard", "yes", "no", "true", "false", "null", "undefined"),
        *("sent", "delivered", "read", "failed", "noAccount", "notInGroup"),
    )
)
# Fields whose value is a word of the service's own.
CODES: Final = frozenset(
    (
        *("code", "event_type", "type", "status", "typeWebhook", "typeMessage"),
        *("typeInstance", "stateInstance", "statusInstance", "direction", "mimeType"),
        *("sendByApi", *WANTED_SETTINGS),
    )
)
CODE: Final = re.compile(r"[A-Za-z](?:[A-Za-z_./-]|[0-9](?![0-9]{2})){0,39}", re.ASCII)
# How the names of fields look; anything else may be a name, a number or a table of somebody's.
FIELD: Final = re.compile(
    r"_?[a-z](?:[a-z_]|[0-9](?![0-9]{2})|(?<=[a-z0-9])[A-Z]{1,4}(?=[a-z]|$|_)){0,39}",
    re.ASCII,
)
FIELDS: Final = frozenset(
    (
        WEBHOOK_URL,
        "ID",
        "Id",
        "Code",
        "Name",
        "Table",
        "Type",
        "Status",
        "Phone",
        "Text",
    )
)
# Parts of paths; all others may be tokens.
PATH: Final = frozenset(
    (
        *("api", "v4", "events", "sys", "subscribe_events", "receiveNotification"),
        *("deleteNotification", "getStateInstance", "getSettings", "setSettings"),
        *("lastIncomingMessages", "lastOutgoingMessages", "getWebhooksCount"),
        *("sendMessage", "checkWhatsapp", "checkAccount", "getContactInfo"),
    )
)
# Words in which services refuse and servers fail.
REFUSALS: Final = frozenset(
    "a account already and api are at authorized available bad banned be been blocked body"
    " calls code connection content custom data deleted denied detail error expired for"
    " forbidden found gateway has have html head h1 http id in instance internal invalid is"
    " json later limit many message method monthly moved nginx no not of on or overlap"
    " overload page payment permanently plan process quota rate receiveNotification request"
    " required result server service set starting state status suspended tariff temporarily"
    " the this timeout title to token too try unauthorized unavailable unexpected url used"
    " webhook with wrong your".lower().split()
)
