"""The record: what there was to publish, who got it, and what became of it."""

from typing import Any

import aiohttp
import pytest

from simulator.control import Control
from simulator.faults import Faults
from simulator.green_api import GreenApiService
from simulator.pbx import EVENTS_PATH, PbxService
from simulator.qr_menu import QrMenuService
from simulator.qr_menu_panel import QrMenuPanel
from simulator.record import MAX_NOTES, Record, as_ranges

from .conftest import Ask, fetch
from .pbx_clients import running_hook, subscribe


def published(record: Record, *details: str) -> list[tuple[Any, ...]]:
    """Return what happened, with some details of each note that has them."""
    return [
        (note["what"], *(note[name] for name in details if name in note))
        for note in record.after(0)
    ]


def test_ranges_join_numbers_that_follow_each_other() -> None:
    assert as_ranges([1, 2, 3, 5, 8, 9]) == [[1, 3], [5, 5], [8, 9]]
    assert as_ranges([]) == []


def test_what_is_forgotten_is_not_passed_over() -> None:
    record = Record()
    for _ in range(MAX_NOTES + 1):
        record.note("something")
    assert len(record.after(1)) == MAX_NOTES
    with pytest.raises(LookupError, match="before 2 are forgotten"):
        record.after(0)


async def test_an_event_of_the_menu_is_handed_by_each_whole_answer_until_it_is_gone(
    service: QrMenuService, ask: Ask
) -> None:
    service.push({"code": "one"})
    service.push({"code": "two"})
    service.faults.set(Faults(cut=10, times=1))
    with pytest.raises(aiohttp.ClientPayloadError):
        await ask()
    await ask()
    await ask(service.queue[0]["hash"])
    await ask(token="wrong")
    service.faults.set(Faults(garbage=True, times=1))
    await ask()
    service.forget(service.queue[0]["hash"])
    service.clear()
    await ask()
    assert published(service.record, "items", "item", "why") == [
        ("pushed", 1),
        ("pushed", 2),
        ("failed",),
        ("handed", [[1, 2]]),
        ("handed", [[2, 2]]),
        ("failed",),
        ("failed",),
        ("gone", [[1, 1]], "forgotten"),
        ("gone", [[2, 2]], "cleared"),
        ("handed", []),
    ]


async def test_an_expired_event_is_gone_since_its_time_was_over(
    session: aiohttp.ClientSession,
) -> None:
    now = 0.0
    async with QrMenuService(retention=300, clock=lambda: now) as service:
        service.push({})
        now = 310.0
        await fetch(session, service.url, token=service.token)
        pushed, gone, handed = service.record.after(0)
    assert gone["why"] == "expired"
    assert handed["at"] - gone["at"] == pytest.approx(10, abs=1)
    assert pushed["at"] <= handed["made"] <= handed["at"]


async def test_a_notification_is_handed_until_it_is_deleted(
    session: aiohttp.ClientSession,
) -> None:
    async with GreenApiService() as green:
        green.poll_time = 0.0
        base = f"{green.url}/waInstance{green.instance_id}"
        receipt = green.push({"typeWebhook": "?"})["receiptId"]
        for _ in range(2):
            await session.get(f"{base}/receiveNotification/{green.token}")
        await session.delete(f"{base}/deleteNotification/{green.token}/{receipt}")
        await session.get(f"{base}/receiveNotification/{green.token}")
        green.push_raw(b"no JSON")
        await green.restart(keep_queue=False)
        assert published(green.record, "items", "item", "why") == [
            ("pushed", 1),
            ("handed", [[1, 1]]),
            ("handed", [[1, 1]]),
            ("gone", [[1, 1]], "deleted"),
            ("handed", []),
            ("pushed", 2),
            ("gone", [[2, 2]], "cleared"),
        ]


async def test_a_message_is_handed_to_streams_that_get_the_whole_of_it(
    session: aiohttp.ClientSession,
) -> None:
    async with PbxService() as pbx:
        pbx.sms("+79821234567", "nobody listens")
        async with session.get(pbx.url + EVENTS_PATH) as response:
            await pbx.wait_for_streams(1)
            pbx.sms("+79821234567", "one")
            pbx.cut_stream_after(10_000)
            assert b"one" in await response.content.readline()
            pbx.cut_stream_after(20)
            pbx.sms("+79821234567", "cut off")
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.content.read()
        await pbx.wait_for_streams(0)
        assert published(pbx.record, "items", "item", "stream", "ending") == [
            ("pushed", 1),
            ("opened", 1),
            ("pushed", 2),
            ("handed", [[2, 2]], 1),
            ("pushed", 3),
            ("closed", 1, "cut"),
            ("failed",),
        ]


async def test_each_post_to_a_hook_is_noted_and_what_is_given_up(
    session: aiohttp.ClientSession,
) -> None:
    async with PbxService() as pbx, running_hook() as hook:
        pbx.hooks.retry_pauses = (0.0,)
        await subscribe(session, pbx, {"hook": hook.url, "subscribe": ["incoming_sms"]})
        pbx.sms("+79821234567", "one")
        await pbx.wait_for_hook()
        hook.statuses = [500, 500]
        pbx.sms("+79821234567", "two")
        await pbx.wait_for_hook()
        assert published(pbx.record, "item", "status") == [
            ("pushed", 1),
            ("posted", 1, 200),
            ("pushed", 2),
            ("posted", 2, 500),
            ("posted", 2, 500),
            ("posted", 2, "given up"),
        ]


async def test_the_control_port_gives_the_notes_after_one(
    session: aiohttp.ClientSession,
) -> None:
    async with QrMenuService() as menu, Control([QrMenuPanel(menu)]) as control:
        event = menu.push({"code": "one"})
        menu.clear()

        async def ask(path: str) -> tuple[int, Any]:
            async with session.get(f"{control.url}/record/{path}") as response:
                return response.status, await response.json()

        status, answer = await ask("qr-menu")
        assert status == 200
        assert [note["what"] for note in answer["notes"]] == ["pushed", "gone"]
        assert answer["notes"][0]["content"] == event
        assert [
            note["what"] for note in (await ask("qr_menu?after=1"))[1]["notes"]
        ] == ["gone"]
        assert (await ask("qr_menu?after=2"))[1]["notes"] == []
        assert (await ask("fax"))[0] == 404
        assert (await ask("qr_menu?after=x"))[0] == 400
        for _ in range(MAX_NOTES):
            menu.record.note("something")
        assert (await ask("qr_menu"))[0] == 410
