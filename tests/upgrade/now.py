"""What must become of a stored folder with the present version.

The fixtures never change. A version that rightly changes what it finds says so here.
"""

from collections.abc import Mapping
from typing import Any, Final

# The options of each entry of a folder, where they do not stay as they were stored. In
# ``v0_1_0`` a migration changes some:
# 0.1.0 stored for the QR menu close_after 45 and poll_interval 2, for the PBX close_after
# 30 (its default), for the second PBX close_after 90 and for WhatsApp close_after 300.
# 0.1.1: for these three minutes became hours, rounded up, and the old default went.
OPTIONS: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = {
    "v0_1_0": {
        "qr_menu": {
            "poll_interval": 2,
            "close_after": 45,
            "overdue_after": 90,
            "daily_reset": "05:30:00",
        },
        "pbx": {"overdue_after": 120, "daily_reset": "05:30:00"},
        "hook_pbx": {"keep_for": 2, "overdue_after": 0, "daily_reset": "05:30:00"},
        "whatsapp": {"keep_for": 5, "overdue_after": 600, "daily_reset": "05:30:00"},
    }
}
# Of each alert, what must be as it was; of its times, the same moment.
SAME: Final = (
    *("alert_id", "kind", "state", "key", "title", "text", "count", "by"),
    *("entry_id", "device_id", "entity_id"),
)
TIMES: Final = ("opened_at", "acknowledged_at")
