"""Two minutes of chaos with real processes, always the same ones."""

from collections.abc import Callable
from pathlib import Path
import shutil

import pytest

from .run import run

SEED = 151
SECONDS = 120


@pytest.mark.slow
# Home Assistant starts half a dozen times, on a machine that runs other tests beside.
@pytest.mark.timeout(900)
async def test_two_minutes_of_chaos_lose_nothing_and_repeat_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    said: list[str] = []
    try:
        result = await run(SEED, SECONDS, tmp_path, largest=300, say=said.append)
        record_property("chaos", str(result))
        assert result.is_clean, "\n".join([*said, str(result)])
        # It was no fair weather.
        assert result.faults > 20
        assert result.kills
        assert result.stops
        assert result.verdict.pushed > 1000
        assert result.verdict.published > result.verdict.pushed / 2
        assert result.by_socket > result.verdict.published / 2
        assert result.by_recorder > result.verdict.published / 2
    finally:
        shutil.rmtree(tmp_path / "config", ignore_errors=True)
