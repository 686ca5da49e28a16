"""The budget of an entry's service, with its word in the log."""

from ..api.intake import Budget
from ..const import LOGGER


def make_budget(name: str) -> Budget:
    """Return what a service may cost; the log says when one is slowed."""
    return Budget(
        lambda: LOGGER.warning(
            "%s sends far more than a restaurant has to say; its events are"
            " taken slowly from now on",
            name,
        )
    )
