"""People whose telephone numbers are known."""

from collections.abc import Iterable
from dataclasses import dataclass

from .numbers import normalised


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody whose number is known."""

    name: str
    vip: bool


class Contacts:
    """Contacts, found by their numbers in whatever form those come."""

    def __init__(self, contacts: Iterable[tuple[str | None, Contact]] = ()) -> None:
        """Take contacts with their numbers; those whose number is none are left out."""
        self._by_number = {
            key: contact
            for number, contact in contacts
            if (key := normalised(number)) is not None
        }

    def __len__(self) -> int:
        return len(self._by_number)

    def find(self, number: str | None) -> Contact | None:
        """Return who has a number, None where nobody is known to."""
        return self._by_number.get(normalised(number) or "")

    def name(self, number: str | None) -> str | None:
        """Return the name of who has a number, None where nobody is known to."""
        contact = self.find(number)
        return contact.name if contact else None

    def is_vip(self, number: str | None) -> bool:
        """Return whether a number is that of an important guest."""
        contact = self.find(number)
        return contact is not None and contact.vip
