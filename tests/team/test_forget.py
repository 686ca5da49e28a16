"""Somebody is forgotten: nothing of them is left in the configuration folder."""

from pathlib import Path
import re
from typing import Any

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import restore_state
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..alerts import act, get_alerts, table_calls
from ..conftest import Recorder
from ..helpers import wait_for_state, wait_until
from ..services.conftest import (
    MakePbx,
    MakeWhatsApp,
    make_pbx as make_pbx,  # noqa: PLC0414
    pbx as pbx,  # noqa: PLC0414
)
from .teams import entity_of, gather, shown, somebody, turn

NUMBER = "+79821234567"
OTHER = "+79827654321"
GUEST = "79821234567@c.us"
OTHER_GUEST = "79827654321@c.us"


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Write to a folder of the test's own."""
    return hass_tmp_config_dir


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Write for real."""
    return {}


def files_below(folder: Path) -> list[Path]:
    """Return all files of a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def files_with(hass: HomeAssistant, words: str) -> list[str]:
    """Write all that is kept; return the files that have a text, in any spelling."""
    await restore_state.async_get(hass).async_dump_states()
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done(wait_background_tasks=False)
    files = files_below(Path(hass.config.config_dir))
    assert any(path.name.startswith("carbis_alerts.") for path in files)
    return [
        path.name
        for path in files
        if words
        in re.sub(r"[ ()_-]", "", path.read_bytes().decode("utf-8", "ignore")).lower()
    ]


async def test_of_a_person_nothing_is_left_and_guests_go_on_to_wait(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    zinaida = {
        **somebody("Zinaida Rare", pos_waiter="Zinaida R.", channels=[]),
        "subentry_id": "01PERSONTOFORGET",
    }
    step = {
        "data": {"after": 0, "to": ["01PERSONTOFORGET", "zone"]},
        "subentry_id": "step",
        "subentry_type": "step",
        "title": "Step",
        "unique_id": None,
    }
    team = await gather(hass, zinaida, somebody("Boris"), step)
    first = await table_calls(qr_menu, alerts, "6")
    second = await table_calls(qr_menu, alerts, "7")
    third = await table_calls(qr_menu, alerts, "8")
    await act(hass, "acknowledge", alert_id=first["alert_id"], by="Zinaida Rare")
    await act(
        hass, "acknowledge", alert_id=second["alert_id"], person_id="01PERSONTOFORGET"
    )
    await act(hass, "close", alert_id=second["alert_id"], person_id="01PERSONTOFORGET")
    await act(hass, "acknowledge", alert_id=third["alert_id"], person_id="boris")
    await turn(hass, "01PERSONTOFORGET", "off")
    await hass.async_block_till_done()
    assert await files_with(hass, "zinaida")

    answer = await act(hass, "forget", person_id="01PERSONTOFORGET")
    await hass.async_block_till_done()
    assert answer["removed"] >= 4
    assert await files_with(hass, "zinaida") == []
    assert await files_with(hass, "01persontoforget") == []
    assert [*team.subentries] == ["boris", "step"]
    assert team.subentries["step"].data["to"] == ["zone"]
    assert entity_of(hass, "switch", "on_shift", "01PERSONTOFORGET") is None
    waits = {alert["name"]: alert for alert in await get_alerts(hass)}
    assert (waits["Table 6"]["state"], waits["Table 6"]["by"]) == ("acknowledged", None)
    assert (waits["Table 8"]["by"], waits["Table 8"]["person_id"]) == ("Boris", "boris")
    assert shown(hass, "sensor", "answered_today", "Boris") == "1"
    # What guests waited is counted on.
    assert entry.runtime_data.alerts.waits_today.value == 3
    # Nobody is forgotten twice.
    assert await act(hass, "forget", person_id="01PERSONTOFORGET") == {"removed": 0}


async def test_of_a_number_nothing_is_left_and_others_go_on_to_wait(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: MakePbx,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    alerts: Recorder,
) -> None:
    phones = make_pbx(
        pbx,
        contacts=(
            {"name": "Rare Guest", "number": "8 (982) 123-45-67"},
            {"name": "Common", "number": OTHER},
        ),
    )
    account = make_whatsapp(green_api, {"Rare Chat": GUEST})
    # The integration's first entry brings the other.
    assert await hass.config_entries.async_setup(phones.entry_id)
    await pbx.wait_for_streams(1)
    await wait_for_state(hass, "binary_sensor.whatsapp_4567_connection", "on")
    await wait_until(lambda: not account.runtime_data.source._late)
    channels = [
        {"channel": "call", "entry_id": phones.entry_id, "number": NUMBER},
        {"channel": "call", "entry_id": phones.entry_id, "number": OTHER},
    ]
    team = await gather(hass, somebody("Anna", channels=channels))
    for number in (NUMBER, OTHER):
        before = len(alerts.events)
        pbx.miss(pbx.ring(number, "107"))
        await alerts.wait(before + 1)
    for guest in (GUEST, OTHER_GUEST):
        before = len(alerts.events)
        green_api.message(guest, "Hello", f"Rare {guest[:11]}")
        await alerts.wait(before + 1)
    await hass.async_block_till_done()
    for words in ("9821234567", "rare"):
        assert await files_with(hass, words)

    answer = await act(hass, "forget", number="8 982 123 45 67")
    await hass.async_block_till_done()
    await wait_until(lambda: pbx.streams == 1)
    assert answer["removed"] >= 5
    assert await files_with(hass, "9821234567") == []
    assert await files_with(hass, "rarechat") == []
    assert await files_with(hass, "rareguest") == []
    assert [one.title for one in phones.subentries.values()] == ["Common"]
    assert not account.subentries
    assert team.subentries["anna"].data["channels"] == channels[1:]
    waits = sorted(alert["key"] for alert in await get_alerts(hass))
    assert waits == ["79827654321", OTHER_GUEST]


async def test_what_is_not_loaded_forgets_too(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: MakePbx,
    alerts: Recorder,
) -> None:
    phones = make_pbx(pbx)
    assert await hass.config_entries.async_setup(phones.entry_id)
    await pbx.wait_for_streams(1)
    pbx.miss(pbx.ring(NUMBER, "107"))
    await alerts.wait(1)
    await hass.config_entries.async_unload(phones.entry_id)
    await act(hass, "forget", number=NUMBER)
    assert await files_with(hass, "9821234567") == []
    assert await hass.config_entries.async_setup(phones.entry_id)
    assert await get_alerts(hass) == []


async def test_only_administrators_have_somebody_forgotten(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    team = await gather(hass, somebody("Anna"))
    group = await hass.auth.async_get_group(GROUP_ID_USER)
    assert group is not None
    user = MockUser(groups=[group]).add_to_hass(hass)
    with pytest.raises(Unauthorized):
        await act(hass, "forget", Context(user_id=user.id), person_id="anna")
    nobody: list[dict[str, Any]] = [{}, {"number": ""}, {"number": "Anna"}]
    for said in nobody:
        with pytest.raises(ServiceValidationError) as refused:
            await act(hass, "forget", **said)
        assert refused.value.translation_key == "nobody_to_forget"
    assert [*team.subentries] == ["anna"]
