"""HTTP as all services need it: limits in time and size, and errors without secrets."""

from .failures import CHANGED, NAME_UNKNOWN, NOT_TRUSTED, Explain, describe
from .limits import DEFAULT_LIMITS, Limits
from .request import STREAM_PIECE, Rescue, Transport

__all__ = [
    "CHANGED",
    "DEFAULT_LIMITS",
    "NAME_UNKNOWN",
    "NOT_TRUSTED",
    "STREAM_PIECE",
    "Explain",
    "Limits",
    "Rescue",
    "Transport",
    "describe",
]
