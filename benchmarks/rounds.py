"""Rounds: the floor, ours and the others take turns, so that the machine's moods hit all."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
import gc
import time

type Run = Callable[[], Awaitable[object]]
type Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: all of it, or hardly anything, to see that it runs."""

    quick: bool = False
    most_rounds: int | None = None

    def rounds(self, number: int) -> int:
        """Return how many rounds to make."""
        if self.quick:
            return 1
        return number if self.most_rounds is None else min(number, self.most_rounds)

    def size(self, number: int) -> int:
        """Return how much there is in a round."""
        return max(10, number // 50) if self.quick else number


async def alternate(
    runs: Mapping[str, Run],
    rounds: int,
    *,
    units: int = 1,
    clock: Clock = time.process_time,
) -> dict[str, list[float]]:
    """Return what each run cost in each round, in microseconds for each unit of work."""
    if rounds > 1:
        # To warm up.
        for run in runs.values():
            await run()
    costs: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            gc.collect()
            began = clock()
            await run()
            costs[name].append((clock() - began) / units * 1e6)
    return costs
