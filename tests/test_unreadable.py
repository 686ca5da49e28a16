"""What cannot be read leaves a trace: a repair after the third of a kind within a day."""

from collections.abc import Callable
import json
from typing import Any
from unittest.mock import patch

from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.const import DOMAIN
from custom_components.carbis_alerts.runtime.publisher import Publisher
from custom_components.carbis_alerts.runtime.unreadable import MAX_KINDS, MAX_OPEN
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from .clock import wall_clock
from .conftest import Recorder
from .flows import WORDS
from .helpers import wait_for_state, wait_until
from .services.conftest import (
    MakeWhatsApp,
    green_api,
    make_pbx,
    make_whatsapp,
    pbx,
    pbx_entry,
)
from .services.test_pbx_webhook import PATH, hooked, web
from .test_repairs import Dialog, assert_words, dialog

__all__ = [
    "dialog",
    "green_api",
    "hooked",
    "make_pbx",
    "make_whatsapp",
    "pbx",
    "pbx_entry",
    "web",
]

# What a hook takes no message from: in an encoding that is none, a list, a form, a flaw.
BODIES: list[tuple[bytes, str]] = [
    (b'{"event_type": "call', "application/json"),
    (b"field=value&other=1", "application/x-www-form-urlencoded"),
    (b"\x00\x01\x02", "application/json; charset=windows-1251"),
]
GUEST = "Ivan of table 6"


def repairs(hass: HomeAssistant) -> list[ir.IssueEntry]:
    """Return the repairs about what could not be read."""
    return [
        issue
        for issue in ir.async_get(hass).issues.values()
        if issue.translation_key == "unreadable" and issue.active
    ]


def placeholders(hass: HomeAssistant) -> dict[str, str]:
    """Return what fills the words of the only repair."""
    (issue,) = repairs(hass)
    assert issue.translation_placeholders is not None
    for words in WORDS.values():
        assert words["issues"]["unreadable"]["title"].format_map(
            issue.translation_placeholders
        )
    return issue.translation_placeholders


def passed(entry: MockConfigEntry) -> int:
    """Return how much could not be read."""
    count: int = entry.runtime_data.statistics.malformed
    return count


async def test_bodies_of_a_hook_that_nobody_can_read_open_a_repair(
    hass: HomeAssistant, web: TestClient[Any, Any], hooked: MockConfigEntry
) -> None:
    for number, (body, content_type) in enumerate(BODIES, start=1):
        assert repairs(hass) == []
        answer = await web.post(PATH, data=body, headers={"Content-Type": content_type})
        assert answer.status == 200, "sent again it would be no better"
        assert passed(hooked) == number
    assert placeholders(hass)["count"] == "3"


async def test_what_is_read_after_all_opens_none(
    hass: HomeAssistant,
    web: TestClient[Any, Any],
    hooked: MockConfigEntry,
    bus: Recorder,
) -> None:
    def sms(text: str) -> str:
        message = {"event_type": "incoming_sms", "payload": {"text": text}}
        return json.dumps(message, ensure_ascii=False)

    for body, content_type in (
        (sms("Столик?").encode("cp1251"), "application/json; charset=windows-1251"),
        (f"[{sms('one')}, {sms('two')}]".encode(), "application/json"),
        (sms("comma").replace("}}", "},}").encode(), "application/json"),
    ):
        answer = await web.post(PATH, data=body, headers={"Content-Type": content_type})
        assert answer.status == 200
    texts = [data["text"] for data in await bus.wait(4)]
    assert texts == ["Столик?", "one", "two", "comma"]
    assert (repairs(hass), passed(hooked)) == ([], 0)


async def test_a_stream_and_a_queue_and_a_menu_each_leave_theirs(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
) -> None:
    whatsapp = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(whatsapp.entry_id)
    await wait_for_state(hass, "binary_sensor.whatsapp_4567_connection", "on")
    sends: dict[str, tuple[MockConfigEntry, Callable[[int], object]]] = {
        "stream": (pbx_entry, lambda n: pbx.push_raw(b"data: [%d]\n\n" % n)),
        "queue": (whatsapp, lambda n: green_api.push({"note": f"{GUEST} {n}"})),
        "menu": (entry, lambda n: qr_menu.push([f"{GUEST} {n}"])),
    }
    for count, (mine, send) in enumerate(sends.values()):
        for number in range(3):
            assert len(repairs(hass)) == count
            before = passed(mine)
            send(number)
            await wait_until(lambda: passed(mine) > before)  # noqa: B023 - it is awaited
        assert len(repairs(hass)) == count + 1
    words = " ".join(str(issue.translation_placeholders) for issue in repairs(hass))
    assert GUEST not in words
    assert "note: str" in words


@pytest.fixture
def unread(entry: MockConfigEntry) -> Callable[[Any], None]:
    """Return what notes something that could not be read, by its keys and types."""

    def note(form: Any) -> None:
        entry.runtime_data.statistics.passed_over(form)

    return note


async def test_who_has_seen_it_is_not_shown_again_within_a_day(
    hass: HomeAssistant, dialog: Dialog, entry: MockConfigEntry, unread: Any
) -> None:
    with wall_clock("12:00") as clock:
        for _ in range(3):
            unread({"who": "str"})
        for _ in range(20):
            unread(
                {
                    "who": "int",
                }
            )
        (issue,) = repairs(hass)
        assert placeholders(hass) == {
            "title": f"QR menu {entry.title}",
            "count": "10",
            "shape": "｛who: int｝",
        }
        step = await dialog.open(issue.issue_id)
        assert_words("unreadable", step)
        step = await dialog.submit(step)
        assert step["type"] == "create_entry"
        assert repairs(hass) == []

        for _ in range(5):
            unread({"who": "str"})
        assert repairs(hass) == []
        # Another is shown.
        for _ in range(3):
            unread({"else": "str"})
        assert [one.issue_id for one in repairs(hass)] != [issue.issue_id]
        assert len(repairs(hass)) == 1

        clock.pass_by(hours=25)
        for _ in range(2):
            unread({"who": "str"})
        clock.pass_by(hours=25)
        for _ in range(2):
            unread({"who": "str"})
        assert len(repairs(hass)) == 1
        unread({"who": "str"})
        assert len(repairs(hass)) == 2


async def test_a_reload_forgets_nothing_of_it(
    hass: HomeAssistant, dialog: Dialog, entry: MockConfigEntry
) -> None:
    async def again(count: int, form: Any) -> None:
        for _ in range(count):
            entry.runtime_data.statistics.passed_over(form)
        assert await hass.config_entries.async_reload(entry.entry_id)

    await again(2, "str")
    assert repairs(hass) == []
    await again(1, "str")
    (issue,) = repairs(hass)
    # As after a restart, which knows no repairs.
    ir.async_delete_issue(hass, DOMAIN, issue.issue_id)
    await again(0, "str")
    assert placeholders(hass)["count"] == "3"
    await dialog.submit(await dialog.open(issue.issue_id))
    await again(5, "str")
    assert repairs(hass) == []


async def test_what_our_own_code_fails_to_handle_is_shown_too(
    hass: HomeAssistant, qr_menu: QrMenuService, entry: MockConfigEntry, bus: Recorder
) -> None:
    with patch.object(Publisher, "async_publish", side_effect=RuntimeError):
        for table in ("5", "6", "7"):
            qr_menu.waiter_call(table)
        await bus.wait(3)
    assert {data["type"] for data in bus.data} == {"other"}
    await hass.async_block_till_done()
    assert "code: str" in placeholders(hass)["shape"]


async def test_whoever_sends_anything_opens_few(
    hass: HomeAssistant, entry: MockConfigEntry, unread: Any
) -> None:
    for number in range(3 * MAX_KINDS):
        for _ in range(3):
            unread({f"key {number}": "str"})
    assert len(repairs(hass)) == MAX_OPEN
    assert len(entry.runtime_data.unreadable.collect()["unreadable"]) <= MAX_KINDS


async def test_a_file_that_was_tampered_with_is_no_error(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    unreadable = entry.runtime_data.unreadable
    files: list[Any] = [
        None,
        5,
        [5, None, {}],
        [{"form": {"a": []}, "times": [5, "x"], "count": "many", "seen_at": 7}],
    ]
    for stored in files:
        unreadable.restore({"unreadable": stored})
    assert repairs(hass) == []
