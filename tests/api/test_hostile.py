"""What a hostile server sends: its size says nothing of what it costs us."""

import asyncio
from collections.abc import Callable
import time
from typing import Any

import aiohttp
import orjson
import pytest
from yarl import URL

from custom_components.carbis_alerts.api.chunked_json import parse_in_slices
from custom_components.carbis_alerts.api.errors import ProtocolError
from custom_components.carbis_alerts.api.fields import MAX_DISHES, MAX_RAW, prune, shape
from custom_components.carbis_alerts.api.green_api import parse_received
from custom_components.carbis_alerts.api.pbx import (
    PbxMessage,
    Unreadable,
    parse_message,
)
from custom_components.carbis_alerts.api.pbx.parse import MAX_MESSAGE
from custom_components.carbis_alerts.api.qr_menu import QrMenuClient, parse_updates
from custom_components.carbis_alerts.api.qr_menu.parse import MAX_EVENTS, MAX_MALFORMED
from custom_components.carbis_alerts.api.transport import Limits
from custom_components.carbis_alerts.api.types import Json
from simulator.service import Answer

from .conftest import Routes

EVENTS_PATH = "/api/v4/events"
# Steps of the event loop that a hostile answer takes at the very least to be parsed.
FEW = 10


def answer(*items: object) -> dict[str, Any]:
    return {"result": True, "data": {"updates": list(items)}}


@pytest.mark.parametrize(
    "item", ["0", "[]", "{}", '{"code":1}', "[[],[]]"], ids=lambda item: item
)
async def test_a_document_of_too_many_values_is_refused_before_it_is_parsed(
    routes: Routes, session: aiohttp.ClientSession, item: str
) -> None:
    limits = Limits(connect=20, total=20, values=10_000)
    body = '{"result": true, "data": {"updates": [%s]}}'
    client = QrMenuClient(session, URL(routes.url), "token", limits=limits)

    routes.answers[EVENTS_PATH] = Answer.text(200, body % ",".join([item] * 10_001))
    with pytest.raises(ProtocolError, match=r"^The answer has too many values$"):
        await client.fetch(None)

    routes.answers[EVENTS_PATH] = Answer.text(200, body % ",".join([item] * 100))
    assert await client.fetch(None) is not None


async def test_a_busy_restaurant_has_far_fewer_values_than_the_limit() -> None:
    dishes = [
        {"id": n, "type": "dish", "name": "Борщ", "price": 350, "count": 1, "sum": 350}
        for n in range(10)
    ]
    event = {
        "hash": "0xd8833dd3",
        "code": "online_payment",
        "table": 1000028,
        "table_repr": {"id": 1000028, "name": "6", "max_guests": 4},
        "order": {"guid": "{F4}", "sum": 1, "dishes": dishes, "waiter": {"name": "И"}},
    }
    written = orjson.dumps(answer(*[event] * 2_000))
    assert sum(map(written.count, (b",", b"[", b"{"))) * 5 < Limits().values


async def test_events_behind_the_last_that_is_taken_are_left_for_the_next_answer() -> (
    None
):
    items = [{"hash": str(n), "code": "waiter_call"} for n in range(MAX_EVENTS + 5)]
    updates = await parse_updates(answer(*items))
    assert len(updates.events) == MAX_EVENTS
    assert updates.events[-1].cursor == str(MAX_EVENTS - 1)


async def test_what_is_no_event_hides_none_and_is_kept_a_thousand_times_at_most() -> (
    None
):
    nothing: list[object] = list(range(MAX_MALFORMED + 5))
    updates = await parse_updates(answer(*nothing, {"code": "x"}))
    assert len(updates.malformed) == MAX_MALFORMED
    assert [event.code for event in updates.events] == ["x"]


NESTED: Json = {"id": 1, "modifiers": [{"id": 2, "modifiers": [{"id": 3}] * 30}] * 30}


@pytest.mark.parametrize("dish", [{"id": 1}, NESTED], ids=["flat", "nested"])
@pytest.mark.parametrize(
    "event",
    [
        lambda dishes: {"code": "x", "invoice": {"session": dishes}},
        lambda dishes: {"code": "x", "invoice": {"session": [{"dishes": dishes}] * 2}},
        lambda dishes: {"code": "online_payment", "order": {"dishes": dishes}},
    ],
    ids=["session", "sessions", "order"],
)
async def test_an_event_has_no_more_dishes_than_anybody_can_eat(
    event: Callable[[list[Json]], Json], dish: Json
) -> None:
    (found,) = (await parse_updates(answer(event([dish] * 5_000)))).events
    assert found.dishes is not None
    written = orjson.dumps([dish.as_dict() for dish in found.dishes])
    assert MAX_DISHES * 0.9 < len(written) <= MAX_DISHES
    assert written.count(b'"name"') > 200


@pytest.mark.parametrize("value", [[0] * 50_000, [[]] * 50_000, [[[0] * 99] * 99] * 9])
def test_of_more_values_than_anybody_can_look_at_the_first_are_kept(
    value: Json,
) -> None:
    pruned = prune({"first": 1, "many": value, "last": 2})
    assert isinstance(pruned, dict)
    assert (pruned["first"], pruned["last"]) == (1, 2)
    assert MAX_RAW / 3 < len(orjson.dumps(pruned)) <= MAX_RAW
    assert "…" in orjson.dumps(pruned).decode()


def test_an_object_of_many_keys_is_cut_too() -> None:
    value: dict[str, Json] = {str(n): n for n in range(50_000)}
    pruned = prune(value)
    assert isinstance(pruned, dict)
    assert len(orjson.dumps(pruned)) <= MAX_RAW
    assert pruned["0"] == 0
    assert shape(value) == {str(n): "int" for n in range(20)}


def test_a_message_of_a_pbx_that_is_far_too_long_is_not_even_parsed() -> None:
    body = b'{"event_type":"startup","payload":{},"x":"' + b"x" * MAX_MESSAGE + b'"}'
    assert parse_message(body) == Unreadable(shape="too large")
    assert isinstance(parse_message(body.replace(b"x" * MAX_MESSAGE, b"x")), PbxMessage)


async def test_one_event_of_16_mib_does_not_hold_up_anybody() -> None:
    # Far longer than a slice, were it parsed at one go.
    body = b'{"result":true,"data":{"updates":[{"code":"x","y":[%s]}]}}'
    body %= b",".join([b'{"a":[1,2,3]}'] * 100_000)
    began = time.thread_time()
    loop_yield = 0

    async def work() -> Json:
        return await parse_in_slices(body)

    task = asyncio.create_task(work())
    while not task.done():
        loop_yield += 1
        await asyncio.sleep(0)
    assert task.result() == orjson.loads(body)
    # A slice has 5 ms of work; the clock on the wall may have given it fewer.
    assert loop_yield > FEW
    assert time.thread_time() - began < loop_yield * 0.1


async def test_what_is_nested_in_windows_that_are_full_is_an_error() -> None:
    filler = "x" * 200_000
    nested = f'["{filler}",' * 101 + "0" + "]" * 101
    with pytest.raises(ValueError, match=r"^nested too deeply$"):
        await parse_in_slices(nested.encode())
    flat = f'["{filler}",' * 3 + "0" + "]" * 3
    assert await parse_in_slices(flat.encode()) == orjson.loads(flat)


def test_a_notification_of_many_values_is_understood_all_the_same() -> None:
    body: dict[str, Json] = {"typeWebhook": "new", "many": [0] * 100_000}
    found = parse_received({"receiptId": 1, "body": body}).notification
    assert found is not None
    assert found.code == "new"
    assert len(orjson.dumps(dict(found.raw))) <= MAX_RAW
