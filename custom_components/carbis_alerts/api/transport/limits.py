"""How long and how large an exchange may be."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how large an exchange may be: seconds, bytes, values of a document.

    A value of two bytes takes a hundred in memory, so bytes alone bound nothing.
    """

    connect: float = 5.0
    total: float = 10.0
    body: int = 16 * 1024 * 1024
    values: int = 1_000_000


DEFAULT_LIMITS: Final = Limits()
