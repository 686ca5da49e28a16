"""Run the measurements; a table on the screen, all figures in a file on demand."""

import argparse
import asyncio
from dataclasses import asdict
import logging
from pathlib import Path
import sys

import orjson

from .alerts import ALLOWED as SET_UP_ALLOWED, TABLES, AlertCost, measure_alerts
from .burst import ALLOWED, EVENTS, measure_burst
from .poll import measure_polls
from .triggers import measure_triggers


def main() -> int:
    """Measure, print, and return 1 where a limit is not kept."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)

    burst = asyncio.run(measure_burst())
    print(f"{EVENTS:,} events in one answer of {burst.answer_bytes / 1e6:.1f} MB")
    print(f"  longest stall of the loop   {burst.stall * 1e3:6.1f} ms")
    print(f"  the same, nothing to do     {burst.idle_stall * 1e3:6.1f} ms")
    print(
        f"  part of the allowed {ALLOWED * 1e3:.0f} ms   {burst.stall / ALLOWED:6.2f}"
    )
    costs = asyncio.run(measure_polls())
    print(f"\n{'CPU ÷ bare GET and parse':36} {'median':>7} {'least':>7}")
    for cost in costs:
        print(f"{cost.name:36} {cost.median:7.2f} {cost.least:7.2f}")
    triggers = asyncio.run(measure_triggers())
    print(f"\n{'trigger ÷ event trigger':36} {'median':>7} {'least':>7}")
    for trigger in triggers:
        print(f"{trigger.name:36} {trigger.median:7.2f} {trigger.least:7.2f}")
    alerts = asyncio.run(measure_alerts())
    _print_alerts(alerts)
    if options.json is not None:
        figures = {
            "alerts": asdict(alerts),
            "burst": asdict(burst),
            "polls": [asdict(cost) for cost in costs],
            "triggers": [asdict(trigger) for trigger in triggers],
        }
        options.json.write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2))
    return int(
        burst.stall > ALLOWED
        or alerts.setup_ratio > SET_UP_ALLOWED
        or alerts.timers != 1
    )


def _print_alerts(cost: AlertCost) -> None:
    """Print what alerts cost."""
    print(f"\n{TABLES} tables, all waiting; {cost.transitions:,} transitions")
    print(f"  a transition, median        {cost.transition / 1e3:6.2f} ms")
    print(f"  99 of 100 are below         {cost.transition_99 / 1e3:6.2f} ms")
    print(f"  states that one writes      {cost.writes:6.2f}")
    print(f"  timers of the entry         {cost.timers:6}")
    print(f"  set-up ÷ plain entities     {cost.setup_ratio:6.2f}")
    print(f"  noise of the floor          {cost.floor_noise:6.2f}")


if __name__ == "__main__":
    sys.exit(main())
