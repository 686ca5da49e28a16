"""Recordings of what a service sends, without anything that it says of anybody."""

from .exchanges import Recorded, recorded
from .words import BASE, Pseudonyms

__all__ = ["BASE", "Pseudonyms", "Recorded", "recorded"]
