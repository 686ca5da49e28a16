"""Who does something to an alert."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts, by a name to be shown and, of a team's person, by the id.

    Both are None where nobody says who it is.
    """

    name: str | None = None
    person_id: str | None = None

    def is_same(self, other: Actor) -> bool:
        """Return whether both are known to be the same: by person, else by name."""
        if self.person_id is not None and other.person_id is not None:
            return self.person_id == other.person_id
        return self.name is not None and self.name == other.name


NOBODY: Final = Actor()
