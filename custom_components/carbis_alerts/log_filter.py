"""Keep secrets that stand in addresses out of the log.

No message of ours holds an address; but libraries log theirs, and tracebacks quote
what was being called. They are cleaned where they are made, so that it does not matter
which handlers there are, at which loggers, and when they were added.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
import logging
from typing import Any, Final

REDACTED: Final = "**REDACTED**"
# What a record says by which we see whether they come by us.
_PROBE: Final = "Is what is logged free of secrets?"


class Secrets:
    """The secrets that are known, to be taken out of what is logged."""

    def __init__(self) -> None:
        """Begin with none."""
        self._counts: Counter[str] = Counter()
        # Replaced as a whole: other threads read it while they log.
        self._secrets: tuple[str, ...] = ()

    def add(self, secret: str) -> None:
        """Take a secret out from now on."""
        if not secret:
            # It would be found between any two letters.
            return
        self._counts[secret] += 1
        self._secrets = tuple(self._counts)

    def remove(self, secret: str) -> None:
        """Leave a secret in, once as many have said so as said to take it out."""
        self._counts[secret] -= 1
        self._counts += Counter()
        self._secrets = tuple(self._counts)

    def clean(self, record: logging.LogRecord) -> None:
        """Take the secrets out of a record."""
        if secrets := self._secrets:
            for clean in (_clean_message, _clean_traceback, _clean_stack):
                # What cannot be written is its handler's to report, in its own way: an
                # error from here would reach whoever logs.
                with suppress(Exception):
                    clean(record, secrets)


def _clean_message(record: logging.LogRecord, secrets: tuple[str, ...]) -> None:
    """Take secrets out of a message, or out of its parts where it makes none."""
    try:
        message = record.getMessage()
    except Exception:  # noqa: BLE001 - whatever somebody's arguments raise
        # The handler will complain, and show the parts as they are.
        record.msg = _cleaned_part(record.msg, secrets)
        if isinstance(record.args, Mapping):
            record.args = {
                key: _cleaned_part(value, secrets) for key, value in record.args.items()
            }
        elif record.args:
            record.args = tuple(_cleaned_part(part, secrets) for part in record.args)
        return
    if (cleaned := _cleaned(message, secrets)) != message:
        record.msg, record.args = cleaned, None


def _clean_traceback(record: logging.LogRecord, secrets: tuple[str, ...]) -> None:
    """Take secrets out of a traceback."""
    text = record.exc_text
    if not text and record.exc_info:
        text = logging.Formatter().formatException(record.exc_info)
    if text and (cleaned := _cleaned(text, secrets)) != text:
        # With exc_info a handler would format the traceback again.
        record.exc_text, record.exc_info = cleaned, None


def _clean_stack(record: logging.LogRecord, secrets: tuple[str, ...]) -> None:
    """Take secrets out of where a message comes from."""
    if record.stack_info:
        record.stack_info = _cleaned(record.stack_info, secrets)


def _cleaned_part(part: object, secrets: tuple[str, ...]) -> object:
    """Return a part of a message; another one only where it shows a secret."""
    try:
        text = part if isinstance(part, str) else repr(part)
    except Exception:  # noqa: BLE001 - whatever somebody's object raises
        return part
    cleaned = _cleaned(text, secrets)
    return part if cleaned == text else cleaned


def _cleaned(text: str, secrets: tuple[str, ...]) -> str:
    """Return a text without secrets."""
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return text


_SECRETS: Final = Secrets()


def hide(secret: str) -> None:
    """Keep a secret out of everything that is logged from now on."""
    _see_records()
    _SECRETS.add(secret)


def reveal(secret: str) -> None:
    """Take back one call of ``hide``."""
    _SECRETS.remove(secret)


def _see_records() -> None:
    """Have all records come by us; another integration may have replaced what makes them."""
    make = logging.getLogRecordFactory()
    if make("", logging.NOTSET, "", 0, _PROBE, (), None).msg == REDACTED:
        return

    def make_clean(*args: Any, **kwargs: Any) -> logging.LogRecord:
        """Make a record without secrets."""
        record = make(*args, **kwargs)
        if record.msg is _PROBE:
            record.msg = REDACTED
        else:
            _SECRETS.clean(record)
        return record

    logging.setLogRecordFactory(make_clean)


@contextmanager
def hidden(secret: str) -> Iterator[None]:
    """Keep a secret out of the log for a while."""
    hide(secret)
    try:
        yield
    finally:
        reveal(secret)
