"""The announcement: what is spoken, when, by what, and how loud."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from simulator.qr_menu import QrMenuService

from ..alerts import SiteClock, act, site_clock, table_calls
from ..conftest import Recorder
from ..excludes import CAN_EXCLUDE
from ..helpers import HUB_ACTIVITY, wait_until
from .conftest import Automate, elapse
from .settle import settle

HALL = "media_player.hall"
# Some way to the end of any sentence here.
SPOKEN = 12
# A little more than calls are collected for.
COLLECTED = 2.5


@pytest.fixture
def said(hass: HomeAssistant) -> list[ServiceCall]:
    """Return what is spoken by the site's voice."""
    hass.states.async_set("tts.voice", "unknown")
    hass.states.async_set(HALL, "idle", {"volume_level": 0.2})
    return async_mock_service(hass, "tts", "speak")


async def _texts(
    hass: HomeAssistant, clock: SiteClock, said: list[ServiceCall], *waits: float
) -> list[str]:
    """Let times pass, and return what was spoken in them."""
    before = len(said)
    for seconds in waits:
        await elapse(hass, clock, seconds)
    return [call.data["message"] for call in said[before:]]


async def test_calls_in_a_row_are_one_sentence_and_later_ones_wait_for_its_end(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    said: list[ServiceCall],
) -> None:
    with site_clock("19:00") as clock:
        await automate("announcement", players=[HALL])
        for table in ("6", "7", "8"):
            await table_calls(qr_menu, alerts, table)
        await settle()
        assert await _texts(hass, clock, said, COLLECTED) == [
            "Table 6, Table 7 and Table 8 are calling the waiter."
        ]
        assert said[0].data["entity_id"] == ["tts.voice"]
        assert said[0].data["media_player_entity_id"] == [HALL]

        # While it is spoken another calls: nobody speaks over it.
        await table_calls(qr_menu, alerts, "5")
        await settle()
        assert await _texts(hass, clock, said, 1) == []
        assert await _texts(hass, clock, said, SPOKEN, COLLECTED) == [
            "Table 5 is calling the waiter."
        ]
        assert await _texts(hass, clock, said, SPOKEN, COLLECTED) == []
        await settle()

        # Those before still wait, but have been spoken.
        await table_calls(qr_menu, alerts, "4")
        await settle()
        assert await _texts(hass, clock, said, COLLECTED) == [
            "Table 4 is calling the waiter."
        ]


async def test_one_that_calls_as_a_run_ends_is_spoken_by_the_next(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    said: list[ServiceCall],
) -> None:
    with site_clock("19:00") as clock:
        await automate("announcement", players=[HALL], collect=5)
        first = await table_calls(qr_menu, alerts, "6")
        await act(hass, "acknowledge", alert_id=first["alert_id"])
        # What was taken while it was waited for others is not spoken.
        assert await _texts(hass, clock, said, 6) == []
        await settle()
        await table_calls(qr_menu, alerts, "6")
        await settle()
        assert await _texts(hass, clock, said, 6) == ["Table 6 is calling the waiter."]


async def test_the_volume_is_set_and_then_as_it_was(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    said: list[ServiceCall],
) -> None:
    await hass.config.async_update(language="ru")
    volumes = async_mock_service(hass, "media_player", "volume_set")
    with site_clock("19:00") as clock:
        await automate(
            "announcement",
            players=[HALL, "media_player.mute"],
            volume=70,
            language="ru",
        )
        await table_calls(qr_menu, alerts, "6")
        await table_calls(qr_menu, alerts, "7")
        await settle()
        assert await _texts(hass, clock, said, COLLECTED) == [
            "Столик 6 и Столик 7 зовут официанта."
        ]
        assert [call.data["volume_level"] for call in volumes] == [0.7]
        hass.states.async_set(HALL, "playing", {"volume_level": 0.7})
        await _texts(hass, clock, said, SPOKEN)
        assert len(volumes) == 1
        # It is restored when the speaker has ended.
        hass.states.async_set(HALL, "idle", {"volume_level": 0.7})
        await wait_until(lambda: len(volumes) == 2)
        assert volumes[1].data == {"entity_id": [HALL], "volume_level": 0.2}


@pytest.mark.parametrize(
    ("now", "spoken"),
    [("22:59", True), ("23:30", False), ("03:00", False), ("10:00", True)],
)
async def test_nothing_is_spoken_in_quiet_hours(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    said: list[ServiceCall],
    now: str,
    spoken: bool,
) -> None:
    await hass.config.async_set_time_zone("UTC")
    with site_clock(now) as clock:
        await automate(
            "announcement", players=[HALL], quiet_from="23:00:00", quiet_to="10:00:00"
        )
        await table_calls(qr_menu, alerts, "6")
        await settle()
        assert len(await _texts(hass, clock, said, COLLECTED)) == spoken


async def test_a_satellite_announces_and_a_sound_plays(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    said: list[ServiceCall],
) -> None:
    announced = async_mock_service(hass, "assist_satellite", "announce")
    played = async_mock_service(hass, "media_player", "play_media")
    with site_clock("19:00") as clock:
        await automate(
            "announcement",
            way="satellite",
            satellites=["assist_satellite.bar"],
            message="{{ tables | count }}: {{ names }}",
        )
        await automate(
            "announcement",
            way="media",
            players=[HALL],
            media={
                "media_content_id": "media-source://media_source/local/bell.mp3",
                "media_content_type": "audio/mpeg",
            },
        )
        await table_calls(qr_menu, alerts, "6")
        await settle()
        await _texts(hass, clock, said, COLLECTED)
    assert [call.data for call in announced] == [
        {"entity_id": ["assist_satellite.bar"], "message": "1: 6"}
    ]
    assert [call.data for call in played] == [
        {
            "entity_id": [HALL],
            "media_content_id": "media-source://media_source/local/bell.mp3",
            "media_content_type": "audio/mpeg",
            "announce": True,
        }
    ]
    assert said == []


type Choose = Callable[[HomeAssistant, str], dict[str, Any]]


def _by_area(hass: HomeAssistant, device_id: str) -> dict[str, Any]:
    area = ar.async_get(hass).async_create("Terrace")
    dr.async_get(hass).async_update_device(device_id, area_id=area.id)
    return {"area_id": area.id}


@pytest.mark.parametrize(
    ("choose", "expected"),
    [
        (lambda _, device: {"device_id": device}, "Table 6 is calling the waiter."),
        (
            lambda *_: {"entity_id": "binary_sensor.table_6_waiter_called"},
            "Table 6 is calling the waiter.",
        ),
        (_by_area, "Table 6 is calling the waiter."),
        (
            lambda *_: {"entity_id": [HUB_ACTIVITY]},
            "Table 6 and Table 8 are calling the waiter.",
        ),
    ],
)
async def test_only_what_is_watched_is_spoken(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    said: list[ServiceCall],
    choose: Choose,
    expected: str,
) -> None:
    first = await table_calls(qr_menu, alerts, "6")
    await act(hass, "acknowledge", alert_id=first["alert_id"])
    target = choose(hass, first["device_id"])
    await hass.async_block_till_done()
    with site_clock(dt_util.utcnow() + timedelta(minutes=1)) as clock:
        await automate("announcement", players=[HALL], target=target)
        await table_calls(qr_menu, alerts, "6")
        await table_calls(qr_menu, alerts, "8")
        await settle()
        assert await _texts(hass, clock, said, COLLECTED) == [expected]


async def test_what_the_target_excludes_is_not_spoken(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    said: list[ServiceCall],
) -> None:
    first = await table_calls(qr_menu, alerts, "6")
    await act(hass, "acknowledge", alert_id=first["alert_id"])
    target = {
        "entity_id": [HUB_ACTIVITY],
        "exclude": {"device_id": [first["device_id"]]},
    }
    await hass.async_block_till_done()
    with site_clock(dt_util.utcnow() + timedelta(minutes=1)) as clock:
        if not CAN_EXCLUDE:
            # Home Assistant refuses the trigger.
            with pytest.raises(AssertionError):
                await automate("announcement", players=[HALL], target=target)
            return
        await automate("announcement", players=[HALL], target=target)
        await table_calls(qr_menu, alerts, "8")
        await table_calls(qr_menu, alerts, "6")
        await settle()
        expected = ["Table 8 is calling the waiter."]
        assert await _texts(hass, clock, said, COLLECTED) == expected


async def test_without_speakers_nothing_happens(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    said: list[ServiceCall],
) -> None:
    automation = await automate("announcement")
    await table_calls(qr_menu, alerts, "6")
    await hass.async_block_till_done()
    state = hass.states.get(automation)
    assert state is not None
    assert state.attributes["last_triggered"] is None


async def test_one_that_is_given_back_is_spoken_again_and_no_other(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    said: list[ServiceCall],
) -> None:
    with site_clock("19:00") as clock:
        await automate("announcement", players=[HALL])
        first = await table_calls(qr_menu, alerts, "6")
        await table_calls(qr_menu, alerts, "7")
        await settle()
        assert len(await _texts(hass, clock, said, COLLECTED, SPOKEN, COLLECTED)) == 1
        await settle()
        clock.pass_by(seconds=60)
        await act(hass, "acknowledge", alert_id=first["alert_id"])
        await act(hass, "reopen", alert_id=first["alert_id"])
        await settle()
        assert await _texts(hass, clock, said, COLLECTED) == [
            "Table 6 is calling the waiter."
        ]
