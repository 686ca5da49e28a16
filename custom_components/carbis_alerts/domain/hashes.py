"""Which event a hash is of: servers have been seen to give one hash to two."""

from collections.abc import Callable, Container
from typing import Final

from ..api.fields import MAX_ID_LENGTH, digest

# Characters of a code and a table together.
MAX_SUBJECT: Final = 2 * MAX_ID_LENGTH + 1


class HashOwners:
    """Give each event of a queue an id of its own, the same each time that it is listed.

    The first event with a hash owns it: the hash is its id. Another one, of another code
    or table, has these in its id.
    """

    def __init__(self) -> None:
        """Begin with no hash."""
        self._owners: dict[str, str] = {}

    def event_id(
        self, hash_: str, subject: str, is_known: Callable[[str], bool]
    ) -> str:
        """Return the id of an event; ``subject`` is its code and table.

        ``is_known`` says whether an event with an id was seen lately: a hash of which only
        the second event is still listed is not that one's.
        """
        owner = self._owners.get(hash_)
        if owner == subject:
            return hash_
        own_id = _own_id(hash_, subject)
        if owner is not None or is_known(own_id):
            return own_id
        self._owners[hash_] = subject
        return hash_

    def as_dict(self, known: Container[str]) -> dict[str, str]:
        """Return what to store; a hash that is not known any more has no owner."""
        self._owners = {
            hash_: subject for hash_, subject in self._owners.items() if hash_ in known
        }
        return self._owners

    def restore(self, stored: object) -> None:
        """Take over what was stored; what is no such thing is passed over."""
        for hash_, subject in stored.items() if isinstance(stored, dict) else ():
            if isinstance(subject, str) and len(subject) <= MAX_SUBJECT:
                self._owners[str(hash_)] = subject


def _own_id(hash_: str, subject: str) -> str:
    """Return the id of a hash's second event, of a length that an id may have."""
    own_id = f"{hash_}:{subject}"
    if len(own_id) > MAX_ID_LENGTH:
        return f"{hash_[: MAX_ID_LENGTH // 2]}:{digest(own_id)}"
    return own_id
