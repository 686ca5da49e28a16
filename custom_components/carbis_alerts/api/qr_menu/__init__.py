"""The Carbis QR menu: a queue of events behind one HTTP address.

Facts of the vendor's description of its alert API, as of December 2025:
``GET /api/v4/events?hash=HASH`` with the key in the header ``token`` answers with
the events after that hash in chronological order, ``hash=none`` with all that the
server keeps (5 minutes by default). The set of event codes is open.
"""

from .client import EVENTS_PATH, RETENTION, QrMenuClient, cursor_may_be_the_reason
from .models import Dish, Kind, Malformed, QrMenuEvent, Updates
from .parse import parse_event, parse_updates

__all__ = [
    "EVENTS_PATH",
    "RETENTION",
    "Dish",
    "Kind",
    "Malformed",
    "QrMenuClient",
    "QrMenuEvent",
    "Updates",
    "cursor_may_be_the_reason",
    "parse_event",
    "parse_updates",
]
