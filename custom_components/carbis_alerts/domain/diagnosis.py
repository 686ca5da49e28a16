"""What the diagnostics file holds: counts, times and words of ours, and nothing else.

Each field says what it is, and what is none of that is left out, whoever hands it in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import islice
from math import isfinite
from typing import Final

from ..api.green_api.kinds import KINDS
from ..api.pbx.models import EVENT_TYPES, UNREAD
from ..api.types import Json
from .events import EventType

type Field = Callable[[object], Json]
type Schema = Mapping[str, Field]

OTHER: Final = "other"
# Larger than anything that is counted here.
MAX_COUNT: Final = 10**12
MAX_LIST: Final = 50
MAX_KEYS: Final = 30
MAX_DEPTH: Final = 4
# Codes of services that are known; any other may be a word of somebody's.
CODES: Final = (*(kind.value for kind in EventType), *EVENT_TYPES, *KINDS)
TYPES: Final = ("str", "int", "float", "bool", "NoneType", "dict", "list")
NOT_JSON: Final = "not JSON"
# Names of fields that services are known to have.
_NAMES: Final = """
    amount amount_due amount_to_pay area call_dst call_end call_id call_src caption
    challenge chat chatId chatName code combo comment contact contactMessageData count
    data date deletedMessageData description detail device_id direction discount dishes
    displayName documentMessage downloadUrl duration editedMessageData error event_type
    extendedTextMessage extendedTextMessageData fileMessageData fileName forwardingScore
    from guests hash header id idInstance idMessage instanceData invoice isForwarded
    jpegThumbnail latitude lid location locationMessageData longitude message
    messageData mimeType modifiers name nameLocation note number options order order_id
    order_sum paid participant payload payment payments phone phoneNumber
    pollMessageData price pricelist_sum products quantity quotedMessage reactionMessage
    receiptId record_id result sendByApi sender senderContactName senderData senderName
    session sms_src stanzaId stateInstance status statusInstance sum table table_repr
    tables templateMessage text textMessage textMessageData thumbnail time timestamp
    title to to_pay trunk type typeInstance typeMessage typeWebhook updates url user
    vcard version votes waiter wid
"""
KEYS: Final = frozenset(_NAMES.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What is a service's own in the file: of its entry, its options and its source."""

    data: Schema = field(default_factory=dict)
    options: Schema = field(default_factory=dict)
    source: Schema = field(default_factory=dict)


def allowed(schema: Schema, values: object) -> dict[str, Json]:
    """Return what a schema says of an object's values."""
    given = values if isinstance(values, Mapping) else {}
    return {key: kind(given.get(key)) for key, kind in schema.items()}


# Kinds of fields


def count(value: object) -> int | None:
    """Return a whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) <= MAX_COUNT else None
    return None


def number(value: object) -> float | None:
    """Return a number, of seconds for example."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    if abs(value) > MAX_COUNT or not isfinite(value):
        return None
    return value if isinstance(value, int) else round(value, 3)


def flag(value: object) -> bool | None:
    """Return a yes or no."""
    return value if isinstance(value, bool) else None


def is_set(value: object) -> bool:
    """Return whether there is anything; never what."""
    return value not in (None, "", [], {}, ())


def length(value: object) -> int | None:
    """Return how many there are; never which."""
    return len(value) if isinstance(value, list | tuple | Mapping) else None


def moment(value: object) -> str | None:
    """Return a moment, to the second."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else None


def clock(value: object) -> str | None:
    """Return a time of day."""
    try:
        return time.fromisoformat(str(value)).isoformat(timespec="seconds")
    except ValueError:
        return None


def word(*words: str) -> Field:
    """Return the kind of a field that has one of these words; any other is ``other``."""

    def known(value: object) -> str | None:
        return None if value is None else _one_of(value, words)

    return known


def listed(kind: Field) -> Field:
    """Return the kind of a list, of which the last ones count."""
    return lambda value: (
        [kind(item) for item in value[-MAX_LIST:]] if isinstance(value, list) else []
    )


def nested(schema: Schema) -> Field:
    """Return the kind of an object."""
    return lambda value: allowed(schema, value)


def counts(*words: str) -> Field:
    """Return the kind of counts by words; those of all others are one."""

    def counted(value: object) -> Json:
        found: dict[str, Json] = {}
        for name, amount in value.items() if isinstance(value, Mapping) else ():
            key, before = _one_of(name, words), 0
            if isinstance(earlier := found.get(key), int):
                before = earlier
            found[key] = before + (count(amount) or 0)
        return found

    return counted


WINDOWS: Final = listed(nested({"began": moment, "ended": moment}))
"""The kind of times within which events may have been lost."""


def form(value: object, depth: int = MAX_DEPTH) -> Json:
    """Return the form of something, as ``api.fields.shape`` gives it.

    A key that is not known is what anybody may have written, and is only numbered.
    """
    match value:
        case Mapping() if depth:
            named = [str(key) if key in KEYS else None for key in value]
            strange = iter(range(1, len(named) + 1))
            return {
                name or f"?{next(strange)}": form(part, depth - 1)
                for name, part in islice(
                    zip(named, value.values(), strict=True), MAX_KEYS
                )
            }
        case list() if depth:
            return [form(item, depth - 1) for item in value[:1]]
        case str() if value.startswith(NOT_JSON):
            return NOT_JSON
        case None:
            return None
        case _:
            return _one_of(value, (*TYPES, *UNREAD))


def _one_of(value: object, words: tuple[str, ...]) -> str:
    return next((known for known in words if known == value), OTHER)
