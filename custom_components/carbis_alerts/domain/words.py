"""Words of others that share what there is room for: the longest are cut first."""

from collections.abc import Iterable
from typing import Final

from ..api.fields import json_length

_MARK: Final = "…"


def level(lengths: Iterable[int], most: int) -> int:
    """Return the length to which what is longer is cut, so that all have ``most`` in sum."""
    ordered = sorted(lengths)
    left = max(0, most)
    for index, length in enumerate(ordered):
        share = left // (len(ordered) - index)
        if length > share:
            return share
        left -= length
    return ordered[-1] if ordered else 0


def cut_to(text: str, most: int) -> str:
    """Return a text, or its beginning, of so many bytes in JSON at most; two at least."""
    if json_length(text) <= most:
        return text
    kept = text.encode()[: max(0, most - 2)].decode(errors="ignore")
    while kept and json_length(kept + _MARK) > most:
        kept = kept[: -max(1, len(kept) // 8)]
    return kept + _MARK if kept else ""
