"""Codes of a QR menu that are its own: which there are, and what people say they mean."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ..api.fields import as_code

# These mean what they say.
KNOWN: Final = frozenset({"waiter_call", "online_payment"})
# So often an unknown one comes before its owner is asked.
ENOUGH: Final = 3
# Codes that are remembered, and questions that are open: whoever sends garbage sends any.
MAX_CODES: Final = 50
MAX_ASKED: Final = 5

CODE: Final = "code"
MEANING: Final = "meaning"


class Meaning(StrEnum):
    """What a code can mean."""

    WAITER_CALL = "waiter_call"
    BILL_REQUEST = "bill_request"
    DISHES_ADDED = "dishes_added"
    IGNORE = "ignore"


type Row = dict[str, str]


def rows_of(stored: object) -> list[Row]:
    """Return the rows of an option that are some, one a code: the last that is given."""
    rows: dict[str, Row] = {}
    for row in stored if isinstance(stored, list) else ():
        if not isinstance(row, Mapping):
            continue
        code, meaning = as_code(row.get(CODE)), row.get(MEANING)
        if code is not None and isinstance(meaning, str) and meaning in {*Meaning}:
            rows[code] = {CODE: code, MEANING: meaning}
    return list(rows.values())


def meanings_of(stored: object) -> dict[str, Meaning]:
    """Return what codes mean by an option; what is known already means what it says."""
    return {
        row[CODE]: Meaning(row[MEANING])
        for row in rows_of(stored)
        if row[CODE] not in KNOWN
    }


@dataclass(slots=True, kw_only=True)
class Seen:
    """A code that came: how often without a meaning, and whether its owner was asked."""

    count: int = 0
    is_asked: bool = False
    is_answered: bool = False


class SeenCodes:
    """The codes that came, those with a meaning too; ask about each unknown one once."""

    def __init__(self, answered: Iterable[str]) -> None:
        """Take the codes that have a meaning."""
        self._answered = frozenset(answered)
        # The one that came last is the last.
        self._seen: dict[str, Seen] = {}

    @property
    def all(self) -> list[str]:
        """Return the codes that came, the one that came last first."""
        return [*reversed(self._seen)]

    @property
    def asked(self) -> list[str]:
        """Return the codes whose owner is being asked."""
        return [code for code, seen in self._seen.items() if seen.is_asked]

    def note(self, code: str | None, *, is_unknown: bool) -> bool:
        """Note that a code came; return whether its owner is to be asked from now on."""
        if code is None or code in KNOWN:
            return False
        seen = self._seen[code] = self._seen.pop(code, Seen())
        self._forget()
        if not is_unknown or seen.is_asked or seen.is_answered:
            return False
        seen.count = min(seen.count + 1, ENOUGH)
        seen.is_asked = seen.count == ENOUGH and len(self.asked) < MAX_ASKED
        return seen.is_asked

    def answer(self, code: str) -> None:
        """Note that a person has said what a code means."""
        self._seen[code] = Seen(is_answered=True)

    def as_list(self) -> list[list[Any]]:
        """Return what to store: a row a code."""
        return [
            [code, seen.count, int(seen.is_asked), int(seen.is_answered)]
            for code, seen in self._seen.items()
        ]

    def restore(self, stored: object) -> None:
        """Take over what was stored; what has a meaning now is answered for good."""
        rows = stored if isinstance(stored, list) else []
        for row in rows[-MAX_CODES:]:
            match row:
                case [str(code), int(count), asked, answered] if as_code(code) == code:
                    self._seen[code] = Seen(
                        count=min(max(0, count), ENOUGH),
                        is_asked=asked == 1,
                        is_answered=answered == 1,
                    )
        for code in self._answered & self._seen.keys():
            self.answer(code)

    def _forget(self) -> None:
        """Forget what came least, then what did not come for longest."""
        if len(self._seen) > MAX_CODES:
            last = next(reversed(self._seen))
            del self._seen[
                min(
                    self._seen,
                    key=lambda code: (
                        code == last or self._seen[code].is_asked,
                        code in self._answered,
                        self._seen[code].is_answered,
                    ),
                )
            ]
