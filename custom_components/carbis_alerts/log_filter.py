"""Keep secrets that stand in addresses out of the log.

No message of ours holds an address; but libraries log theirs, and tracebacks quote
what was being called. What all of them go through are the handlers.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
import logging
from typing import override

REDACTED = "**REDACTED**"


class SecretFilter(logging.Filter):
    """Take known secrets out of records."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self._counts: Counter[str] = Counter()
        # Replaced as a whole: other threads read it while they log.
        self._secrets: tuple[str, ...] = ()

    def add(self, secret: str) -> None:
        """Take a secret out from now on."""
        self._counts[secret] += 1
        self._secrets = tuple(self._counts)

    def remove(self, secret: str) -> None:
        """Leave a secret in, once as many have said so as said to take it out."""
        self._counts[secret] -= 1
        self._counts += Counter()
        self._secrets = tuple(self._counts)

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        secrets = self._secrets
        if not secrets:
            return True
        message = record.getMessage()
        if (cleaned := _cleaned(message, secrets)) != message:
            record.msg, record.args = cleaned, None
        if record.exc_info:
            text = record.exc_text or logging.Formatter().formatException(
                record.exc_info
            )
            if (cleaned := _cleaned(text, secrets)) != text:
                # With exc_info a handler would format the traceback again.
                record.exc_text, record.exc_info = cleaned, None
        return True


def _cleaned(text: str, secrets: tuple[str, ...]) -> str:
    """Return a text without secrets."""
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return text


_FILTER = SecretFilter()


def hide(secret: str) -> None:
    """Keep a secret out of everything that is logged from now on."""
    # A logger's own filters see only what is logged through it, not through its
    # children; a handler's see all.
    for handler in logging.getLogger().handlers:
        if _FILTER not in handler.filters:
            handler.addFilter(_FILTER)
    _FILTER.add(secret)


def reveal(secret: str) -> None:
    """Take back one call of ``hide``."""
    _FILTER.remove(secret)


@contextmanager
def hidden(secret: str) -> Iterator[None]:
    """Keep a secret out of the log for a while."""
    hide(secret)
    try:
        yield
    finally:
        reveal(secret)
