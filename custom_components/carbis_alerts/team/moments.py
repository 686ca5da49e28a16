"""The clock of dispatch: seconds that nobody sets, whatever the wall clock shows."""

import time


def moment() -> float:
    """Return the present, in seconds since a beginning that means nothing."""
    return time.monotonic()
