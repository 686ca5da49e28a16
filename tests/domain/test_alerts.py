"""What waits for a person: each rule by itself, and what holds whatever happens."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
import json
from typing import Any, override
from unittest.mock import patch

from hypothesis import given, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
import pytest

from custom_components.carbis_alerts.domain import alerts as module
from custom_components.carbis_alerts.domain.actor import NOBODY, Actor
from custom_components.carbis_alerts.domain.alert import Alert, Transition
from custom_components.carbis_alerts.domain.alerts import (
    KEPT_CLOSED,
    MAX_ALERTS,
    AlertBook,
)
from custom_components.carbis_alerts.domain.lifecycle import (
    Action,
    Outcome,
    Reason,
    State,
)
from custom_components.carbis_alerts.domain.rules import AlertKind

NOW = datetime(2026, 11, 21, 19, tzinfo=UTC)
OVERDUE = timedelta(seconds=120)
CLOSE = timedelta(minutes=30)
SECOND = timedelta(seconds=1)
# A file of the first version has no more of an alert than its first fields.
LATER = ("person_id", "wait", "closed_at", "outcome", "snoozed_until", "in_bulk")
# The file of the first version calls a device a place.
FIELDS = tuple(
    "place" if field == "device_key" else field
    for field in Alert.__slots__
    if field not in LATER
)


def ids() -> Iterator[str]:
    """Yield ids that are all different."""
    return (f"alert-{number}" for number in count(1))


def a_book(
    overdue: timedelta = OVERDUE,
    close: timedelta = CLOSE,
    remind: timedelta = timedelta(),
) -> AlertBook:
    return AlertBook(
        overdue_after=overdue,
        close_after=close,
        remind_after=remind,
        new_id=ids().__next__,
    )


def call(book: AlertBook, table: str = "6", **more: Any) -> list[Transition]:
    """Let a table call."""
    given: dict[str, Any] = {
        "title": f"Table {table}",
        "text": None,
        "device_key": f"table_{table}",
        "now": NOW,
        **more,
    }
    return book.open(AlertKind.WAITER_CALL, table, **given)


def test_where_an_attempt_raises_the_book_is_as_it_was() -> None:
    book = a_book()
    call(book, "1")
    call(book, "2")
    before = book.as_list()

    def fail() -> None:
        with book.attempt():
            book.close(book.alerts[:1], Reason.PAID, NOW)
            call(book, "2")
            call(book, "3")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert book.as_list() == before
    assert [book.find(alert.alert_id) for alert in book.alerts] == book.alerts
    assert [alert.key for alert in book.alerts] == ["1", "2"]
    assert book.open_count() == 2
    assert book.is_waiting("table_1")
    assert not book.is_waiting("table_3")
    with book.attempt():
        call(book, "3")
    assert book.is_waiting("table_3")


def test_each_kind_waits_for_itself() -> None:
    book = a_book()
    call(book, "6")
    book.open(
        AlertKind.MISSED_CALL, "1", title="1", text=None, device_key="table_6", now=NOW
    )
    book.close(book.alerts[:1], Reason.PAID, NOW)
    assert not book.is_waiting("table_6", AlertKind.WAITER_CALL)
    assert book.is_waiting("table_6", AlertKind.MISSED_CALL)
    assert book.is_waiting("table_6")
    counts = [book.open_count(kind) for kind in AlertKind]
    assert counts == [kind is AlertKind.MISSED_CALL for kind in AlertKind]
    assert book.open_count() == 1


def the_alert(book: AlertBook) -> Alert:
    """Return the only alert."""
    (alert,) = book.alerts
    return alert


def actions(transitions: list[Transition]) -> list[Action]:
    return [transition.action for transition in transitions]


def reloaded(book: AlertBook) -> AlertBook:
    """Return a book of what was stored, over real JSON."""
    again = a_book()
    again.restore(json.loads(json.dumps(book.as_list())))
    return again


# --- Open, repeat, acknowledge ---------------------------------------------------------


def test_the_first_call_opens_an_alert_with_all_that_is_known() -> None:
    book = a_book()
    (opened,) = call(book, text="Счёт, пожалуйста", late=True)
    assert (opened.action, opened.late, opened.reason) == (Action.OPENED, True, None)
    assert opened.alert == the_alert(book)
    assert opened.alert == Alert(
        alert_id="alert-1",
        kind=AlertKind.WAITER_CALL,
        key="6",
        title="Table 6",
        text="Счёт, пожалуйста",
        device_key="table_6",
        state=State.OPEN,
        count=1,
        opened_at=NOW,
        changed_at=NOW,
    )
    assert book.get(AlertKind.WAITER_CALL, "6") == book.find("alert-1") == opened.alert
    assert book.get(AlertKind.MESSAGE, "6") is None
    assert book.find("alert-2") is None


def test_a_repeat_counts_and_the_age_runs_from_the_opening() -> None:
    book = a_book()
    call(book, text="first")
    (repeated,) = call(
        book, now=NOW + 60 * SECOND, title="Terrace", device_key="table_7"
    )
    assert repeated.action is Action.REPEATED
    alert = repeated.alert
    assert (alert.count, alert.opened_at) == (2, NOW)
    assert alert.age(NOW + 90 * SECOND) == 90
    assert (alert.title, alert.device_key) == ("Terrace", "table_7")
    assert alert.text == "first"
    assert not book.is_waiting("table_6")
    assert book.is_waiting("table_7")
    (again,) = call(book, text="second")
    assert again.alert.text == "second"


def test_kinds_and_keys_are_each_their_own() -> None:
    book = a_book()
    call(book, "6")
    call(book, "7")
    book.open(AlertKind.MESSAGE, "6", title="Anna", text="hi", device_key=None, now=NOW)
    assert len(book) == book.open_count() == 3
    assert [alert.count for alert in book.alerts] == [1, 1, 1]
    assert book.is_waiting(None)


def test_acknowledged_it_waits_for_nobody_and_its_age_stands_still() -> None:
    book = a_book()
    call(book)
    (taken,) = book.acknowledge("alert-1", NOW + 42 * SECOND, Actor("Anna"))
    assert (taken.action, taken.wait) == (Action.ACKNOWLEDGED, 42)
    alert = taken.alert
    assert (alert.state, alert.by) == (State.ACKNOWLEDGED, "Anna")
    assert alert.acknowledged_at == NOW + 42 * SECOND
    assert alert.age(NOW + timedelta(hours=1)) == 42
    assert book.open_count() == 0
    assert not book.is_waiting("table_6")
    assert book.tick(NOW + OVERDUE) == []


def test_of_two_acknowledgements_at_once_the_first_counts() -> None:
    book = a_book()
    call(book)
    assert actions(book.acknowledge("alert-1", NOW, Actor("Anna"))) == [
        Action.ACKNOWLEDGED
    ]
    assert book.acknowledge("alert-1", NOW, Actor("Boris")) == []
    assert the_alert(book).by == "Anna"


def test_what_is_not_there_cannot_be_acknowledged_or_opened_again() -> None:
    book = a_book()
    assert book.acknowledge("alert-1", NOW, Actor("Anna")) == []
    assert book.reopen("alert-1", NOW, Actor("Anna")) == []
    call(book)
    assert book.reopen("alert-1", NOW, Actor("Anna")) == []


def test_called_again_it_waits_with_a_new_age_but_was_answered_once() -> None:
    book = a_book()
    call(book)
    book.acknowledge("alert-1", NOW + SECOND, Actor("Anna"))
    later = NOW + 60 * SECOND
    (opened,) = call(book, now=later)
    alert = opened.alert
    assert (opened.action, alert.state) == (Action.OPENED, State.OPEN)
    assert (alert.alert_id, alert.count, alert.by) == ("alert-1", 2, None)
    assert (alert.opened_at, alert.acknowledged_at) == (later, None)
    assert alert.age(later + SECOND) == 1
    (again,) = book.acknowledge("alert-1", later + 9 * SECOND, Actor("Anna"))
    assert again.wait is None
    # That acknowledgement counted for nothing, so nothing of it is taken back.
    (back,) = book.reopen("alert-1", later + 10 * SECOND, Actor("Anna"))
    assert (back.wait, back.alert.answered) == (None, True)
    assert back.alert.opened_at == later


@pytest.mark.parametrize("restarts", [False, True])
def test_given_back_it_has_waited_all_the_time_and_was_not_answered(
    restarts: bool,
) -> None:
    book = a_book()
    call(book)
    call(book, now=NOW + SECOND)
    book.tick(NOW + OVERDUE)
    (taken,) = book.acknowledge("alert-1", NOW + 2 * OVERDUE, Actor("Anna"))
    assert taken.wait == 240
    if restarts:
        book = reloaded(book)
    (back,) = book.reopen("alert-1", NOW + 3 * OVERDUE, Actor("Boris"))
    alert = back.alert
    assert (back.action, alert.state) == (Action.REOPENED, State.OPEN)
    assert (back.wait, alert.by) == (240, "Boris")
    assert (alert.opened_at, alert.acknowledged_at) == (NOW, None)
    assert (alert.count, alert.overdue, alert.answered) == (2, True, False)
    assert book.tick(NOW + 3 * OVERDUE) == []
    (again,) = book.acknowledge("alert-1", NOW + 4 * OVERDUE, Actor("Anna"))
    assert again.wait == 480


def test_given_back_after_its_time_it_is_overdue_at_once() -> None:
    book = a_book()
    call(book)
    book.acknowledge("alert-1", NOW + SECOND, Actor("Anna"))
    later = NOW + OVERDUE + SECOND
    assert book.tick(later) == []
    book.reopen("alert-1", later, NOBODY)
    assert book.next_tick() == NOW + OVERDUE
    assert actions(book.tick(later)) == [Action.OVERDUE]


# --- The end ---------------------------------------------------------------------------


@pytest.mark.parametrize("reason", Reason)
def test_closed_it_is_gone_with_its_reason_and_can_still_be_looked_at(
    reason: Reason,
) -> None:
    book = a_book()
    call(book)
    (closed,) = book.close(
        book.alerts, reason, NOW + 30 * SECOND, by=Actor("Anna"), late=True
    )
    assert (closed.action, closed.reason, closed.late) == (Action.CLOSED, reason, True)
    assert (closed.alert.state, closed.alert.by) == (State.CLOSED, "Anna")
    assert closed.alert.age(NOW + timedelta(hours=1)) == 30
    assert (len(book), book.open_count()) == (0, 0)
    assert closed.alert.closed_at == NOW + 30 * SECOND
    assert list(book.closed) == [closed.alert]
    assert book.close([closed.alert], reason, NOW) == []


@pytest.mark.parametrize(
    ("reason", "had", "nobody_had"),
    [
        (Reason.DONE, Outcome.SERVED, Outcome.SERVED),
        (Reason.PAID, Outcome.SERVED, Outcome.RESOLVED),
        (Reason.TALKED, Outcome.SERVED, Outcome.RESOLVED),
        (Reason.ANSWERED, Outcome.SERVED, Outcome.RESOLVED),
        (Reason.EXPIRED, Outcome.TAKEN, Outcome.FORGOTTEN),
        (Reason.END_OF_DAY, Outcome.TAKEN, Outcome.FORGOTTEN),
        (Reason.DELETED, Outcome.MISTAKE, Outcome.MISTAKE),
    ],
)
def test_its_outcome_says_whether_somebody_had_it(
    reason: Reason, had: Outcome, nobody_had: Outcome
) -> None:
    for by, outcome in (("Anna", had), (None, nobody_had)):
        book = a_book()
        call(book)
        assert the_alert(book).outcome is None
        if by is not None:
            book.acknowledge("alert-1", NOW, Actor(by))
        (closed,) = book.close(book.alerts, reason, NOW)
        assert closed.alert.outcome is outcome
        assert list(reloaded(book).closed) == [closed.alert]


def test_who_had_it_is_still_known_when_something_else_closes_it() -> None:
    book = a_book()
    call(book)
    book.acknowledge("alert-1", NOW, Actor("Anna"))
    (closed,) = book.close(book.alerts, Reason.PAID, NOW + SECOND)
    assert closed.alert.by == "Anna"


def test_what_is_closed_is_the_alert_as_it_is_now() -> None:
    book = a_book()
    call(book)
    old = book.alerts
    call(book)
    (closed,) = book.close(old, Reason.DELETED, NOW)
    assert closed.alert.count == 2
    call(book)
    assert book.close(old, Reason.DELETED, NOW) == []
    assert the_alert(book).alert_id == "alert-2"


def test_after_its_end_the_same_thing_is_a_new_alert() -> None:
    book = a_book()
    call(book)
    book.close(book.alerts, Reason.PAID, NOW)
    (opened,) = call(book)
    assert (opened.action, opened.alert.alert_id) == (Action.OPENED, "alert-2")
    assert (opened.alert.count, opened.alert.answered) == (1, False)


def test_only_the_last_closed_ones_are_kept() -> None:
    book = a_book()
    for number in range(KEPT_CLOSED + 5):
        call(book, str(number))
        book.close(book.alerts, Reason.DELETED, NOW)
    assert len(book.closed) == KEPT_CLOSED
    assert book.closed[0].key == "5"


def test_of_too_many_the_oldest_goes_and_that_is_published() -> None:
    book = a_book()
    for number in range(MAX_ALERTS):
        call(book, str(number))
    closed, opened = call(book, "new")
    assert (closed.action, closed.alert.key) == (Action.CLOSED, "0")
    assert (closed.reason, closed.alert.outcome) == (
        Reason.EXPIRED,
        Outcome.FORGOTTEN,
    )
    assert (opened.action, opened.alert.key) == (Action.OPENED, "new")
    assert len(book) == book.open_count() == MAX_ALERTS


# --- Time ------------------------------------------------------------------------------


def test_overdue_is_published_once_at_its_time() -> None:
    book = a_book()
    call(book)
    assert book.next_tick() == NOW + OVERDUE
    assert book.due(the_alert(book)) == NOW + OVERDUE
    assert book.tick(NOW + OVERDUE - SECOND) == []
    (published,) = book.tick(NOW + OVERDUE)
    assert (published.action, published.alert.state) == (Action.OVERDUE, State.OPEN)
    assert book.tick(NOW + OVERDUE) == book.tick(NOW + OVERDUE + SECOND) == []
    assert book.next_tick() == NOW + CLOSE


def test_a_repeat_puts_off_the_end_but_not_being_overdue() -> None:
    book = a_book()
    call(book)
    call(book, now=NOW + 100 * SECOND)
    assert book.next_tick() == NOW + OVERDUE
    book.tick(NOW + OVERDUE)
    call(book, now=NOW + 200 * SECOND)
    assert book.tick(NOW + 400 * SECOND) == []
    assert book.next_tick() == NOW + 200 * SECOND + CLOSE


def test_overdue_is_published_again_after_a_new_opening() -> None:
    book = a_book()
    call(book)
    book.tick(NOW + OVERDUE)
    book.acknowledge("alert-1", NOW + OVERDUE, NOBODY)
    call(book, now=NOW + 2 * OVERDUE)
    assert actions(book.tick(NOW + 3 * OVERDUE)) == [Action.OVERDUE]


def test_zero_is_never_overdue() -> None:
    book = a_book(overdue=timedelta())
    call(book)
    assert book.due(the_alert(book)) is None
    assert book.next_tick() == NOW + CLOSE
    assert book.tick(NOW + CLOSE - SECOND) == []


def test_what_nobody_touched_for_long_expires_acknowledged_or_not() -> None:
    book = a_book()
    call(book, "6")
    call(book, "7")
    book.acknowledge("alert-2", NOW + SECOND, NOBODY)
    published = book.tick(NOW + CLOSE + SECOND)
    assert [(step.action, step.alert.key) for step in published] == [
        (Action.OVERDUE, "6"),
        (Action.CLOSED, "6"),
        (Action.CLOSED, "7"),
    ]
    assert {step.reason for step in published if step.action is Action.CLOSED} == {
        Reason.EXPIRED
    }
    assert book.next_tick() is None


def test_a_clock_that_was_set_changes_no_age() -> None:
    book = a_book()
    call(book)
    call(book, "7")
    book.acknowledge("alert-2", NOW + 20 * SECOND, NOBODY)
    jump = timedelta(days=-400)
    book.shift(jump)
    waits, taken = book.alerts
    assert waits.age(NOW + jump + 10 * SECOND) == 10
    assert taken.age(NOW) == 20
    assert book.next_tick() == NOW + jump + OVERDUE
    assert book.open_count() == 1


def test_a_clock_that_went_back_while_nobody_looked_keeps_what_had_passed() -> None:
    book = a_book()
    call(book)
    call(book, now=NOW + 60 * SECOND)
    call(book, "7")
    book.acknowledge("alert-2", NOW + 20 * SECOND, NOBODY)
    back = NOW - timedelta(hours=3)
    assert book.tick(back) == []
    first, second = book.alerts
    assert first.age(back) == 60
    assert second.age(back) == 20
    assert book.next_tick() == back + OVERDUE - 60 * SECOND


# --- Stored and restored ---------------------------------------------------------------


def test_a_reloaded_book_is_the_same_and_goes_on() -> None:
    book = a_book()
    call(book, "6")
    call(book, "7", text="x")
    call(book, "8")
    book.acknowledge("alert-2", NOW + SECOND, Actor("Anna"))
    book.close([the for the in book.alerts if the.key == "8"], Reason.DELETED, NOW)
    again = reloaded(book)
    assert again.alerts == book.alerts
    assert again.closed == book.closed
    assert again.open_count() == 1
    assert again.tick(NOW + OVERDUE) == book.tick(NOW + OVERDUE)


def test_what_became_overdue_while_nobody_looked_is_published_at_the_next_look() -> (
    None
):
    book = a_book()
    call(book)
    again = reloaded(book)
    assert actions(again.tick(NOW + timedelta(minutes=10))) == [Action.OVERDUE]
    assert reloaded(again).tick(NOW + timedelta(minutes=10)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "fire"},
        {"state": "lost"},
        {"count": "many"},
        {"count": 1e999},
        {"opened_at": "yesterday"},
        {"opened_at": "2026-11-21T19:00:00"},
        {"opened_at": "0001-01-01T00:00:00+00:00"},
        {"changed_at": "9999-12-31T23:59:59+00:00"},
        {"acknowledged_at": "soon"},
        {"alert_id": None, "key": None, "count": None},
    ],
    ids=str,
)
def test_an_alert_that_somebody_edited_is_passed_over_and_the_others_are_kept(
    change: dict[str, Any],
) -> None:
    book = a_book()
    call(book, "6")
    call(book, "7")
    first, second = book.as_list()
    again = a_book()
    again.restore([{**first, **change}, second])
    assert [alert.key for alert in again.alerts] == ["7"]


@pytest.mark.parametrize("field", [*FIELDS])
def test_an_alert_of_which_something_is_missing_is_passed_over(field: str) -> None:
    book = a_book()
    call(book)
    (stored,) = book.as_list()
    del stored[field]
    again = a_book()
    again.restore([stored])
    assert again.alerts == []


def test_an_alert_of_the_first_version_is_loaded_as_it_was() -> None:
    book = a_book()
    call(book)
    (stored,) = book.as_list()
    again = a_book()
    again.restore([{key: stored[key] for key in stored if key not in LATER}])
    assert again.alerts == book.alerts


@pytest.mark.parametrize("outcome", ["unheard", 7, [], {}, None])
def test_an_outcome_that_nobody_knows_is_none(outcome: object) -> None:
    book = a_book()
    call(book)
    book.close(book.alerts, Reason.PAID, NOW)
    (stored,) = book.as_list()
    again = a_book()
    again.restore([{**stored, "outcome": outcome}])
    assert [alert.outcome for alert in again.closed] == [None]


@pytest.mark.parametrize("stored", [None, "alerts", 7, {}, [None], [[]], ["x"], [{}]])
def test_what_is_no_list_of_alerts_is_an_empty_book(stored: object) -> None:
    book = a_book()
    book.restore(stored)
    assert book.as_list() == []


def test_a_negative_count_is_read_as_one_and_odd_texts_as_none() -> None:
    book = a_book()
    call(book)
    (stored,) = book.as_list()
    again = a_book()
    again.restore([{**stored, "count": -4, "text": 5, "by": [], "place": 7}])
    alert = the_alert(again)
    assert (alert.count, alert.text, alert.by, alert.device_key) == (
        1,
        None,
        None,
        None,
    )


MOMENTS = st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
) | MOMENTS


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                field: ANYTHING
                | st.sampled_from([*AlertKind, *State]).map(lambda member: member.value)
                for field in Alert.__slots__
            }
        ),
        max_size=3,
    )
)
def test_whatever_was_stored_a_book_comes_of_it_that_works(
    stored: list[dict[str, Any]],
) -> None:
    book = a_book()
    book.restore(stored)
    for alert in book.alerts:
        book.due(alert)
    book.tick(NOW)
    book.next_tick()
    call(book)
    assert reloaded(book).as_list() == book.as_list()


# --- Whatever happens ------------------------------------------------------------------

KINDS = st.sampled_from(AlertKind)
KEYS = st.sampled_from("12345")
PAUSES = st.integers(0, 40 * 60).map(lambda seconds: timedelta(seconds=seconds))
PEOPLE = st.sampled_from([None, "Anna", "Boris"])
LIMIT = 6


class Life(RuleBasedStateMachine):
    """All that can become of a book, and what transitions alone say of it."""

    @initialize(
        overdue=st.sampled_from([0, 60, 120]),
        close=st.integers(1, 30),
        remind=st.sampled_from([0, 0, 5, 40]),
    )
    def begin(self, overdue: int, close: int, remind: int) -> None:
        self._limit = patch.object(module, "MAX_ALERTS", LIMIT)
        self._limit.start()
        self.now = NOW
        self.ids = ids()
        self.overdue = timedelta(seconds=overdue)
        self.close = timedelta(minutes=close)
        self.remind = timedelta(minutes=remind)
        self.book = self.new_book()
        # What a listener knows who hears nothing but transitions.
        self.published: dict[str, Alert] = {}
        self.overdue_published: set[str] = set()
        self.closed: set[str] = set()

    @override
    def teardown(self) -> None:
        if hasattr(self, "_limit"):
            self._limit.stop()

    def new_book(self) -> AlertBook:
        return AlertBook(
            overdue_after=self.overdue,
            close_after=self.close,
            remind_after=self.remind,
            new_id=self.ids.__next__,
        )

    def hear(self, transitions: list[Transition]) -> None:
        """Take transitions; each must follow from what was published before."""
        for step in transitions:
            alert, before = step.alert, self.published.get(step.alert.alert_id)
            assert alert.alert_id not in self.closed
            if before is not None:
                assert alert.count >= before.count >= 1
                assert (alert.kind, alert.key) == (before.kind, before.key)
            assert alert.age(self.now) >= 0
            match step.action:
                case Action.OPENED:
                    assert before is None or before.state is State.ACKNOWLEDGED
                    assert alert.state is State.OPEN
                    assert alert.acknowledged_at is None
                    assert (step.ended is None) is (before is None)
                    self.overdue_published.discard(alert.alert_id)
                case Action.REOPENED:
                    assert before is not None
                    self.hear_reopened(step, before)
                case Action.REPEATED:
                    assert before is not None
                    assert before.state is alert.state is State.OPEN
                    assert alert.count == before.count + 1
                case Action.ACKNOWLEDGED:
                    assert before is not None
                    assert before.state is State.OPEN
                    assert alert.state is State.ACKNOWLEDGED
                    assert (step.wait is None) is (before.answered or alert.in_bulk)
                case Action.OVERDUE:
                    assert before is not None
                    assert before.state is alert.state is State.OPEN
                    assert alert.alert_id not in self.overdue_published
                    assert alert.snoozed_until is None
                    self.overdue_published.add(alert.alert_id)
                case Action.SNOOZED:
                    assert before is not None
                    assert before.state is alert.state is State.OPEN
                    assert not alert.overdue
                    self.overdue_published.discard(alert.alert_id)
                case Action.CLOSED:
                    assert before is not None
                    assert step.reason is not None
                    assert alert.state is State.CLOSED
            assert (alert.outcome is None) is (step.action is not Action.CLOSED)
            if step.action is not Action.REOPENED:
                assert (step.reason is None) is (step.action is not Action.CLOSED)
            if step.action is Action.CLOSED:
                del self.published[alert.alert_id]
                self.closed.add(alert.alert_id)
            else:
                self.published[alert.alert_id] = alert

    @staticmethod
    def hear_reopened(step: Transition, before: Alert) -> None:
        """Take that an alert waits again: it follows from how it was before."""
        alert, is_snoozed = step.alert, before.snoozed_until is not None
        assert is_snoozed is (before.state is State.OPEN)
        assert alert.state is State.OPEN
        assert alert.snoozed_until is None
        assert alert.overdue is before.overdue
        assert step.wait == before.wait
        if step.reason is not None:
            assert step.reason is Reason.NOT_DONE
            assert alert.by == before.by

    def any_alert(self, number: int) -> Alert:
        return self.book.alerts[number % len(self.book)]

    @rule(kind=KINDS, key=KEYS, late=st.booleans(), pause=PAUSES)
    def happens(self, kind: AlertKind, key: str, late: bool, pause: timedelta) -> None:
        self.now += pause
        before = self.book.get(kind, key)
        steps = self.book.open(
            kind, key, title=key, text=None, device_key=key, now=self.now, late=late
        )
        self.hear(steps)
        assert steps[-1].late is late
        assert steps[-1].alert.count == (before.count if before else 0) + 1

    @precondition(lambda self: len(self.book) > 0)
    @rule(number=st.integers(0, 9), by=PEOPLE, pause=PAUSES, in_bulk=st.booleans())
    def acknowledge(
        self, number: int, by: str | None, pause: timedelta, in_bulk: bool
    ) -> None:
        self.now += pause
        alert = self.any_alert(number)
        steps = self.book.acknowledge(
            alert.alert_id, self.now, Actor(by), in_bulk=in_bulk
        )
        assert len(steps) == (alert.state is State.OPEN)
        self.hear(steps)

    @precondition(lambda self: len(self.book) > 0)
    @rule(number=st.integers(0, 9), by=PEOPLE)
    def reopen(self, number: int, by: str | None) -> None:
        alert = self.any_alert(number)
        steps = self.book.reopen(alert.alert_id, self.now, Actor(by))
        is_silent = alert.snoozed_until is not None
        assert len(steps) == (alert.state is State.ACKNOWLEDGED or is_silent)
        self.hear(steps)

    @precondition(lambda self: len(self.book) > 0)
    @rule(number=st.integers(0, 9), by=PEOPLE, minutes=st.integers(1, 240))
    def snooze(self, number: int, by: str | None, minutes: int) -> None:
        alert = self.any_alert(number)
        span = timedelta(minutes=minutes)
        steps = self.book.snooze(alert.alert_id, self.now, Actor(by), span)
        assert len(steps) == (alert.state is State.OPEN)
        self.hear(steps)

    @precondition(lambda self: len(self.book) > 0)
    @rule(number=st.integers(0, 9), reason=st.sampled_from(Reason))
    def end(self, number: int, reason: Reason) -> None:
        alert = self.any_alert(number)
        steps = self.book.close([alert, alert], reason, self.now)
        assert len(steps) == 1
        self.hear(steps)

    @rule(pause=PAUSES)
    def time_passes(self, pause: timedelta) -> None:
        self.now += pause
        self.hear(self.book.tick(self.now))
        self.all_is_published()

    @precondition(lambda self: self.book.next_tick() is not None)
    @rule()
    def the_timer_fires(self) -> None:
        moment = self.book.next_tick()
        assert moment is not None
        if moment > self.now:
            other = self.stored_and_loaded()
            assert other.tick(moment - timedelta(microseconds=1)) == []
            self.now = moment
        steps = self.book.tick(self.now)
        assert steps
        self.hear(steps)
        self.all_is_published()

    @rule()
    def restart(self) -> None:
        self.book = self.stored_and_loaded()

    @rule(jump=st.integers(-(10**6), 10**6).map(lambda s: timedelta(seconds=s)))
    def the_clock_is_set(self, jump: timedelta) -> None:
        ages = [alert.age(self.now) for alert in self.book.alerts]
        self.book.shift(jump)
        self.now += jump
        assert [alert.age(self.now) for alert in self.book.alerts] == ages

    @rule(back=PAUSES)
    def the_clock_went_back_unseen(self, back: timedelta) -> None:
        self.now -= back
        self.hear(self.book.tick(self.now))
        self.all_is_published()

    def stored_and_loaded(self) -> AlertBook:
        """Return what a restart makes of the book."""
        again = self.new_book()
        again.restore(json.loads(json.dumps(self.book.as_list())))
        assert again.alerts == self.book.alerts
        assert again.closed == self.book.closed
        return again

    def all_is_published(self) -> None:
        """Check that time has nothing left to publish."""
        assert self.book.tick(self.now) == []
        following = self.book.next_tick()
        assert following is None or following > self.now
        for alert in self.book.alerts:
            assert alert.changed_at <= self.now
            due = self.book.due(alert)
            if alert.state is State.OPEN and due is not None and due <= self.now:
                assert alert.alert_id in self.overdue_published

    @invariant()
    def transitions_publish_all(self) -> None:
        def known(alert: Alert) -> tuple[Any, ...]:
            is_silent = alert.snoozed_until is not None
            said = (alert.state, alert.count, alert.by, alert.answered, is_silent)
            return alert.alert_id, *said

        assert sorted(map(known, self.book.alerts), key=str) == sorted(
            map(known, self.published.values()), key=str
        )

    @invariant()
    def it_is_bounded_and_counts_itself(self) -> None:
        assert len(self.book) <= LIMIT
        waiting = [a.device_key for a in self.book.alerts if a.state is State.OPEN]
        assert self.book.open_count() == len(waiting)
        for key in "12345":
            assert self.book.is_waiting(key) is (key in waiting)


TestLife = Life.TestCase
TestLife.settings = settings(deadline=None, stateful_step_count=40, max_examples=100)
