"""The command line, as a process of its own."""

import asyncio
import json
from pathlib import Path
import signal
import socket
import ssl
import sys
from typing import Any

import aiohttp
import pytest

from simulator.pbx import EVENTS_PATH
from simulator.service import PATIENCE

from .conftest import fetch

ROOT = Path(__file__).parents[2]


async def start(*options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "simulator",
        *("--control-port", "0", "--pbx-port", "0", "--green-api-port", "0"),
        *options,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def first_line(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        started: dict[str, Any] = json.loads(await process.stdout.readline())
    return started


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_prints_its_ports_and_ends_cleanly(
    session: aiohttp.ClientSession, number: signal.Signals
) -> None:
    process = await start("--qr-menu-port", "0", "--token", "ключ")
    try:
        started = await first_line(process)
        assert started["qr_menu_url"] == f"http://127.0.0.1:{started['qr_menu_port']}"
        assert started["control_url"] == f"http://127.0.0.1:{started['control_port']}"
        assert (started["qr_menu_token"], started["qr_menu_fingerprint"]) == (
            "ключ",
            None,
        )
        assert (
            await fetch(session, started["qr_menu_url"], token="ключ")
        ).updates == []
        async with session.get(started["control_url"] + "/state") as response:
            state = await response.json()
        assert [part["requests"] for part in state.values()] == [1, 0, 0]
        process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            output, errors = await process.communicate()
        assert (process.returncode, output, errors) == (0, b"", b"")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_tls(session: aiohttp.ClientSession) -> None:
    process = await start("--qr-menu-port", "0", "--tls")
    try:
        started = await first_line(process)
        assert started["qr_menu_url"].startswith("https://")
        pin = aiohttp.Fingerprint(bytes.fromhex(started["qr_menu_fingerprint"]))
        reply = await fetch(
            session, started["qr_menu_url"], token=started["qr_menu_token"], ssl=pin
        )
        assert reply.status == 200
        pem = await asyncio.to_thread(
            ssl.get_server_certificate, ("127.0.0.1", started["qr_menu_port"])
        )
        trusting = ssl.create_default_context(cadata=pem)
        reply = await fetch(
            session,
            started["qr_menu_url"],
            token=started["qr_menu_token"],
            ssl=trusting,
        )
        assert reply.status == 200
    finally:
        process.kill()
        await process.wait()


async def test_port_in_use_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = await start("--qr-menu-port", str(port))
        async with asyncio.timeout(PATIENCE):
            output, errors = await process.communicate()
    assert (process.returncode, output) == (1, b"")
    assert errors.decode().splitlines() == [
        f"simulator: cannot listen on 127.0.0.1 port {port}: the port is in use"
    ]


async def test_options_of_the_pbx(session: aiohttp.ClientSession) -> None:
    process = await start(
        *("--qr-menu-port", "0", "--pbx-device-id", "АТС=", "--pbx-token", "key"),
        *("--pbx-heartbeat", "0.01", "--pbx-dialect", "plain"),
    )
    try:
        started = await first_line(process)
        assert started["pbx_url"] == f"http://127.0.0.1:{started['pbx_port']}"
        assert (started["pbx_device_id"], started["pbx_token"]) == ("АТС=", "key")
        assert started["pbx_username"] is started["pbx_password"] is None
        url, headers = started["pbx_url"] + EVENTS_PATH, {"Authorization": "Bearer key"}
        async with session.get(url, headers=headers) as response:
            assert await response.content.readline() == b": ping\n"
        async with session.get(started["control_url"] + "/state") as response:
            assert (await response.json())["pbx"]["dialect"] == "plain"
    finally:
        process.kill()
        await process.wait()


async def test_options_of_green_api(session: aiohttp.ClientSession) -> None:
    process = await start(
        *("--qr-menu-port", "0", "--green-api-instance", "7", "--green-api-token", "k"),
    )
    try:
        started = await first_line(process)
        url = started["green_api_url"]
        assert url == f"http://127.0.0.1:{started['green_api_port']}"
        assert (started["green_api_instance_id"], started["green_api_token"]) == (
            "7",
            "k",
        )
        assert started["green_api_phone"] == "79001234567"
        async with session.get(f"{url}/waInstance7/getStateInstance/k") as response:
            assert await response.json() == {"stateInstance": "authorized"}
        async with session.get(started["control_url"] + "/state") as response:
            assert (await response.json())["green_api"]["requests"] == 1
    finally:
        process.kill()
        await process.wait()


async def test_the_account_of_another_messenger(session: aiohttp.ClientSession) -> None:
    process = await start("--qr-menu-port", "0", "--messenger", "max")
    try:
        started = await first_line(process)
        assert started["green_api_messenger"] == "max"
        assert started["green_api_instance_id"].startswith("31")
        url = f"{started['green_api_url']}/v3/waInstance{started['green_api_instance_id']}"
        token = started["green_api_token"]
        async with session.get(f"{url}/getAccountSettings/{token}") as response:
            assert (await response.json())["phone"] == started["green_api_phone"]
    finally:
        process.kill()
        await process.wait()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--qr-menu-port", "99999"], "from 0 to 65535"),
        (["--pbx-port", "-1"], "from 0 to 65535"),
        (["--pbx-heartbeat", "0"], "above 0"),
        (["--green-api-port", "65536"], "from 0 to 65535"),
        (["--pbx-dialect", "xml"], "invalid choice"),
        (["--messenger", "icq"], "invalid choice"),
    ],
)
async def test_bad_option_is_an_error(options: list[str], text: str) -> None:
    process = await start(*options)
    async with asyncio.timeout(PATIENCE):
        _, errors = await process.communicate()
    assert process.returncode == 2
    assert text in errors.decode()
