"""Recordings, read and played."""

from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from simulator.replay import Player, Recording
from simulator.replays import GreenApiReplay, PbxReplay, QrMenuReplay, device_id

from .test_main import start

BASE = "2002-01-01T00:00:00+00:00"
MESSAGE = '{"device_id": "Y7", "event_type": "startup", "payload": {}}'


def recording(service: str, *exchanges: dict[str, Any]) -> Recording:
    document = {
        "format": 1,
        "service": service,
        "base": BASE,
        "exchanges": [{"at": 5.0, **exchange} for exchange in exchanges],
    }
    return Recording(document, datetime.now(UTC))


def poll(body: str, **more: Any) -> dict[str, Any]:
    request = {"kind": "request", "path": "/api/v4/events", "query": {"hash": "none"}}
    return {**request, "status": 200, "body": body, **more}


def updates(*codes: str) -> str:
    events = [{"hash": f"0x{code}", "code": code} for code in codes]
    return json.dumps({"result": True, "data": {"updates": events}})


async def test_a_menu_answers_first_what_was_known_and_then_what_was_recorded() -> None:
    played = recording(
        "qr_menu",
        poll(updates("old")),
        poll(updates("old", "new")),
        poll("<h1>\u2026", status=502, content_type="text/html"),
        {"kind": "request", "path": "/api/v4/events", "error": "ServiceUnavailable"},
    )
    async with QrMenuReplay() as menu, aiohttp.ClientSession() as session:
        menu.play(played, 1.0)

        async def ask() -> tuple[int, str]:
            url = f"{menu.url}/api/v4/events?hash=none"
            async with session.get(url, headers={"token": menu.token}) as answer:
                return answer.status, await answer.text()

        known = {
            "result": True,
            "data": {"updates": [{"hash": "0xold", "code": "old"}]},
        }
        for _ in range(2):
            assert json.loads((await ask())[1]) == known
        assert (await ask())[1] == updates("old")
        assert (await ask())[1] == updates("old", "new")
        assert await ask() == (502, "<h1>…")
        # What did not answer then does not work now.
        assert (await ask())[0] == 503
        assert json.loads((await ask())[1])["data"]["updates"] == []
        assert menu.player.state == {"exchanges": 4, "played": 4}


async def test_a_gateway_hands_out_what_was_received() -> None:
    body = '{"receiptId": 7, "body": {"typeWebhook": "x", "timestamp": 1009843207}}'
    path = "/*/receiveNotification/*"
    played = recording(
        "green_api",
        {"kind": "request", "path": path, "status": 200, "body": "null"},
        {"kind": "request", "path": path, "status": 200, "body": body},
        {"kind": "request", "path": "/*/deleteNotification/*/*", "body": "{}"},
    )
    async with GreenApiReplay() as gateway, aiohttp.ClientSession() as session:
        gateway.play(played, 1.0)
        url = f"{gateway.url}/waInstance{gateway.instance_id}"

        async def ask(method: str, name: str, more: str = "") -> Any:
            address = f"{url}/{name}/{gateway.token}{more}"
            async with session.request(method, address) as answer:
                return await answer.json()

        assert await ask("GET", "receiveNotification") is None
        received = await ask("GET", "receiveNotification")
        age = datetime.now(UTC).timestamp() - received["body"]["timestamp"]
        assert abs(age) < timedelta(minutes=2).total_seconds()
        assert await ask("DELETE", "deleteNotification", "/7") == {"result": True}
        assert await ask("GET", "getStateInstance") == {"stateInstance": "authorized"}


async def test_a_pbx_sends_what_came_and_ends_its_streams() -> None:
    proof = '{"event_type": "verification", "payload": "x"}'
    played = recording(
        "pbx",
        {"kind": "hook", "body": proof},
        {"kind": "stream", "body": MESSAGE},
        {"kind": "hook", "body_base64": "z+XyDQo="},
        {"kind": "stream", "error": "ServiceUnavailable"},
    )
    assert device_id(played) == "Y7"
    pbx = PbxReplay()
    pbx.play(played, 1.0)
    async with pbx, aiohttp.ClientSession() as session:
        async with session.get(f"{pbx.url}/sys/events") as stream:
            sent = await stream.read()
        assert (
            sent
            == f"data: {MESSAGE}\n\ndata: ".encode() + b"\xcf\xe5\xf2\r\ndata: \n\n"
        )


def test_intervals_are_those_of_the_recording_or_shorter() -> None:
    played = recording("pbx", {"kind": "hook"}, {"kind": "hook", "at": 65.0})
    player = Player(played.exchanges, speed=60.0)
    assert player.wait is None
    player.begin()
    assert player.take() is not None
    assert player.take() is None
    assert player.wait == pytest.approx(1.0, abs=0.9)


def test_dates_near_its_beginning_are_those_of_now_and_others_stay() -> None:
    text = (
        "2002-01-01 00:00:05 2002-01-01 1970-01-01 1009843205 1009843205000 0000-00-00"
    )
    (one,) = recording("pbx", {"kind": "hook", "body": text}).exchanges
    day, clock, same_day, old, seconds, milliseconds, none = one.body.decode().split()
    at = datetime.fromisoformat(f"{day}T{clock}+00:00")
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    assert abs(int(seconds) - at.timestamp()) < 2
    assert (old, milliseconds, none) == ("1970-01-01", f"{seconds}000", "0000-00-00")
    assert same_day


@pytest.mark.parametrize(
    "content",
    [
        "no JSON",
        "{}",
        '{"data": {"recording": {"until": null, "exchanges": []}}}',
        '{"format": 2, "exchanges": [1]}',
        '{"format": 1, "exchanges": [{"kind": "start"}], "service": "pbx", "base": "2002-01-01"}',
        '{"format": 1, "exchanges": [{"kind": "hook"}], "service": "pbx", "base": "2002-01-01"}',
    ],
)
async def test_what_is_no_recording_is_said(tmp_path: Path, content: str) -> None:
    file = tmp_path / "file.json"
    file.write_text(content, "utf-8")
    process = await start("--replay", str(file))
    _, errors = await process.communicate()
    assert process.returncode == 1
    assert errors.startswith(b"simulator: ")
    assert b"Traceback" not in errors
