"""An alert that is snoozed: open, silent, and back by itself."""

from datetime import timedelta
from typing import Final

import pytest

from custom_components.carbis_alerts.domain.actor import NOBODY, Actor
from custom_components.carbis_alerts.domain.alert import Alert, Transition
from custom_components.carbis_alerts.domain.alert_rows import alert_of, row_of
from custom_components.carbis_alerts.domain.alerts import AlertBook
from custom_components.carbis_alerts.domain.lifecycle import (
    Action,
    Outcome,
    Reason,
    State,
)

from .test_alerts import CLOSE, NOW, SECOND, a_book, call

SPAN: Final = timedelta(minutes=10)


def snoozed(book: AlertBook, span: timedelta = SPAN) -> Alert:
    """Let a table call, and snooze it at once."""
    (opened,) = call(book)
    (transition,) = book.snooze(opened.alert.alert_id, NOW, Actor("Anna"), span)
    return transition.alert


def actions(transitions: list[Transition]) -> list[Action]:
    return [transition.action for transition in transitions]


def test_it_is_open_and_silent_and_waits_again_by_itself_with_its_age() -> None:
    book = a_book()
    alert = snoozed(book)
    assert (alert.state, alert.by, alert.snoozed_until) == (
        State.OPEN,
        "Anna",
        NOW + SPAN,
    )
    assert book.open_count() == 1
    assert book.next_tick() == NOW + SPAN
    assert book.tick(NOW + SPAN - SECOND) == []
    transitions = book.tick(NOW + SPAN)
    assert actions(transitions) == [Action.REOPENED, Action.OVERDUE]
    back = transitions[-1].alert
    assert (back.snoozed_until, back.opened_at, back.count) == (None, NOW, 1)
    assert back.age(NOW + SPAN) == 600
    assert book.tick(NOW + SPAN + SECOND) == []


def test_what_is_overdue_already_is_so_once_more_after_it() -> None:
    book = a_book()
    (opened,) = call(book)
    assert actions(book.tick(NOW + 120 * SECOND)) == [Action.OVERDUE]
    (silent,) = book.snooze(
        opened.alert.alert_id, NOW + 130 * SECOND, NOBODY, 60 * SECOND
    )
    assert not silent.alert.overdue
    assert actions(book.tick(NOW + 190 * SECOND)) == [Action.REOPENED, Action.OVERDUE]


def test_a_short_snooze_changes_not_when_it_is_overdue() -> None:
    book = a_book()
    snoozed(book, 60 * SECOND)
    assert actions(book.tick(NOW + 60 * SECOND)) == [Action.REOPENED]
    assert actions(book.tick(NOW + 119 * SECOND)) == []
    assert actions(book.tick(NOW + 120 * SECOND)) == [Action.OVERDUE]


def test_where_nothing_is_ever_overdue_it_comes_back_too() -> None:
    book = a_book(overdue=timedelta())
    snoozed(book)
    assert actions(book.tick(NOW + SPAN)) == [Action.REOPENED]


def test_a_new_press_ends_it_and_the_age_runs_on() -> None:
    book = a_book()
    snoozed(book)
    transitions = call(book, now=NOW + 60 * SECOND)
    assert actions(transitions) == [Action.REOPENED, Action.REPEATED]
    alert = transitions[-1].alert
    assert (alert.snoozed_until, alert.opened_at, alert.count) == (None, NOW, 2)
    assert actions(book.tick(NOW + 120 * SECOND)) == [Action.OVERDUE]


@pytest.mark.parametrize("act", ["acknowledge", "reopen", "close"])
def test_what_a_person_does_next_ends_it(act: str) -> None:
    book = a_book()
    alert = snoozed(book)
    if act == "close":
        (transition,) = book.close([alert], Reason.DONE, NOW, by=Actor("Boris"))
        assert transition.alert.outcome is Outcome.SERVED
    else:
        (transition,) = getattr(book, act)(alert.alert_id, NOW, Actor("Boris"))
        assert (transition.alert.state is State.OPEN) == (act == "reopen")
    assert (transition.alert.snoozed_until, transition.alert.by) == (None, "Boris")
    assert Action.REOPENED not in actions(book.tick(NOW + SPAN))


def test_again_it_is_silent_until_the_new_end() -> None:
    book = a_book()
    alert = snoozed(book)
    book.snooze(alert.alert_id, NOW + 60 * SECOND, NOBODY, SPAN)
    assert book.tick(NOW + SPAN) == []
    assert book.next_tick() == NOW + SPAN + 60 * SECOND


def test_what_somebody_has_or_what_is_gone_is_not_snoozed() -> None:
    book = a_book()
    (opened,) = call(book)
    book.acknowledge(opened.alert.alert_id, NOW, Actor("Anna"))
    before = book.as_list()
    assert book.snooze(opened.alert.alert_id, NOW, Actor("Boris"), SPAN) == []
    assert book.snooze("no such", NOW, Actor("Boris"), SPAN) == []
    assert book.as_list() == before


def test_it_is_not_forgotten_meanwhile() -> None:
    book = a_book()
    snoozed(book, 4 * CLOSE)
    assert book.tick(NOW + 4 * CLOSE - SECOND) == []
    end = book.tick(NOW + 5 * CLOSE - SECOND)
    assert actions(end) == [Action.REOPENED, Action.OVERDUE]
    (closed,) = book.tick(NOW + 5 * CLOSE)
    assert closed.alert.outcome is Outcome.FORGOTTEN


def test_what_slept_through_an_outage_ends_as_if_somebody_had_looked() -> None:
    book = a_book()
    snoozed(book)
    again = a_book()
    again.restore(book.as_list())
    transitions = again.tick(NOW + timedelta(hours=73))
    assert actions(transitions) == [Action.REOPENED, Action.OVERDUE, Action.CLOSED]


@pytest.mark.parametrize("hours", [-5, 3])
def test_a_clock_that_is_set_changes_not_how_long_it_is_silent(hours: int) -> None:
    book = a_book()
    snoozed(book)
    by = timedelta(hours=hours)
    book.shift(by)
    assert book.tick(NOW + by + SPAN - SECOND) == []
    assert actions(book.tick(NOW + by + SPAN)) == [Action.REOPENED, Action.OVERDUE]


def test_it_is_stored_in_file_and_row() -> None:
    book = a_book()
    alert = snoozed(book)
    (stored,) = book.as_list()
    assert Alert.from_dict(alert_of(row_of(stored))).snoozed_until == NOW + SPAN
    again = a_book()
    again.restore([stored])
    assert again.alerts == [alert]


@pytest.mark.parametrize("until", ["9000-01-01T00:00:00+00:00", "2000-01-01T00:00:00Z"])
def test_a_stored_end_that_no_snooze_has_is_none(until: str) -> None:
    book = a_book()
    snoozed(book)
    (stored,) = book.as_list()
    again = a_book()
    again.restore([{**stored, "snoozed_until": until}])
    assert [alert.snoozed_until for alert in again.alerts] == [None]


def test_an_attempt_that_raises_leaves_it_silent() -> None:
    book = a_book()
    alert = snoozed(book)

    def fail() -> None:
        with book.attempt():
            call(book)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert book.alerts == [alert]
    assert book.next_tick() == NOW + SPAN
