"""The file of an entry, on a real disk: when it is written, and what if it is not."""

from collections.abc import Callable
import itertools
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.util.file import WriteError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.runtime.storage import EntryStore
from simulator.qr_menu import QrMenuService

from ..alerts import act, table_calls
from ..conftest import Recorder
from ..helpers import storage_key, wait_until
from ..timings import timed


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Write to a folder of the test's own."""
    return hass_tmp_config_dir


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Write for real."""
    return {}


def path_of(hass: HomeAssistant, key: str) -> Path:
    """Return a file's path."""
    return Path(hass.config.path(".storage", key))


def content_of(path: Path) -> dict[str, Any]:
    """Return what a file holds."""
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))["data"]
    return content


async def test_an_event_is_on_the_disk_within_the_second(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    path = path_of(hass, storage_key(entry))
    pushed = qr_menu.add_dishes("6", [{"name": "Суп", "price": 250, "count": 1}])
    await bus.wait(1)
    await wait_until(
        lambda: path.exists() and content_of(path)["journal"]["cursor"] is not None
    )

    content = content_of(path)
    assert content["journal"]["cursor"] == pushed["hash"]
    assert content["journal"]["begun"] is True
    assert list(content["journal"]["seen"]) == [pushed["hash"]]
    assert content["places"] == {
        f"table_{pushed['table']}": {"name": "6", "values": {"bill": 250.0}}
    }
    assert path.stat().st_mode & 0o077 == 0


async def test_who_has_a_table_and_who_gave_it_back_is_on_the_disk_within_the_second(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
) -> None:
    path = path_of(hass, storage_key(entry))

    def is_stored(**wanted: Any) -> bool:
        stored = content_of(path)["alerts"] if path.exists() else {"alerts": []}
        return any(wanted.items() <= alert.items() for alert in stored["alerts"])

    opened = await table_calls(qr_menu, alerts, "6")
    alert_id = opened["alert_id"]
    await wait_until(lambda: is_stored(alert_id=alert_id, state="open"))

    await act(hass, "acknowledge", alert_id=alert_id, by="Anna")
    taken = alerts.data[-1]
    await wait_until(lambda: is_stored(alert_id=alert_id, state="acknowledged"))
    assert is_stored(acknowledged_at=taken["acknowledged_at"], by="Anna", answered=True)
    waits = content_of(path)["alerts"]["waits_today"]["waits"]
    assert [title for _, title in waits] == ["6"]

    await act(hass, "reopen", alert_id=alert_id)
    await wait_until(lambda: is_stored(alert_id=alert_id, state="open"))
    assert is_stored(opened_at=opened["opened_at"], answered=False, wait=None)
    assert content_of(path)["alerts"]["waits_today"]["waits"] == []


def make_store(
    hass: HomeAssistant, entry_id: str, collect: Callable[[], dict[str, Any]]
) -> EntryStore:
    """Return a store of one section."""
    store = EntryStore(hass, entry_id)
    store.add_section(collect, lambda _: None)
    return store


async def test_a_steady_stream_of_changes_does_not_put_the_write_off(
    hass: HomeAssistant,
) -> None:
    value = 0
    store = make_store(hass, "steady", lambda: {"value": value})
    path = path_of(hass, "carbis_alerts.steady")
    store.async_changed()
    await wait_until(path.exists)

    def change_and_look() -> bool:
        nonlocal value
        value += 1
        store.async_changed()
        return bool(content_of(path)["value"])

    with timed(write_interval=0.05):
        await wait_until(change_and_look)
    await store.async_close()
    assert content_of(path)["value"] == value


async def test_writes_are_at_least_an_interval_apart(hass: HomeAssistant) -> None:
    written: list[float] = []

    def collect() -> dict[str, Any]:
        written.append(hass.loop.time())
        return {}

    store = make_store(hass, "apart", collect)

    def change() -> bool:
        store.async_changed()
        return len(written) >= 4

    with timed(write_interval=0.05):
        await wait_until(change)
    await store.async_close()
    outages = [later - earlier for earlier, later in itertools.pairwise(written)]
    assert min(outages[:3]) >= 0.049


async def test_after_the_end_nothing_is_written(hass: HomeAssistant) -> None:
    store = make_store(hass, "ended", dict)
    store.async_changed()
    await store.async_close()
    path = path_of(hass, "carbis_alerts.ended")
    path.unlink()
    store.async_changed()
    await store.async_close()
    await hass.async_block_till_done()
    assert not path.exists()


async def test_what_changed_last_is_written_when_home_assistant_stops(
    hass: HomeAssistant,
) -> None:
    value = 1
    store = make_store(hass, "stopping", lambda: {"value": value})
    path = path_of(hass, "carbis_alerts.stopping")
    store.async_changed()
    await wait_until(path.exists)
    value = 2
    store.async_changed()
    await hass.async_stop(force=True)
    assert content_of(path) == {"value": 2}


async def test_a_full_disk_stops_no_event_and_is_logged_once(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    attempts = 0

    def full(*_: object, **__: object) -> None:
        nonlocal attempts
        attempts += 1
        raise WriteError("No space left on device")

    path = path_of(hass, storage_key(entry))
    # The intervals stay short to the end: a write that is under way when the disk has
    # room again may still fail, and is tried again after one.
    with timed(write_interval=0.01, retry_interval=0.01):
        with patch("homeassistant.helpers.storage.write_utf8_file_atomic", full):
            pushed = qr_menu.waiter_call("6")
            await bus.wait(1)
            await wait_until(lambda: attempts >= 3)
            assert caplog.text.count(f"Cannot write {storage_key(entry)}") == 1
            assert "can be written again" not in caplog.text

        await wait_until(lambda: "can be written again" in caplog.text)
        await wait_until(
            lambda: content_of(path)["journal"]["cursor"] == pushed["hash"]
        )


async def _restart_with(
    hass: HomeAssistant, entry: MockConfigEntry, change: Callable[[Path], None]
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    change(path_of(hass, storage_key(entry)))
    assert await hass.config_entries.async_setup(entry.entry_id)


async def test_a_truncated_file_is_put_aside_and_nothing_that_waits_is_lost(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    qr_menu.waiter_call("6")
    await bus.wait(1)
    missed = qr_menu.push({"code": "waiter_call", "hash": "0x1", "table": 5})
    await bus.wait(2)
    qr_menu.push({"code": "waiter_call", "hash": "0x2", "table": 5})
    await bus.wait(3)
    assert missed["hash"] in bus.ids

    def truncate(path: Path) -> None:
        path.write_bytes(path.read_bytes()[:50])

    await _restart_with(hass, entry, truncate)

    await bus.wait(6)
    assert bus.ids[3:] == bus.ids[:3]
    assert all(data["late"] for data in bus.data[3:])
    assert list(path_of(hass, "").glob(f"{storage_key(entry)}.corrupt*"))


async def test_a_file_of_a_newer_version_is_kept_aside_with_a_clear_message(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def make_newer(path: Path) -> None:
        path.write_text(json.dumps({"version": 99, "data": {"from": "the future"}}))

    await _restart_with(hass, entry, make_newer)

    assert "newer version of Carbis Alerts" in caplog.text
    aside = path_of(hass, f"{storage_key(entry)}.newer")
    assert content_of(aside) == {"from": "the future"}
    qr_menu.waiter_call("6")
    await bus.wait(1)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"journal": None, "places": None},
        {"journal": {"seen": {"0x1": "yesterday"}, "cursor": 5}, "places": {"x": 1}},
        {
            "journal": [],
            "places": {"table_1000006": {"name": 6, "values": {"bill": "x"}}},
        },
    ],
)
async def test_a_file_that_somebody_edited_is_read_as_far_as_it_makes_sense(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    data: dict[str, Any],
) -> None:
    qr_menu.waiter_call("6")
    await bus.wait(1)

    def edit(path: Path) -> None:
        path.write_text(json.dumps({"version": 1, "minor_version": 1, "data": data}))

    await _restart_with(hass, entry, edit)
    await qr_menu.wait_for_requests(2)
    new = qr_menu.waiter_call("7")
    await wait_until(lambda: new["hash"] in bus.ids)


async def test_a_file_that_cannot_be_read_is_published_and_events_go_on(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def make_folder(path: Path) -> None:
        path.unlink()
        path.mkdir()

    await _restart_with(hass, entry, make_folder)

    assert f"Cannot read {storage_key(entry)}" in caplog.text
    qr_menu.waiter_call("6")
    await bus.wait(1)


async def test_a_file_of_a_newer_minor_version_is_read(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    qr_menu.waiter_call("6")
    await bus.wait(1)

    def make_newer(path: Path) -> None:
        content = json.loads(path.read_text("utf-8"))
        path.write_text(json.dumps({**content, "minor_version": 9}))

    await _restart_with(hass, entry, make_newer)
    await qr_menu.wait_for_requests(2)
    assert len(bus.events) == 1


@pytest.mark.parametrize(
    "content",
    [{"version": 0, "data": {}}, {"data": {}}, {"version": "1", "data": {}}, [1]],
    ids=["older", "no version", "version a text", "a list"],
)
async def test_a_file_that_this_version_cannot_know_is_published_and_nothing_is_lost(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
    content: object,
) -> None:
    qr_menu.waiter_call("6")
    await bus.wait(1)

    def rewrite(path: Path) -> None:
        path.write_text(json.dumps(content))

    await _restart_with(hass, entry, rewrite)

    await bus.wait(2)
    assert bus.ids[0] == bus.ids[1]
    assert bus.data[1]["late"]
    assert f"Cannot read {storage_key(entry)}" in caplog.text


async def test_what_is_to_be_written_at_once_can_be_waited_for(
    hass: HomeAssistant,
) -> None:
    store = make_store(hass, "waited", lambda: {"value": value})
    path = path_of(hass, "carbis_alerts.waited")
    value = 1
    store.async_changed()
    await store.async_persist()
    assert content_of(path) == {"value": 1}
    value = 2
    store.async_changed()
    await store.async_persist()
    assert content_of(path) == {"value": 1}, "the second is not over"
    await store.async_close()
    assert content_of(path) == {"value": 2}
