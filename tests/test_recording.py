"""A recording, from the options' form to the diagnostics file and its end."""

from datetime import timedelta
import json
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.carbis_alerts.api.recorder import Exchange, Kind
from custom_components.carbis_alerts.const import DOMAIN
from custom_components.carbis_alerts.runtime.recording import MAX_BYTES, MAX_EXCHANGES
from simulator.faults import Faults
from simulator.qr_menu import QrMenuService
from simulator.replay import Recording as Replayed

from .conftest import TOKEN, Recorder
from .flows import every_word_known
from .helpers import storage_key, wait_until


@pytest.fixture(autouse=True)
async def _web(hass: HomeAssistant) -> None:
    """Have the web server's addresses there before it starts."""
    assert await async_setup_component(hass, "diagnostics", {})
    assert await async_setup_component(hass, DOMAIN, {})


async def set_record(
    hass: HomeAssistant, entry: MockConfigEntry, wanted: bool
) -> dict[str, Any]:
    """Submit the options' form as it stands, with that box; return what it proposed."""
    with every_word_known():
        shown = await hass.config_entries.options.async_init(entry.entry_id)
        assert shown["data_schema"] is not None
        proposed: dict[str, Any] = shown["data_schema"]({})
        given = {**entry.options, "poll_interval": 1, "record": wanted}
        await hass.config_entries.options.async_configure(shown["flow_id"], given)
        await hass.async_block_till_done()
    return proposed


def stored(storage: dict[str, Any], entry: MockConfigEntry) -> Any:
    """Return the file of a recording, None where there is none."""
    return storage.get(f"{storage_key(entry)}.recording")


async def test_it_begins_by_the_owners_yes_and_is_in_the_diagnostics(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    hass_storage: dict[str, Any],
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
) -> None:
    before: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert before["recording"]["until"] is None
    assert "Configure" in before["recording"]["how"]

    assert (await set_record(hass, entry, True))["record"] is False
    assert "record" not in entry.options
    qr_menu.add_dishes("6", [{"name": "Борщ с пампушками", "price": 350, "count": 2}])
    await bus.wait(1)
    qr_menu.faults.set(Faults(garbage="<h1>Терраса</h1>", times=1))
    await qr_menu.wait_for_requests(2)

    file: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    recording = file["recording"]
    answers = [
        json.loads(one["body"])
        for one in recording["exchanges"]
        if "body" in one and one["body"].startswith("{")
    ]
    dishes = [answer for answer in answers if answer["data"]["updates"]]
    assert "dishes" in dishes[0]["data"]["updates"][0]["invoice"]["session"]
    assert [one for one in recording["exchanges"] if "<" in one.get("body", "")]
    text = json.dumps(recording, ensure_ascii=False)
    shown = qr_menu.queue[0]["hash"]
    for secret in ("Борщ", "пампушками", "Терраса", TOKEN, "127.0.0.1", shown):
        assert secret not in text
    assert Replayed(recording, dt_util.utcnow()).service == "qr_menu"
    # Running: the box is ticked, and stays so with other options.
    assert (await set_record(hass, entry, True))["record"] is True
    assert entry.runtime_data.recording.is_running


async def test_it_goes_on_after_a_reload_ends_after_an_hour_and_goes_after_a_day(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
) -> None:
    await set_record(hass, entry, True)
    qr_menu.waiter_call("6")
    await bus.wait(1)
    names = entry.runtime_data.recording.as_dict()["exchanges"]
    await hass.config_entries.async_reload(entry.entry_id)
    recording = entry.runtime_data.recording
    assert recording.is_running
    assert recording.as_dict()["exchanges"][: len(names) - 1] == names[:-1]
    assert stored(hass_storage, entry)["data"]["key"]

    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(hours=1, seconds=1))
    await wait_until(lambda: not recording.is_running)
    await wait_until(lambda: stored(hass_storage, entry)["data"]["key"] == "")
    assert recording.as_dict()["exchanges"]

    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(days=1, seconds=1))
    await wait_until(lambda: stored(hass_storage, entry) is None)
    assert recording.as_dict()["exchanges"] == []


@pytest.mark.parametrize("how", ["untick", "disable", "remove", "old", "damaged"])
async def test_it_ends_and_goes(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    entry: MockConfigEntry,
    how: str,
) -> None:
    await set_record(hass, entry, True)
    key = f"{storage_key(entry)}.recording"
    assert key in hass_storage
    match how:
        case "untick":
            await set_record(hass, entry, False)
            assert not entry.runtime_data.recording.is_running
            assert hass_storage[key]["data"]["key"] == ""
            return
        case "disable":
            await hass.config_entries.async_set_disabled_by(
                entry.entry_id, ConfigEntryDisabler.USER
            )
        case "remove":
            await hass.config_entries.async_remove(entry.entry_id)
        case _:
            await hass.config_entries.async_unload(entry.entry_id)
            began = dt_util.utcnow() - timedelta(days=1)
            hass_storage[key]["data"] |= (
                {"began": began.isoformat()}
                if how == "old"
                else {"began": [], "exchanges": 5, "key": "no"}
            )
            await hass.config_entries.async_setup(entry.entry_id)
            assert not entry.runtime_data.recording.is_running
    assert key not in hass_storage


async def test_repeats_are_counted_and_the_last_are_kept_within_limits(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    recording = entry.runtime_data.recording
    await recording.async_begin()
    recording.tap.recorder = None
    for _ in range(50):
        recording.take(Exchange(kind=Kind.REQUEST, path="/a", body=b"{}"))
    (one,) = recording.as_dict()["exchanges"]
    assert one["repeated"] == 49
    for number in range(300):
        raw = json.dumps({"text": "слово " * 1_000, "n": number}).encode()
        recording.take(Exchange(kind=Kind.STREAM, body=raw))
    exchanges = recording.as_dict()["exchanges"]
    assert len(exchanges) <= MAX_EXCHANGES
    assert len(json.dumps(exchanges, ensure_ascii=False).encode()) <= MAX_BYTES
    assert max(len(json.dumps(exchange)) for exchange in exchanges) <= 16 * 1024
    await recording.async_end()


async def test_a_flood_is_not_recorded_for_longer_than_there_is_time(
    entry: MockConfigEntry,
) -> None:
    recording = entry.runtime_data.recording
    await recording.async_begin()
    with patch("custom_components.carbis_alerts.runtime.recording.MOST_SPENT", -1.0):
        recording.take(Exchange(kind=Kind.HOOK, body=b"{}"))
    assert recording.as_dict()["skipped"] >= 1
    assert all(one["kind"] != "hook" for one in recording.as_dict()["exchanges"])
    await recording.async_end()


async def test_what_fails_while_recording_costs_nothing_else(
    entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = entry.runtime_data.recording
    await recording.async_begin()

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(
        "custom_components.carbis_alerts.runtime.recording.recorded", fail
    )
    recording.take(Exchange(kind=Kind.HOOK, body=b"{}"))
    assert recording.as_dict()["failed"] >= 1
    await recording.async_end()
