"""``python -m tests.chaos``: chaos for as long as wanted, with any seed."""

import argparse
import asyncio
from pathlib import Path
import secrets
import shutil
import sys
import tempfile

from scripts.live_demo.account import say

from .plan import LARGEST_BURST, make_plan
from .run import run


def main() -> int:
    """Run, print the verdict, and return 1 where the law was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="what is drawn from (any; printed)")
    parser.add_argument("--minutes", type=float, default=10.0, help="%(default)s")
    parser.add_argument(
        "--largest", type=int, default=LARGEST_BURST, help="burst (%(default)s events)"
    )
    parser.add_argument(
        "--component", type=Path, help="another copy of the component to try"
    )
    parser.add_argument("--keep", action="store_true", help="keep logs and files")
    parser.add_argument("--plan", action="store_true", help="print the plan only")
    options = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    if options.plan:
        for act in make_plan(seed, options.minutes * 60, largest=options.largest):
            say(str(act))
        return 0
    folder = Path(tempfile.mkdtemp(prefix="carbis-alerts-chaos-"))
    keep = options.keep
    try:
        result = asyncio.run(
            run(
                seed,
                options.minutes * 60,
                folder,
                largest=options.largest,
                component=options.component,
                say=say,
            )
        )
        keep = keep or not result.is_clean
        say(str(result))
        return int(not result.is_clean)
    finally:
        if keep:
            say(f"logs and files: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
