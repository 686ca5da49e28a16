"""Which numbers are the restaurant's: extensions, and those by which it is called."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from ..api.types import Direction
from .numbers import Number, number_of

DEFAULT_EXTENSION_DIGITS: Final = 5
MAX_EXTENSION_DIGITS: Final = 10
# Numbers by which guests have called, of which so many are remembered.
MAX_CALLED: Final = 50


@dataclass(frozen=True, slots=True)
class NumberPlan:
    """What is an extension, and what is a number outside.

    ``own`` are digits, as they are compared, of the numbers by which the restaurant is
    called; however short, none of them is an extension.
    """

    extension_digits: int = DEFAULT_EXTENSION_DIGITS
    own: frozenset[str] = frozenset()
    # Numbers that guests have called: whoever set no own numbers has them all the same.
    called: tuple[str, ...] = ()

    @classmethod
    def of(cls, extension_digits: int, own_numbers: Iterable[str]) -> NumberPlan:
        """Return a plan with own numbers in any spelling."""
        digits = (number_of(text).digits for text in own_numbers)
        return cls(extension_digits, frozenset(one for one in digits if one))

    def extension(self, text: str | None) -> str | None:
        """Return the extension that a text names, None for any other number."""
        number = number_of(text)
        return number.shown if self._is_extension(number) else None

    def sides(
        self, direction: Direction, source: str | None, destination: str | None
    ) -> tuple[str | None, str | None]:
        """Return the extension of a call and the other side, its caller.

        Who calls in is ``source``, be the number as short as an extension's. Which side of
        an outgoing call is which no PBX says: the one that is an extension is.
        """
        source_number, other_number = number_of(source), number_of(destination)
        if direction == "incoming":
            return self.extension(destination), source_number.shown
        if self._is_extension(source_number) or self._is_own(source_number):
            return self.extension(source), other_number.shown
        if self._is_extension(other_number) or self._is_own(other_number):
            return self.extension(destination), source_number.shown
        return None, other_number.shown

    def was_called(self, text: str | None) -> NumberPlan:
        """Return the plan with a number that a guest has called."""
        number = number_of(text)
        digits = number.digits
        if digits is None or self._is_extension(number) or self._is_own(number):
            return self
        return replace(self, called=(*self.called, digits)[-MAX_CALLED:])

    def direction(self, source: str | None, destination: str | None) -> Direction:
        """Guess the direction of a call whose beginning was not seen."""
        source_number, other_number = number_of(source), number_of(destination)
        if self._is_extension(other_number) or self._is_own(other_number):
            return "incoming"
        is_inside = self._is_extension(source_number) or self._is_own(source_number)
        return "outgoing" if is_inside else "incoming"

    def _is_extension(self, number: Number) -> bool:
        return number.has_at_most(self.extension_digits) and not self._is_own(number)

    def _is_own(self, number: Number) -> bool:
        return number.digits in self.own or number.digits in self.called
