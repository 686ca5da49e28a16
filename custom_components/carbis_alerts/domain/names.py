"""Names that people see: of tables, extensions, callers and chats, and how they are found.

A name that carries a word stays as it is; a bare number or code gets the word of what it
is, in the system's language. No sentence inflects a name.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Final
from unicodedata import category, normalize

from ..api.texts import one_line
from .numbers import normalised


class NameKind(StrEnum):
    """What has a name; devices below a hub have their own kinds besides."""

    TABLE = "table"
    EXTENSION = "extension"
    CALLER = "caller"
    CHAT = "chat"


NO_TABLE: Final = "no_table"
HIDDEN_NUMBER: Final = "hidden_number"
GROUP: Final = "group"
SNOOZED: Final = "snoozed"
# Where there are no words at all.
NOTHING: Final = "—"
# What people say before a table's number, whatever the system's language is.
TABLE_WORDS: Final = frozenset({"table", "стол", "столик"})

_WORD: Final = re.compile(r"[^\W\d_]{2}")
_NUMBER: Final = re.compile("[+]?[0-9 ()./\u00a0\u2010-\u2015-]+")
# An id of WhatsApp: a phone's, a number that is hidden, a group.
_CHAT_ID: Final = re.compile(
    r"([0-9-]+)(?::[0-9]+)?@(c\.us|s\.whatsapp\.net|lid|g\.us)"
)
# Other messengers count groups below zero.
_GROUP_ID: Final = re.compile(r"-[0-9]+")
_RUSSIAN: Final = re.compile(r"7([0-9]{3})([0-9]{3})([0-9]{2})([0-9]{2})")
_FOREIGN: Final = re.compile(r"([0-9]{2})([0-9]{3})([0-9]{3,10})")
# Speech comes with a full stop, a pasted name in quotes.
_AROUND: Final = " .,;:!?«»„“”\"'"


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """Names in a language; ``words`` are patterns and words by what they are of."""

    words: Mapping[str, str]

    def of(self, kind: str, bare: str | None, id_: str | None = None) -> str:
        """Return what a person calls something; ``id_`` is a chat's, as the service has it."""
        bare = one_line(bare or "")
        if kind not in (NameKind.CALLER, NameKind.CHAT):
            if not bare:
                return self.words.get(NO_TABLE, NOTHING)
            return bare if _has_word(bare) else self._worded(kind, bare)
        chat_id = one_line(id_ or "") if kind == NameKind.CHAT else ""
        if bare in ("", chat_id.partition("@")[0]):
            bare = chat_id
        if (found := _CHAT_ID.fullmatch(bare)) is not None:
            number, suffix = found.groups()
            if suffix == "g.us":
                return self.words.get(GROUP, NOTHING)
            bare = "" if suffix == "lid" else f"+{number}"
        elif bare and bare == chat_id:
            if _GROUP_ID.fullmatch(bare):
                return self.words.get(GROUP, NOTHING)
            return bare if _has_word(bare) else self._worded(kind, bare)
        return _number(bare) if bare else self.words.get(HIDDEN_NUMBER, NOTHING)

    def about(self, kind: str) -> str | None:
        """Return what a list says of a kind of alert that is not the usual one there."""
        return self.words.get(kind)

    def snoozed(self, until: str) -> str:
        """Return what a list says of an alert that is silent until a time."""
        return self._worded(SNOOZED, until)

    def title(self, kind: str, bare: str, id_: str | None = None) -> str:
        """Return a bare name, words where there is none that says anything."""
        hidden = (id_ or "").endswith("@lid") and bare == (id_ or "").partition("@")[0]
        return bare if bare and not hidden else self.of(kind, "", id_)

    def hub(self, source: str, host: str) -> str:
        """Return the name of a service's hub."""
        return self._worded(source, host)

    def find[K: Hashable](
        self, said: str, groups: Iterable[Mapping[K, str]]
    ) -> list[K]:
        """Return what a person means: of the closest likeness, the first group's.

        ``groups`` are names by what they are of, in the order in which they count.
        """
        words = TABLE_WORDS | {
            folded(self.words.get(NameKind.TABLE, "").replace("{name}", ""))
        }

        def without_word(text: str) -> str:
            parts = folded(text).split()
            if len(parts) > 1 and parts[0] in words:
                del parts[0]
            return " ".join(parts)

        def letters(text: str) -> str:
            return "".join(filter(str.isalnum, without_word(text)))

        likenesses: tuple[Callable[[str], str], ...] = (
            str.strip,
            folded,
            without_word,
            letters,
        )
        groups = list(groups)
        for likeness in likenesses:
            wanted = likeness(said)
            for group in groups if wanted else ():
                if found := [key for key in group if likeness(group[key]) == wanted]:
                    return found
        return []

    def _worded(self, kind: str, bare: str) -> str:
        # Not by ``format``: a name may hold braces.
        pattern = self.words.get(kind, "{name}")
        return pattern.replace("{name}", bare).replace("{host}", bare)


def folded(name: str) -> str:
    """Return a name without case, surrounding signs and the dots of Ё."""
    text = normalize("NFKC", name.replace("№", " ")).casefold().replace("ё", "е")
    return " ".join(text.split()).strip(_AROUND)


def _has_word(name: str) -> bool:
    """Return whether a name says by itself what it is: two letters in a row do."""
    letters = normalize("NFC", name)
    return (
        _WORD.search("".join(x for x in letters if category(x)[0] != "M")) is not None
    )


def _number(name: str) -> str:
    """Return a telephone number in groups as it is read aloud; any other name as it is."""
    digits = normalised(name) if _NUMBER.fullmatch(name) else None
    if digits is None:
        return name
    if (found := _RUSSIAN.fullmatch(digits)) is not None:
        return "+7 {} {}-{}-{}".format(*found.groups())
    if name.startswith("+") and (found := _FOREIGN.fullmatch(digits)) is not None:
        return "+{} {} {}".format(*found.groups())
    return name
