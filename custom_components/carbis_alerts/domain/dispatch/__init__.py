"""Who is told of what waits, and when: a plan without network, time passed in."""

from .climb import Climb
from .delivery import Delivery, DeliveryState, Handed, Withdrawal
from .plan import Plan, Tell, Unreached
from .step import Step

__all__ = [
    "Climb",
    "Delivery",
    "DeliveryState",
    "Handed",
    "Plan",
    "Step",
    "Tell",
    "Unreached",
    "Withdrawal",
]
