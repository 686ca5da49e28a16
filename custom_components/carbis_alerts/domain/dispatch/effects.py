"""What is to be done now: somebody is notified, a step has come, nobody comes."""

from dataclasses import dataclass

from .climb import Climb
from .delivery import Delivery
from .step import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Somebody is to be notified of an alert now."""

    climb: Climb
    delivery: Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A step has come for an alert, for whomever it is."""

    climb: Climb
    step: Step
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """Nobody comes: the ladder has come to its end."""

    climb: Climb


type Effect = Came | Notice | Unreached
