"""What the diagnostics file holds of a team: how many of what, and nobody's name."""

from collections import Counter
from typing import Any, Final

from ..const import CONF_CHANNEL, CONF_ENTRIES, SUBENTRY_STEP
from ..domain.diagnosis import Schema, count, counts
from ..people import Role
from .channels.registry import CHANNELS
from .reach import Reach
from .runtime import TeamRuntime
from .shifts import Shifts

SCHEMA: Final[Schema] = {
    "entries": count,
    "people": count,
    "on_shift": count,
    "shift_entities": count,
    "zones": count,
    "pos_waiters": count,
    "roles": counts(*Role),
    "channels": counts(*CHANNELS),
    "without_channels": count,
    "phones_connected": count,
    "unreachable": count,
    "steps": count,
}


def diagnostics(team: TeamRuntime) -> dict[str, Any]:
    """Return how many of what a team has."""
    people = team.people.values()
    reach = team.part(Reach)
    return {
        "entries": len(team.entry.data.get(CONF_ENTRIES, ())),
        "people": len(people),
        "on_shift": len(team.part(Shifts).on_shift()),
        "shift_entities": sum(person.shift_entity is not None for person in people),
        "zones": sum(bool(person.zone) for person in people),
        "pos_waiters": sum(person.pos_waiter is not None for person in people),
        "roles": Counter(person.role.value for person in people),
        "channels": Counter(
            str(address.get(CONF_CHANNEL))
            for person in people
            for address in person.channels
        ),
        "without_channels": sum(not person.channels for person in people),
        "phones_connected": sum(
            reach.is_local(address) for person in people for address in person.channels
        ),
        "unreachable": sum(reach.problem_of(person) is not None for person in people),
        "steps": sum(
            subentry.subentry_type == SUBENTRY_STEP
            for subentry in team.entry.subentries.values()
        ),
    }
