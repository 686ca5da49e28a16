"""A short look without a coverage-guided engine: the seeds, changed at random."""

import random
from typing import Final

from .targets import Target

MAX_LENGTH: Final = 1024


def mutated(rng: random.Random, seed: bytes) -> bytes:
    """Return an input with some bytes changed, put in, taken out or doubled."""
    data = bytearray(seed)
    for _ in range(rng.randint(1, 8)):
        at = rng.randint(0, len(data))
        end = min(len(data), at + rng.randint(1, 16))
        match rng.randrange(4):
            case 0:
                data[at:end] = rng.randbytes(end - at)
            case 1:
                data[at:at] = rng.randbytes(rng.randint(1, 8))
            case 2:
                del data[at:end]
            case _:
                data[at:at] = data[at:end] * rng.randint(1, 3)
    return bytes(data[:MAX_LENGTH])


def look(target: Target, inputs: int, seed: int) -> None:
    """Try so many inputs on a target; raise with the input at the first finding."""
    rng = random.Random(f"{target.name}{seed}")  # noqa: S311
    pool = list(target.seeds)
    for count in range(inputs):
        data = pool[count] if count < len(pool) else mutated(rng, rng.choice(pool))
        try:
            target.check(data)
        except Exception as err:
            err.add_note(f"{target.name}, input: {data!r}")
            raise
        if count % 50 == 0:
            pool.append(data)
