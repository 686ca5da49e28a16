"""Long work that lets others run."""

import asyncio
from types import SimpleNamespace

import pytest

from custom_components.carbis_alerts.api import loop_yield
from custom_components.carbis_alerts.api.loop_yield import SLICE, LoopYield


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
