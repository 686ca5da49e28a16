"""What stands beside a damaged place comes through; and what is broken would be found."""

from typing import Any

import pytest

from custom_components.carbis_alerts.api.json import read_json
from scripts.fuzzing import beside
from scripts.fuzzing.__main__ import main
from scripts.fuzzing.targets import BrokenPromise


@pytest.fixture(autouse=True)
def _site() -> None:
    """Nothing here needs Home Assistant."""


@pytest.fixture(autouse=True)
def _quick() -> None:
    """Nothing here polls."""


def test_what_stands_beside_the_damage_comes_through(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--beside", "2000", "--seed", "7"]) == 0
    assert capsys.readouterr().out == "beside: 2000 inputs, nothing found\n"


def test_a_reader_that_loses_what_stands_beside_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forgetful(data: bytes, charset: str | None) -> list[dict[str, Any]]:
        return [{**found, "trunk": None} for found in beside._pbx(data, charset)]

    given = beside._written("pbx", beside.corpus("pbx")[1:2])
    expected = beside.READERS["pbx"](given, None)
    with pytest.raises(BrokenPromise, match="trunk comes through"):
        beside._compare(forgetful, given, None, expected, None, frozenset())


@pytest.mark.parametrize("service", beside.SERVICES)
def test_each_object_of_the_corpus_is_understood(service: str) -> None:
    for item in beside.corpus(service):
        written = beside._written(service, [item])
        (found,) = beside.READERS[service](written, None)
        assert found
        assert read_json(written)
