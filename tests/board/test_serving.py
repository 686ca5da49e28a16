"""The card's files: served by the integration, loaded by every dashboard, kept apart."""

from http import HTTPStatus
from pathlib import Path
import re

from homeassistant.components import frontend
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.carbis_alerts.board import ENTRANCE, FOLDER, asset_version_of

MOST_LINES = 1_300


@pytest.fixture
async def url(hass: HomeAssistant, make_entry: object) -> str:
    """Return the address of the card's module as dashboards are given it."""
    assert await async_setup_component(hass, "frontend", {})
    assert await async_setup_component(hass, "carbis_alerts", {})
    (found,) = [
        url
        for url in hass.data[frontend.DATA_EXTRA_MODULE_URL].urls
        if "carbis_alerts" in url
    ]
    return str(found)


async def test_dashboards_load_the_card_and_may_keep_it(
    hass: HomeAssistant, url: str, hass_client_no_auth: ClientSessionGenerator
) -> None:
    assert url == f"/carbis_alerts/board/{asset_version_of(FOLDER)}/{ENTRANCE}"
    client = await hass_client_no_auth()
    for path in FOLDER.rglob("*"):
        if path.is_dir():
            continue
        name = path.relative_to(FOLDER).as_posix()
        answer = await client.get(url.replace(ENTRANCE, name))
        assert answer.status == HTTPStatus.OK
        assert await answer.text() == path.read_text("utf-8")
        assert "max-age" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["", "../hub.py", "%2e%2e/hub.py", "..%2fhub.py", "../__init__.py"]
)
async def test_nothing_but_the_cards_files_is_served(
    hass: HomeAssistant,
    url: str,
    hass_client_no_auth: ClientSessionGenerator,
    path: str,
) -> None:
    client = await hass_client_no_auth()
    answer = await client.get(url.removesuffix(ENTRANCE) + path)
    assert HTTPStatus.BAD_REQUEST <= answer.status <= HTTPStatus.NOT_FOUND


def test_another_file_is_another_version(tmp_path: Path) -> None:
    (tmp_path / "board.js").write_text("one")
    first = asset_version_of(tmp_path)
    assert asset_version_of(tmp_path) == first
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en.json").write_text("{}")
    second = asset_version_of(tmp_path)
    (tmp_path / "board.js").write_text("two")
    assert len({first, second, asset_version_of(tmp_path)}) == 3


def test_nothing_is_fetched_from_elsewhere() -> None:
    for path in FOLDER.rglob("*.*"):
        text = path.read_text("utf-8")
        assert not re.search(r"https?://|//[a-z]+\.[a-z]", text), path.name
        for module in re.findall(r'from "([^"]+)"', text):
            assert (FOLDER / module).is_file(), f"{path.name} imports {module}"


def test_it_stays_small() -> None:
    lines = sum(
        len(path.read_text("utf-8").splitlines()) for path in FOLDER.glob("*.js")
    )
    assert lines < MOST_LINES


async def test_a_server_that_is_closed_to_new_addresses_costs_the_board_only(
    hass: HomeAssistant,
    make_entry: object,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await async_setup_component(hass, "http", {})

    async def refuse(_: object) -> None:
        raise RuntimeError("frozen")

    monkeypatch.setattr(hass.http, "async_register_static_paths", refuse)
    assert await async_setup_component(hass, "carbis_alerts", {})
    assert "The board cannot be served: frozen" in caplog.text
    assert hass.services.has_service("carbis_alerts", "acknowledge")
