"""Secrets stay out of the log, whoever logs them."""

import io
import logging

import pytest

from custom_components.carbis_alerts.log_filter import hidden, hide, reveal

SECRET = "d75b3a66374942c5b3c019c698abc206"


@pytest.fixture
def log() -> io.StringIO:
    """Return what a root handler writes."""
    return io.StringIO()


@pytest.fixture(autouse=True)
def _handler(log: io.StringIO) -> object:
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
