"""GREEN-API: a gateway to a messenger's account, read as a queue with receipts.

Facts of the vendor's descriptions of 2020 (v2) and of today: each address has the
instance and its token in the path. ``receiveNotification`` waits up to
``receiveTimeout`` seconds for the head of the queue and answers ``null`` or nothing at
all where none comes; the head stays until it is deleted by its receipt, for 24 hours.
It is one queue for one reader. The set of notifications and of messages is open.
"""

from .client import GreenApiClient
from .history import GreenApiHistory, Listed
from .kinds import Kind
from .messengers import (
    MAX,
    MESSENGERS,
    TELEGRAM,
    WHATSAPP,
    Messenger,
    named,
    of_instance,
)
from .models import Notification, Received
from .parse import parse_notification, parse_received
from .people import chat_of_number
from .reasons import STATE_OF, STATES, AccountState, Trouble
from .sending import restricted_until, send_file
from .settings import problems

__all__ = [
    "MAX",
    "MESSENGERS",
    "STATES",
    "STATE_OF",
    "TELEGRAM",
    "WHATSAPP",
    "AccountState",
    "GreenApiClient",
    "GreenApiHistory",
    "Kind",
    "Listed",
    "Messenger",
    "Notification",
    "Received",
    "Trouble",
    "chat_of_number",
    "named",
    "of_instance",
    "parse_notification",
    "parse_received",
    "problems",
    "restricted_until",
    "send_file",
]
