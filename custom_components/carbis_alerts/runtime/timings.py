"""How long a running entry waits, pauses and believes: all in one object."""

from dataclasses import dataclass, field
from datetime import timedelta

from ..api.transport import Limits
from ..const import DEFAULT_POLL_INTERVAL, MIN_POLL_INTERVAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Seconds, where a field is a number."""

    limits: Limits = field(default_factory=Limits)
    # Without a good answer for this long, what is found then is late.
    interruption: float = 10.0

    # A loss of the connection that lasts for less is published nowhere.
    grace: float = 10.0

    # The longest pause before a new try: a guest waits.
    max_pause: float = 30.0
    # The bound of the first pause after a failure.
    base_pause: float = 1.0
    # A server that asks for none at all would have us knock without end.
    least_base_pause: float = 0.5
    # After refused credentials: a person has to act, or the service to recover.
    refused_pause: float = 30.0
    # A line that stayed up for so long really worked; only then pauses are short again.
    stable: float = 30.0

    poll_interval: float = DEFAULT_POLL_INTERVAL
    min_poll_interval: float = MIN_POLL_INTERVAL
    # How often an idle queue of the QR menu is read from its beginning. A server that was
    # restarted may answer a cursor that it no longer has with nothing, for ever.
    whole_interval: float = 30.0

    # How long GREEN-API may hold a request back; the least it accepts is taken where
    # something on the way cuts requests off that take longer.
    receive_timeout: int = 20
    least_receive_timeout: int = 5
    # A notification that was waited for this long was not there before.
    empty_after: float = 1.0
    # The shortest time between two looks into an empty queue.
    least_wait: float = 1.0
    # After "quota used up" (HTTP 466): a person has to buy more.
    quota_pause: float = 300.0
    # For how long a notification that says so is believed.
    quota_shown: float = 24 * 60 * 60.0
    # Three deletions within this time of what was gone are another program's doing.
    stolen_within: float = 600.0

    # Between two questions for the other ids of a chat; after one that failed, at first and
    # at most. The service takes ten a second, and punishes who asks too much.
    lookup_interval: float = 1.0
    lookup_pause: float = 60.0
    max_lookup_pause: float = 60 * 60.0

    # Looks at the list of messages of GREEN-API: so long after a start or an outage; the
    # second one after it, when what is listed late is there; all others. After a failure;
    # after a refusal. What is listed the queue may bring a little later. Each call may be
    # made once a second.
    look_after: float = 5.0
    look_settled: float = 5.0
    look_again: float = 150.0
    look_interval: float = 600.0
    look_retry: float = 60.0
    look_refused: float = 24 * 60 * 60.0
    look_spacing: float = 1.1

    # How often the state of an account is asked for that the messenger has restricted, and
    # how long after the end of that.
    restriction_look: float = 60 * 60.0
    restriction_grace: float = 60.0

    # While a dialog links an account: between two looks at most; how long an image is
    # shown, a code waited for (the service's own time for it), and all of it.
    link_renewal: float = 60.0
    link_image: float = 30.0
    link_code: float = 150.0
    link_lasts: float = 600.0

    # For how long a way to somebody may take a message, before the next one is tried: more
    # than Home Assistant waits for the cloud of a phone. Between two looks at what nothing
    # signals.
    hand_over: float = 20.0
    reach_look: float = 60.0

    # While a PBX phones somebody: between two looks, for how long a call waits for its turn,
    # and how long one may last.
    call_look: float = 2.0
    call_turn: float = 60.0
    call_length: float = 120.0

    # Between two writes: what a hard kill may cost.
    write_interval: float = 1.0
    # Until a write that failed is tried again without a new reason.
    retry_interval: float = 30.0
    # For how long an outage is shown as a repair.
    outage_shown: timedelta = timedelta(days=1)
    # For how long a service is recorded, and for how long a recording is kept from its beginning.
    recording_length: timedelta = timedelta(hours=1)
    recording_kept: timedelta = timedelta(days=1)


TIMINGS = Timings()


def timings() -> Timings:
    """Return the timings in force; tests put shorter ones in their place."""
    return TIMINGS
