"""What the logbook says of a team."""

from homeassistant.components.recorder.core import Recorder as Database
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from ..fixtures import Recorder
from .teams import entity_of, gather, somebody, turn


@pytest.fixture(autouse=True)
def _site(
    recorder_mock: Database, enable_custom_integrations: None, socket_enabled: None
) -> None:
    """Let Home Assistant find the component, with a database from its beginning."""


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ["Anna: shift ended", "Anna: shift started"]),
        ("ru", ["Anna: конец смены", "Anna: начало смены"]),
    ],
)
async def test_the_logbook_says_who_comes_and_goes(
    hass: HomeAssistant, language: str, lines: list[str]
) -> None:
    hass.config.language = language
    assert await async_setup_component(hass, "logbook", {})
    await gather(hass, somebody("Anna"))
    written = Recorder(hass, "logbook_entry")
    await turn(hass, "Anna", "off")
    await turn(hass, "Anna", "on")
    assert [data["message"] for data in written.data] == lines
    assert {data["entity_id"] for data in written.data} == {
        entity_of(hass, "event", "dispatch")
    }
