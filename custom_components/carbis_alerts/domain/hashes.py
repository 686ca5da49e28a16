"""Which event a hash is of: servers have been seen to give one hash to two."""

from collections.abc import Callable, Container
from itertools import islice
from typing import Final

from ..api.fields import as_key, digest
from .short_ids import packed_id, short_id

# Hashes whose owners are known: no queue of five minutes has so many.
MAX_OWNERS: Final = 5_000


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
        key, subject_key = short_id(hash_), short_id(subject)
        owner = self._owners.get(key)
        if owner is None:
            owner = self._owners.get(packed_id(key))
        if owner in (subject_key, packed_id(subject_key)):
            return hash_
        own_id = _own_id(hash_, subject)
        if owner is not None or is_known(own_id):
            return own_id
        self._owners[key] = subject_key
        if len(self._owners) > 2 * MAX_OWNERS:
            self._owners = dict(islice(self._owners.items(), MAX_OWNERS, None))
        return hash_

    def as_dict(self, known: Container[str]) -> dict[str, str]:
        """Return what to store; a hash that is not known any more has no owner."""
        self._owners = {
            hash_: subject for hash_, subject in self._owners.items() if hash_ in known
        }
        return dict(self._owners)

    def restore(self, stored: object) -> None:
        """Take over what was stored; what is no such thing is passed over."""
        for hash_, subject in stored.items() if isinstance(stored, dict) else ():
            if isinstance(subject, str):
                self._owners[short_id(str(hash_))] = short_id(subject)


def _own_id(hash_: str, subject: str) -> str:
    """Return the id of a hash's second event, of a length that an id may have."""
    own_id = f"{hash_}:{subject}"
    return own_id if as_key(own_id) == own_id else f"{hash_[:40]}:{digest(own_id)}"
