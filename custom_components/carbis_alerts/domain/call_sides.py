"""What a message about a call says of its sides."""

from ..api.pbx.models import CallMessage
from ..api.types import Direction
from .legs import Call, CallState
from .number_plan import NumberPlan
from .numbers import same_number


def new_call(
    plan: NumberPlan,
    message: CallMessage,
    direction: Direction,
    event_id: str,
    now: float,
) -> Call:
    """Return a call that begins, with its first leg; the message has an id."""
    extension, caller = plan.sides(direction, message.call_src, message.call_dst)
    state = CallState.RINGING if direction == "incoming" else CallState.DIALING
    return Call(
        call_id=message.call_id or "",
        trunk=message.trunk,
        direction=direction,
        state=state,
        caller=caller,
        event_id=event_id,
        since=now,
        legs={} if extension is None else {extension: state},
    )


def continues(before: Call, call: Call) -> bool:
    """Return whether a beginning belongs to a call that is in progress already.

    Of a call that was first seen talking the direction is a guess, and it may have named
    no sides: within the PBX both are extensions, and the guess may have swapped them.
    """
    if not before.was_seen and before.caller is None:
        return True
    if before.direction == call.direction:
        return same_number(before.caller, call.caller)
    return (before.caller, before.extension) == (call.extension, call.caller)


def is_named(plan: NumberPlan, message: CallMessage, call: Call) -> bool:
    """Return whether a message names a call's caller, or else one of its extensions."""
    sides = (message.call_src, message.call_dst)
    outside = [side for side in sides if side and plan.extension(side) is None]
    if call.caller is not None and outside:
        return any(same_number(call.caller, side) for side in outside)
    named = (plan.extension(side) for side in (*sides, message.number))
    return any(extension in call.legs for extension in named)


def talker(plan: NumberPlan, message: CallMessage, call: Call | None) -> str | None:
    """Return the extension that begins to talk, None where nobody knows."""
    source, destination = message.call_src, message.call_dst
    if call is None:
        direction = plan.direction(source, destination)
        return plan.sides(direction, source, destination)[0]
    extension, _ = plan.sides(call.direction, source, destination)
    if extension is not None:
        return extension
    if (leg := plan.extension(source)) in call.legs:
        # Seen from whoever answered.
        return leg
    active = [one for one, state in call.legs.items() if state != CallState.IDLE]
    return active[0] if len(active) == 1 else None
