"""Names that several rooms share."""

import logging
from typing import Final

LOGGER: Final = logging.getLogger(__package__)

DOMAIN: Final = "carbis_alerts"
EVENT: Final = f"{DOMAIN}_event"
ALERT_EVENT: Final = f"{DOMAIN}_alert"
DISPATCH_EVENT: Final = f"{DOMAIN}_dispatch"
DOCUMENTATION: Final = "https://github.com/carbis-alerts/carbis-alerts/blob/main/docs"

CONF_ANSWERS: Final = "answers"
CONF_ENTITY_ID: Final = "entity_id"
CONF_ENTRIES: Final = "entries"
CONF_ENTRY_ID: Final = "entry_id"
CONF_DEVICE_URL: Final = "device_url"
CONF_EXTENSION_DIGITS: Final = "extension_digits"
CONF_FIGURES_BY_PERSON: Final = "figures_by_person"
CONF_FINGERPRINT: Final = "fingerprint"
CONF_CALL_SCENARIO: Final = "call_scenario"
CONF_CHANNEL: Final = "channel"
CONF_CHANNELS: Final = "channels"
CONF_CHAT_ID: Final = "chat_id"
CONF_CLOSE_AFTER: Final = "close_after"
CONF_CODE_MEANINGS: Final = "code_meanings"
CONF_DAILY_RESET: Final = "daily_reset"
CONF_DEVICE_ID: Final = "device_id"
CONF_INSTANCE_ID: Final = "instance_id"
CONF_KEEP_DAYS: Final = "keep_days"
CONF_KEEP_FOR: Final = "keep_for"
CONF_KEY_DECLINE: Final = "key_decline"
CONF_KEY_TAKE: Final = "key_take"
CONF_MESSENGER: Final = "messenger"
CONF_NUMBER: Final = "number"
CONF_ORDERS_WAIT: Final = "orders_wait"
CONF_OVERDUE_AFTER: Final = "overdue_after"
CONF_OWN_NUMBERS: Final = "own_numbers"
CONF_PEOPLE: Final = "people"
CONF_PERSON_ENTITY: Final = "person_entity"
CONF_POLL_INTERVAL: Final = "poll_interval"
CONF_POS_WAITER: Final = "pos_waiter"
CONF_REMIND_AFTER: Final = "remind_after"
CONF_RESULT_FIELD: Final = "result_field"
CONF_ROLE: Final = "role"
CONF_SENDER_ID: Final = "sender_id"
CONF_SERVICE: Final = "service"
CONF_SHIFT_ENDS: Final = "shift_ends"
CONF_SHIFT_ENTITY: Final = "shift_entity"
CONF_TITLE: Final = "title"
CONF_TRANSPORT: Final = "transport"
CONF_USER_ID: Final = "user_id"
CONF_VIP: Final = "vip"
CONF_ZONE: Final = "zone"

# What stands for the service in the data of an entry that is a team.
TEAM: Final = "team"

# The messenger is found out.
MESSENGER_AUTO: Final = "auto"

SUBENTRY_CHAT: Final = "chat"
SUBENTRY_CONTACT: Final = "contact"
SUBENTRY_PERSON: Final = "person"
SUBENTRY_STEP: Final = "step"

# What counts as an answer to a guest.
ANSWERS_ANY: Final = "any"
ANSWERS_NOT_AUTOMATIC: Final = "not_automatic"

# What a user may say in whole seconds; 0 is as fast as the server bears.
MIN_POLL_INTERVAL: Final = 1
MAX_POLL_INTERVAL: Final = 60
DEFAULT_POLL_INTERVAL: Final = 0

# Seconds from its opening after which an alert is overdue; 0 is never.
DEFAULT_OVERDUE_AFTER: Final = 120
MAX_OVERDUE_AFTER: Final = 24 * 60 * 60
# Minutes after its last change for which a table's alert is kept.
DEFAULT_CLOSE_AFTER: Final = 60
MAX_CLOSE_AFTER: Final = 24 * 60
# Minutes for which a table's alert may be acknowledged without an end; 0 is never.
DEFAULT_REMIND_AFTER: Final = 0
MAX_REMIND_AFTER: Final = 24 * 60
# Hours for which a missed call or a message waits.
DEFAULT_KEEP_FOR: Final = 72
MAX_KEEP_FOR: Final = 30 * 24
# A restaurant's day does not end at midnight.
DEFAULT_DAILY_RESET: Final = "06:00:00"
# Whether the whole shift goes off with the day.
DEFAULT_SHIFT_ENDS: Final = True
# Days for which the report can look back.
DEFAULT_KEEP_DAYS: Final = 400
MIN_KEEP_DAYS: Final = 31
MAX_KEEP_DAYS: Final = 400
