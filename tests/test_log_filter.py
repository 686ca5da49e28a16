"""Secrets stay out of the log, whoever logs them."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
import io
import logging
from typing import override

import pytest

from custom_components.carbis_alerts.log_filter import Secrets, hidden, hide, reveal

SECRET = "d75b3a66374942c5b3c019c698abc206"


@pytest.fixture
def log() -> io.StringIO:
    """Return what a root handler writes."""
    return io.StringIO()


@pytest.fixture(autouse=True)
def handler(log: io.StringIO) -> Generator[logging.Handler]:
    """Return a root handler."""
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)


def test_a_secret_is_taken_out_of_messages_arguments_and_tracebacks(
    log: io.StringIO,
) -> None:
    library = logging.getLogger("some.library.of.others")
    with hidden(SECRET):
        library.error("GET /waInstance1/receive/%s", SECRET)
        library.error("plain %s", "text")
        try:
            int(f"https://host/{SECRET}/x")
        except ValueError:
            library.exception("failed")
    written = log.getvalue()
    assert SECRET not in written
    assert written.count("**REDACTED**") == 2
    assert "plain text" in written
    assert "Traceback" in written


def test_a_secret_of_two_is_hidden_until_both_are_gone(log: io.StringIO) -> None:
    library = logging.getLogger("some.library")
    hide(SECRET)
    hide(SECRET)
    reveal(SECRET)
    library.error("first %s", SECRET)
    reveal(SECRET)
    library.error("second %s", SECRET)
    assert f"first {SECRET}" not in log.getvalue()
    assert f"second {SECRET}" in log.getvalue()


class Broken:
    """What raises whenever somebody wants to write it down."""

    @override
    def __str__(self) -> str:
        raise RuntimeError("no words")

    __repr__ = __str__


WRONG_CALLS: tuple[tuple[object, tuple[object, ...]], ...] = (
    ("%s %s", (1,)),
    ("%s", (1, 2)),
    ("%d", ("x",)),
    ("%s", (Broken(),)),
    (Broken(), ()),
    ("%(name)s", ({"other": 1},)),
    ("%s %q", (1, 2)),
)


@contextmanager
def alone(handler: logging.Handler) -> Generator[None]:
    """Take away pytest's own handlers, which raise on a wrong call as nobody's else do."""
    root = logging.getLogger()
    others = [kept for kept in root.handlers if kept is not handler]
    for other in others:
        root.removeHandler(other)
    yield
    for other in others:
        root.addHandler(other)


@pytest.mark.parametrize(("message", "args"), WRONG_CALLS)
def test_a_wrong_log_call_is_as_if_nobody_was_there(
    capsys: pytest.CaptureFixture[str],
    log: io.StringIO,
    handler: logging.Handler,
    message: object,
    args: tuple[object, ...],
) -> None:
    library = logging.getLogger("some.library.of.others")
    published = []
    for secrets in ((), (SECRET,)):
        for secret in secrets:
            hide(secret)
        with alone(handler):
            library.error(message, *args)
        published.append(capsys.readouterr().err.splitlines()[-2:])
        for secret in secrets:
            reveal(secret)
    assert published[0] == published[1]
    assert log.getvalue() == ""


def test_a_wrong_log_call_is_complained_of_without_the_secret(
    capsys: pytest.CaptureFixture[str], handler: logging.Handler
) -> None:
    library = logging.getLogger("some.library.of.others")
    with hidden(SECRET), alone(handler):
        library.error(f"%s %s %s {SECRET}", f"a/{SECRET}", 5)
        library.error("%d", [SECRET], Broken())
    written = capsys.readouterr().err
    assert written.count("Logging error") == 2
    assert SECRET not in written
    assert "**REDACTED**" in written


@pytest.mark.parametrize("odd", [(None, None, None), True, (1, 2), "x", Broken()])
def test_an_odd_traceback_raises_nothing_and_the_message_is_clean(odd: object) -> None:
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "%s", (SECRET,), None)
    record.exc_info = odd  # type: ignore[assignment]  # as wrong as others make it
    record.stack_info = f"at {SECRET}"
    tested = Secrets()
    tested.add(SECRET)
    tested.clean(record)
    assert record.exc_info is odd
    assert record.getMessage() == "**REDACTED**"
    assert record.stack_info == "at **REDACTED**"


def test_what_holds_no_secret_stays_the_very_same() -> None:
    args = ([1], "text")
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "%s %s", args, None)
    try:
        int("plain")
    except ValueError as err:
        record.exc_info = (ValueError, err, err.__traceback__)
    before = dict(record.__dict__)
    tested = Secrets()
    tested.add(SECRET)
    tested.clean(record)
    assert record.__dict__ == before
    assert record.args is args


def test_without_a_secret_nothing_is_formatted() -> None:
    class Counted:
        written = 0

        @override
        def __str__(self) -> str:
            self.written += 1
            return "x"

    counted = Counted()
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "%s", (counted,), None)
    tested = Secrets()
    tested.add("")
    tested.clean(record)
    assert counted.written == 0


def test_a_handler_that_comes_later_at_any_logger_writes_no_secret() -> None:
    library = logging.getLogger("some.library.of.others.again")
    written = io.StringIO()
    later = logging.StreamHandler(written)
    with hidden(SECRET):
        for logger in (logging.getLogger(), library):
            logger.addHandler(later)
            library.propagate = logger is not library
            library.error("GET %s", SECRET)
            logger.removeHandler(later)
    library.propagate = True
    assert written.getvalue() == "GET **REDACTED**\n" * 2


def test_records_are_made_once_however_many_secrets_there_are() -> None:
    hide(SECRET)
    reveal(SECRET)
    make = logging.getLogRecordFactory()
    for _ in range(3):
        with hidden(SECRET):
            assert logging.getLogRecordFactory() is make


def test_whoever_replaces_what_makes_records_is_asked_for_them_from_then_on(
    log: io.StringIO,
) -> None:
    before = logging.getLogRecordFactory()
    try:
        logging.setLogRecordFactory(logging.LogRecord)
        with hidden(SECRET):
            logging.getLogger("x").error("GET %s", SECRET)
        # One that passes on to what was there before needs nothing more.
        theirs = logging.getLogRecordFactory()
        after = partial(theirs)
        logging.setLogRecordFactory(after)
        with hidden(SECRET):
            logging.getLogger("x").error("GET %s", SECRET)
        assert logging.getLogRecordFactory() is after
    finally:
        logging.setLogRecordFactory(before)
    assert log.getvalue() == "GET **REDACTED**\n" * 2
