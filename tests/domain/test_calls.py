"""Calls, from messages that may be missing, repeated or out of order."""

from typing import Any, Literal

from hypothesis import given, settings, strategies as st
import orjson
import pytest

from custom_components.carbis_alerts.api.pbx import CallEndMessage, CallMessage
from custom_components.carbis_alerts.domain import calls as module
from custom_components.carbis_alerts.domain.calls import ENDED_KEPT, MAX_CALLS, Calls
from custom_components.carbis_alerts.domain.legs import (
    MAX_RINGING,
    MAX_TALK,
    PRECEDENCE,
    UNANSWERED,
    Call,
    CallState,
    is_missed,
)
from custom_components.carbis_alerts.domain.number_plan import NumberPlan

NOW = 5_000.0
GUEST = "+79821234567"
OTHER = "+79827654321"
IDLE, RINGING, DIALING, TALKING = CallState


_HEADER: Any = {
    "device_id": None,
    "event_type": "call",
    "date": None,
    "raw": {},
}


class Pbx:
    """The calls of a PBX, and messages as short as a test can read them."""

    def __init__(self) -> None:
        """Begin without calls."""
        self.calls = Calls()
        self.now = NOW
        self.messages = 0
        self.trunk: str | None = "GSM1"

    def _message(
        self, call_id: str, src: str | None, dst: str | None, number: str | None = None
    ) -> CallMessage:
        self.messages += 1
        return CallMessage(
            **_HEADER,
            call_id=call_id,
            call_src=src,
            call_dst=dst,
            trunk=self.trunk,
            number=number,
        )

    def _begin(
        self,
        direction: Literal["incoming", "outgoing"],
        call_id: str,
        src: str | None,
        dst: str | None,
    ) -> Call:
        message = self._message(call_id, src, dst)
        event_id = f"event {self.messages}"
        return self.calls.begin(message, direction, event_id=event_id, now=self.now)

    def incoming(
        self, call_id: str = "8", src: str | None = GUEST, dst: str | None = "107"
    ) -> Call:
        return self._begin("incoming", call_id, src, dst)

    def outgoing(
        self, call_id: str = "8", src: str | None = "107", dst: str | None = GUEST
    ) -> Call:
        return self._begin("outgoing", call_id, src, dst)

    def talk(
        self, call_id: str = "8", src: str | None = GUEST, dst: str | None = "107"
    ) -> Call:
        message = self._message(call_id, src, dst)
        event_id = f"event {self.messages}"
        return self.calls.talk(message, event_id=event_id, now=self.now)

    def move(self, extension: str | None, call_id: str = "8") -> Call | None:
        return self.calls.move(self._message(call_id, None, None, extension))

    def end(
        self,
        call_id: str = "8",
        status: str | None = "no_answer",
        trunk: str | None = None,
    ) -> Call | None:
        """End a call; as the PBX does, without naming its trunk."""
        message = CallEndMessage(
            **_HEADER,
            call_id=call_id,
            call_src=None,
            call_dst=None,
            trunk=trunk,
            number=None,
            record_id=None,
            duration=None,
            status=status,
        )
        return self.calls.end(message, self.now)

    def missed(self, call_id: str = "8", status: str | None = "no_answer") -> bool:
        """End a call; return whether that makes a missed one."""
        call = self.end(call_id, status)
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
    assert (call.extensions, call.event_id) == (["107", "108"], "event 1")
    assert pbx.states("107", "108") == [RINGING, RINGING, RINGING]
    assert [pbx.calls.caller(one) for one in ("107", "108")] == [GUEST, GUEST]
    assert len(pbx.calls.active) == 1


def test_of_a_group_one_talks_and_the_others_are_idle_at_once(pbx: Pbx) -> None:
    for extension in ("106", "107", "108"):
        pbx.incoming(dst=extension)
    call = pbx.talk(dst="106")
    assert pbx.states("106", "107", "108") == [TALKING, TALKING, IDLE, IDLE]
    assert (call.extension, call.extensions) == ("106", ["106", "107", "108"])
    assert [pbx.calls.caller(one) for one in ("106", "107")] == [GUEST, None]
    # A beginning that was overtaken by the talk.
    pbx.incoming(dst="109")
    assert pbx.states("106", "109") == [TALKING, TALKING, IDLE]
    # Long after it, it is a leg of its own.
    pbx.now += ENDED_KEPT + 1
    pbx.incoming(dst="110")
    assert pbx.states("106", "110") == [TALKING, TALKING, RINGING]
    assert not pbx.missed()
    assert call.extension in ("106", "110")


def test_who_talks_in_a_group_is_not_known_where_the_talk_names_nobody(
    pbx: Pbx,
) -> None:
    pbx.incoming(dst="106")
    pbx.incoming(dst="107")
    call = pbx.talk(src=None, dst=None)
    assert call.extension is None
    assert pbx.states("106", "107") == [TALKING, IDLE, IDLE]


def test_a_talk_may_be_sent_from_the_side_of_who_answered(pbx: Pbx) -> None:
    pbx.incoming(dst="106")
    pbx.incoming(dst="107")
    assert pbx.talk(src="106", dst=GUEST).extension == "106"


def test_a_group_that_nobody_takes_is_one_missed_call(pbx: Pbx) -> None:
    for extension in ("106", "107", "108"):
        pbx.incoming(dst=extension)
    assert pbx.missed()
    assert not pbx.missed()
    assert pbx.states("106", "107", "108") == [IDLE] * 4


# --- Trunks ----------------------------------------------------------------------------


def test_the_same_id_on_two_trunks_is_two_calls(pbx: Pbx) -> None:
    pbx.incoming(src=GUEST, dst="106")
    pbx.trunk = "GSM2"
    pbx.incoming(src=OTHER, dst="107")
    assert len(pbx.calls.active) == 2
    pbx.talk(src=OTHER, dst="107")
    assert pbx.states("106", "107") == [TALKING, RINGING, TALKING]
    # The ends name no trunk: the talk is the one that succeeded.
    first = pbx.end(status="success")
    assert first is not None
    assert (first.caller, first.trunk) == (OTHER, "GSM2")
    second = pbx.end(status="no_answer")
    assert second is not None
    assert (second.caller, is_missed(second, "no_answer")) == (GUEST, True)


def test_an_end_that_names_its_trunk_ends_no_other_call(pbx: Pbx) -> None:
    call = pbx.incoming()
    assert pbx.end(trunk="GSM2") is None
    assert pbx.calls.active == [call]
    assert pbx.end(trunk="GSM1") is call


def test_both_of_two_calls_of_one_id_may_be_missed(pbx: Pbx) -> None:
    pbx.incoming(src=GUEST)
    pbx.trunk = "GSM2"
    pbx.incoming(src=OTHER)
    ended = [pbx.end(), pbx.end()]
    assert [call.caller for call in ended if call] == [GUEST, OTHER]


def test_a_leg_without_a_trunk_is_of_the_call_that_is_there(pbx: Pbx) -> None:
    call = pbx.incoming(dst="106")
    pbx.trunk = None
    assert pbx.incoming(dst="107") is call
    assert pbx.talk(dst="107") is call


def test_a_call_learns_its_trunk(pbx: Pbx) -> None:
    pbx.trunk = None
    call = pbx.incoming(dst="106")
    pbx.trunk = "GSM1"
    assert pbx.incoming(dst="107") is call
    assert call.trunk == "GSM1"
    assert pbx.end(trunk="GSM1") is call


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


def test_after_an_interruption_nothing_is_known(pbx: Pbx) -> None:
    call = pbx.incoming()
    pbx.calls.interrupt()
    assert pbx.calls.active == [call], "it may go on"
    pbx.calls.hide()
    assert not call.known
    assert pbx.calls.active == []
    assert pbx.states("107") == [IDLE, IDLE]
    assert pbx.calls.caller("107") is None
    assert pbx.calls.get("8") is call


@pytest.mark.parametrize("status", ["success", "error", "not_def", "new", None])
def test_after_an_interruption_other_words_than_the_pbx_s_own_mean_nothing(
    pbx: Pbx, status: str | None
) -> None:
    pbx.incoming()
    pbx.calls.interrupt()
    assert not pbx.missed(status=status)


@pytest.mark.parametrize("status", sorted(UNANSWERED))
def test_what_the_pbx_calls_unanswered_is_missed_whatever_was_interrupted(
    pbx: Pbx, status: str
) -> None:
    pbx.incoming()
    pbx.calls.interrupt()
    assert pbx.missed(status=status)


def test_who_was_seen_to_talk_before_an_interruption_missed_nothing(pbx: Pbx) -> None:
    pbx.incoming()
    pbx.talk()
    pbx.calls.interrupt()
    assert not pbx.missed()


def test_a_call_that_is_heard_of_again_is_known_again(pbx: Pbx) -> None:
    pbx.incoming()
    pbx.calls.interrupt()
    pbx.move("108")
    assert pbx.states("107", "108") == [RINGING, IDLE, RINGING]
    pbx.calls.interrupt()
    pbx.talk(dst="108")
    assert pbx.states("108") == [TALKING, TALKING]


def test_a_call_that_begins_again_after_an_interruption_is_not_missed(
    pbx: Pbx,
) -> None:
    # It may have been answered unheard, and now rings at a second extension.
    pbx.incoming()
    pbx.calls.interrupt()
    pbx.incoming(dst="108")
    assert pbx.states("108") == [RINGING, RINGING]
    assert not pbx.missed(status="error")


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


def test_a_ringing_of_a_quarter_of_an_hour_may_be_missed(pbx: Pbx) -> None:
    pbx.incoming()
    pbx.now += 15 * 60
    assert pbx.calls.give_up(pbx.now) == []
    assert pbx.missed()


def test_a_call_that_rings_for_two_hours_is_given_up(pbx: Pbx) -> None:
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
    pbx.calls = Calls()
    for number in range(100):
        pbx.incoming(str(number))
    assert [call.call_id for call in pbx.calls.active] == [
        str(number) for number in range(90, 100)
    ]
    for number in range(100):
        pbx.end(str(number))
    assert len(pbx.calls._ended) == 10
    assert MAX_CALLS == 300


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
        st.sampled_from([0.0, 1.0, 29.0, 31.0, 601.0, 20_000.0]),
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
    kept = {call.call_id for call in pbx.calls._calls.values()}
    assert not kept & {ended.end.call_id for ended in pbx.calls._ended.values()}
    assert all(call.known and call.state is not IDLE for call in active)
    assert all(call.talked == (call.state is TALKING) for call in active)
    for call in active:
        talking = [one for one, state in call.legs.items() if state is TALKING]
        assert len(talking) <= call.talked
        assert len(call.extensions) == len({*call.extensions})
    assert pbx.calls.state() is max(
        (call.state for call in active), key=PRECEDENCE.index, default=IDLE
    )
    for extension in ("107", "108"):
        own = [call for call in active if call.legs.get(extension, IDLE) != IDLE]
        state = pbx.calls.state(extension)
        assert (state is IDLE) == (not own)
        assert pbx.calls.caller(extension) in {call.caller for call in own} | (
            set() if own else {None}
        )
    again = Calls()
    again.restore(pbx.calls.as_list(pbx.now, 1_000.0), pbx.now, 1_000.0)
    assert again.active == []
    assert len(again._calls) <= len(pbx.calls._calls)


# --- Kept over a restart ---------------------------------------------------------------


def restarted(pbx: Pbx, passed: float = 5.0) -> Pbx:
    """Return a PBX whose calls were stored, with another clock."""
    again = Pbx()
    again.now = 77.0
    stored = orjson.loads(orjson.dumps(pbx.calls.as_list(pbx.now, 1_000_000.0)))
    again.calls.restore(stored, again.now, 1_000_000.0 + passed)
    return again


def test_a_stored_call_is_unsure_until_something_is_heard_of_it(pbx: Pbx) -> None:
    pbx.incoming(dst="106")
    pbx.incoming(dst="107")
    again = restarted(pbx)
    assert again.states("106") == [IDLE, IDLE]
    again.incoming(dst="108")
    assert again.states("106", "107", "108") == [RINGING] * 4
    (call,) = again.calls.active
    assert (call.event_id, call.caller, call.trunk) == ("event 1", GUEST, "GSM1")
    assert call.since == 72.0


@pytest.mark.parametrize("status", sorted(UNANSWERED))
def test_a_stored_call_may_be_missed_by_the_pbx_s_own_word(
    pbx: Pbx, status: str
) -> None:
    pbx.incoming()
    assert restarted(pbx).missed(status=status)


@pytest.mark.parametrize("status", ["success", "error", None])
def test_a_stored_call_is_not_missed_by_another(pbx: Pbx, status: str | None) -> None:
    pbx.incoming()
    assert not restarted(pbx).missed(status=status)


def test_a_stored_talk_is_not_missed(pbx: Pbx) -> None:
    pbx.incoming()
    pbx.talk()
    assert not restarted(pbx).missed()


def test_a_stored_call_is_given_up_by_the_wall_clock(pbx: Pbx) -> None:
    pbx.incoming()
    assert restarted(pbx, MAX_RINGING + 1).end() is None


def test_a_stored_call_from_the_future_began_now(pbx: Pbx) -> None:
    pbx.incoming()
    again = restarted(pbx, -50_000.0)
    assert again.missed()


STORED: Any = st.recursive(
    st.none() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["call_id", "legs", "since", "state", "trunk", "107"]),
            inner,
        )
    ),
)


@given(st.lists(STORED, max_size=3))
def test_stored_calls_that_were_tampered_with_are_none(stored: list[Any]) -> None:
    pbx = Pbx()
    pbx.incoming()
    (good,) = pbx.calls.as_list(NOW, 0.0)
    for key in good:
        for value in stored:
            again = Calls()
            again.restore([value, {**good, key: value}], NOW, 0.0)
            orjson.dumps(again.as_list(NOW, 0.0))
            assert again.active == []


# --- The end before the beginning ------------------------------------------------------


def test_a_beginning_that_its_end_has_overtaken_is_missed_once(pbx: Pbx) -> None:
    pbx.end(status="no_answer")
    pbx.now += ENDED_KEPT
    call = pbx.incoming()
    end = pbx.calls.overtaken(call)
    assert end is not None
    assert end.status == "no_answer"
    assert pbx.calls.overtaken(call) is None
    assert pbx.calls.overtaken(pbx.incoming(dst="108")) is None
    assert pbx.calls.active == []


@pytest.mark.parametrize("status", ["success", "error", None])
def test_what_ended_otherwise_before_its_beginning_is_not_missed(
    pbx: Pbx, status: str | None
) -> None:
    pbx.end(status=status)
    assert pbx.calls.overtaken(pbx.incoming()) is None


def test_a_talk_between_the_end_and_the_beginning_counts(pbx: Pbx) -> None:
    pbx.end(status="no_answer")
    pbx.talk()
    assert pbx.calls.overtaken(pbx.incoming()) is None
    assert pbx.calls.active == []


def test_an_end_of_the_usual_order_has_overtaken_nothing(pbx: Pbx) -> None:
    call = pbx.incoming()
    pbx.end()
    assert pbx.calls.overtaken(call) is None


# --- Which side is which ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "src", "dst", "expected"),
    [
        ("incoming", GUEST, "107", ("107", GUEST)),
        # Who calls in is no extension, however short the number.
        ("incoming", "900", GUEST, (None, "900")),
        ("incoming", "900", None, (None, "900")),
        ("incoming", "sip:+79821234567@10.0.0.1", "<sip:107@pbx1>", ("107", GUEST)),
        ("incoming", "108", "107", ("107", "108")),
        ("incoming", None, "107", ("107", None)),
        ("incoming", "anonymous", "107", ("107", None)),
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
    assert NumberPlan().sides(direction, src, dst) == expected


OWN = "+7 495 000-00-01"


@pytest.mark.parametrize(
    ("direction", "src", "dst", "expected"),
    [
        ("incoming", "900", "84950000001", (None, "900")),
        ("incoming", "900", "555", (None, "900")),
        ("incoming", GUEST, "sip:555@10.0.0.1", (None, GUEST)),
        ("outgoing", "84950000001", "112", (None, "112")),
        ("outgoing", "555", "112", (None, "112")),
        # The PBX may write the sides the other way round.
        ("outgoing", "+79820000009", "84950000001", (None, "+79820000009")),
        ("outgoing", "107", "112", ("107", "112")),
        ("outgoing", "1070", GUEST, (None, GUEST)),
        ("incoming", GUEST, "1070", (None, GUEST)),
    ],
)
def test_own_numbers_are_no_extensions_nor_are_longer_ones(
    direction: Literal["incoming", "outgoing"],
    src: str | None,
    dst: str | None,
    expected: tuple[str | None, str | None],
) -> None:
    plan = NumberPlan.of(3, [OWN, "555", "nobody"])
    assert plan.sides(direction, src, dst) == expected


@pytest.mark.parametrize(
    ("src", "dst", "expected"),
    [
        ("107", GUEST, "outgoing"),
        (GUEST, "107", "incoming"),
        ("108", "107", "incoming"),
        ("900", "84950000001", "incoming"),
        ("84950000001", "0890000", "outgoing"),
        (None, None, "incoming"),
    ],
)
def test_the_direction_of_a_call_never_seen_to_begin_is_guessed(
    src: str | None, dst: str | None, expected: str
) -> None:
    assert NumberPlan.of(5, [OWN]).direction(src, dst) == expected
