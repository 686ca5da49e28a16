"""The one way in: slices of work, rates, what work costs, and what is compressed."""

import asyncio
from collections.abc import Callable, Iterator
import gzip
from types import SimpleNamespace
import zlib

from hypothesis import given, strategies as st
from multidict import CIMultiDict, CIMultiDictProxy
import pytest

from custom_components.carbis_alerts.api.errors import ProtocolError
from custom_components.carbis_alerts.api.intake import (
    SLICE,
    Budget,
    LoopYield,
    TokenBucket,
    Unpacker,
    budget as budgets,
    loop_yield,
    unpacking,
)
from custom_components.carbis_alerts.api.intake.budget import (
    BYTES,
    EVENT_OVERHEAD,
    EVENTS,
    MESSAGES,
    QUIET,
    WORK,
)
from custom_components.carbis_alerts.api.intake.meter import Meter
from custom_components.carbis_alerts.api.transport import DEFAULT_LIMITS

# --- Slices ----------------------------------------------------------------------------


async def test_the_loop_is_given_away_once_a_slice_and_no_more_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    # Of this module alone: the loop's own clock goes on.
    monkeypatch.setattr(loop_yield, "time", SimpleNamespace(monotonic=lambda: now))
    others: list[float] = []

    def run() -> None:
        others.append(now)
        loop.call_soon(run)

    loop = asyncio.get_running_loop()
    loop.call_soon(run)
    work = LoopYield()
    for _ in range(20):
        await work.give()
        now += SLICE / 4

    assert others == pytest.approx([100 + SLICE * turn for turn in range(1, 5)])


# --- Rates -----------------------------------------------------------------------------


def test_a_burst_goes_on_at_once_and_a_flood_slowly() -> None:
    bucket = TokenBucket(burst=10.0, rate=1.0)
    for _ in range(10):
        assert bucket.wait(0.0) == 0.0
        bucket.spend(1, 0.0)
    assert bucket.wait(0.0) == 0.0
    bucket.spend(1, 0.0)
    assert bucket.wait(0.0) == 1.0
    assert bucket.wait(0.75) == 0.25
    assert bucket.wait(1.0) == 0.0
    bucket.spend(3, 1.0)
    assert bucket.wait(1.0) == 3.0


def test_a_bucket_is_taxed_from_a_sixteenth_on_until_it_has_filled_again() -> None:
    bucket = TokenBucket(burst=32.0, rate=1.0)
    bucket.spend(2, 0.0)
    assert not bucket.is_taxed(0.0)
    bucket.spend(1, 0.0)
    assert bucket.is_taxed(0.0)
    assert not bucket.is_taxed(1.0)


def test_a_quiet_time_gives_the_whole_burst_back_and_no_more() -> None:
    bucket = TokenBucket(burst=2.0, rate=1.0)
    bucket.spend(1, 0.0)
    bucket.spend(2, 1_000_000.0)
    assert bucket.wait(1_000_000.0) == 0.0
    bucket.spend(1, 1_000_000.0)
    assert bucket.wait(1_000_000.0) == 1.0
    # A clock that goes back gives nothing.
    assert bucket.wait(0.0) == 1.0


# --- The budget of a service -----------------------------------------------------------


class Clock:
    """A clock that goes on in pauses alone."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        # A little more: a rest of rounding moves no clock.
        self.now += seconds * 1.0001 + 1e-9 * bool(seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return the clock of budgets."""
    clock = Clock()
    monkeypatch.setattr(budgets, "time", clock)
    monkeypatch.setattr(budgets, "asyncio", clock)
    return clock


type Spend = Callable[[Budget], object]

# What a service may spend, and how much of it at once and each second.
SPENT: dict[str, tuple[Spend, float, float]] = {
    "messages": (lambda budget: budget.count(), *MESSAGES),
    "bytes": (lambda budget: budget.read(1024 * 1024), 32.0, 1.0),
    "work": (lambda budget: budget._worked(0.125), 80.0, 0.8),
    "events": (
        lambda budget: budget.published(2**20 - EVENT_OVERHEAD),
        1024.0,
        1 / 256,
    ),
}


@pytest.mark.parametrize("kind", SPENT)
async def test_whatever_a_service_spends_it_is_slowed_to_the_rate_and_logged_once(
    clock: Clock, kind: str
) -> None:
    spend, burst, rate = SPENT[kind]
    logged: list[float] = []
    budget = Budget(lambda: logged.append(clock.now))
    for _ in range(int(burst) + 1):
        await budget.ready()
        spend(budget)
    assert (clock.now, logged) == (1_000.0, [])
    assert not budget.is_slowed
    for _ in range(10):
        await budget.ready()
        spend(budget)
    assert clock.now == pytest.approx(1_000.0 + 10 / rate, rel=0.01)
    assert logged == [1_000.0]
    assert budget.is_slowed


async def test_a_flood_is_logged_again_after_a_quiet_hour_and_no_earlier(
    clock: Clock,
) -> None:
    logged: list[float] = []
    budget = Budget(lambda: logged.append(clock.now))
    for quiet in (QUIET / 2, QUIET / 2, QUIET + 1):
        for _ in range(int(MESSAGES[0]) + 2):
            await budget.take()
        clock.now += quiet
    for _ in range(int(MESSAGES[0]) + 2):
        await budget.take()
    assert len(logged) == 2


async def test_whoever_delivers_is_not_kept_waiting_for_long(clock: Clock) -> None:
    budget = Budget()
    budget.messages = TokenBucket(burst=0.0, rate=1.0)
    budget.messages.spend(5, clock.now)
    assert not budget.is_flooded
    budget.messages.spend(1, clock.now)
    assert budget.is_flooded


async def test_work_rests_once_a_service_sends_more_than_usual(clock: Clock) -> None:
    budget = Budget()
    await budget.rest()
    assert clock.now == 1_000.0
    budget.messages.spend(MESSAGES[0] / 10, clock.now)
    await budget.rest()
    assert clock.now == pytest.approx(1_000.0 + SLICE)


def test_two_of_the_largest_answers_are_read_at_once() -> None:
    assert 2 * DEFAULT_LIMITS.body <= BYTES[0]


def test_a_pbx_never_meets_the_rate_of_messages() -> None:
    bucket = TokenBucket(*MESSAGES)
    # A minute in which each second fourteen calls come, are taken and end.
    for second in range(60):
        for _ in range(3 * 14):
            assert bucket.wait(float(second)) == 0.0
            bucket.spend(1, float(second))


def test_a_restaurant_never_meets_the_rate_of_events() -> None:
    bucket = TokenBucket(*EVENTS)
    # Everything of a week at once, of the busiest of restaurants.
    for _ in range(7 * 10_000):
        assert bucket.wait(0.0) == 0.0
        bucket.spend(2_000 + EVENT_OVERHEAD, 0.0)


def test_work_is_a_tenth_of_a_core_for_ever() -> None:
    assert WORK == (10.0, 0.1)


# --- What work costs -------------------------------------------------------------------


class Ticks:
    """A clock of processor time that each piece of work moves on itself."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_work_is_measured_without_what_others_do_meanwhile() -> None:
    ticks = Ticks()
    spent: list[float] = []
    meter = Meter(spent.append, ticks)
    gone_on = asyncio.Event()

    async def work() -> str:
        ticks.now += 1
        await gone_on.wait()
        ticks.now += 2
        return "done"

    async def others() -> None:
        ticks.now += 1_000
        gone_on.set()

    done, _ = await asyncio.gather(meter.measured(work()), others())
    assert done == "done"
    assert sum(spent) == 3


async def test_work_within_work_is_spent_once() -> None:
    ticks = Ticks()
    spent: list[float] = []
    meter = Meter(spent.append, ticks)

    async def part() -> None:
        ticks.now += 1
        await asyncio.sleep(0)
        ticks.now += 1

    async def work() -> None:
        await meter.measured(part())
        ticks.now += 1

    await meter.measured(work())
    assert sum(spent) == 3


async def test_what_work_raises_is_raised_and_it_can_be_stopped_and_timed_out() -> None:
    spent: list[float] = []
    meter = Meter(spent.append)
    ended: list[str] = []

    async def fail() -> None:
        await asyncio.sleep(0)
        raise ValueError("no")

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("closed")

    async def wait_for_a_while() -> None:
        try:
            async with asyncio.timeout(0):
                await wait()
        except TimeoutError:
            ended.append("in time")

    with pytest.raises(ValueError, match="no"):
        await meter.measured(fail())
    await meter.measured(wait_for_a_while())
    task = asyncio.create_task(meter.measured(wait()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["closed", "in time", "closed"]
    assert len(spent) > 3


# --- What is compressed ----------------------------------------------------------------


def unpacker(coding: str | None) -> Unpacker:
    headers = CIMultiDict({} if coding is None else {"Content-Encoding": coding})
    return Unpacker(CIMultiDictProxy(headers))


def raw_deflate(data: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(data) + packing.flush()


PACKED: dict[str, tuple[str | None, Callable[[bytes], bytes]]] = {
    "plain": (None, bytes),
    "identity": ("identity", bytes),
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZip", gzip.compress),
    "two members": (
        "gzip",
        lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:]),
    ),
    "junk behind": ("gzip", lambda data: gzip.compress(data) + b"\0\0\0\0"),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
}


def parts(data: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


@pytest.mark.parametrize("form", PACKED)
@given(data=st.binary(min_size=1, max_size=300), size=st.integers(1, 400))
def test_a_body_is_unpacked_in_whatever_parts_it_comes(
    form: str, data: bytes, size: int
) -> None:
    coding, pack = PACKED[form]
    unpack = unpacker(coding)
    got = b"".join(
        piece for part in parts(pack(data), size) for piece in unpack.pieces(part)
    )
    assert got == data


@pytest.mark.parametrize("form", ["gzip", "deflate", "raw deflate"])
def test_a_bomb_is_unpacked_no_further_than_it_is_taken(form: str) -> None:
    coding, pack = PACKED[form]
    packed = pack(b"x" * 50_000_000)
    assert len(packed) < 100_000
    pieces = unpacker(coding).pieces(packed)
    sizes = [len(next(pieces)) for _ in range(10)]
    assert max(sizes) <= unpacking.PIECE


def test_many_bodies_in_one_are_pieces_too() -> None:
    pieces = unpacker("gzip").pieces(gzip.compress(b"") * 1_000)
    assert list(pieces) == [b""] * 1_000


@pytest.mark.parametrize(
    "coding", ["br", "zstd", "compress", "gzip, gzip", "identity, br", "new"]
)
def test_what_was_not_asked_for_is_refused_in_words(coding: str) -> None:
    with pytest.raises(ProtocolError, match="was not asked for"):
        unpacker(coding)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_what_cannot_be_unpacked_is_an_error_in_words(coding: str) -> None:
    with pytest.raises(ProtocolError, match="cannot be unpacked"):
        list(unpacker(coding).pieces(b"\xff" * 100))
