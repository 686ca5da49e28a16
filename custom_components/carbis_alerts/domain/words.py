"""Words of others that share what there is room for: the longest are cut first."""

from collections.abc import Iterable
from typing import Final

from ..api.fields import json_length

# Bytes of all words that wait in an alert book: of 1,000 messages of 250 letters.
MAX_WORDS: Final = 512 * 1024
# Bytes that each text has in any case, and the share of what is left that it may have.
LEAST: Final = 48
SHARE: Final = 16
_MARK: Final = "…"


class WordRoom:
    """What all words of one kind may take, the first ones whole.

    Where much has been taken a new text gets a share of what is left, and never less than
    its beginning.
    """

    def __init__(self, most: int = MAX_WORDS, *, least: int = LEAST) -> None:
        """Begin with all of it; ``least`` is what each text may have in any case."""
        self._most = most
        self._least = least
        self.taken = 0

    @property
    def share(self) -> int:
        """Return how many bytes a new text may have."""
        return max(self._least, (self._most - self.taken) // SHARE)

    def fitted(self, text: str | None) -> str | None:
        """Return a text, or its beginning, of what there is room for."""
        if text is None:
            return None
        most = self.share
        # No character has more than four bytes.
        return text if len(text) * 4 <= most else cut_to(text, most)


def length(text: str | None) -> int:
    """Return how many bytes a text takes in JSON."""
    return json_length(text) - 2 if text else 0


def level(lengths: Iterable[int], most: int) -> int:
    """Return the length to which what is longer is cut, so that all have ``most`` in sum."""
    ordered = sorted(lengths)
    left = max(0, most)
    for index, one in enumerate(ordered):
        share = left // (len(ordered) - index)
        if one > share:
            return share
        left -= one
    return ordered[-1] if ordered else 0


def cut_to(text: str, most: int) -> str:
    """Return a text, or its beginning, of so many bytes in JSON at most; two at least."""
    if json_length(text) <= most:
        return text
    kept = text.encode()[: max(0, most - 2)].decode(errors="ignore")
    while kept and json_length(kept + _MARK) > most:
        kept = kept[: -max(1, len(kept) // 8)]
    return kept + _MARK if kept else ""
