"""What a PBX sends."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import md5
from typing import Final

from ..types import Json

# What becomes of bodies that are not read to their end, as it is counted.
TOO_LARGE: Final = "too large"
TOO_SLOW: Final = "too slow"
TURNED_AWAY: Final = "turned away"
BROKEN_OFF: Final = "broken off"
UNREAD: Final = (TOO_LARGE, TOO_SLOW, TURNED_AWAY, BROKEN_OFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class PbxMessage:
    """One message of the PBX; those of known types have classes of their own.

    ``date`` is when it happened, in the PBX's words. ``raw`` is the PBX's object.
    """

    device_id: str | None
    event_type: str
    date: str | None
    raw: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartupMessage(PbxMessage):
    """The PBX was switched on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMessage(PbxMessage):
    """Something about a call.

    ``call_src``, ``call_dst`` and ``number`` are numbers in whatever form.
    """

    call_id: str | None
    call_src: str | None
    call_dst: str | None
    trunk: str | None
    number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingCallMessage(CallMessage):
    """A telephone rings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingCallMessage(CallMessage):
    """Somebody dials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTalkMessage(CallMessage):
    """A call was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerElsewhereMessage(CallMessage):
    """A call was answered at the extension ``number``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEndMessage(CallMessage):
    """A call is over; ``duration`` is in seconds."""

    record_id: str | None
    duration: float | None
    status: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsMessage(PbxMessage):
    """A text came."""

    sms_src: str | None
    text: str | None
    trunk: str | None


MESSAGES: Final[Mapping[str, type[PbxMessage]]] = {
    "startup": StartupMessage,
    "incoming_call": IncomingCallMessage,
    "outgoing_call": OutgoingCallMessage,
    "start_talk": StartTalkMessage,
    "call_end": CallEndMessage,
    "incoming_sms": SmsMessage,
    "answer_elsewhere": AnswerElsewhereMessage,
}
EVENT_TYPES: Final = tuple(MESSAGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The PBX asks a hook to prove that it is ours."""

    device_id: str | None
    challenge: str

    @property
    def proof(self) -> str:
        """Return the answer that it expects, in hex."""
        return md5(self.challenge.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """What came and is no message: its keys and types."""

    shape: Json


type Parsed = PbxMessage | Verification | Unreadable
