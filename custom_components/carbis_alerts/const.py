"""Names that several rooms share."""

from typing import Final

DOMAIN: Final = "carbis_alerts"
EVENT: Final = f"{DOMAIN}_event"
DOCUMENTATION: Final = "https://github.com/carbis-alerts/carbis-alerts/blob/main/docs"

CONF_FINGERPRINT: Final = "fingerprint"
CONF_CHAT_ID: Final = "chat_id"
CONF_DEVICE_ID: Final = "device_id"
CONF_INSTANCE_ID: Final = "instance_id"
CONF_NUMBER: Final = "number"
CONF_POLL_INTERVAL: Final = "poll_interval"
CONF_SERVICE: Final = "service"
CONF_TRANSPORT: Final = "transport"
CONF_VIP: Final = "vip"

SUBENTRY_CHAT: Final = "chat"
SUBENTRY_CONTACT: Final = "contact"

# Below one second Home Assistant's scheduler would be busy with us alone.
MIN_POLL_INTERVAL: Final = 1
MAX_POLL_INTERVAL: Final = 60
DEFAULT_POLL_INTERVAL: Final = 2
