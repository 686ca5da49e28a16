"""The coverage-guided engine: atheris, which is libFuzzer for Python.

A process of its own for each target: the engine ends its process, and what it is to
watch must not have been imported before.
"""

import argparse
from importlib import import_module
import logging
from pathlib import Path
from typing import Any, Final

PACKAGE: Final = "custom_components.carbis_alerts"
INSTRUMENTED: Final = (f"{PACKAGE}.api", f"{PACKAGE}.model")
# Longer inputs teach nothing that shorter ones do not; sizes are another matter.
MAX_LENGTH: Final = 512
# Seconds and MiB after which the engine itself calls an input a finding.
TIMEOUT: Final = 10
MEMORY: Final = 1024


def run(name: str, inputs: int, corpus: Path, seed: int) -> None:
    """Try so many inputs on a target and end the process: 0 where nothing was found."""
    # Only this command needs it.
    atheris: Any = import_module("atheris")
    logging.disable(logging.CRITICAL)
    with atheris.instrument_imports(include=list(INSTRUMENTED)):
        targets = import_module("scripts.fuzzing.targets")
    target = targets.TARGETS[name]
    seeds, findings = corpus / "seeds" / name, corpus / "findings"
    grown = corpus / "grown" / name
    for folder in (seeds, grown, findings):
        folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(target.seeds):
        (seeds / str(number)).write_bytes(data)
    options = {
        "runs": inputs,
        "seed": seed,
        "max_len": MAX_LENGTH,
        "timeout": TIMEOUT,
        "rss_limit_mb": MEMORY,
        "artifact_prefix": f"{findings}/{name}-",
        "print_final_stats": 1,
        "verbosity": 1,
    }
    arguments = [f"-{option}={value}" for option, value in options.items()]
    atheris.Setup(["fuzz", *arguments, str(grown), str(seeds)], target.check)
    atheris.Fuzz()


def main() -> None:
    """Take the arguments that the command passes on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("inputs", type=int)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("seed", type=int)
    asked = parser.parse_args()
    run(asked.name, asked.inputs, asked.corpus, asked.seed)


if __name__ == "__main__":
    main()
