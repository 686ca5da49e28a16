"""Measure the component on this machine, beside floors and what a user could take instead."""

import argparse
import asyncio
from importlib import import_module
import logging
from pathlib import Path
import platform
import sys
import time
from typing import Final

from homeassistant.const import __version__
import orjson

from .figures import Figure, table
from .rounds import Effort

# Each a module of ``cases`` with a function ``measure``.
CASES: Final = (
    "import_time",
    "stream_decoding",
    "latency",
    "own_code",
    "press",
    "qr_poll",
    "whatsapp_drain",
    "triggers",
    "alerts",
    "crowd",
    "whose",
    "set_up",
    "burst",
    "memory",
    "records",
    "idle",
)
# What takes minutes by the clock: faults, with the real pauses.
SLOW_CASES: Final = ("qr_faults", "pbx_faults")


def main() -> int:
    """Measure, print, and return 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description=__doc__)
    parser.add_argument(
        "cases",
        nargs="*",
        metavar="CASE",
        help=f"of {', '.join((*CASES, *SLOW_CASES))}; without any all but the last two",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures")
    parser.add_argument(
        "--quick", action="store_true", help="only see that everything runs"
    )
    parser.add_argument(
        "--rounds", type=int, metavar="N", help="no more rounds than these"
    )
    options = parser.parse_args()
    if unknown := set(options.cases) - {*CASES, *SLOW_CASES}:
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    logging.disable(logging.CRITICAL)

    effort = Effort(quick=options.quick, most_rounds=options.rounds)
    figures: dict[str, list[Figure]] = {}
    for name in options.cases or CASES:
        began = time.monotonic()
        case = import_module(f"{__package__}.cases.{name}")
        figures[name] = asyncio.run(case.measure(effort))
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    found = [figure for group in figures.values() for figure in group]
    print(table(found))
    if options.json is not None:
        options.json.write_bytes(
            orjson.dumps(_document(figures), option=orjson.OPT_INDENT_2)
        )
    missed = [figure.name for figure in found if figure.is_met is False]
    if options.quick:
        print(f"{len(found)} figures; a quick run says nothing of goals")
        return 0
    print(f"{len(found)} figures, {len(missed)} goals missed")
    return int(bool(missed))


def _document(figures: dict[str, list[Figure]]) -> dict[str, object]:
    """Return all figures, and what they were measured with."""
    return {
        "home_assistant": __version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cases": {
            name: [figure.as_dict() for figure in group]
            for name, group in figures.items()
        },
    }


if __name__ == "__main__":
    sys.exit(main())
