"""The file of an entry has a largest size, whatever is in it, and nobody is lost by that."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.carbis_alerts.domain.actor import Actor
from custom_components.carbis_alerts.domain.alert import Alert
from custom_components.carbis_alerts.domain.alert_rows import alert_of, row_of
from custom_components.carbis_alerts.domain.alerts import MAX_ALERTS, AlertBook
from custom_components.carbis_alerts.domain.answers import Answers
from custom_components.carbis_alerts.domain.calls import MAX_CALLS, Calls
from custom_components.carbis_alerts.domain.daily import DailyWaits
from custom_components.carbis_alerts.domain.events import table_key
from custom_components.carbis_alerts.domain.hashes import HashOwners
from custom_components.carbis_alerts.domain.journal import MAX_ENTRIES, Journal
from custom_components.carbis_alerts.domain.lifecycle import Outcome, Reason, State
from custom_components.carbis_alerts.domain.packing import (
    MAX_DATA,
    PACKED_IDS,
    fitted,
    is_large,
    made,
    unpacked,
)
from custom_components.carbis_alerts.domain.rules import AlertKind, alert_key
from custom_components.carbis_alerts.domain.table_waiters import (
    MAX_ORDERS,
    TableWaiters,
    Waiter,
)
from custom_components.carbis_alerts.domain.words import cut_to, level

NOW = datetime(2026, 11, 28, 19, 0, 0, 123456, tzinfo=UTC)
WINDOW = 900.0
# The longest that a parser lets through, of characters that take the most.
NAME = "😀" * 100
TEXT = "😀" * 4_000
ID = "ы" * 190


def a_book() -> AlertBook:
    """Return a book of alerts with ids of the length of real ones."""
    ids = (f"01KB5Z3N8Q{number:016}" for number in count())
    return AlertBook(
        overdue_after=timedelta(minutes=2),
        close_after=timedelta(hours=24),
        new_id=ids.__next__,
    )


def flooded(book: AlertBook, alerts: int = MAX_ALERTS) -> AlertBook:
    """Open and close alerts with the longest words, then open as many as there may be."""
    for number in range(300):
        key = alert_key(f"closed {number}{ID}")
        book.open(
            AlertKind.MESSAGE, key, title=NAME, text=TEXT, device_key=None, now=NOW
        )
        book.close(book.alerts, Reason.DELETED, NOW, by=Actor(NAME, "0" * 26))
    for number in range(alerts):
        key = alert_key(f"{number}{ID}")
        book.open(
            AlertKind.MESSAGE,
            key,
            title=f"{number}{NAME}"[:100],
            text=TEXT,
            device_key=f"table_{table_key(None, f'{number}{NAME}'[:100])}",
            now=NOW + timedelta(microseconds=number),
            opened_at=NOW - timedelta(hours=1, microseconds=number),
        )
    return book


@cache
def largest() -> tuple[AlertBook, dict[str, Any]]:
    """Return a book, and what an entry of a QR menu stores at most."""
    book = flooded(a_book())
    journal, owners, waits = Journal(WINDOW), HashOwners(), DailyWaits()
    journal.cursor = ID
    for number in range(MAX_ENTRIES):
        hash_ = f"{number:0150}"
        owners.event_id(hash_, f"{number}{ID}", journal.__contains__)
        journal.add(hash_, number / 100)
    for number in range(20_000):
        waits.add_wait(NOW, number * 7_919 % 20_000 / 7, NAME)
    waiters = TableWaiters()
    for number in range(MAX_ORDERS):
        at = table_key(None, f"{number}{NAME}"[:100])
        waiters.take(f"{number}{ID}", at, Waiter(f"{number}{'ы' * 15}", NAME), 1.8e9)
    form = {f"{number}{'😀' * 38}": {"x" * 40: "str"} for number in range(20)}
    kind = {"form": form, "times": [NOW.isoformat()] * 3, "count": 10**6}
    stored = {
        "last_answer": NOW.isoformat(),
        "journal": journal.snapshot(1_000.0, 1_800_000_000.0),
        "places": {
            f"table_{table_key(None, f'{number}{NAME}'[:100])}": {
                "name": NAME,
                "values": {"bill": 123456789.123456},
            }
            for number in range(1_000)
        },
        "alerts": {
            "alerts": book.as_list(),
            "waits_today": waits.as_dict(),
            "day": NOW.isoformat(),
        },
        "unreadable": [kind] * 20,
        "waiters": waiters.as_dict(),
        "hashes": owners.as_dict(journal),
    }
    return book, made(stored)


@pytest.mark.parametrize("taken", [False, True], ids=["waiting", "taken"])
def test_the_file_of_a_queue_has_a_largest_size_and_nobody_is_lost(taken: bool) -> None:
    book, data = largest()
    if taken:
        for alert in book.alerts:
            book.acknowledge(alert.alert_id, NOW, Actor(NAME, "0" * 26))
        data = {**data, "alerts": {**data["alerts"], "alerts": book.as_list()}}
    written = fitted(data)
    assert len(orjson.dumps(written)) <= MAX_DATA

    read = orjson.loads(orjson.dumps(written))
    assert is_large(read)
    read = unpacked(read)
    again = a_book()
    again.restore(read["alerts"]["alerts"])
    assert [*map(essence, again.alerts)] == [*map(essence, book.alerts)]
    assert [*map(essence, again.closed)] == [*map(essence, book.closed)]
    assert all(alert.title for alert in again.alerts)
    assert len(read["places"]) == 1_000
    journal = Journal(WINDOW)
    journal.restore(read["journal"], 1_000.0, 1_800_000_000.0)
    # Each id that one answer may list again.
    known = range(MAX_ENTRIES - PACKED_IDS, MAX_ENTRIES)
    assert all(journal.is_repeat(f"{number:0150}", 1_000.0) for number in known)
    assert not journal.is_repeat(f"{MAX_ENTRIES:0150}", 1_000.0)
    waits = DailyWaits()
    waits.restore(read["alerts"]["waits_today"])
    assert waits.mean == pytest.approx(19_999 / 14, rel=0.01)
    assert waits.median == pytest.approx(19_999 / 14, rel=0.1)
    assert waits.longest is not None
    assert waits.longest[0] == pytest.approx(19_999 / 7, abs=0.1)


def essence(alert: Alert) -> tuple[Any, ...]:
    """Return what a file may not lose of an alert, whatever becomes of its words."""
    return (
        *(alert.alert_id, alert.kind, alert.state, alert.count, alert.opened_at),
        *(alert.changed_at, alert.acknowledged_at, alert.wait, alert.closed_at),
        *(alert.answered, alert.overdue, alert.outcome, alert.person_id),
    )


def test_the_file_of_a_messenger_and_of_a_pbx_have_a_largest_size() -> None:
    common = dict(largest()[1])
    del common["hashes"], common["places"]
    answers = Answers(automatic_count=False)
    for number in range(200):
        answers.written(f"{number}{ID}", NOW)
        answers.sent(f"{number}{ID}:{ID}")
        answers.answered(f"{number}{ID}:{ID}")
    keys = [f"{number:049}" for number in range(5_000)]
    messenger = {**common, "answers": answers.as_dict(), "old_keys": keys}
    assert len(orjson.dumps(fitted(messenger))) <= MAX_DATA

    call = {
        **dict.fromkeys(("call_id", "trunk", "caller"), ID),
        "direction": "incoming",
        "state": "ringing",
        "event_id": "x" * 16,
        "since": 1_800_000_000.123456,
        "legs": {f"{number:010}": "ringing" for number in range(100)},
        "was_seen": True,
    }
    devices = {
        f"extension_{n:010}": {"name": f"{n:010}", "values": {}} for n in range(1_000)
    }
    pbx = {
        **common,
        "calls": [call] * MAX_CALLS,
        "startups": 10**9,
        "last_caller": ID,
        "called": ["9" * 200] * 50,
        "device_id": ID,
        "places": devices,
    }
    written = fitted(pbx)
    assert len(orjson.dumps(written)) <= MAX_DATA
    calls = Calls()
    calls.restore(written["calls"], 0.0, 1_800_000_000.0)
    assert len(calls.as_list(0.0, 0.0)) == 1


def test_a_site_sees_nothing_of_it() -> None:
    book = a_book()
    for number in range(200):
        book.open(
            AlertKind.MESSAGE,
            f"7982{number:07}@c.us",
            title=f"Анна Ивановна {number}",
            text="Добрый вечер! Можно ли перенести стол на восемь? " * 5,
            device_key=None,
            now=NOW,
        )
    data = {
        "journal": {
            "seen": {f"{number:016}": 1.8e9 + number for number in range(3_000)}
        },
        "places": {
            f"table_100{n}": {"name": "Терраса", "values": {}} for n in range(300)
        },
        "alerts": {"alerts": book.as_list(), "waits_today": DailyWaits().as_dict()},
    }
    assert fitted(data) is data
    assert all(alert.text and alert.text.endswith("? ") for alert in book.alerts)


def test_of_a_flood_the_beginnings_of_words_are_kept_and_room_comes_back() -> None:
    book = a_book()

    def write(key: str, text: str) -> str:
        (transition,) = book.open(
            AlertKind.MESSAGE, key, title="Анна", text=text, device_key=None, now=NOW
        )
        return transition.alert.text or ""

    assert write("first", TEXT) == TEXT
    for number in range(2_000):
        write(str(number), TEXT)
    assert write("a guest", "Есть столик на двоих?") == "Есть столик на двоих?"
    assert 5 < len(write("another", TEXT)) < 100
    words = sum(len((alert.text or "").encode()) for alert in book.alerts)
    assert words < 1_000_000
    book.close(book.alerts, Reason.DELETED, NOW)
    assert write("later", TEXT) == TEXT
    words = sum(len((alert.text or "").encode()) for alert in book.closed)
    assert words < 1_000_000


def test_what_raises_gives_the_room_back() -> None:
    book = a_book()
    before = book._words.taken
    with suppress(KeyError), book.attempt():
        book.open(
            AlertKind.MESSAGE, "x", title=NAME, text=TEXT, device_key=None, now=NOW
        )
        raise KeyError
    assert book._words.taken == before


MOMENTS = st.integers(-(10**15), 10**15).map(
    lambda ticks: NOW + timedelta(microseconds=ticks)
)


@given(
    st.builds(
        Alert,
        alert_id=st.text("0123456789ABC", min_size=1, max_size=26),
        kind=st.sampled_from(AlertKind),
        key=st.text(max_size=4).map(alert_key),
        title=st.text("ыa *", max_size=20).map(str.strip),
        text=st.none() | st.text("ы\n*", min_size=1).filter(str.strip),
        device_key=st.none() | st.sampled_from(["table_6", "table_*", "chat_7@c.us"]),
        state=st.sampled_from(State),
        count=st.integers(1, 10**9),
        opened_at=MOMENTS,
        changed_at=MOMENTS,
        acknowledged_at=st.none() | MOMENTS,
        by=st.none() | st.just("Анна"),
        person_id=st.none() | st.just("01ANNA"),
        answered=st.booleans(),
        wait=st.none() | st.floats(0, 1e6),
        overdue=st.booleans(),
        closed_at=st.none() | MOMENTS,
        outcome=st.none() | st.sampled_from(Outcome),
    )
)
def test_a_row_is_the_alert(alert: Alert) -> None:
    row = orjson.loads(orjson.dumps(row_of(alert.as_dict())))
    again = Alert.from_dict(alert_of(row))
    device = None if alert.device_key == "table_*" else alert.device_key
    assert again.device_key == device or alert.key == "*"
    assert essence(again) == essence(alert)
    assert (again.key, again.title, again.text) == (alert.key, alert.title, alert.text)


def test_what_a_later_version_stores_of_an_alert_stays_in_its_row() -> None:
    alert = flooded(a_book(), 1).alerts[0].as_dict()
    # What has no column is not written where it is None.
    assert alert.pop("snoozed_until") is None
    more = {**alert, "person_id": "x", "later": None, "kind": "new kind"}
    assert alert_of(row_of(more)) == {
        **alert,
        "person_id": "x",
        "kind": "new kind",
        "key": alert_of(row_of(alert))["key"],
        "place": alert_of(row_of(alert))["place"],
    }


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["alerts", "packed", "seen", "journal", "places", "hashes"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=15,
    )
)
def test_whatever_was_stored_it_is_unpacked(stored: Any) -> None:
    data = stored if isinstance(stored, dict) else {"alerts": stored}
    is_large(data)
    read = unpacked(data)
    alerts = read.get("alerts")
    a_book().restore(alerts.get("alerts") if isinstance(alerts, dict) else alerts)


def test_a_broken_row_costs_itself() -> None:
    rows = [row_of(alert.as_dict()) for alert in flooded(a_book(), 3).alerts]
    broken: Iterator[Any] = iter([None, [], ["x"], [*rows[0][:5], "soon"], {}, 7])
    stored = {"alerts": {"alerts": {"packed": [rows[0], *broken, *rows[1:]]}}}
    assert len(unpacked(stored)["alerts"]["alerts"]) == 3


@given(st.lists(st.integers(0, 400), max_size=50), st.integers(-5, 20_000))
def test_what_is_longest_is_cut_first(lengths: list[int], most: int) -> None:
    found = level(lengths, most)
    assert sum(min(length, found) for length in lengths) <= max(0, most)
    if sum(lengths) <= most:
        assert found >= max(lengths, default=0)


@given(st.text(), st.integers(2, 60))
def test_a_text_is_cut_to_bytes(text: str, most: int) -> None:
    cut = cut_to(text, most)
    assert len(orjson.dumps(cut)) <= max(most, 2)
    assert text.startswith(cut.removesuffix("…"))
