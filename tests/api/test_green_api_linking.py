"""What links an account: images and codes of a real gateway, and what is neither."""

from base64 import b64encode
from collections.abc import AsyncGenerator

import aiohttp
import pytest
from yarl import URL

from custom_components.carbis_alerts.api.errors import (
    AccountUnusable,
    ProtocolError,
    RequestRefused,
)
from custom_components.carbis_alerts.api.green_api import GreenApiClient
from custom_components.carbis_alerts.api.green_api.linking import (
    Stage,
    fetch_code,
    fetch_image,
    fetch_stage,
)
from simulator.faults import Faults
from simulator.green_api import GreenApiService
from simulator.green_api_linking import draw

NUMBER = "79001234567"
IMAGE = draw("2@somebody")


@pytest.fixture
async def green() -> AsyncGenerator[GreenApiService]:
    """Return a gateway without an account."""
    async with GreenApiService() as service:
        service.state = "notAuthorized"
        yield service


@pytest.fixture
async def client(green: GreenApiService) -> AsyncGenerator[GreenApiClient]:
    """Return a client for it."""
    async with aiohttp.ClientSession() as session:
        yield GreenApiClient(session, URL(green.url), green.instance_id, green.token)


def image(data: bytes) -> dict[str, str]:
    """Return the answer that has an image."""
    return {"type": "qrCode", "message": b64encode(data).decode()}


async def test_the_image_is_the_services_own(
    green: GreenApiService, client: GreenApiClient
) -> None:
    assert await fetch_image(client) == draw(green.linking.text)
    green.linking.scan()
    assert await fetch_image(client) is None


@pytest.mark.parametrize(
    "message",
    [
        b64encode(IMAGE).decode(),
        f"data:image/png;base64,{b64encode(IMAGE).decode()}",
        b64encode(IMAGE).decode().rstrip("="),
        "\n".join((b64encode(IMAGE).decode()[:40], b64encode(IMAGE).decode()[40:])),
    ],
)
async def test_an_image_is_read_in_every_form(
    green: GreenApiService, client: GreenApiClient, message: str
) -> None:
    green.linking.instead = {"type": "qrCode", "message": message}
    assert await fetch_image(client) == IMAGE


@pytest.mark.parametrize("kind", ["alreadyLogged", "already_registered"])
async def test_an_account_that_is_linked_has_no_image(
    green: GreenApiService, client: GreenApiClient, kind: str
) -> None:
    green.linking.instead = {"type": kind, "message": "instance account"}
    assert await fetch_image(client) is None


@pytest.mark.parametrize(
    "instead",
    [
        image(b"GIF89a"),
        image(IMAGE[:20]),
        image(IMAGE[:16] + b"\x00\x01\x00\x00" * 2 + IMAGE[24:]),
        image(IMAGE[:16] + b"\x00" * 8 + IMAGE[24:]),
        image(IMAGE + b"\x00" * 300_000),
        image(b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        {"type": "qrCode", "message": "не картинка"},
        {"type": "qrCode", "message": ["x"]},
        {"type": "qrCode"},
        {"type": ["qrCode"], "message": "x"},
        {"type": "timeout", "message": "x"},
        {},
        [],
        "x",
    ],
)
async def test_what_is_no_image_is_an_error(
    green: GreenApiService, client: GreenApiClient, instead: object
) -> None:
    green.linking.instead = instead
    with pytest.raises(ProtocolError):
        await fetch_image(client)


async def test_an_error_has_the_services_words(
    green: GreenApiService, client: GreenApiClient
) -> None:
    green.linking.instead = {"type": "error", "message": "Log out +79001234567 first"}
    with pytest.raises(RequestRefused) as caught:
        await fetch_image(client)
    assert caught.value.said == "Log out first"


async def test_a_code_is_for_a_number(
    green: GreenApiService, client: GreenApiClient
) -> None:
    code = await fetch_code(client, NUMBER)
    assert code == green.linking.code
    green.linking.type_code(code)
    with pytest.raises(RequestRefused, match="refuses"):
        await fetch_code(client, NUMBER)


@pytest.mark.parametrize(
    "answer",
    [
        '{"status": false, "code": "ABCD1234"}',
        '{"status": true}',
        '{"status": true, "code": "**bold**"}',
        '{"status": true, "code": "A"}',
        "[]",
    ],
)
async def test_what_is_no_code_is_an_error(
    green: GreenApiService, client: GreenApiClient, answer: str
) -> None:
    green.faults.set(Faults(garbage=answer))
    with pytest.raises(RequestRefused):
        await fetch_code(client, NUMBER)


@pytest.mark.parametrize(
    ("state", "stage"),
    [
        ("notAuthorized", Stage.LOGGED_OUT),
        ("pendingCode", Stage.LOGGED_OUT),
        ("pendingPassword", Stage.PASSWORD),
        ("starting", Stage.STARTING),
        ("authorized", Stage.LINKED),
        ("sleepMode", Stage.LINKED),
        ("suspended", Stage.LINKED),
        ("somethingNew", Stage.LINKED),
    ],
)
async def test_the_state_says_how_far_it_is(
    green: GreenApiService, client: GreenApiClient, state: str, stage: Stage
) -> None:
    green.state = state
    assert await fetch_stage(client) is stage


async def test_an_account_that_no_link_helps_is_an_error(
    green: GreenApiService, client: GreenApiClient
) -> None:
    green.state = "blocked"
    with pytest.raises(AccountUnusable) as caught:
        await fetch_stage(client)
    assert caught.value.trouble == "account_restricted"
    green.faults.set(Faults(status=400, body="instance account not authorized"))
    assert await fetch_stage(client) is Stage.LOGGED_OUT
    green.faults.set(Faults(status=400, body="Instance is deleted"))
    with pytest.raises(AccountUnusable):
        await fetch_stage(client)
