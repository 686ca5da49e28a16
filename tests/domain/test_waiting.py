"""Who is shown that somebody waits: one by one, in sum, and each once."""

from datetime import UTC, datetime, timedelta

from custom_components.carbis_alerts.domain.waiting import (
    BURST,
    INTERVAL,
    Allowance,
    Batch,
    Waiter,
    Waiting,
)

NOW = datetime(2026, 3, 5, 19, tzinfo=UTC)


def waiter(name: str, *, rank: int = 0, due: float = 0, opened: float = 0) -> Waiter:
    """Return somebody who waits; seconds are counted from now."""
    return Waiter(
        alert_id=name,
        entry_id="entry",
        opened_at=NOW + timedelta(seconds=opened),
        due=NOW + timedelta(seconds=due),
        rank=rank,
    )


def many(count: int, *, rank: int = 1) -> list[Waiter]:
    """Return invented ones."""
    return [waiter(f"invented {number}", rank=rank) for number in range(count)]


def shown(batch: Batch | None) -> set[str]:
    """Return who is shown one by one."""
    return {one.alert_id for one in batch.singly} if batch else set()


def test_an_allowance_is_spent_and_comes_back() -> None:
    allowance = Allowance()
    assert (allowance.left(NOW), allowance.wait(NOW)) == (BURST, 0)
    allowance.spend(BURST, NOW)
    assert (allowance.left(NOW), allowance.wait(NOW)) == (
        0,
        INTERVAL.total_seconds(),
    )
    assert allowance.left(NOW + INTERVAL) == 1
    assert allowance.left(NOW + INTERVAL * 2.5) == 2
    assert allowance.left(NOW + INTERVAL * 1000) == BURST
    # A clock that is set back by years blocks nothing for longer than a burst.
    assert allowance.wait(NOW - timedelta(days=900)) <= BURST * 12


def test_each_is_shown_once_for_each_opening() -> None:
    waiting = Waiting()
    six = waiter("6")
    batch, again = waiting.look([six], (), NOW)
    assert (shown(batch), again) == ({"6"}, None)
    assert waiting.look([six], (), NOW) == (None, None)
    # It called again after it was taken; then it was taken and given back.
    batch, _ = waiting.look([waiter("6", opened=1)], (), NOW)
    assert shown(batch) == {"6"}
    waiting.ended("6")
    batch, _ = waiting.look([waiter("6", opened=1)], (), NOW)
    assert shown(batch) == {"6"}
    # While its entry is reloaded nobody knows, and it is not shown again.
    assert waiting.look([], {"entry"}, NOW) == (None, None)
    assert waiting.look([waiter("6", opened=1)], (), NOW) == (None, None)


def test_it_is_shown_when_it_is_due() -> None:
    waiting = Waiting()
    late = [waiter("6", due=120), waiter("7", due=90)]
    assert waiting.look(late, (), NOW) == (None, 90)
    batch, again = waiting.look(late, (), NOW + timedelta(seconds=90))
    assert (shown(batch), again) == ({"7"}, 30)


def test_too_many_are_shown_in_sum_and_the_best_known_one_by_one() -> None:
    waiting = Waiting()
    batch, _ = waiting.look([*many(1000), waiter("6")], (), NOW)
    assert batch is not None
    assert "6" in shown(batch)
    assert len(batch.singly) == BURST
    assert len(batch.in_sum) == batch.more == 1001 - BURST
    # One that comes now is shown as soon as one may be.
    crowd = [*many(1000), waiter("6"), waiter("7")]
    assert waiting.look(crowd, (), NOW) == (None, INTERVAL.total_seconds())
    batch, _ = waiting.look(crowd, (), NOW + INTERVAL)
    assert batch is not None
    assert (shown(batch), batch.more) == ({"7"}, 1001 - BURST)


def test_that_nobody_waits_any_more_of_those_in_sum_is_shown_once() -> None:
    waiting = Waiting()
    waiting.look(many(BURST + 2), (), NOW)
    assert waiting.more == 2
    batch, _ = waiting.look([], (), NOW)
    assert batch == Batch(singly=(), in_sum=(), more=0)
    assert waiting.look([], (), NOW) == (None, None)


def test_a_day_of_floods_shows_no_more_than_the_allowance() -> None:
    waiting = Waiting()
    singly = sums = 0
    for minute in range(24 * 60):
        now = NOW + timedelta(minutes=minute)
        crowd = [
            waiter(f"{minute} {number}", rank=number, opened=minute * 60)
            for number in range(40)
        ]
        batch, _ = waiting.look(crowd, (), now)
        singly += len(batch.singly) if batch else 0
        sums += bool(batch and batch.in_sum)
    assert singly <= BURST + 24 * 60 * 5
    assert sums <= 24 * 60
