"""What was seen before, over restarts and clocks that jump."""

import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.carbis_alerts.domain.journal import MAX_ENTRIES, Journal

WINDOW = 900.0
# Of the wall clock and of the machine's own, which have nothing to do with each other.
WALL = 1_800_000_000.0
NOW = 5_000.0


def restored(
    stored: dict[str, Any], now: float = NOW, wall: float = WALL, **options: int
) -> Journal:
    """Return a journal of what was stored, over real JSON."""
    journal = Journal(WINDOW, **options)
    journal.restore(json.loads(json.dumps(stored)), now, wall)
    return journal


def test_a_new_journal_knows_nothing_and_is_not_initialized() -> None:
    journal = Journal(WINDOW)
    assert len(journal) == 0
    assert journal.cursor is None
    assert journal.is_initialized is False
    assert not journal.is_repeat("0x1", NOW)
    assert len(journal) == 0


def test_what_was_added_is_a_repeat_and_nothing_else_is() -> None:
    journal = Journal(WINDOW)
    journal.add("0x1", NOW)
    assert journal.is_repeat("0x1", NOW)
    assert not journal.is_repeat("0x2", NOW)


@pytest.mark.parametrize(("age", "repeat"), [(0, True), (900, True), (900.5, False)])
def test_an_id_is_a_repeat_until_the_window_is_over(age: float, repeat: bool) -> None:
    journal = Journal(WINDOW)
    journal.add("0x1", NOW)
    assert journal.is_repeat("0x1", NOW + age) is repeat


def test_each_look_prolongs_the_time() -> None:
    journal = Journal(WINDOW)
    journal.add("0x1", NOW)
    now = NOW
    for _ in range(10):
        now += WINDOW
        assert journal.is_repeat("0x1", now)
    assert not journal.is_repeat("0x1", now + WINDOW + 1)


def test_an_id_that_ran_out_is_forgotten_and_may_come_as_a_new_one() -> None:
    journal = Journal(WINDOW)
    journal.add("0x1", NOW)
    later = NOW + WINDOW + 1
    assert not journal.is_repeat("0x1", later)
    assert len(journal) == 0
    journal.add("0x1", later)
    assert journal.is_repeat("0x1", later + WINDOW)


def test_an_id_that_is_added_again_is_kept_once_and_for_longer() -> None:
    journal = Journal(WINDOW)
    journal.add("0x1", NOW)
    journal.add("0x1", NOW + WINDOW)
    assert len(journal) == 1
    assert journal.is_repeat("0x1", NOW + 2 * WINDOW)


def test_what_ran_out_makes_room_with_the_next_one() -> None:
    journal = Journal(WINDOW)
    for number in range(10):
        journal.add(str(number), NOW + number)
    journal.add("new", NOW + WINDOW + 5)
    assert [key for key in map(str, range(10)) if journal.is_repeat(key, NOW)] == [
        "5",
        "6",
        "7",
        "8",
        "9",
    ]


def test_too_many_ids_push_out_those_that_were_seen_longest_ago() -> None:
    journal = Journal(WINDOW, max_entries=3)
    for number, key in enumerate("abc"):
        journal.add(key, NOW + number)
    assert journal.is_repeat("a", NOW + 5)
    journal.add("d", NOW + 6)
    assert len(journal) == 3
    assert not journal.is_repeat("b", NOW + 7)
    assert all(journal.is_repeat(key, NOW + 7) for key in "acd")


def test_the_bound_holds_where_nobody_set_another() -> None:
    journal = Journal(WINDOW)
    for number in range(MAX_ENTRIES + 10):
        journal.add(str(number), NOW)
    assert len(journal) == MAX_ENTRIES
    assert not journal.is_repeat("9", NOW)
    assert journal.is_repeat("10", NOW)


# --- Stored and restored ---------------------------------------------------------------


def test_stored_are_cursor_beginning_and_times_of_the_wall_clock() -> None:
    journal = Journal(WINDOW)
    journal.cursor, journal.is_initialized = "0x2", True
    journal.add("0x1", NOW - 10)
    journal.add("0x2", NOW - 0.125)
    assert journal.as_dict(NOW, WALL) == {
        "cursor": "0x2",
        "begun": True,
        "seen": {"0x1": WALL - 10, "0x2": WALL - 0.125},
    }


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "look"]),
        st.sampled_from("abcdefgh") | st.text(max_size=4),
        # Eighths, which a float and three decimals both hold exactly.
        st.integers(0, 4000).map(lambda eighths: eighths / 8),
    ),
    max_size=30,
)


def play(
    journal: Journal, steps: list[tuple[str, str, float]], now: float = NOW
) -> float:
    """Do what a source does with each id; return the time after it."""
    for action, key, pause in steps:
        now += pause
        if action == "add":
            journal.add(key, now)
        else:
            journal.is_repeat(key, now)
    return now


@given(
    steps=STEPS,
    cursor=st.none() | st.text(),
    is_initialized=st.booleans(),
    uptime=st.integers(-(2**30), 2**30).map(float),
)
def test_a_stored_and_restored_journal_is_equal(
    steps: list[tuple[str, str, float]],
    cursor: str | None,
    is_initialized: bool,
    uptime: float,
) -> None:
    journal = Journal(WINDOW)
    journal.cursor, journal.is_initialized = cursor, is_initialized
    now = play(journal, steps)
    # What ran out and was not yet cleared away is not taken over.
    journal.add("last", now)
    stored = journal.as_dict(now, WALL)

    again = restored(stored, uptime)

    assert again.as_dict(uptime, WALL) == stored
    assert list(again.as_dict(uptime, WALL)["seen"]) == list(stored["seen"])
    assert len(again) == len(journal)


@given(steps=STEPS, after=STEPS)
def test_a_restored_journal_goes_on_as_if_nothing_had_happened(
    steps: list[tuple[str, str, float]], after: list[tuple[str, str, float]]
) -> None:
    journal = Journal(WINDOW, max_entries=6)
    now = play(journal, steps)
    journal.add("last", now)
    # The machine was started again: its clock begins at another time.
    again = restored(journal.as_dict(now, WALL), now=64.0, max_entries=6)

    later, later_again = play(journal, after, now), play(again, after, 64.0)

    assert again.as_dict(later_again, WALL) == journal.as_dict(later, WALL)


@given(steps=STEPS, limit=st.integers(1, 5))
def test_a_journal_is_never_larger_than_its_bound(
    steps: list[tuple[str, str, float]], limit: int
) -> None:
    journal = Journal(WINDOW, max_entries=limit)
    now = play(journal, steps)
    assert len(journal) <= limit
    assert len(restored(journal.as_dict(now, WALL), max_entries=limit)) <= limit


@given(
    key=st.text(),
    form=st.lists(st.integers(0, 2 * 900).map(float), max_size=20),
    others=st.lists(st.text(), max_size=5),
)
def test_an_id_is_a_repeat_exactly_until_the_window_after_it_was_last_seen(
    key: str, form: list[float], others: list[str]
) -> None:
    journal = Journal(WINDOW)
    now = last = NOW
    journal.add(key, now)
    for pause in form:
        now += pause
        for other in others:
            if other != key:
                journal.add(other, now)
        expected = now - last <= WINDOW
        assert journal.is_repeat(key, now) is expected
        if not expected:
            journal.add(key, now)
        last = now


def test_a_smaller_bound_keeps_the_newest_of_what_was_stored() -> None:
    journal = Journal(WINDOW)
    for number, key in enumerate("abcd"):
        journal.add(key, NOW + number)
    again = restored(journal.as_dict(NOW + 4, WALL), max_entries=2)
    assert list(again.as_dict(NOW, WALL)["seen"]) == ["c", "d"]


def test_the_time_of_a_restart_counts_for_the_window() -> None:
    journal = Journal(WINDOW)
    journal.add("old", NOW - 600)
    journal.add("new", NOW)
    again = restored(journal.as_dict(NOW, WALL), now=10.0, wall=WALL + 600)
    assert len(again) == 1
    assert not again.is_repeat("old", 10.0)
    assert again.is_repeat("new", 10.0)
    assert (
        restored(journal.as_dict(NOW, WALL), wall=WALL + 901).is_repeat("x", 0) is False
    )
    assert len(restored(journal.as_dict(NOW, WALL), wall=WALL + 901)) == 0


# --- Clocks that jump ------------------------------------------------------------------


@pytest.mark.parametrize("jump", [-1e9, -3600.0, -1.0, 0.0])
def test_a_wall_clock_that_went_back_makes_nothing_new(jump: float) -> None:
    journal = Journal(WINDOW)
    journal.add("a", NOW - 100)
    journal.add("b", NOW)
    stored = journal.as_dict(NOW, WALL)
    again = restored(stored, wall=WALL + jump)
    assert again.is_repeat("a", NOW)
    assert again.is_repeat("b", NOW)
    # And nothing is kept for ever: the window runs from the restart at the latest.
    later = restored(stored, wall=WALL + jump)
    assert not later.is_repeat("a", NOW + WINDOW + 1)
    assert not later.is_repeat("b", NOW + WINDOW + 1)


@given(st.lists(st.floats(-1e9, 1e9), max_size=10))
def test_a_wall_clock_that_jumps_while_it_runs_does_not_matter(
    jumps: list[float],
) -> None:
    journal = Journal(WINDOW)
    journal.add("a", NOW)
    for jump in jumps:
        stored = journal.as_dict(NOW, WALL + jump)
        assert stored["seen"]["a"] == pytest.approx(WALL + jump)
    assert journal.is_repeat("a", NOW + WINDOW)


@given(st.lists(st.floats(-1e6, 0), max_size=10))
def test_a_wall_clock_that_goes_back_with_each_restart_makes_nothing_new(
    jumps: list[float],
) -> None:
    journal, wall = Journal(WINDOW), WALL
    journal.add("a", NOW)
    for jump in jumps:
        stored = journal.as_dict(NOW, wall)
        wall += jump
        journal = restored(stored, wall=wall)
        assert len(journal) == 1
    assert journal.is_repeat("a", NOW)


def test_a_wall_clock_that_jumped_ahead_is_like_a_long_rest_and_the_cursor_stays() -> (
    None
):
    journal = Journal(WINDOW)
    journal.cursor, journal.is_initialized = "0x1", True
    journal.add("0x1", NOW)
    again = restored(journal.as_dict(NOW, WALL), wall=WALL + 1e9)
    assert len(again) == 0
    assert (again.cursor, again.is_initialized) == ("0x1", True)


# --- What is no journal ----------------------------------------------------------------


@pytest.mark.parametrize("cursor", [None, 5, True, [], {}])
def test_a_cursor_that_is_no_text_is_none(cursor: object) -> None:
    assert restored({"cursor": cursor, "begun": True}).cursor is None


@pytest.mark.parametrize("is_initialized", [None, 0, 1, "true", [], {}])
def test_only_true_is_a_beginning(is_initialized: object) -> None:
    assert restored({"cursor": "0x1", "begun": is_initialized}).is_initialized is False


@pytest.mark.parametrize("seen", [None, 5, "seen", True, [], ["a"], [["a", WALL]]])
def test_a_list_of_ids_of_another_form_is_passed_over(seen: object) -> None:
    journal = restored({"cursor": "0x1", "begun": True, "seen": seen})
    assert len(journal) == 0
    assert (journal.cursor, journal.is_initialized) == ("0x1", True)


@pytest.mark.parametrize(
    "time",
    [
        *(None, "now", str(WALL), [], {}, True, False, 10**400, -(10**400)),
        *(-1e300, float("-inf"), float("inf"), float("nan")),
    ],
    ids=lambda time: str(time)[:10],
)
def test_a_time_that_is_none_is_passed_over_and_the_others_are_kept(
    time: object,
) -> None:
    seen = {"before": WALL - 5, "odd": time, "after": WALL}
    journal = restored({"seen": seen})
    assert journal.is_repeat("before", NOW)
    assert journal.is_repeat("after", NOW)
    assert not journal.is_repeat("odd", NOW)


@given(
    st.dictionaries(
        st.sampled_from(["cursor", "begun", "seen", "more"]),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats()
            | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=5), inner, max_size=5)
            ),
            max_leaves=10,
        ),
    )
)
def test_whatever_was_stored_a_journal_comes_of_it_that_works(
    stored: dict[str, Any],
) -> None:
    journal = restored(stored, max_entries=3)
    assert len(journal) <= 3
    journal.add("a", NOW)
    assert journal.is_repeat("a", NOW + WINDOW)
    again = restored(journal.as_dict(NOW + WINDOW, WALL), max_entries=3)
    assert again.is_repeat("a", NOW)


def test_restoring_nothing_is_a_new_journal() -> None:
    journal = restored({})
    assert (len(journal), journal.cursor, journal.is_initialized) == (0, None, False)
