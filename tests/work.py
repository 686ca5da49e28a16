"""How much of the component's code something runs: work that no machine's speed changes."""

from collections.abc import Callable
from pathlib import Path
import sys
from types import FrameType
from typing import Any, Final

COMPONENT: Final = str(Path("custom_components/carbis_alerts").resolve())


def lines_run(work: Callable[[], object], room: str = "") -> int:
    """Return how many lines of the component, or of a room of it, some work runs."""
    count = 0
    folder = f"{COMPONENT}/{room}"

    def in_function(frame: FrameType, kind: str, _: Any) -> Any:
        nonlocal count
        count += kind == "line"
        return in_function

    def in_call(frame: FrameType, kind: str, _: Any) -> Any:
        return in_function if frame.f_code.co_filename.startswith(folder) else None

    before = sys.gettrace()
    sys.settrace(in_call)
    try:
        work()
    finally:
        sys.settrace(before)
    return count
