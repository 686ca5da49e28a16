"""The command line."""

import socket

import pytest

from scripts.live_demo.command import parser
from scripts.live_demo.errors import DemoError
from scripts.live_demo.site import free_port


def test_defaults() -> None:
    options = parser().parse_args([])
    assert (options.once, options.language, options.port) == (False, "en", 0)
    assert options.messenger == "max"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "65536"],
        ["--port", "x"],
        ["--language", "de"],
        ["--messenger", "icq"],
        ["more"],
    ],
)
def test_bad_arguments_are_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(arguments)
    assert ended.value.code == 2
    assert "error" in capsys.readouterr().err


def test_a_free_port_is_found() -> None:
    assert free_port(0) > 0


def test_a_port_in_use_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DemoError, match=f"port {port}: Address already in use.$"):
            free_port(port)
