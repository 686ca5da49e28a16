"""The one way in for what services send: how much is taken, how fast, at whose cost."""

from .bucket import TokenBucket
from .budget import Budget
from .loop_yield import SLICE, LoopYield
from .unpacking import UNPACKED, Unpacker, codings

__all__ = [
    "SLICE",
    "UNPACKED",
    "Budget",
    "LoopYield",
    "TokenBucket",
    "Unpacker",
    "codings",
]
