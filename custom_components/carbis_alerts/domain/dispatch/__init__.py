"""Who is notified of what waits, and when: a plan without network, time passed in."""

from .burst import Burst
from .climb import Climb
from .delivery import Delivery, DeliveryState, Handed, Withdrawal
from .effects import Came, Notice, Unreached
from .plan import Plan
from .step import Step

__all__ = [
    "Burst",
    "Came",
    "Climb",
    "Delivery",
    "DeliveryState",
    "Handed",
    "Notice",
    "Plan",
    "Step",
    "Unreached",
    "Withdrawal",
]
