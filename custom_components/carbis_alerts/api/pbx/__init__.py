"""The SpRecord MiniPBX: calls and SMS, over an event stream or a web hook.

Facts of the vendor's description of 2022 and of the present schema: a message is
``{"device_id", "event_type", "payload"}``, the same both ways. ``GET /sys/events`` is
a stream that never ends and replays nothing; a device has three connections at most.
``POST /sys/subscribe_events`` sets a hook, after asking it to prove itself with the
MD5 of a text. Ids of calls come as numbers and as strings, for the same call too.
"""

from .client import EVENTS_PATH, PbxClient
from .hook_body import messages_in
from .models import (
    EVENT_TYPES,
    MESSAGES,
    AnswerElsewhereMessage,
    CallEndMessage,
    CallMessage,
    IncomingCallMessage,
    OutgoingCallMessage,
    Parsed,
    PbxMessage,
    SmsMessage,
    StartTalkMessage,
    StartupMessage,
    Unreadable,
    Verification,
)
from .parse import parse_message

__all__ = [
    "EVENTS_PATH",
    "EVENT_TYPES",
    "MESSAGES",
    "AnswerElsewhereMessage",
    "CallEndMessage",
    "CallMessage",
    "IncomingCallMessage",
    "OutgoingCallMessage",
    "Parsed",
    "PbxClient",
    "PbxMessage",
    "SmsMessage",
    "StartTalkMessage",
    "StartupMessage",
    "Unreadable",
    "Verification",
    "messages_in",
    "parse_message",
]
