"""What a book of very many alerts costs, and that slices of the work are the whole of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.carbis_alerts.domain.actor import NOBODY, Actor
from custom_components.carbis_alerts.domain.alerts import MAX_ALERTS, AlertBook
from custom_components.carbis_alerts.domain.lifecycle import Action, Reason, State
from custom_components.carbis_alerts.domain.moments import SPARE, Moments
from custom_components.carbis_alerts.domain.rules import AlertKind

from ..work import lines_run
from .test_alerts import CLOSE, NOW, OVERDUE, SECOND, a_book, actions, call

KIND = AlertKind.WAITER_CALL
# A heap is deeper by a few steps.
DEPTH = 20


def a_crowd(count: int) -> AlertBook:
    """Return a book of many tables that called one after the other."""
    book = a_book()
    for number in range(count):
        call(
            book,
            str(number),
            device_key=f"table_{number}",
            now=NOW + number * timedelta(milliseconds=1),
        )
    return book


def take_back(book: AlertBook, work: Callable[[], object]) -> None:
    """Try something that raises in the end."""

    def attempt() -> None:
        with book.attempt():
            work()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        attempt()


LATER = NOW + 10 * SECOND
WORK: dict[str, Callable[[AlertBook], object]] = {
    "opened": lambda book: call(book, "new", now=LATER),
    "repeated": lambda book: call(book, "7", now=LATER),
    "acknowledged": lambda book: book.acknowledge("alert-8", LATER, Actor("Anna")),
    "closed": lambda book: book.close(
        [a for a in [book.get(KIND, "7")] if a], Reason.PAID, LATER
    ),
    "looked for by a device": lambda book: book.at(["table_299"]),
    "waits": lambda book: book.is_waiting("table_7"),
    "since": lambda book: book.waiting_since("table_7", KIND),
    "counted": lambda book: book.open_count(KIND),
    "nothing for time to do": lambda book: book.tick(LATER),
    "next": lambda book: book.next_tick(),
    "one is overdue": lambda book: book.tick(NOW + OVERDUE, 1),
    "one expires": lambda book: book.tick(NOW + CLOSE, 1),
    "taken back": lambda book: take_back(
        book, lambda: [call(book, "new"), call(book, "7")]
    ),
}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_what_becomes_of_one_alert_is_as_much_work_however_many_there_are(
    work: Callable[[AlertBook], object],
) -> None:
    few, many = a_crowd(300), a_crowd(MAX_ALERTS - 1)
    assert (
        lines_run(lambda: work(many), "domain")
        <= lines_run(lambda: work(few), "domain") + DEPTH
    )


def test_the_heap_stays_small_whatever_comes_and_goes() -> None:
    moments: Moments[int] = Moments()
    for number in range(10_000):
        moments.set(number, NOW + number * SECOND)
        moments.remove(number - 5)
        moments.set(number, NOW + (number + 1) * SECOND)
    assert len(moments) <= 2 * 5 + SPARE + 1
    assert moments.first() == (NOW + 9_996 * SECOND, 9_995)


def whole(book: AlertBook) -> tuple[Any, ...]:
    """Return all that can be asked of a book."""
    kinds_at = [(kind, f"table_{n}") for kind in AlertKind for n in range(5)]
    return (
        book.as_list(),
        [book.find(alert.alert_id) for alert in book.alerts],
        [book.get(alert.kind, alert.key) for alert in book.alerts],
        {device: book.at([device]) for device in sorted(map(str, book.devices))},
        [book.open_count(kind) for kind in AlertKind],
        [book.is_waiting(device, kind) for kind, device in kinds_at],
        [book.waiting_since(device, kind) for kind, device in kinds_at],
        book.next_tick(),
    )


def brute(book: AlertBook) -> None:
    """Check each index by looking at all alerts."""
    alerts = book.alerts
    assert set(book.devices) == {alert.device_key for alert in alerts}
    for device in {alert.device_key for alert in alerts}:
        at = [alert for alert in alerts if alert.device_key == device]
        assert book.at([device]) == at
        for kind in AlertKind:
            waiting = [
                alert.opened_at
                for alert in at
                if alert.kind is kind and alert.state is State.OPEN
            ]
            assert book.waiting_since(device, kind) == min(waiting, default=None)
            assert book.is_waiting(device, kind) is bool(waiting)
    assert book.at(book.devices) == alerts


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["call", "take", "back", "end", "shift", "unseen"]),
        st.integers(0, 4),
        st.sampled_from(AlertKind),
        st.integers(0, 50 * 60),
    ),
    max_size=25,
)


def live(book: AlertBook, steps: list[tuple[str, int, AlertKind, int]]) -> timedelta:
    """Let something happen; return how much time has passed."""
    now = NOW
    for step, number, kind, seconds in steps:
        pause = seconds * SECOND
        alert = book.get(kind, str(number))
        match step:
            case "call":
                now += pause
                key, device = str(number), f"table_{(number + seconds) % 5}"
                book.open(kind, key, title="", text=None, device_key=device, now=now)
            case "take" if alert is not None:
                book.acknowledge(alert.alert_id, now, NOBODY)
            case "back" if alert is not None:
                book.reopen(alert.alert_id, now, NOBODY)
            case "end" if alert is not None:
                book.close([alert], Reason.PAID, now)
            case "shift":
                book.shift(pause)
                now += pause
            case "unseen":
                now -= pause
    return now - NOW


@given(STEPS, STEPS)
def test_whatever_is_taken_back_everything_is_as_it_was(
    before: Any, within: Any
) -> None:
    book = a_book()
    live(book, before)
    known = whole(book)
    within = [step for step in within if step[0] != "shift"]
    take_back(book, lambda: live(book, within))
    assert whole(book) == known
    brute(book)


@given(STEPS, STEPS, STEPS)
def test_what_is_taken_back_inside_another_attempt_leaves_the_rest(
    before: Any, outer: Any, inner: Any
) -> None:
    outer, inner = (
        [step for step in steps if step[0] != "shift"] for steps in (outer, inner)
    )
    book = a_book()
    live(book, before)
    known = whole(book)

    def nested() -> None:
        live(book, outer)
        within = whole(book)
        take_back(book, lambda: live(book, inner))
        assert whole(book) == within
        with book.attempt():
            live(book, inner)

    take_back(book, nested)
    assert whole(book) == known


@given(STEPS, st.integers(1, 3), st.integers(0, 90 * 60))
def test_time_in_slices_brings_the_same_as_at_once(
    steps: Any, most: int, seconds: int
) -> None:
    one, other = a_book(), a_book()
    now = NOW + live(one, steps) + seconds * SECOND
    live(other, steps)
    brute(one)
    at_once = one.tick(now)
    other.catch_up(now, 0)
    in_slices = []
    while other.is_behind(now):
        in_slices += other.tick(now, most)
    assert in_slices == at_once
    assert whole(one) == whole(other)
    brute(one)


def test_what_happens_while_alerts_still_follow_the_clock_goes_by_the_new_one() -> None:
    book = a_crowd(10)
    hour = timedelta(hours=1)
    book.shift(hour)
    assert book.is_behind(NOW + hour)
    assert book.catch_up(NOW + hour, 3) == 3
    for number in (1, 9):
        (taken,) = book.acknowledge(f"alert-{number}", NOW + hour + 60 * SECOND, NOBODY)
        assert taken.wait is not None
        assert 59 < taken.wait <= 60
    (again,) = call(book, "4", now=NOW + hour + 60 * SECOND)
    assert (again.action, again.alert.opened_at.hour) == (Action.REPEATED, 20)
    take_back(book, lambda: call(book, "5", now=NOW + hour + SECOND))
    book.shift(hour)
    assert {alert.opened_at.hour for alert in book.alerts} == {21}
    assert not book.is_behind(NOW + 2 * hour)


def test_an_alert_that_has_changed_between_two_slices_is_seen_as_it_is() -> None:
    book = a_crowd(3)
    due = NOW + OVERDUE + SECOND
    first = book.tick(due, 1)
    assert actions(first) == [Action.OVERDUE]
    book.acknowledge("alert-2", due, NOBODY)
    (last,) = book.tick(due, 5)
    assert last.alert.alert_id == "alert-3"
    assert not book.is_behind(due)


def test_whoever_follows_gets_each_change_once_in_its_order() -> None:
    book = a_book()
    followed = book.follow()
    call(book, "1")
    call(book, "2")
    call(book, "1")
    assert [*followed] == ["alert-1", "alert-2"]
    followed.clear()
    book.close(book.alerts[1:], Reason.PAID, NOW)
    assert [*followed] == ["alert-2"]
    book.unfollow(followed)
    call(book, "3")
    assert [*followed] == ["alert-2"]
