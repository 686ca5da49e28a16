"""The event queue as clients see it."""

import random
from typing import Any

import aiohttp
import pytest

from simulator.qr_menu import AuthFailure, QrMenuService
from simulator.restaurant import Restaurant

from .conftest import Ask, fetch


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("cursor", ["none", None])
async def test_whole_queue_in_order(
    service: QrMenuService, ask: Ask, cursor: str | None
) -> None:
    events = [service.waiter_call(name) for name in ("6", 2, "Терраса 1")]
    reply = await ask(cursor)
    assert reply.json == {"result": True, "data": {"updates": events}}
    assert reply.headers["Content-Type"].startswith("application/json")


async def test_events_after_the_cursor(service: QrMenuService, ask: Ask) -> None:
    events = [service.waiter_call(6) for _ in range(3)]
    assert (await ask(events[0]["hash"])).updates == events[1:]
    assert (await ask(events[-1]["hash"])).updates == []


async def test_repeated_hash_counts_from_its_last_position(
    service: QrMenuService, ask: Ask
) -> None:
    for code in ("a", "b", "a"):
        service.push({"hash": code})
    assert (await ask("a")).updates == []


async def test_unknown_cursor(service: QrMenuService, ask: Ask) -> None:
    event = service.waiter_call(6)
    assert (await ask("0xffffffff")).updates == [event]
    service.unknown_cursor = "nothing"
    assert (await ask("0xffffffff")).updates == []
    service.unknown_cursor = "error"
    assert (await ask("0xffffffff")).json["result"] is False
    assert (await ask()).updates == [event]


async def test_old_events_are_dropped(session: aiohttp.ClientSession) -> None:
    clock = Clock()
    async with QrMenuService(retention=300, clock=clock) as service:
        old = service.waiter_call(6)
        clock.now += 200
        new = service.waiter_call(2)
        assert (await fetch(session, service.url, old["hash"])).updates == [new]
        clock.now += 101
        assert service.queue == [new]
        assert (await fetch(session, service.url, old["hash"])).updates == [new]
        clock.now += 300
        assert (await fetch(session, service.url)).updates == []


async def test_forget_and_clear(service: QrMenuService, ask: Ask) -> None:
    first, second = service.waiter_call(6), service.waiter_call(6)
    service.forget(first["hash"])
    assert (await ask()).updates == [second]
    service.clear()
    assert (await ask()).updates == []


async def test_restart_drops_connections_and_the_queue(
    service: QrMenuService, ask: Ask
) -> None:
    event = service.waiter_call(6)
    await ask()
    url = service.url
    await service.restart(keep_queue=True)
    assert (await ask()).updates == [event]
    await service.restart()
    assert (await ask()).updates == []
    assert service.url == url
    assert service.connections == 3


@pytest.mark.parametrize(
    ("failure", "status"), [(401, 401), (403, 403), ("result_false", 200)]
)
async def test_wrong_token(
    service: QrMenuService, ask: Ask, failure: AuthFailure, status: int
) -> None:
    service.auth_failure = failure
    for token in ("wrong", None):
        reply = await ask(token=token)
        assert reply.status == status
        assert reply.json["result"] is False
        assert "data" not in reply.json


async def test_token_can_change(service: QrMenuService, ask: Ask) -> None:
    service.token = "new"
    assert (await ask()).status == 401
    assert (await ask(token="new")).status == 200


async def test_other_paths_and_methods(service: QrMenuService, ask: Ask) -> None:
    assert (await ask(path="/api/v4/other")).status == 404
    assert (await ask(method="POST")).status == 405


async def test_push_adds_a_hash_where_there_is_none(service: QrMenuService) -> None:
    event = service.push({"code": "x"})
    assert event["hash"].startswith("0x")
    assert len(event["hash"]) == 10
    assert service.push({"hash": None})["hash"] is None
    assert service.push({"code": "y"}, add_hash=False) == {"code": "y"}


@pytest.mark.parametrize(
    "rubbish", [None, 7, "строка", [1, [2]], {"table": {"a": None}}, 1.5, True]
)
async def test_any_json_value_can_be_pushed(
    service: QrMenuService, ask: Ask, rubbish: Any
) -> None:
    service.push(rubbish, add_hash=False)
    event = service.waiter_call(6)
    assert (await ask()).updates == [rubbish, event]
    assert (await ask("0x00000000")).updates == [rubbish, event]


async def test_waiter_call(service: QrMenuService) -> None:
    event = service.waiter_call(6)
    assert event == {
        "hash": event["hash"],
        "code": "waiter_call",
        "table": 1000028,
        "invoice": None,
        "order": None,
        "table_repr": {"id": 1000028, "name": "6", "max_guests": 50},
    }


async def test_added_dishes_are_in_the_session_and_in_the_order(
    service: QrMenuService,
) -> None:
    service.add_dishes(6, ["Медовик"])
    event = service.add_dishes("6", [{"name": "Квас", "price": 90.5, "count": 2}])
    added = {
        "id": 1000999,
        "type": "dish",
        "name": "Квас",
        "price": 90.5,
        "count": 2.0,
        "sum": 181.0,
    }
    assert event["invoice"]["session"]["dishes"] == [{**added, "modifiers": []}]
    assert event["invoice"]["amount_due"] == event["order"]["sum"] == 340 + 181
    assert event["invoice"]["table"] == event["table"] == 1000028
    assert [dish["name"] for dish in event["order"]["dishes"]] == ["Медовик", "Квас"]


async def test_modifiers_count() -> None:
    service = QrMenuService(restaurant=Restaurant(random.Random(1)))
    events = [service.add_dishes(6) for _ in range(30)]
    dishes = [
        dish for event in events for dish in event["invoice"]["session"]["dishes"]
    ]
    for dish in dishes:
        extra = sum(modifier["sum"] for modifier in dish["modifiers"])
        assert dish["sum"] == dish["count"] * (dish["price"] + extra)
    modifiers = [modifier for dish in dishes for modifier in dish["modifiers"]]
    assert {modifier["type"] for modifier in modifiers} == {"modifier"}
    assert events[-1]["order"]["dishes"] == dishes
    assert events[-1]["order"]["sum"] == sum(dish["sum"] for dish in dishes)


async def test_payment_closes_the_order(service: QrMenuService) -> None:
    ordered = service.add_dishes(6)
    paid = service.pay(6)
    assert paid["code"] == "online_payment"
    assert paid["invoice"] is None
    assert paid["order"] == ordered["order"]
    assert service.restaurant.orders == {}
    assert service.pay(6)["order"]["guid"] != paid["order"]["guid"]


async def test_an_order_is_paid_in_parts(service: QrMenuService) -> None:
    service.add_dishes(6, [{"name": "Tea", "price": 3000}])
    first, refund = service.pay(6, 1000), service.pay(6, -500)
    assert first["order"]["payments"] == [{"id": 1, "sum": 1000}]
    assert (first["invoice"]["amount_due"], refund["invoice"]["amount_due"]) == (
        2000,
        2500,
    )
    last = service.pay(6)
    assert [payment["sum"] for payment in last["order"]["payments"]] == [
        1000,
        -500,
        2500,
    ]
    assert last["invoice"]["amount_due"] == 0
    assert service.restaurant.orders == {}


async def test_unknown_table_and_bad_dishes(service: QrMenuService) -> None:
    with pytest.raises(LookupError, match="no table is called 99"):
        service.waiter_call(99)
    for bad in (
        7,
        {"price": 1},
        {"name": "Квас", "price": "90"},
        {"name": "Квас", "count": True},
    ):
        with pytest.raises(ValueError, match="dish"):
            service.add_dishes(6, [bad])
    assert service.queue == []
    assert service.restaurant.orders == {}


async def test_tables_can_be_added(service: QrMenuService) -> None:
    table = service.restaurant.add_table("Веранда 🌿", seats=3)
    event = service.waiter_call("Веранда 🌿")
    assert event["table_repr"] == {
        "id": table.id,
        "name": "Веранда 🌿",
        "max_guests": 3,
    }
