"""The control port: its JSON API and its page."""

from collections.abc import AsyncIterator
import re
from typing import Any

import aiohttp
import pytest

from simulator.certificate import make_certificate
from simulator.control import PAGE, STATIC, Control
from simulator.faults import Faults
from simulator.qr_menu import QrMenuService
from simulator.qr_menu_panel import QrMenuPanel

from .conftest import Ask, Client


@pytest.fixture
async def control(
    service: QrMenuService, session: aiohttp.ClientSession
) -> AsyncIterator[Client]:
    async with Control([QrMenuPanel(service)]) as control:
        yield Client(session, control.url, "qr_menu")


async def test_event_is_stored_and_answered(
    control: Client, service: QrMenuService
) -> None:
    status, event = await control.post(
        "/qr-menu/events", {"code": "столик_свободен", "table": 1}
    )
    assert status == 200
    assert event == {"hash": event["hash"], "code": "столик_свободен", "table": 1}
    assert service.queue == [event]
    assert await control.post("/qr-menu/events", {"hash": "0x1"}) == (
        200,
        {"hash": "0x1"},
    )


async def test_faults_are_set_as_a_whole(
    control: Client, service: QrMenuService
) -> None:
    faults = {"status": 503, "delay": 0.5}
    assert await control.post("/faults", {"qr_menu": faults}) == (
        200,
        {"qr_menu": faults},
    )
    assert service.faults.current == Faults(status=503, delay=0.5)
    await control.post("/faults", {"qr_menu": {"cut": 3}})
    assert service.faults.current == Faults(cut=3)
    await control.post("/faults", {})
    assert service.faults.current == Faults(cut=3)
    nothing: object
    for nothing in ({}, None):
        service.faults.set(Faults(refuse=True))
        assert await control.post("/faults", {"qr_menu": nothing}) == (
            200,
            {"qr_menu": {}},
        )
        assert service.faults.current == Faults()


async def test_names_may_have_hyphens(control: Client, service: QrMenuService) -> None:
    faults = {"half-open": True, "wrong-token": True, "headers": {"X-A": "b"}}
    _, set_ = await control.post("/faults", {"qr-menu": faults})
    assert set_["qr_menu"]["headers"] == {"X-A": "b"}
    assert service.faults.current == Faults(
        half_open=True, wrong_token=True, headers={"X-A": "b"}
    )
    await control.post("/qr-menu/settings", {"unknown-cursor": "error"})
    assert service.unknown_cursor == "error"
    service.waiter_call(6)
    await control.post("/qr-menu/restart", {"keep-queue": True})
    assert len(service.queue) == 1


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("/faults", {"qr_menu": {"nonsense": 1}}, "qr_menu: unknown fault: nonsense"),
        (
            "/faults",
            {"qr_menu": {"status": "503"}},
            "qr_menu: status must be a whole number",
        ),
        (
            "/faults",
            {"qr-menu": {"half-open": True, "half_open": True}},
            "a name is given twice",
        ),
        ("/faults", {"fax": {}}, "unknown service: fax; known: qr_menu"),
        ("/faults", [], "must be a JSON object"),
        ("/qr-menu/events", [1], "must be a JSON object"),
        ("/qr-menu/tables/6/dishes", {"dishes": "Медовик"}, "dishes must be a list"),
        ("/qr-menu/tables/6/dishes", {"dishes": [7]}, "a dish must be"),
        ("/qr-menu/settings", {"tokn": "x"}, "unknown setting: tokn"),
        ("/qr-menu/settings", {"token": 1}, "token must be a text"),
        ("/qr-menu/settings", {"retention": 0}, "retention must be"),
        (
            "/qr-menu/settings",
            {"auth_failure": "401"},
            "auth_failure must be one of 401, 403",
        ),
    ],
)
async def test_bad_requests_say_what_is_wrong(
    control: Client, service: QrMenuService, path: str, value: object, text: str
) -> None:
    status, answer = await control.post(path, value)
    assert status == 400
    assert text in answer["error"]
    assert service.faults.current == Faults()
    assert service.queue == []


@pytest.mark.parametrize(
    "path", ["/faults", "/qr-menu/events", "/qr-menu/tables/6/dishes"]
)
async def test_bad_json_says_so(control: Client, path: str) -> None:
    status, answer = await control.post(path, data=b'{"qr_menu": ')
    assert status == 400
    assert "not JSON" in answer["error"]


async def test_an_event_needs_a_body(control: Client) -> None:
    assert (await control.post("/qr-menu/events"))[0] == 400


async def test_unknown_table_and_path(control: Client) -> None:
    status, answer = await control.post("/qr-menu/tables/99/call")
    assert (status, "no table is called 99" in answer["error"]) == (404, True)
    assert (await control.post("/nowhere"))[0] == 404


async def test_state_says_all(
    control: Client, service: QrMenuService, ask: Ask
) -> None:
    event = service.waiter_call(6)
    await ask(event["hash"])
    service.faults.set(Faults(garbage=True))
    state = await control.state()
    assert (state["url"], state["token"], state["fingerprint"]) == (
        service.url,
        "secret",
        None,
    )
    assert state["faults"] == {"garbage": True}
    assert [item["event"] for item in state["queue"]] == [event]
    assert state["queue"][0]["age"] >= 0
    assert (state["requests"], state["answered"], state["connections"]) == (1, 1, 1)
    assert state["last_requests"][0]["cursor"] == event["hash"]
    assert state["last_requests"][0]["answer"] == "200"
    assert {"id": 1000028, "name": "6", "seats": 50, "sum": 0, "waiter": None} in state[
        "tables"
    ]


async def test_table_orders_calls_and_pays(
    control: Client, service: QrMenuService
) -> None:
    def of(state: dict[str, Any]) -> float:
        sums: dict[str, float] = {
            table["name"]: table["sum"] for table in state["tables"]
        }
        return sums["VIP-зал"]

    status, call = await control.post("/qr-menu/tables/VIP-зал/call")
    assert (status, call["code"]) == (200, "waiter_call")
    dishes = [{"name": "Квас", "price": 90, "count": 2}]
    _, added = await control.post("/qr-menu/tables/VIP-зал/dishes", {"dishes": dishes})
    assert of(await control.state()) == 180
    _, more = await control.post("/qr-menu/tables/VIP-зал/dishes")
    part = {"amount": 80}
    _, half = await control.post("/qr-menu/tables/VIP-зал/pay", part)
    assert half["order"]["payments"] == [{"id": 1, "sum": 80}]
    status, _ = await control.post("/qr-menu/tables/VIP-зал/pay", {"amount": "x"})
    assert status == 400
    _, paid = await control.post("/qr-menu/tables/VIP-зал/pay")
    assert paid["order"]["sum"] == more["order"]["sum"] > 180
    assert of(await control.state()) == 0
    assert service.queue == [call, added, more, half, paid]


async def test_settings(control: Client, service: QrMenuService) -> None:
    wanted = {
        "token": "other",
        "auth_failure": 403,
        "unknown_cursor": "error",
        "retention": 60,
    }
    status, state = await control.post("/qr-menu/settings", wanted)
    assert status == 200
    assert {name: state[name] for name in wanted} == wanted
    assert (service.token, service.auth_failure) == ("other", 403)


async def test_clear_and_restart(
    control: Client, service: QrMenuService, ask: Ask
) -> None:
    service.waiter_call(6)
    await control.post("/qr-menu/restart", {"keep_queue": True})
    assert len(service.queue) == 1
    await control.post("/qr-menu/restart")
    assert service.queue == []
    service.waiter_call(6)
    await control.post("/qr-menu/clear")
    assert service.queue == []
    assert (await ask()).status == 200


async def test_certificate_can_be_renewed(
    control: Client, service: QrMenuService
) -> None:
    assert (await control.post("/qr-menu/certificate"))[0] == 409
    await service.set_certificate(make_certificate())
    old = (await control.state())["fingerprint"]
    status, state = await control.post("/qr-menu/certificate")
    assert status == 200
    assert state["fingerprint"] not in (old, None)


async def test_page_fetches_nothing_from_elsewhere(control: Client) -> None:
    for path in PAGE:
        status, kind, text = await control.get(path)
        assert (status, kind) == (200, PAGE[path][1])
        assert not re.findall(
            r"""(?:src|href|url|import|from|fetch)\s*[=(]?\s*["'(]?https?:""", text
        )


def test_page_has_a_russian_word_for_each_label() -> None:
    script = (STATIC / "words.js").read_text(encoding="utf-8")
    russian, english = (
        set(
            re.findall(r"(\w+): \"", script.split(f"const {name} = ")[1].split("};")[0])
        )
        for name in ("RU", "EN")
    )
    html = (STATIC / "index.html").read_text(encoding="utf-8")
    labels = set(re.findall(r'data-(?:word|value)="(\w+)"', html))
    # English has two forms of a plural, Russian four.
    assert labels | english == russian - {"seats_few", "seats_many"}


async def test_the_till_gives_moves_and_closes_an_order(
    control: Client, service: QrMenuService
) -> None:
    service.add_dishes("6", ["Медовик"])
    anna = {"id": 9002, "name": "Анна"}
    _, order = await control.post("/qr-menu/tables/6/waiter", anna)
    assert (order["waiter"], order["table"]["name"]) == (anna, "6")
    _, order = await control.post("/qr-menu/tables/6/move", {"to": "2"})
    assert (order["waiter"], order["table"]["name"]) == (anna, "2")
    # The menu says nothing of it before the order's next event.
    assert len(service.queue) == 1
    event = service.add_dishes("2", ["Капучино"])
    assert (event["order"]["guid"], event["order"]["waiter"]) == (order["guid"], anna)
    assert event["table_repr"]["name"] == "2"

    assert (await control.post("/qr-menu/tables/2/waiter", {}))[1]["waiter"] is None
    assert (await control.post("/qr-menu/tables/2/close"))[0] == 200
    assert not service.restaurant.orders


@pytest.mark.parametrize(
    ("path", "given", "status", "text"),
    [
        ("3/close", None, 404, "table 3 has no order"),
        ("6/move", {"to": "No"}, 404, "no table is called No"),
        ("6/move", {"to": "6"}, 400, "table 6 has an order"),
        ("6/move", {}, 400, "to must be"),
        ("6/waiter", {"id": "x"}, 400, "id must be"),
        ("6/waiter", {"name": 1}, 400, "name must be"),
    ],
)
async def test_what_the_till_refuses(
    control: Client,
    service: QrMenuService,
    path: str,
    given: Any,
    status: int,
    text: str,
) -> None:
    service.add_dishes("6", ["Медовик"])
    answered, error = await control.post(f"/qr-menu/tables/{path}", given)
    assert (answered, text in error["error"]) == (status, True)
