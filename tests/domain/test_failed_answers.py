"""An answer that never arrives: the guest waits as if nobody had written it."""

from datetime import datetime, timedelta
import json
from typing import Any, Final

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.carbis_alerts.domain.actor import NOBODY, Actor
from custom_components.carbis_alerts.domain.alert import Alert, Transition
from custom_components.carbis_alerts.domain.alerts import KEPT_CLOSED, AlertBook
from custom_components.carbis_alerts.domain.daily_people import FiguresBy
from custom_components.carbis_alerts.domain.lifecycle import (
    Action,
    Outcome,
    Reason,
    State,
)
from custom_components.carbis_alerts.domain.rules import AlertKind
from custom_components.carbis_alerts.runtime.figures import Figures

from .test_alerts import NOW, OVERDUE, SECOND, a_book

# Whatever clocks do here, the day goes on.
DAY: Final = NOW - timedelta(days=10)
CHATS: Final = ("anna", "boris")


class Site:
    """Chats with alerts and figures, and a clock."""

    def __init__(self) -> None:
        self.book = a_book(close=timedelta(hours=72))
        self.figures = self._new_figures()
        self.now = NOW
        # Of each chat: since when somebody waits there, and how often they wrote.
        self.since: dict[str, datetime] = {}
        self.written: dict[str, int] = {}
        # The ids of the alerts that answers ended, in their order.
        self.answers: list[str] = []

    @staticmethod
    def _new_figures() -> Figures:
        return Figures(
            lambda: DAY, OVERDUE, by_person=lambda: FiguresBy.NAME, changed=lambda: None
        )

    def hear(self, transitions: list[Transition]) -> list[Transition]:
        self.figures.count_changes(transitions)
        return transitions

    def alert(self, chat: str) -> Alert | None:
        return self.book.get(AlertKind.MESSAGE, chat)

    def writes(self, chat: str) -> None:
        alert = self.alert(chat)
        if alert is not None and alert.state is State.ACKNOWLEDGED:
            # That ends an opening for good.
            return
        self.since.setdefault(chat, self.now)
        self.written[chat] = self.written.get(chat, 0) + 1
        self.hear(
            self.book.open(
                AlertKind.MESSAGE,
                chat,
                title=chat,
                text="?",
                device_key=chat,
                now=self.now,
            )
        )

    def takes(self, chat: str, *, in_bulk: bool = False) -> None:
        if (alert := self.alert(chat)) is not None:
            self.hear(
                self.book.acknowledge(
                    alert.alert_id, self.now, Actor("Anna"), in_bulk=in_bulk
                )
            )

    def gives_back(self, chat: str) -> None:
        if (alert := self.alert(chat)) is not None:
            self.hear(self.book.reopen(alert.alert_id, self.now, Actor("Anna")))

    def snoozes(self, chat: str) -> None:
        if (alert := self.alert(chat)) is not None:
            self.hear(self.book.snooze(alert.alert_id, self.now, NOBODY, 600 * SECOND))

    def answers_to(self, chat: str) -> None:
        if (alert := self.alert(chat)) is not None:
            self.hear(self.book.close([alert], Reason.ANSWERED, self.now))
            self.answers.append(alert.alert_id)

    def fails(self, number: int) -> list[Transition]:
        alert_id = self.answers.pop(number % len(self.answers))
        return self.hear(self.book.undo_answer(alert_id, self.now, late=False))

    def clock_is_set(self, by: timedelta) -> None:
        self.book.shift(by)
        self.now += by
        self.since = {chat: since + by for chat, since in self.since.items()}

    def starts_again(self) -> None:
        book, figures = self.book.as_list(), self.figures.as_dict()
        new_id = self.book._new_id
        self.book = a_book(close=timedelta(hours=72))
        self.book._new_id = new_id
        self.book.restore(json.loads(json.dumps(book)))
        self.figures = self._new_figures()
        self.figures.restore(json.loads(json.dumps(figures)), DAY)


def one_answered(**taken: Any) -> Site:
    """Return a site where somebody wrote, and was answered after a minute."""
    site = Site()
    site.writes("anna")
    if taken:
        site.now += 10 * SECOND
        site.takes("anna", **taken)
    site.now = NOW + 60 * SECOND
    site.answers_to("anna")
    return site


@pytest.mark.parametrize("taken", [{}, {"in_bulk": False}, {"in_bulk": True}])
def test_it_waits_again_with_its_age_and_counts_for_nothing(
    taken: dict[str, bool],
) -> None:
    site = one_answered(**taken)
    assert site.figures.waits.mean == (10 if taken == {"in_bulk": False} else 60)
    assert (site.figures.in_time.value, site.figures.in_time.good) == (1, 1)
    site.now = NOW + 100 * SECOND
    (back,) = site.fails(0)
    assert (back.action, back.reason) == (Action.REOPENED, Reason.NOT_DELIVERED)
    alert = back.alert
    assert alert == site.alert("anna")
    assert (alert.alert_id, alert.state, alert.count) == ("alert-1", State.OPEN, 1)
    assert (alert.opened_at, alert.age(site.now)) == (NOW, 100)
    assert (alert.outcome, alert.closed_at, alert.acknowledged_at) == (None,) * 3
    assert (site.figures.waits.value, site.figures.in_time.value) == (0, 0)
    assert list(site.book.closed) == []
    # The next answer is the first.
    site.now = NOW + 300 * SECOND
    assert [step.action for step in site.book.tick(site.now)] == [Action.OVERDUE]
    site.answers_to("anna")
    assert site.figures.waits.mean == 300
    assert (site.figures.in_time.value, site.figures.in_time.good) == (1, 0)


def test_what_the_guest_wrote_stands_behind_a_note_once() -> None:
    book = AlertBook(
        overdue_after=timedelta(0), close_after=timedelta(0), new_id=lambda: "a"
    )
    more: dict[str, Any] = {"title": "Anna", "device_key": None, "now": NOW}
    book.open(AlertKind.MESSAGE, "anna", text="A table?", **more)
    for _ in range(2):
        book.close(book.alerts, Reason.ANSWERED, NOW)
        (back,) = book.undo_answer("a", NOW, late=False, note="Not delivered")
        assert back.alert.text == "Not delivered · A table?"


@pytest.mark.parametrize("is_taken", [False, True])
def test_whoever_wrote_again_meanwhile_has_waited_as_long(is_taken: bool) -> None:
    site = one_answered()
    site.now = NOW + 70 * SECOND
    site.writes("anna")
    if is_taken:
        site.takes("anna")
    site.now = NOW + 80 * SECOND
    (back,) = site.fails(0)
    assert (back.alert.alert_id, back.alert.state) == ("alert-2", State.OPEN)
    assert (back.alert.opened_at, back.alert.count) == (NOW, 2)
    assert (site.figures.waits.value, site.figures.in_time.value) == (0, 0)
    assert len(site.book) == 1


def test_what_is_no_longer_kept_is_left_alone() -> None:
    site = one_answered()
    for number in range(KEPT_CLOSED):
        site.book.open(
            AlertKind.MISSED_CALL,
            str(number),
            title="",
            text=None,
            device_key=None,
            now=NOW,
        )
        site.book.close(site.book.alerts, Reason.TALKED, NOW)
    assert site.fails(0) == []
    assert len(site.book) == 0


def test_an_answer_of_the_day_before_was_counted_there() -> None:
    book, began = a_book(close=timedelta(hours=72)), NOW
    figures = Figures(
        lambda: began, OVERDUE, by_person=lambda: FiguresBy.NAME, changed=lambda: None
    )

    def writes(chat: str, at: datetime) -> None:
        book.open(
            AlertKind.MESSAGE, chat, title=chat, text=None, device_key=None, now=at
        )

    for chat in CHATS:
        writes(chat, NOW)
        figures.count_changes(book.close(book.alerts, Reason.ANSWERED, NOW + SECOND))
    began = NOW + timedelta(days=1)
    assert figures.roll()
    later = began + SECOND
    writes("clara", later)
    figures.count_changes(book.close(book.alerts, Reason.ANSWERED, later + SECOND))
    figures.count_changes(book.undo_answer("alert-1", later, late=False))
    assert (figures.waits.value, figures.in_time.value) == (1, 1)


def test_an_attempt_that_raises_leaves_it_answered() -> None:
    site = one_answered()
    before = site.book.as_list(), site.book._words.taken

    def fail() -> None:
        with site.book.attempt(), site.figures.attempt():
            assert site.fails(0)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (site.book.as_list(), site.book._words.taken) == before
    assert (site.figures.waits.value, site.figures.in_time.value) == (1, 1)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("writes", "writes", "takes", "takes in bulk", "gives back"),
                *("snoozes", "answers", "answers", "fails", "clock", "start"),
            ]
        ),
        st.sampled_from(CHATS),
        st.integers(0, 400),
    ),
    max_size=30,
)


def live(site: Site, steps: list[tuple[str, str, int]]) -> None:
    """Let things happen."""
    for step, chat, number in steps:
        site.now += number * SECOND
        match step:
            case "writes":
                site.writes(chat)
            case "takes":
                site.takes(chat)
            case "takes in bulk":
                site.takes(chat, in_bulk=True)
            case "gives back":
                site.gives_back(chat)
            case "snoozes":
                site.snoozes(chat)
            case "answers":
                site.answers_to(chat)
            case "fails" if site.answers:
                site.fails(number)
            case "clock":
                site.clock_is_set(timedelta(minutes=number - 200))
            case "start":
                site.starts_again()


@settings(max_examples=300)
@given(STEPS, st.integers(0, 400))
def test_where_all_answers_fail_and_all_is_given_back_everybody_waits_from_the_first(
    steps: list[tuple[str, str, int]], number: int
) -> None:
    site = Site()
    live(site, steps)
    while site.answers:
        site.fails(number)
    for chat in CHATS:
        site.gives_back(chat)
    assert {
        alert.key: (alert.state, alert.opened_at, alert.count)
        for alert in site.book.alerts
    } == {
        chat: (State.OPEN, since, site.written[chat])
        for chat, since in site.since.items()
    }
    figures = site.figures
    assert (figures.waits.value, figures.waits.waits) == (0, [])
    assert (figures.in_time.value, figures.in_time.good) == (0, 0)
    assert list(site.book.closed) == []
    words = sum(len(alert.text or "") for alert in site.book.alerts)
    assert site.book._words.taken[1:] == (words, 0)
    # Later they are forgotten, or served, as anybody.
    ends = site.book.tick(site.now + timedelta(days=30))
    assert {end.alert.outcome for end in ends if end.alert.outcome} <= {
        Outcome.FORGOTTEN
    }
    assert len(site.book) == 0


@given(STEPS, st.integers(0, 400), st.sampled_from(CHATS))
def test_an_answer_that_fails_is_as_if_who_had_it_gave_it_back(
    steps: list[tuple[str, str, int]], number: int, chat: str
) -> None:
    sites = Site(), Site()
    for site in sites:
        live(site, steps)
        site.now += number * SECOND
    failed, given_back = sites
    failed.answers_to(chat)
    for site in sites:
        site.now += 50 * SECOND
    if given_back.alert(chat) is not None:
        failed.fails(-1)
        given_back.gives_back(chat)
        assert essence(failed) == essence(given_back)


def essence(site: Site) -> tuple[Any, ...]:
    """Return all but when an alert changed last."""
    book: AlertBook = site.book
    alerts = [
        alert.as_dict() | {"changed_at": None, "by": None} for alert in book.alerts
    ]
    return (
        sorted(alerts, key=lambda alert: str(alert["key"])),
        book.open_count(),
        book.oldest_open(),
        book.waiting_since("anna", AlertKind.MESSAGE),
        [
            (
                figure.value,
                getattr(figure, "waits", None),
                getattr(figure, "good", None),
            )
            for figure in site.figures._all.values()
        ],
    )
