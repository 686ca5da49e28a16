"""How long ago something was stored: by the clock that nobody sets, as far as it goes."""

from typing import Any
from unittest.mock import patch

import pytest

from custom_components.carbis_alerts.runtime import clocks
from simulator.qr_menu import QrMenuService

from ..sites import life

MODULE = "custom_components.carbis_alerts.runtime.clocks"
STORED = {"boot": "this", "monotonic": 1000.0, "wall": 50_000.0}


def wall_since(stored: object, *, boot: str | None = "this") -> float:
    """Return the wall clock's time after 20 s, though it was set forward by an hour."""
    with (
        patch(f"{MODULE}.BOOT_ID", boot),
        patch(f"{MODULE}.time.monotonic", return_value=1020.0),
        patch(f"{MODULE}.time.time", return_value=53_620.0),
    ):
        return clocks.wall_since(stored)


def test_in_the_same_run_of_the_machine_a_clock_that_was_set_does_not_count() -> None:
    assert wall_since(STORED) == 50_020.0


@pytest.mark.parametrize(
    "stored",
    [
        None,
        {**STORED, "boot": "another"},
        {**STORED, "monotonic": 2000.0},
        {**STORED, "monotonic": "x"},
        {**STORED, "wall": None},
    ],
)
def test_otherwise_the_wall_clock_is_believed(stored: object) -> None:
    assert wall_since(stored) == 53_620.0


def test_where_nothing_distinguishes_runs_of_the_machine_it_is_believed() -> None:
    assert wall_since({**STORED, "boot": None}, boot=None) == 53_620.0


async def test_a_kill_after_the_clock_was_set_brings_nothing_again(
    hass_storage: dict[str, Any],
) -> None:
    async with QrMenuService(token="s3cret-token-of-the-server") as server:
        async with life(server) as site:
            await site.settle()
            server.waiter_call("1")
            await site.bus.wait(1)
            await site.stop()
        # Nothing was written between the clock's change and the kill.
        stored = hass_storage[next(key for key in hass_storage if "carbis" in key)]
        data = stored["data"]
        data["clocks"]["wall"] -= 3600
        for key in data["journal"]["seen"]:
            data["journal"]["seen"][key] -= 3600
        async with life(server) as site:
            await site.settle()
            last = server.waiter_call("1")
            assert [one["event_id"] for one in await site.bus.wait(1)] == [last["hash"]]
