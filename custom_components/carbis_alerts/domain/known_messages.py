"""Which messages are known already: the last few thousand, by what is unique of each.

There is no time in it: however a clock is set, and however long nobody asked, what is
known stays known.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Final

from .short_ids import pack, packed_id, short_id, unpack

# A service lists 5,000 messages at most; some come meanwhile.
KEPT: Final = 6_000


class KnownMessages:
    """The messages that were known last, each in the few bytes of a hash."""

    def __init__(self, most: int | None = None) -> None:
        """Take how many are remembered, where it is not the usual."""
        self._most = KEPT if most is None else most
        self._keys: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and packed_id(short_id(key)) in self._keys

    def add(self, key: str | None) -> None:
        """Remember a message by what is unique of it; None is nothing."""
        if key is not None:
            self._add(packed_id(short_id(key)))

    def snapshot(self) -> Callable[[], str]:
        """Return what makes what is stored, of what is known now."""
        return partial(pack, list(self._keys))

    def restore(self, stored: object) -> None:
        """Take over what was stored; what is no such thing is passed over."""
        for packed in unpack(stored):
            self._add(packed)

    def _add(self, packed: str) -> None:
        self._keys.pop(packed, None)
        self._keys[packed] = None
        while len(self._keys) > self._most:
            self._keys.popitem(last=False)
