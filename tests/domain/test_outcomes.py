"""What figures say of an alert that ended, and who took it and never came."""

from datetime import timedelta

import pytest

from custom_components.carbis_alerts.domain.actor import Actor
from custom_components.carbis_alerts.domain.alert_acts import REPEATED_WITHIN
from custom_components.carbis_alerts.domain.alerts import AlertBook
from custom_components.carbis_alerts.domain.lifecycle import (
    Action,
    Outcome,
    Reason,
    State,
)

from .test_alerts import CLOSE, NOW, OVERDUE, SECOND, a_book, actions, call, reloaded

REMIND = timedelta(minutes=10)


def ends_in_time(book: AlertBook, reason: Reason, at: timedelta) -> bool:
    (closed,) = book.close(book.alerts, reason, NOW + at)
    return closed.alert.was_in_time(OVERDUE)


# --- In time ---------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0, 119, 120, 121])
@pytest.mark.parametrize("reason", [Reason.PAID, Reason.DONE, Reason.EXPIRED])
def test_in_time_is_acknowledged_before_it_was_overdue(
    seconds: int, reason: Reason
) -> None:
    book = a_book()
    call(book)
    book.acknowledge("alert-1", NOW + seconds * SECOND, Actor("Anna"))
    # However long it takes from then, and over a restart.
    book = reloaded(book)
    assert ends_in_time(book, reason, CLOSE) is (seconds < 120)


@pytest.mark.parametrize("seconds", [0, 119, 120, 121])
def test_in_time_is_resolved_before_it_was_overdue(seconds: int) -> None:
    book = a_book()
    call(book)
    assert ends_in_time(book, Reason.PAID, seconds * SECOND) is (seconds < 120)


@pytest.mark.parametrize("reason", [Reason.EXPIRED, Reason.END_OF_DAY])
def test_who_was_forgotten_was_never_served_in_time(reason: Reason) -> None:
    book = a_book()
    call(book)
    assert not ends_in_time(book, reason, SECOND)


def test_who_was_given_back_after_its_time_is_late_however_it_ends() -> None:
    book = a_book()
    call(book)
    book.tick(NOW + OVERDUE)
    book.acknowledge("alert-1", NOW + OVERDUE + SECOND, Actor("Anna"))
    book.reopen("alert-1", NOW + OVERDUE + 2 * SECOND, Actor("Anna"))
    assert not ends_in_time(book, Reason.DONE, OVERDUE + 3 * SECOND)


# --- All at once -----------------------------------------------------------------------


@pytest.mark.parametrize("restarts", [False, True])
def test_who_takes_all_at_once_is_praised_for_none(restarts: bool) -> None:
    book = a_book()
    call(book)
    (taken,) = book.acknowledge("alert-1", NOW + SECOND, Actor("Anna"), in_bulk=True)
    assert (taken.alert.state, taken.wait) == (State.ACKNOWLEDGED, None)
    if restarts:
        book = reloaded(book)
    assert not ends_in_time(book, Reason.EXPIRED, CLOSE)


@pytest.mark.parametrize(("seconds", "is_in_time"), [(119, True), (120, False)])
def test_taken_with_all_others_it_is_the_end_that_counts(
    seconds: int, is_in_time: bool
) -> None:
    book = a_book()
    call(book)
    book.acknowledge("alert-1", NOW + SECOND, Actor("Anna"), in_bulk=True)
    assert ends_in_time(book, Reason.PAID, seconds * SECOND) is is_in_time


def test_given_back_and_taken_alone_it_is_an_answer() -> None:
    book = a_book()
    call(book)
    book.acknowledge("alert-1", NOW + SECOND, Actor("Anna"), in_bulk=True)
    (back,) = book.reopen("alert-1", NOW + 2 * SECOND, Actor("Anna"))
    assert (back.wait, back.alert.in_bulk) == (None, False)
    (taken,) = book.acknowledge("alert-1", NOW + 50 * SECOND, Actor("Boris"))
    assert taken.wait == 50


# --- A new press -----------------------------------------------------------------------


@pytest.mark.parametrize("in_bulk", [False, True])
@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_a_new_press_ends_what_somebody_had_and_soon_it_was_no_answer(
    extra: int, in_bulk: bool
) -> None:
    book = a_book()
    call(book)
    book.acknowledge("alert-1", NOW + 7 * SECOND, Actor("Anna"), in_bulk=in_bulk)
    again_at = NOW + 7 * SECOND + REPEATED_WITHIN + extra * SECOND
    (again,) = call(book, now=again_at)
    assert again.action is Action.OPENED
    assert again.is_repeat is (extra <= 0)
    # What was counted as its answer is taken back.
    assert again.wait == (7 if extra <= 0 and not in_bulk else None)
    assert again.ended is not None
    assert (again.ended.outcome, again.ended.by) == (Outcome.TAKEN, "Anna")
    assert again.ended.closed_at == again_at
    assert again.ended.opened_at == NOW
    assert again.ended.was_in_time(OVERDUE) is not in_bulk
    assert (again.alert.opened_at, again.alert.outcome) == (again_at, None)
    # Who is fast the second time was not fast.
    (taken,) = book.acknowledge("alert-1", again_at + SECOND, Actor("Anna"))
    assert taken.wait is None


def test_a_repeat_while_nobody_has_it_ends_nothing() -> None:
    book = a_book()
    call(book)
    (again,) = call(book, now=NOW + SECOND)
    assert (again.action, again.ended, again.is_repeat) == (
        Action.REPEATED,
        None,
        False,
    )


# --- An answer of ours -----------------------------------------------------------------


def test_a_message_of_ours_is_the_answer_where_nobody_said_before() -> None:
    book = a_book()
    call(book)
    (closed,) = book.close(book.alerts, Reason.ANSWERED, NOW + 40 * SECOND)
    assert closed.wait == 40
    call(book)
    book.acknowledge("alert-2", NOW + 3 * SECOND, Actor("Anna"))
    (closed,) = book.close(book.alerts, Reason.ANSWERED, NOW + 40 * SECOND)
    assert closed.wait is None
    call(book)
    book.acknowledge("alert-3", NOW + 3 * SECOND, Actor("Anna"), in_bulk=True)
    (closed,) = book.close(book.alerts, Reason.ANSWERED, NOW + 40 * SECOND)
    assert closed.wait == 40


# --- Taken, and nobody came ------------------------------------------------------------


@pytest.mark.parametrize("remind", [REMIND, 2 * CLOSE])
def test_taken_and_left_it_waits_again_with_its_age_and_names_who_had_it(
    remind: timedelta,
) -> None:
    book = a_book(remind=remind)
    call(book)
    book.acknowledge("alert-1", NOW + 30 * SECOND, Actor("Anna"))
    moment = NOW + 30 * SECOND + remind
    assert book.next_tick() == moment
    assert book.tick(moment - SECOND) == []
    back, overdue = book.tick(moment)
    assert (back.action, back.reason) == (Action.REOPENED, Reason.NOT_DONE)
    assert (back.alert.state, back.alert.by) == (State.OPEN, "Anna")
    assert (back.alert.opened_at, back.wait) == (NOW, 30)
    assert overdue.action is Action.OVERDUE
    # From then on it is as any other.
    assert book.tick(moment + SECOND) == []
    (taken,) = book.acknowledge("alert-1", moment + SECOND, Actor("Boris"))
    assert taken.wait == taken.alert.age(moment)
    assert book.next_tick() == moment + SECOND + remind


def test_a_clock_that_is_set_reminds_nobody_sooner() -> None:
    book = a_book(remind=REMIND)
    call(book)
    book.acknowledge("alert-1", NOW, Actor("Anna"))
    book.shift(timedelta(hours=5))
    later = NOW + timedelta(hours=5)
    assert book.tick(later) == []
    assert book.next_tick() == later + REMIND
    assert actions(book.tick(later + REMIND))[:1] == [Action.REOPENED]


def test_what_ends_or_is_given_back_in_time_reminds_nobody() -> None:
    book = a_book(remind=REMIND)
    call(book, "1")
    call(book, "2")
    for number in (1, 2):
        book.acknowledge(f"alert-{number}", NOW, Actor("Anna"))
    book.close(book.alerts[:1], Reason.PAID, NOW + SECOND)
    book.reopen("alert-2", NOW + SECOND, Actor("Anna"))
    assert Action.REOPENED not in actions(book.tick(NOW + REMIND))


# --- Who waits longest -----------------------------------------------------------------


@pytest.mark.parametrize("restarts", [False, True])
def test_the_oldest_that_is_open_is_known_at_any_time(restarts: bool) -> None:
    book = a_book()
    assert book.oldest_open() is None
    for number in (2, 1, 3):
        call(book, str(number), now=NOW + number * SECOND)
    assert book.oldest_open() == NOW + SECOND
    if restarts:
        book = reloaded(book)
        assert book.oldest_open() == NOW + SECOND
    book.acknowledge("alert-2", NOW + 5 * SECOND, Actor("Anna"))
    assert book.oldest_open() == NOW + 2 * SECOND
    book.reopen("alert-2", NOW + 6 * SECOND, Actor("Anna"))
    assert book.oldest_open() == NOW + SECOND
    book.shift(timedelta(hours=1))
    assert book.oldest_open() == NOW + SECOND + timedelta(hours=1)
    book.close(book.alerts, Reason.PAID, NOW + timedelta(hours=2))
    assert book.oldest_open() is None
