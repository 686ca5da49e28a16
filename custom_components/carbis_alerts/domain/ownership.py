"""Whose a table is now, and whom a step of a team reaches: by shift, zone and the till."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Rung(StrEnum):
    """For what reason people are meant, the narrowest first."""

    TILL = "till"
    """The till's own waiter of the table's open order."""
    ZONE = "zone"
    SHIFT = "shift"
    MANAGERS = "managers"
    EVERYBODY = "everybody"
    """Nobody is on shift at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody of a team as one table sees them.

    ``is_tills`` says that the till names them as the waiter of the table's open order.
    """

    person_id: str
    is_manager: bool = False
    is_on_shift: bool = True
    is_in_zone: bool = True
    is_tills: bool = False


@dataclass(frozen=True, slots=True)
class Owners:
    """Who is meant, in the team's order.

    ``rung`` is the widest reason, None where nobody is meant or only who was named.
    """

    rung: Rung | None
    person_ids: tuple[str, ...]
    is_nobody_on_shift: bool = False


# Who of the team is meant for a reason.
_MEANT: Final[dict[Rung, Callable[[Candidate], bool]]] = {
    Rung.TILL: lambda one: one.is_tills and one.is_on_shift,
    Rung.ZONE: lambda one: one.is_in_zone and one.is_on_shift,
    Rung.SHIFT: lambda one: one.is_on_shift,
    Rung.MANAGERS: lambda one: one.is_manager,
    Rung.EVERYBODY: lambda one: True,
}
_ORDER: Final = {rung: number for number, rung in enumerate(Rung)}


def whose(candidates: Collection[Candidate]) -> Owners:
    """Return whose a table is: the first rung of ``Rung`` on which anybody stands.

    Managers who are off shift are meant where nobody is on shift.
    """
    for rung in Rung:
        if found := _on(rung, candidates):
            return Owners(rung, found, _is_nobody_on_shift(candidates))
    return Owners(None, (), is_nobody_on_shift=True)


def recipients(
    candidates: Collection[Candidate],
    to: Iterable[str],
    *,
    without: Collection[str] = (),
) -> Owners:
    """Return whom a step reaches.

    ``to`` are any of ``zone``, ``shift``, ``managers`` and ids of people. ``zone`` is the
    till's own waiter, else whoever serves the table's zone. Nobody but managers is reached
    off shift, unless nobody is on shift at all: then it is everybody. ``without`` are those
    who declined; where that is the till's waiter, the zone is meant.
    """
    nobody = _is_nobody_on_shift(candidates)
    meant: set[str] = set()
    widest: Rung | None = None
    for target in to:
        rung, found = _reached(target, candidates, without, nobody=nobody)
        left = {person_id for person_id in found if person_id not in without}
        if left and rung is not None:
            widest = max(rung, widest or rung, key=_ORDER.__getitem__)
        meant |= left
    person_ids = tuple(one.person_id for one in candidates if one.person_id in meant)
    return Owners(widest, person_ids, nobody)


def _reached(
    target: str,
    candidates: Collection[Candidate],
    without: Collection[str],
    *,
    nobody: bool,
) -> tuple[Rung | None, Collection[str]]:
    """Return for which reason one target of a step reaches whom."""
    if target == Rung.MANAGERS:
        return _managers(candidates)
    if nobody:
        return Rung.EVERYBODY, _on(Rung.EVERYBODY, candidates)
    if target == Rung.ZONE:
        for rung in (Rung.TILL, Rung.ZONE):
            found = _on(rung, candidates)
            if any(person_id not in without for person_id in found):
                return rung, found
        return None, ()
    if target == Rung.SHIFT:
        return Rung.SHIFT, _on(Rung.SHIFT, candidates)
    return None, [
        one.person_id
        for one in candidates
        if one.person_id == target and one.is_on_shift
    ]


def _managers(candidates: Collection[Candidate]) -> tuple[Rung, Collection[str]]:
    """Return the managers on shift, else all, else whoever is on shift, else everybody."""
    on_shift = [
        one.person_id for one in candidates if one.is_manager and one.is_on_shift
    ]
    if on_shift:
        return Rung.MANAGERS, on_shift
    for rung in (Rung.MANAGERS, Rung.SHIFT):
        if found := _on(rung, candidates):
            return rung, found
    return Rung.EVERYBODY, _on(Rung.EVERYBODY, candidates)


def _on(rung: Rung, candidates: Collection[Candidate]) -> tuple[str, ...]:
    """Return who stands on a rung."""
    is_meant = _MEANT[rung]
    return tuple(one.person_id for one in candidates if is_meant(one))


def _is_nobody_on_shift(candidates: Collection[Candidate]) -> bool:
    return not any(one.is_on_shift for one in candidates)
