"""What belongs to calls, found by their ids and trunks."""

from collections.abc import Iterator
from typing import Final

# The most trunks on which one id may be in use at a time.
MAX_TRUNKS: Final = 16


class ByTrunk[T]:
    """Items by id and trunk, the oldest first; where either does not know its trunk, by id."""

    def __init__(self, most: int) -> None:
        """Keep so many items at most; the oldest go first."""
        self._most = most
        self._count = 0
        self._items: dict[str, dict[str | None, T]] = {}

    def __len__(self) -> int:
        return self._count

    def find(self, call_id: str, trunk: str | None) -> T | None:
        """Return the item of a call, None where there is none or more than one fits."""
        if (found := self._items.get(call_id)) is None:
            return None
        if trunk in found:
            return found[trunk]
        if trunk is not None:
            return found.get(None)
        return next(iter(found.values())) if len(found) == 1 else None

    def all(self, call_id: str) -> list[T]:
        """Return the items of an id, whatever the trunk."""
        return list(self._items.get(call_id, {}).values())

    def values(self) -> Iterator[T]:
        """Yield all items."""
        for found in self._items.values():
            yield from found.values()

    def add(self, call_id: str, trunk: str | None, item: T) -> None:
        """Add an item, in place of one with the same id and trunk."""
        found = self._items.setdefault(call_id, {})
        self._count += trunk not in found
        found[trunk] = item
        if len(found) > MAX_TRUNKS:
            self.remove(call_id, next(iter(found)))
        while self._count > self._most:
            self.drop_oldest()

    def remove(self, call_id: str, trunk: str | None) -> None:
        """Remove the item of exactly this trunk, if it is there."""
        found = self._items.get(call_id, {})
        if trunk in found:
            del found[trunk]
            self._count -= 1
        if not found:
            self._items.pop(call_id, None)

    def oldest(self) -> T | None:
        """Return an item of the oldest id."""
        return next(self.values(), None)

    def drop_oldest(self) -> None:
        """Remove what ``oldest`` returns."""
        call_id = next(iter(self._items), "")
        if found := self._items.get(call_id):
            self.remove(call_id, next(iter(found)))

    def clear(self) -> None:
        """Remove everything."""
        self._items.clear()
        self._count = 0
