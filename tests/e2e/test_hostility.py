"""A real Home Assistant beside a hostile service: it goes on answering and publishing."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest

from benchmarks.hostile_answers import HostileServices, hostile_services
from benchmarks.hostile_pbx import HostilePbx, a_hostile_pbx
from benchmarks.hostility import a_restaurant, measure
from benchmarks.watching import Outcome
from tests.real_site import RealSite

# What stood still did so for half a minute and more; a busy machine is slow, too.
ALLOWED = 10.0


@pytest.fixture
async def restaurant(tmp_path: Path) -> AsyncGenerator[RealSite]:
    """Return a Home Assistant that notes what Python's full collections take."""
    async with a_restaurant(tmp_path) as site:
        yield site


@pytest.fixture
def hostile_pbx() -> Iterator[HostilePbx]:
    """Return a PBX that turns hostile when it is asked to."""
    with a_hostile_pbx() as pbx:
        yield pbx


@pytest.fixture
def hostile_others() -> Iterator[HostileServices]:
    """Return services that are asked, and a PBX with a hook, of the same kind."""
    with hostile_services() as services:
        yield services


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["texts", "no messages", "crumbs", "comments in zstd"])
async def test_home_assistant_answers_all_the_time(
    restaurant: RealSite, hostile_pbx: HostilePbx, kind: str
) -> None:
    outcome = await measure(restaurant, hostile_pbx, kind, 3.0)
    assert_goes_on(outcome)


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["menu: repeats", "menu: gzip", "gateway: the same", "hook: texts"]
)
async def test_home_assistant_answers_whatever_is_answered_or_posted(
    restaurant: RealSite, hostile_others: HostileServices, kind: str
) -> None:
    assert_goes_on(await measure(restaurant, hostile_others, kind, 3.0))


def assert_goes_on(outcome: Outcome) -> None:
    assert outcome.answers > 10
    assert outcome.longest < ALLOWED
    assert outcome.guests < ALLOWED
    assert outcome.board == "stays"
