"""The verdict turns red for every way to break the law, and for nothing that it allows."""

from typing import Any

import pytest

from .ledger import (
    History,
    Ledger,
    Life,
    Line,
    Published,
    Span,
    key_of_content,
    key_of_event,
)
from .verdict import INTERRUPTION, KILL_WINDOW, PATIENCE, TOLERANCE, Verdict, judge

START = 100.0
END = 1000.0


class Case:
    """What a service noted, what was done to the site, and what was published."""

    def __init__(self, line: Line = Line.QR_MENU) -> None:
        self.ledger = Ledger(line)
        self.history = History(sessions=[Life(START, START)], finished=END)
        self.published: list[Published] = []
        self._notes = 0

    def note(self, what: str, at: float, **details: Any) -> None:
        self._notes += 1
        self.ledger.take([{"number": self._notes, "what": what, "at": at, **details}])

    def push(self, number: int, at: float, kind: str = "incoming_sms") -> None:
        content: dict[str, Any] = {"hash": str(number)}
        if self.ledger.line is Line.GREEN_API:
            content = {"body": {"typeWebhook": "message", "idMessage": str(number)}}
        elif self.ledger.line is not Line.QR_MENU:
            content = {"event_type": kind, "payload": {"call_id": number}}
        self.note("pushed", at, item=number, content=content)

    def hand(self, at: float, *items: int, stream: int | None = None) -> None:
        details = {} if stream is None else {"stream": stream}
        ranges = [[item, item] for item in items]
        self.note("handed", at, items=ranges, made=at, **details)

    def gone(self, at: float, number: int, why: str) -> None:
        self.note("gone", at, items=[[number, number]], why=why)

    def publish(
        self, number: int, at: float, *, late: bool = False, **kinds: str
    ) -> None:
        key = {
            Line.QR_MENU: f"{number}",
            Line.GREEN_API: f"message:{number}",
        }.get(self.ledger.line, f"{kinds.get('key', 'incoming_sms')}:{number}")
        kind = kinds.get("kind", "waiter_call")
        self.published.append(Published(at, key, kind, late, f"{number} {at}"))

    def kill(self, at: float, *, back_at: float, killed: bool = True) -> None:
        life = self.history.sessions[-1]
        life.asked_to_end, life.ended, life.killed = at, at, killed
        self.history.sessions.append(Life(back_at, back_at + 5))

    def judge(self) -> Verdict:
        return judge(self.ledger, self.history, self.published)

    def broken(self) -> list[str]:
        return [name for name, found in self.judge().findings.items() if found]


def settled(line: Line = Line.QR_MENU) -> Case:
    """Return a case in which one thing was published as it should be."""
    case = Case(line)
    case.hand(199)
    case.push(1, 200)
    case.hand(201, 1, stream=7 if line is Line.PBX else None)
    if line is Line.HOOK:
        case.note("posted", 201, item=1, status=200)
    case.publish(1, 201.1)
    if line is Line.GREEN_API:
        case.gone(201.2, 1, "deleted")
    return case


@pytest.mark.parametrize("line", Line)
def test_what_was_published_once_is_clean(line: Line) -> None:
    verdict = settled(line).judge()
    assert verdict.is_clean
    assert (verdict.pushed, verdict.published, verdict.not_kept) == (1, 1, 0)


# Lost


@pytest.mark.parametrize("line", Line)
def test_what_was_handed_to_an_undisturbed_site_and_not_published_is_lost(
    line: Line,
) -> None:
    case = settled(line)
    case.published.clear()
    assert case.broken() == ["lost"]


def test_what_is_still_kept_at_the_end_is_lost_though_never_handed() -> None:
    case = Case()
    case.push(1, END - 1)
    assert case.broken() == ["lost"]


def test_what_was_kept_through_a_calm_is_lost_though_it_expired() -> None:
    case = Case()
    case.push(1, 200)
    case.gone(500, 1, "expired")
    assert case.broken() == ["lost"]
    case.history.faults[Line.QR_MENU].append(Span(210, 495))
    assert case.broken() == []
    assert case.judge().not_kept == 1


def test_what_was_deleted_is_lost_even_if_the_site_was_killed_at_once() -> None:
    case = Case(Line.GREEN_API)
    case.push(1, 200)
    case.hand(200.1, 1)
    case.kill(200.2, back_at=210)
    case.gone(200.15, 1, "deleted")
    assert case.broken() == ["lost"]


def test_what_the_service_forgot_before_anybody_had_it_is_in_nobodys_keeping() -> None:
    case = Case(Line.GREEN_API)
    case.push(1, 200)
    case.gone(200.5, 1, "cleared")
    assert case.broken() == []


def test_what_was_handed_to_a_site_that_was_killed_and_then_forgotten_is_not_lost() -> (
    None
):
    case = Case()
    case.push(1, 200)
    case.hand(201, 1)
    case.kill(201.1, back_at=210)
    case.gone(205, 1, "cleared")
    assert case.broken() == []


def test_what_stood_before_something_that_was_published_is_lost_in_spite_of_a_kill() -> (
    None
):
    case = Case()
    case.hand(199)
    case.push(1, 200)
    case.push(2, 200)
    case.hand(201, 1, 2)
    case.publish(2, 201.1)
    case.kill(201.2, back_at=210)
    case.gone(205, 1, "cleared")
    assert case.broken() == ["lost"]


@pytest.mark.parametrize(
    ("ending", "after", "broken"),
    [
        ("reset", 0.2, []),
        ("left", 0.2, []),
        ("reset", 2.0, ["lost"]),
        ("ended", 0.2, ["lost"]),
        ("cut", 0.2, ["lost"]),
    ],
)
def test_what_a_broken_line_swallowed_is_in_nobodys_keeping(
    ending: str, after: float, broken: list[str]
) -> None:
    case = Case(Line.PBX)
    case.push(1, 200)
    case.hand(200, 1, stream=7)
    case.note("closed", 200 + after, stream=7, ending=ending)
    assert case.broken() == broken


def test_what_no_line_was_there_for_is_not_lost() -> None:
    case = Case(Line.PBX)
    case.push(1, 200)
    assert case.broken() == []


def test_what_a_reload_interrupted_on_a_line_is_not_lost() -> None:
    case = Case(Line.PBX)
    case.push(1, 200)
    case.hand(200, 1, stream=7)
    case.history.breaks[Line.PBX].append(Span(200 + PATIENCE / 2, 230))
    assert case.broken() == []


def test_what_came_before_something_published_on_the_same_line_is_lost() -> None:
    case = Case(Line.PBX)
    for number in (1, 2):
        case.push(number, 200)
        case.hand(200, number, stream=7)
    case.publish(2, 200.1)
    case.kill(200.2, back_at=210)
    assert case.broken() == ["lost"]


def test_what_a_hook_refused_until_it_was_given_up_is_not_lost() -> None:
    case = Case(Line.HOOK)
    case.push(1, 200)
    for status in (503, None, "given up"):
        case.note("posted", 201, item=1, status=status)
    assert case.broken() == []


def test_what_home_assistant_took_before_the_hook_was_registered_is_counted() -> None:
    case = Case(Line.HOOK)
    case.kill(190, back_at=198)
    case.push(1, 199)
    case.note("posted", 200, item=1, status=200)
    verdict = case.judge()
    assert verdict.is_clean
    assert (verdict.not_kept, verdict.swallowed) == (1, 1)
    case.note("posted", 210, item=1, status=200)
    assert case.broken() == ["lost"]


# Twice


@pytest.mark.parametrize("line", Line)
def test_what_is_published_twice_in_one_session_is_twice(line: Line) -> None:
    case = settled(line)
    case.publish(1, 202)
    assert case.broken() == ["twice"]


@pytest.mark.parametrize(
    ("line", "age", "broken"),
    [
        (Line.QR_MENU, KILL_WINDOW, []),
        (Line.QR_MENU, KILL_WINDOW + 1, ["twice"]),
        (Line.HOOK, KILL_WINDOW, []),
        (Line.PBX, 0.1, ["twice"]),
        # The one in flight, whose deletion did not go through.
        (Line.GREEN_API, 100, []),
    ],
)
def test_only_the_last_second_before_a_kill_may_come_again(
    line: Line, age: float, broken: list[str]
) -> None:
    case = settled(line)
    case.kill(201.1 + age, back_at=400)
    case.publish(1, 410, late=line in (Line.QR_MENU, Line.GREEN_API))
    verdict = case.judge()
    assert [name for name, found in verdict.findings.items() if found] == broken
    assert verdict.repeated_after_kill == (not broken)


def test_nothing_comes_again_after_an_orderly_end() -> None:
    case = settled()
    case.kill(201.2, back_at=210, killed=False)
    case.publish(1, 215, late=True)
    assert case.broken() == ["twice"]


def test_what_could_not_be_written_may_come_again_after_any_end() -> None:
    case = settled()
    case.history.full.append(Span(200, 205))
    case.kill(230, back_at=240, killed=False)
    case.publish(1, 250, late=True)
    assert case.broken() == []
    case.history.full[0].ended = 190
    assert case.broken() == ["twice"]


def test_what_could_not_be_written_may_come_again_after_a_reload() -> None:
    case = settled()
    case.history.breaks[Line.QR_MENU].append(Span(202, 204))
    case.publish(1, 205, late=True)
    assert case.broken() == ["twice"]
    case.history.full.append(Span(200, 210))
    assert case.broken() == []


def test_only_one_notification_was_in_flight() -> None:
    case = settled(Line.GREEN_API)
    case.push(2, 202)
    case.hand(202.1, 2)
    case.publish(2, 202.2)
    case.gone(202.3, 2, "deleted")
    case.kill(210, back_at=220)
    case.publish(1, 230, late=True)
    assert case.broken() == ["twice"]


# Order


def test_what_is_published_after_its_successor_is_out_of_order() -> None:
    case = Case()
    case.hand(199)
    for number in (1, 2):
        case.push(number, 200)
    case.hand(201, 1, 2)
    case.publish(2, 201.1)
    case.publish(1, 201.2)
    assert case.broken() == ["out of order"]


def test_what_comes_again_is_not_out_of_order() -> None:
    case = Case()
    case.hand(199)
    for number in (1, 2):
        case.push(number, 200)
    case.hand(201, 1, 2)
    case.publish(1, 201.1)
    case.publish(2, 201.2)
    case.kill(201.3, back_at=210)
    for number in (1, 2):
        case.publish(number, 215 + number, late=True)
    assert case.broken() == []


@pytest.mark.parametrize(("between", "broken"), [(False, []), (True, ["out of order"])])
def test_a_missed_call_follows_its_calls_end(between: bool, broken: list[str]) -> None:
    case = Case(Line.PBX)
    case.push(5, 200, "call_end")
    case.push(6, 200)
    case.hand(200, 5, 6, stream=7)
    case.publish(5, 200.1, key="call_end")
    if between:
        case.publish(6, 200.2)
    case.publish(5, 200.3, key="missed_call", kind="missed_call")
    if not between:
        case.publish(6, 200.4)
    assert case.broken() == broken


def test_what_no_service_had_to_publish_is_unknown() -> None:
    case = settled()
    case.publish(5, 300)
    assert case.broken() == ["unknown"]


# Late


@pytest.mark.parametrize("line", [Line.QR_MENU, Line.GREEN_API])
@pytest.mark.parametrize("late", [False, True])
def test_what_waited_for_a_start_is_late(line: Line, late: bool) -> None:
    case = Case(line)
    case.push(1, START - 1)
    case.hand(START + 5, 1)
    case.publish(1, START + 5.1, late=late)
    if line is Line.GREEN_API:
        case.gone(START + 6, 1, "deleted")
    assert case.broken() == ([] if late else ["late unmarked"])


def test_what_waited_for_a_reload_is_late() -> None:
    case = Case()
    case.hand(199)
    case.push(1, 200)
    case.history.breaks[Line.QR_MENU].append(Span(200.5, 203))
    case.hand(204, 1)
    case.publish(1, 204.1)
    assert case.broken() == ["late unmarked"]


@pytest.mark.parametrize(("more", "broken"), [(-1, []), (1, ["late unmarked"])])
def test_what_waited_for_an_answer_of_the_menu_is_late(
    more: float, broken: list[str]
) -> None:
    case = Case()
    at = 200 + INTERRUPTION + TOLERANCE + more
    case.hand(200)
    case.push(1, 205)
    case.hand(at, 1)
    case.publish(1, at + 0.1)
    assert case.broken() == broken


@pytest.mark.parametrize(("more", "broken"), [(-1, []), (1, ["late unmarked"])])
def test_what_waited_while_the_account_failed_is_late(
    more: float, broken: list[str]
) -> None:
    case = Case(Line.GREEN_API)
    at = 201 + INTERRUPTION + TOLERANCE + more
    case.hand(200)
    case.note("failed", 201)
    case.push(1, 205)
    case.note("failed", 206)
    case.hand(at, 1)
    case.publish(1, at + 0.1)
    case.gone(at + 0.2, 1, "deleted")
    assert case.broken() == broken


def test_a_pbx_has_nothing_late() -> None:
    case = settled(Line.PBX)
    case.published.clear()
    case.publish(1, 201.1, late=True)
    assert case.broken() == ["marked without cause"]


@pytest.mark.parametrize("line", [Line.QR_MENU, Line.GREEN_API])
def test_what_is_published_at_once_long_after_any_trouble_is_not_late(
    line: Line,
) -> None:
    case = settled(line)
    case.published.clear()
    case.publish(1, 201.1, late=True)
    assert case.broken() == ["marked without cause"]
    case.note("failed", 180)
    assert case.broken() == []


# Keys


@pytest.mark.parametrize(
    ("line", "content", "event"),
    [
        (
            Line.QR_MENU,
            {"hash": "0x1", "code": "waiter_call"},
            {"source": "qr_menu", "event_id": "0x1"},
        ),
        (
            Line.GREEN_API,
            {
                "body": {
                    "typeWebhook": "outgoingMessageStatus",
                    "idMessage": "A",
                    "status": "read",
                }
            },
            {
                "source": "green_api",
                "code": "outgoingMessageStatus",
                "message_id": "A",
                "status": "read",
            },
        ),
        (
            Line.PBX,
            {"event_type": "call_end", "payload": {"call_id": 5}},
            {
                "source": "pbx",
                "type": "call_end",
                "code": "call_end",
                "call_id": "5",
                "text": None,
                "raw": None,
            },
        ),
        (
            Line.HOOK,
            {"event_type": "fax", "payload": {"call_id": 5}},
            {
                "source": "pbx",
                "type": "other",
                "code": "fax",
                "call_id": None,
                "text": None,
                "raw": {"payload": {"call_id": 5}},
            },
        ),
    ],
)
def test_an_object_and_its_bus_event_have_one_key(
    line: Line, content: dict[str, Any], event: dict[str, Any]
) -> None:
    assert key_of_content(line, content) == key_of_event(event) is not None


def test_a_startup_has_nothing_that_distinguishes_it() -> None:
    assert (
        key_of_content(Line.PBX, {"event_type": "startup", "payload": {}})
        is key_of_event(
            {
                "source": "pbx",
                "type": "startup",
                "code": "startup",
                "call_id": None,
                "text": None,
                "raw": None,
            }
        )
        is None
    )
