"""Whatever comes is an answer or a named error; and what is broken would be found."""

from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path
import subprocess
import sys
import time
from typing import override
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings, strategies as st
import orjson
import pytest

from custom_components.carbis_alerts.api.event_stream import EventStreamDecoder
from scripts.fuzzing import targets
from scripts.fuzzing.__main__ import main
from scripts.fuzzing.choices import Choices
from scripts.fuzzing.growth import SHAPES, Shape, growth
from scripts.fuzzing.quick import look
from scripts.fuzzing.targets import TARGETS, BrokenPromise, Target

NAMES = sorted(TARGETS)


@pytest.fixture(autouse=True)
def _site() -> None:
    """Nothing here needs Home Assistant."""


@pytest.fixture(autouse=True)
def _quick() -> None:
    """Nothing here polls."""


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(NAMES), st.binary(max_size=400))
def test_whatever_comes_is_an_answer_or_a_named_error(name: str, data: bytes) -> None:
    TARGETS[name].run(data)


@pytest.mark.parametrize("name", NAMES)
def test_the_quick_look_finds_nothing(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--quick", "--target", name]) == 0
    assert capsys.readouterr().out == f"{name}: 2000 inputs, nothing found\n"


@pytest.mark.parametrize("name", NAMES)
def test_the_seeds_reach_what_they_are_for(name: str) -> None:
    """Each target takes something apart; else it would look at refusals alone."""
    reached: list[str] = []
    hold = targets.hold

    def note(promise: str, held: object) -> None:
        reached.append(promise)
        hold(promise, held)

    with patch.object(targets, "hold", note):
        look(TARGETS[name], 500, seed=1)
    assert len(set(reached)) >= 3


def test_an_error_that_has_no_name_is_found_with_its_input() -> None:
    def broken(data: bytes) -> None:
        if b"\xff" in data:
            raise KeyError("x")

    target = Target(name="broken", run=broken, seeds=(b"begin",))
    with pytest.raises(KeyError) as caught:
        look(target, 5_000, seed=1)
    assert any("\\xff" in note for note in caught.value.__notes__)


def test_what_takes_too_long_is_found() -> None:
    def slow(data: bytes) -> None:
        until = time.thread_time() + 0.2
        while time.thread_time() < until:
            pass

    with pytest.raises(BrokenPromise, match="take longer"):
        Target(name="slow", run=slow, seeds=()).check(b"x")


class Forgetful(EventStreamDecoder):
    """A decoder that forgets what was cut off."""

    @override
    def _keep(self, piece: bytes) -> None:
        """Keep nothing."""


@pytest.fixture
def _forgetful() -> Generator[None]:
    with patch.object(targets, "EventStreamDecoder", Forgetful):
        yield


@pytest.mark.usefixtures("_forgetful")
def test_a_decoder_that_forgets_is_found() -> None:
    with pytest.raises(BrokenPromise, match="mean what the whole means"):
        look(TARGETS["event_stream"], 500, seed=1)


def test_decisions_from_no_bytes_are_the_simplest() -> None:
    choices = Choices(b"")
    assert choices.json(["a"], ["b"]) is None
    assert choices.object(["a"], ["b"]) == {}
    assert choices.text() == ""
    assert choices.rest == b""


@given(st.binary(max_size=300))
def test_decisions_from_any_bytes_end_and_can_be_written(data: bytes) -> None:
    assert orjson.dumps(Choices(data).json(["a", "b"], ["c"]))


# --- Growth ----------------------------------------------------------------------------


@pytest.mark.slow
def test_nothing_grows_faster_than_what_comes() -> None:
    assert [line for line in growth() if line.startswith("FAILED")] == []


def quadratic(data: bytes) -> None:
    until = time.thread_time() + (len(data) / 1_500_000) ** 2
    while time.thread_time() < until:
        pass


def greedy(data: bytes) -> None:
    for _ in data[:1]:
        bytearray(len(data) * 200)


@pytest.mark.parametrize("read", [quadratic, greedy])
def test_what_grows_faster_is_found(
    monkeypatch: pytest.MonkeyPatch, read: object
) -> None:
    shape = Shape(name="x", make=SHAPES[0].make, read=read)  # type: ignore[arg-type] # the very function
    monkeypatch.setattr("scripts.fuzzing.growth.SHAPES", (shape,))
    (line,) = growth()
    assert line.startswith("FAILED x: ")


# --- The engine ------------------------------------------------------------------------


@pytest.mark.skipif(find_spec("atheris") is None, reason="needs the group fuzz")
@pytest.mark.parametrize("name", NAMES)
def test_the_engine_learns_and_finds_nothing(name: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "scripts.fuzzing.engine", name, "2000", tmp_path, "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "stat::number_of_executed_units: 2000" in ended.stderr
    assert len(list((tmp_path / "grown" / name).iterdir())) > 3
