"""Fuzz the event stream's decoder and the three parsers, one after the other."""

import argparse
from collections.abc import Sequence
import os
from pathlib import Path
import subprocess
import sys
from typing import Final

from . import beside
from .growth import growth
from .quick import look
from .targets import TARGETS

INPUTS: Final = 10_000_000
QUICK_INPUTS: Final = 2_000
CORPUS: Final = Path.home() / ".cache" / "carbis-alerts" / "fuzzing"
NICE: Final = 15


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; 0 where nothing was found."""
    asked = _parser().parse_args(arguments)
    if asked.beside:
        beside.run(asked.beside, asked.seed)
        print(f"beside: {asked.beside} inputs, nothing found")
        return 0
    names = [asked.target] if asked.target else list(TARGETS)
    if asked.quick:
        for name in names:
            look(TARGETS[name], QUICK_INPUTS, asked.seed)
            print(f"{name}: {QUICK_INPUTS} inputs, nothing found")
        return 0
    failed = [line for line in growth() if line.startswith("FAILED")]
    os.nice(NICE)
    for name in names:
        inputs = str(asked.inputs // len(names))
        print(f"{name}: {inputs} inputs", flush=True)
        command = [
            *(sys.executable, "-m", "scripts.fuzzing.engine"),
            *(name, inputs, str(asked.corpus), str(asked.seed)),
        ]
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    print(f"Found something: {', '.join(failed)}" if failed else "Nothing found")
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("--target", choices=TARGETS, help="this one alone")
    parser.add_argument("--inputs", type=int, default=INPUTS, help="in all")
    parser.add_argument("--seed", type=int, default=1, help="of what is random")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="what was learnt")
    parser.add_argument("--quick", action="store_true", help="some seconds, no engine")
    parser.add_argument(
        "--beside", type=int, metavar="INPUTS", help="damage one place, look at others"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
