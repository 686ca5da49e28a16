"""What a message holds: its words, its file, the message that it changes."""

from collections import deque
from collections.abc import Iterator, Mapping
import re
from typing import Final

from ..fields import as_code, as_id, as_name, as_object, as_url, as_words
from ..types import Json

# Where the words of a message stand, the likeliest first: what was chosen, what was
# written, what was written by something, and what it is called.
WORDS: Final = (
    *("selectedDisplayText", "selectedButtonText", "textMessage", "text", "caption"),
    *(
        "textMessageData",
        "contentText",
        "body",
        "message",
        "title",
        "titleText",
        "orderTitle",
    ),
    *("name", "groupName", "description"),
)
# What is somebody else's, or could have been chosen.
NOT_OF_IT: Final = frozenset(
    {
        *("quotedMessage", "buttons", "templateButtons", "hydratedButtons"),
        *("sections", "rows", "options", "votes", "products", "footer", "header"),
    }
)
QUOTED: Final = "quotedMessage"
STANZA: Final = "stanzaId"
REACTION: Final = "reactionMessage"
# They change a message, and are none.
CHANGES: Final = frozenset(
    {REACTION, "editedMessage", "deletedMessage", "pollUpdateMessage"}
)
CHANGED_DATA: Final = frozenset({"editedMessageData", "deletedMessageData"})
# Of this type the file's name says what it is; pictures are called by numbers.
NAMED_FILE: Final = "documentMessage"
NAMELESS: Final = ("image/", "video/", "audio/")
# They stand for what the service could not fetch.
MARK: Final = re.compile(r"\{\{\s{0,3}[A-Z]{2,8}[0-9]{1,8}\s{0,3}\}\}", re.IGNORECASE)
CARD_NAME: Final = re.compile(r"^FN[^:\r\n]*:([^\r\n]+)", re.MULTILINE)
# Objects and lists of a message that are looked at: a real one has some ten.
MAX_PARTS: Final = 500


def without_marks(text: str | None) -> str | None:
    """Return a text without marks such as ``{{SWE001}}``; None where nothing is left."""
    if text is None or "{{" not in text:
        return text
    text = MARK.sub("", text)
    return text if text.strip() else None


def is_change(message: Mapping[str, Json]) -> bool:
    """Return whether ``messageData`` changes another message."""
    return as_code(
        message.get("typeMessage")
    ) in CHANGES or not CHANGED_DATA.isdisjoint(message)


def words_of(message: Mapping[str, Json]) -> str | None:
    """Return the words of ``messageData``, as they were written; None where it has none.

    What is nearer to the outside goes before what is deeper inside.
    """
    parts = list(_parts(message))
    for name in WORDS:
        for part in parts:
            if words := without_marks(as_words(part.get(name))):
                return words
    return _people(parts) or _location(parts) or _file(message, parts)


def media_url_of(message: Mapping[str, Json]) -> str | None:
    """Return the address of what was sent beside the words."""
    return next(
        filter(None, (as_url(p.get("downloadUrl")) for p in _parts(message))), None
    )


def changed_id(message: Mapping[str, Json]) -> str | None:
    """Return the id of the message that is changed, None where it is not named."""
    quoted = as_object(message.get(QUOTED))
    return next(
        filter(None, (as_id(part.get(STANZA)) for part in (*_parts(message), quoted))),
        None,
    )


def _parts(message: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """Yield the objects of a message, the outer ones first."""
    waiting: deque[Json] = deque([dict(message)])
    for _ in range(MAX_PARTS):
        if not waiting:
            return
        part = waiting.popleft()
        if isinstance(part, dict):
            yield part
            inner = [part[key] for key in part if key not in NOT_OF_IT]
        else:
            inner = part if isinstance(part, list) else []
        waiting.extend(
            value for value in inner[:MAX_PARTS] if isinstance(value, dict | list)
        )


def _people(parts: list[Mapping[str, Json]]) -> str | None:
    """Return the names of the people whose contacts were sent."""
    names = (_person(part) for part in parts)
    return as_words(", ".join(dict.fromkeys(filter(None, names))))


def _person(part: Mapping[str, Json]) -> str | None:
    card = CARD_NAME.search(as_words(part.get("vcard")) or "")
    return without_marks(as_name(part.get("displayName"))) or without_marks(
        as_name(card and card[1])
    )


def _location(parts: list[Mapping[str, Json]]) -> str | None:
    """Return a location in words, else its coordinates."""
    for names in (("nameLocation", "address"), ("latitude", "longitude")):
        for part in parts:
            words = [without_marks(as_words(part.get(name))) for name in names]
            if found := list(dict.fromkeys(filter(None, words))):
                return as_words(", ".join(found))
    return None


def _is_document(part: Mapping[str, Json]) -> bool:
    """Return whether a file says itself that it is neither picture nor sound."""
    kind = as_code(part.get("mimeType")) or ""
    return "/" in kind and not kind.casefold().startswith(NAMELESS)


def _file(message: Mapping[str, Json], parts: list[Mapping[str, Json]]) -> str | None:
    """Return the name of a document, which may quote another message."""
    is_document = as_code(message.get("typeMessage")) == NAMED_FILE
    names = (
        without_marks(as_name(part.get("fileName")))
        for part in parts
        if is_document or _is_document(part)
    )
    return next(filter(None, names), None)
