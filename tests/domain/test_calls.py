"""Calls, from messages that may be missing, repeated or out of order."""

from typing import Any, Literal

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.carbis_alerts.domain import calls as module
from custom_components.carbis_alerts.domain.calls import (
    ENDED_KEPT,
    MAX_CALLS,
    MAX_RINGING,
    MAX_TALK,
    PRECEDENCE,
    Call,
    Calls,
    CallState,
    is_missed,
    sides,
)

NOW = 5_000.0
GUEST = "+79821234567"
OTHER = "+79827654321"
IDLE, RINGING, DIALING, TALKING = CallState


class Pbx:
    """The calls of a PBX, and messages as short as a test can read them."""

    def __init__(self) -> None:
        """Begin without calls."""
        self.calls = Calls()
        self.now = NOW
        self.messages = 0

    def _message(self, **numbers: str | None) -> dict[str, Any]:
        self.messages += 1
        event_id = f"event {self.messages}"
        return {**numbers, "trunk": "GSM1", "event_id": event_id, "now": self.now}

    def incoming(
        self, call_id: str = "8", src: str | None = GUEST, dst: str | None = "107"
    ) -> Call:
        message = self._message(source=src, destination=dst)
        return self.calls.begin(call_id, "incoming", **message)

    def outgoing(
        self, call_id: str = "8", src: str | None = "107", dst: str | None = GUEST
    ) -> Call:
        message = self._message(source=src, destination=dst)
        return self.calls.begin(call_id, "outgoing", **message)

    def talk(
        self, call_id: str = "8", src: str | None = GUEST, dst: str | None = "107"
    ) -> Call:
        return self.calls.talk(call_id, **self._message(source=src, destination=dst))

    def move(self, extension: str | None, call_id: str = "8") -> Call | None:
        return self.calls.move(call_id, extension)

    def end(self, call_id: str = "8") -> Call | None:
        return self.calls.end(call_id, self.now)

    def missed(self, call_id: str = "8", status: str | None = "no_answer") -> bool:
        """End a call; return whether that makes a missed one."""
        call = self.end(call_id)
        return call is not None and is_missed(call, status)

    def states(self, *extensions: str) -> list[CallState]:
        """Return the state of the whole PBX and those of extensions."""
        return [self.calls.state(), *map(self.calls.state, extensions)]


@pytest.fixture
def pbx() -> Pbx:
    """Return a PBX without calls."""
    return Pbx()


# --- The life of a call ----------------------------------------------------------------


def test_without_calls_all_is_idle(pbx: Pbx) -> None:
    assert pbx.states("107") == [IDLE, IDLE]
    assert pbx.calls.active == []
    assert pbx.calls.caller("107") is None
    assert pbx.calls.get("8") is None
    assert pbx.calls.get(None) is None


def test_an_incoming_call_rings_talks_and_ends(pbx: Pbx) -> None:
    call = pbx.incoming()
    assert (call.caller, call.extension, call.trunk) == (GUEST, "107", "GSM1")
    assert (call.direction, call.event_id) == ("incoming", "event 1")
    assert pbx.states("107", "108") == [RINGING, RINGING, IDLE]
    assert pbx.calls.caller("107") == GUEST
    assert pbx.calls.caller("108") is None

    assert pbx.talk() is call
    assert pbx.states("107") == [TALKING, TALKING]
    assert pbx.calls.active == [call]

    assert pbx.end() is call
    assert pbx.states("107") == [IDLE, IDLE]
    assert pbx.calls.active == []
    assert not is_missed(call, "no_answer")


def test_an_outgoing_call_dials_talks_and_ends(pbx: Pbx) -> None:
    call = pbx.outgoing()
    assert (call.caller, call.extension, call.direction) == (GUEST, "107", "outgoing")
    assert pbx.states("107") == [DIALING, DIALING]
    pbx.talk(src="107", dst=GUEST)
    assert pbx.states("107") == [TALKING, TALKING]
    assert not pbx.missed()


@pytest.mark.parametrize(
    "status", ["no_answer", "busy", "overload", "error", "not_def", "new", None]
)
def test_an_incoming_call_without_a_talk_is_missed(
    pbx: Pbx, status: str | None
) -> None:
    pbx.incoming()
    assert pbx.missed(status=status)


def test_a_call_that_ends_with_success_is_not_missed(pbx: Pbx) -> None:
    pbx.incoming()
    assert not pbx.missed(status="success")


def test_an_outgoing_call_is_never_missed(pbx: Pbx) -> None:
    pbx.outgoing()
    assert not pbx.missed()


def test_a_call_of_nobody_known_is_the_hubs(pbx: Pbx) -> None:
    call = pbx.incoming(src=None, dst="+74951234567")
    assert (call.extension, call.caller) == (None, None)
    assert pbx.states("107") == [RINGING, IDLE]
    assert pbx.missed()


# --- Answered elsewhere ----------------------------------------------------------------


def test_a_call_that_is_answered_elsewhere_moves_and_decides_nothing(pbx: Pbx) -> None:
    call = pbx.incoming()
    assert pbx.move("108") is call
    assert pbx.states("107", "108") == [RINGING, IDLE, RINGING]
    assert (pbx.calls.caller("107"), pbx.calls.caller("108")) == (None, GUEST)
    assert pbx.missed()


def test_a_move_to_nowhere_leaves_a_call_where_it_is(pbx: Pbx) -> None:
    call = pbx.incoming()
    assert pbx.move(None) is call
    assert call.extension == "107"


def test_a_move_of_a_call_never_seen_is_of_none(pbx: Pbx) -> None:
    assert pbx.move("108") is None
    assert pbx.states("108") == [IDLE, IDLE]


def test_a_move_after_the_end_changes_nothing(pbx: Pbx) -> None:
    call = pbx.incoming()
    pbx.end()
    assert pbx.move("108") is call
    assert call.extension == "107"
    assert pbx.states("107", "108") == [IDLE, IDLE, IDLE]


# --- Several at once -------------------------------------------------------------------


def test_several_calls_are_in_progress_at_once(pbx: Pbx) -> None:
    pbx.incoming("1", dst="107")
    pbx.outgoing("2", src="108", dst=OTHER)
    pbx.talk("3", dst="109")
    assert pbx.states("107", "108", "109") == [TALKING, RINGING, DIALING, TALKING]
    assert len(pbx.calls.active) == 3
    pbx.end("3")
    assert pbx.states("107", "108", "109") == [DIALING, RINGING, DIALING, IDLE]
    pbx.end("2")
    assert pbx.states("107", "108", "109") == [RINGING, RINGING, IDLE, IDLE]
    pbx.end("1")
    assert pbx.states("107") == [IDLE, IDLE]


def test_of_two_calls_on_one_extension_the_talk_says(pbx: Pbx) -> None:
    pbx.incoming("1", src=GUEST)
    pbx.talk("1", src=GUEST)
    pbx.incoming("2", src=OTHER)
    assert pbx.states("107") == [TALKING, TALKING]
    assert pbx.calls.caller("107") == GUEST
    pbx.end("1")
    assert pbx.states("107") == [RINGING, RINGING]
    assert pbx.calls.caller("107") == OTHER
    assert pbx.missed("2")


def test_of_several_calls_the_last_in_this_order_says() -> None:
    assert (IDLE, RINGING, DIALING, TALKING) == PRECEDENCE


# --- Missing, repeated, out of order ---------------------------------------------------


def test_a_talk_of_a_call_never_seen_is_a_call(pbx: Pbx) -> None:
    call = pbx.talk()
    assert (call.direction, call.caller, call.extension) == ("incoming", GUEST, "107")
    assert pbx.states("107") == [TALKING, TALKING]
    assert not pbx.missed()


def test_a_talk_that_an_extension_began_is_outgoing(pbx: Pbx) -> None:
    call = pbx.talk(src="107", dst=GUEST)
    assert (call.direction, call.caller, call.extension) == ("outgoing", GUEST, "107")


def test_the_end_of_a_call_never_seen_is_of_none(pbx: Pbx) -> None:
    assert pbx.end() is None
    assert pbx.states("107") == [IDLE, IDLE]


def test_a_second_end_is_of_none(pbx: Pbx) -> None:
    call = pbx.incoming()
    assert pbx.end() is call
    assert pbx.end() is None
    assert pbx.calls.get("8") is call


def test_a_repeated_beginning_changes_nothing(pbx: Pbx) -> None:
    first = pbx.incoming()
    pbx.now += 5
    again = pbx.incoming()
    assert again == first
    assert len(pbx.calls.active) == 1
    assert pbx.missed()


def test_a_call_may_ring_at_a_second_extension(pbx: Pbx) -> None:
    pbx.incoming(dst="107")
    call = pbx.incoming(dst="108")
    assert (call.extension, call.event_id) == ("108", "event 1")
    assert pbx.states("107", "108") == [RINGING, IDLE, RINGING]


def test_a_repeated_talk_is_one(pbx: Pbx) -> None:
    pbx.incoming()
    pbx.talk()
    pbx.talk()
    assert pbx.states("107") == [TALKING, TALKING]
    assert len(pbx.calls.active) == 1


@pytest.mark.parametrize(
    ("src", "dst"), [(GUEST, "107"), ("108", "107"), (None, "107"), (GUEST, None)]
)
def test_a_beginning_after_the_talk_does_not_end_the_talk(
    pbx: Pbx, src: str | None, dst: str | None
) -> None:
    pbx.talk(src=src, dst=dst)
    call = pbx.incoming(src=src, dst=dst)
    assert call.direction == "incoming"
    assert pbx.states() == [TALKING]
    assert len(pbx.calls.active) == 1
    assert not pbx.missed()


def test_an_outgoing_beginning_after_the_talk_does_not_end_the_talk(pbx: Pbx) -> None:
    pbx.talk(src="107", dst=GUEST)
    pbx.outgoing()
    assert pbx.states("107") == [TALKING, TALKING]


@pytest.mark.parametrize("is_initialized", [True, False])
def test_what_comes_after_the_end_of_its_call_begins_none(
    pbx: Pbx, is_initialized: bool
) -> None:
    if is_initialized:
        pbx.incoming()
    pbx.end()
    pbx.now += ENDED_KEPT
    late = pbx.incoming()
    assert (late.caller, late.extension) == (GUEST, "107")
    assert pbx.states("107") == [IDLE, IDLE]
    assert pbx.talk().caller == GUEST
    assert pbx.states("107") == [IDLE, IDLE]
    assert pbx.end() is None


def test_a_minute_after_the_end_an_id_may_begin_a_call_again(pbx: Pbx) -> None:
    pbx.incoming()
    pbx.end()
    pbx.now += ENDED_KEPT + 1
    pbx.incoming()
    assert pbx.states("107") == [RINGING, RINGING]
    assert pbx.missed()


# --- Ids that come again ---------------------------------------------------------------


@pytest.mark.parametrize("ended", [True, False])
def test_after_a_restart_an_id_is_a_new_call(pbx: Pbx, ended: bool) -> None:
    pbx.incoming()
    pbx.talk()
    if ended:
        pbx.end()
    pbx.calls.restart()
    assert pbx.states("107") == [IDLE, IDLE]
    assert pbx.calls.get("8") is None
    call = pbx.incoming()
    assert (call.state, call.talked, call.event_id) == (RINGING, False, "event 3")
    assert pbx.missed()


@pytest.mark.parametrize("ended", [True, False])
def test_an_id_with_another_caller_is_a_new_call(pbx: Pbx, ended: bool) -> None:
    pbx.incoming(src=GUEST)
    pbx.talk()
    if ended:
        pbx.end()
    call = pbx.incoming(src=OTHER)
    assert (call.state, call.talked, call.event_id) == (RINGING, False, "event 3")
    assert pbx.calls.active == [call]
    assert pbx.missed()


def test_an_id_with_the_other_direction_is_a_new_call(pbx: Pbx) -> None:
    pbx.incoming()
    pbx.talk()
    call = pbx.outgoing()
    assert (call.state, call.talked) == (DIALING, False)


# --- Interruptions ---------------------------------------------------------------------


def test_after_an_interruption_nothing_is_known_and_nothing_missed(pbx: Pbx) -> None:
    call = pbx.incoming()
    pbx.calls.interrupt()
    assert not call.known
    assert pbx.calls.active == []
    assert pbx.states("107") == [IDLE, IDLE]
    assert pbx.calls.caller("107") is None
    assert pbx.calls.get("8") is call
    assert not pbx.missed()


def test_a_call_that_is_heard_of_again_is_known_again(pbx: Pbx) -> None:
    pbx.incoming()
    pbx.calls.interrupt()
    pbx.move("108")
    assert pbx.states("107", "108") == [RINGING, IDLE, RINGING]
    pbx.calls.interrupt()
    pbx.talk()
    assert pbx.states("108") == [TALKING, TALKING]


def test_a_call_that_begins_again_after_an_interruption_is_not_missed(
    pbx: Pbx,
) -> None:
    # It may have been answered unheard, and now rings at a second extension.
    pbx.incoming()
    pbx.calls.interrupt()
    pbx.incoming(dst="108")
    assert pbx.states("108") == [RINGING, RINGING]
    assert not pbx.missed()


def test_a_new_call_after_an_interruption_may_be_missed(pbx: Pbx) -> None:
    pbx.incoming()
    pbx.calls.interrupt()
    pbx.incoming(src=OTHER)
    assert pbx.missed()


def test_an_id_that_ended_before_an_interruption_may_begin_a_call_after_it(
    pbx: Pbx,
) -> None:
    pbx.incoming()
    pbx.end()
    pbx.calls.interrupt()
    pbx.incoming()
    assert pbx.states("107") == [RINGING, RINGING]


# --- Calls without an end --------------------------------------------------------------


def test_a_call_that_rings_for_ten_minutes_is_given_up(pbx: Pbx) -> None:
    call = pbx.incoming()
    assert pbx.calls.give_up(NOW + MAX_RINGING) == []
    assert pbx.calls.give_up(NOW + MAX_RINGING + 1) == [call]
    assert pbx.calls.give_up(NOW + MAX_RINGING + 1) == []
    assert pbx.states("107") == [IDLE, IDLE]
    assert not pbx.missed()


def test_a_talk_is_believed_for_four_hours_from_its_beginning(pbx: Pbx) -> None:
    pbx.incoming()
    pbx.now += MAX_RINGING
    call = pbx.talk()
    assert pbx.calls.give_up(pbx.now + MAX_TALK) == []
    assert pbx.calls.give_up(pbx.now + MAX_TALK + 1) == [call]


def test_other_messages_give_up_no_call_unheard(pbx: Pbx) -> None:
    # What is given up has to be shown at its extension: give_up() does.
    call = pbx.incoming("1")
    pbx.now += MAX_RINGING + 1
    pbx.incoming("2", dst="108")
    pbx.talk("2")
    pbx.end("2")
    assert pbx.calls.give_up(pbx.now) == [call]


def test_a_flood_of_calls_keeps_the_latest(
    pbx: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_CALLS", 10)
    for number in range(100):
        pbx.incoming(str(number))
    assert [call.call_id for call in pbx.calls.active] == [
        str(number) for number in range(90, 100)
    ]
    for number in range(100):
        pbx.end(str(number))
    assert len(pbx.calls._ended) == 10
    assert MAX_CALLS == 1_000


# --- Any messages at all ---------------------------------------------------------------


ORDINARY = ("incoming", "outgoing", "talk", "move", "end")
NUMBERS = st.sampled_from([None, GUEST, OTHER, "107", "108"])
MESSAGES = st.lists(
    st.tuples(
        st.sampled_from(
            (*(ORDINARY * 3), "interrupt", "restart", "give_up"),
        ),
        st.sampled_from(["1", "2", "3", "4"]),
        NUMBERS,
        NUMBERS,
        st.sampled_from([0.0, 1.0, 59.0, 61.0, 601.0, 20_000.0]),
    ),
    max_size=60,
)


@settings(max_examples=300)
@given(MESSAGES)
def test_whatever_comes_the_calls_stay_consistent(
    messages: list[tuple[str, str, str | None, str | None, float]],
) -> None:
    pbx = Pbx()
    talked: set[str] = set()
    for kind, call_id, src, dst, passed in messages:
        pbx.now += passed
        match kind:
            case "incoming" | "outgoing" | "talk":
                call: Call | None = getattr(pbx, kind)(call_id, src, dst)
                assert call is not None
                assert call.call_id == call_id
            case "move":
                pbx.move(src, call_id)
            case "end":
                call = pbx.end(call_id)
                assert pbx.calls.get(call_id) not in pbx.calls.active
                if call is not None and is_missed(call, None):
                    assert call_id not in talked
                assert pbx.end(call_id) is None
            case "give_up":
                pbx.calls.give_up(pbx.now)
            case _:
                getattr(pbx.calls, kind)()
        if kind == "talk":
            talked.add(call_id)
        elif kind in {"incoming", "outgoing", "end", "interrupt", "restart", "give_up"}:
            # A beginning may be a new call.
            talked.discard(call_id)
        assert_consistent(pbx)


def assert_consistent(pbx: Pbx) -> None:
    """Check what has to hold at any time."""
    active = pbx.calls.active
    assert len(pbx.calls._calls) <= 4
    assert len(pbx.calls._ended) <= 4
    assert not pbx.calls._calls.keys() & pbx.calls._ended.keys()
    assert all(call.known and call.state is not IDLE for call in active)
    assert all(call.talked == (call.state is TALKING) for call in active)
    assert pbx.calls.state() is max(
        (call.state for call in active), key=PRECEDENCE.index, default=IDLE
    )
    for extension in ("107", "108"):
        own = [call for call in active if call.extension == extension]
        state = pbx.calls.state(extension)
        assert (state is IDLE) == (not own)
        assert pbx.calls.caller(extension) in {call.caller for call in own} | (
            set() if own else {None}
        )


# --- Which side is which ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "src", "dst", "expected"),
    [
        ("incoming", GUEST, "107", ("107", GUEST)),
        ("incoming", "107", GUEST, ("107", GUEST)),
        ("incoming", "108", "107", ("107", "108")),
        ("incoming", None, "107", ("107", None)),
        ("incoming", "anonymous", "107", ("107", "anonymous")),
        ("incoming", GUEST, OTHER, (None, GUEST)),
        ("incoming", GUEST, None, (None, GUEST)),
        ("incoming", None, None, (None, None)),
        ("outgoing", "107", GUEST, ("107", GUEST)),
        ("outgoing", GUEST, "107", ("107", GUEST)),
        ("outgoing", "108", "107", ("108", "107")),
        ("outgoing", "107", None, ("107", None)),
        ("outgoing", OTHER, GUEST, (None, GUEST)),
        ("outgoing", None, GUEST, (None, GUEST)),
    ],
)
def test_the_extension_is_the_side_with_at_most_five_digits(
    direction: Literal["incoming", "outgoing"],
    src: str | None,
    dst: str | None,
    expected: tuple[str | None, str | None],
) -> None:
    assert sides(direction, src, dst) == expected
