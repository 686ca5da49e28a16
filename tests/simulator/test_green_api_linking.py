"""The gateway's images and codes, and the phone that links an account."""

from base64 import b64decode
from io import BytesIO

import aiohttp
from PIL import Image
import pytest
import segno

from simulator.control import Control
from simulator.green_api import GreenApiService
from simulator.green_api_linking import CODE_GOOD_FOR, SCALE
from simulator.green_api_messengers import MODELS
from simulator.green_api_panel import GreenApiPanel

from .conftest import Client


class Clock:
    """A clock that tests set."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


async def call(
    session: aiohttp.ClientSession,
    green: GreenApiService,
    name: str,
    body: object = None,
) -> tuple[int, object]:
    """Call a method of the API."""
    url = f"{green.url}/waInstance{green.instance_id}/{name}/{green.token}"
    verb = "GET" if body is None else "POST"
    async with session.request(verb, url, json=body) as answer:
        is_json = answer.content_type == "application/json"
        return answer.status, await answer.json() if is_json else None


@pytest.mark.parametrize("messenger", MODELS)
async def test_an_image_is_a_qr_code_that_changes(
    session: aiohttp.ClientSession, messenger: str
) -> None:
    clock = Clock()
    async with GreenApiService(messenger=messenger, clock=clock) as green:
        green.state = "notAuthorized"
        status, answer = await call(session, green, "qr")
        assert status == 200
        assert isinstance(answer, dict)
        assert answer["type"] == "qrCode"
        seen = Image.open(BytesIO(b64decode(answer["message"]))).convert("1")
        expected = segno.make(green.linking.text, error="m", micro=False)
        modules = [
            [seen.getpixel((x, y)) == 0 for x in range(0, seen.width, SCALE)]
            for y in range(0, seen.height, SCALE)
        ]
        assert modules == [
            [bool(dot) for dot in row] for row in expected.matrix_iter(border=4)
        ]

        clock.now = 4.9
        assert (await call(session, green, "qr"))[1] == answer
        clock.now = 20.0
        assert (await call(session, green, "qr"))[1] != answer
        green.linking.scan()
        assert green.state == "authorized"
        answer = (await call(session, green, "qr"))[1]
        assert isinstance(answer, dict)
        assert answer["type"] == "alreadyLogged"


async def test_a_code_is_good_for_two_and_a_half_minutes(
    session: aiohttp.ClientSession,
) -> None:
    clock = Clock()
    async with GreenApiService(clock=clock) as green:
        green.state = "notAuthorized"
        asked = {"phoneNumber": 79001234567}
        status, answer = await call(session, green, "getAuthorizationCode", asked)
        assert status == 200
        assert isinstance(answer, dict)
        assert answer == {"status": True, "code": green.linking.code}
        clock.now = CODE_GOOD_FOR
        with pytest.raises(ValueError, match="cannot be typed"):
            green.linking.type_code(answer["code"])
        status, answer = await call(session, green, "getAuthorizationCode", asked)
        code = green.linking.code
        with pytest.raises(ValueError, match="cannot be typed"):
            green.linking.type_code("WRONG")
        assert code is not None
        green.linking.type_code(code)
        assert green.state == "authorized"
        status, _ = await call(session, green, "getAuthorizationCode", asked)
        assert status == 400


async def test_other_messengers_have_no_codes(session: aiohttp.ClientSession) -> None:
    async with GreenApiService(messenger="max") as green:
        assert (await call(session, green, "getAuthorizationCode", {}))[0] == 404


async def test_the_control_page_scans_types_and_enters(
    session: aiohttp.ClientSession,
) -> None:
    async with (
        GreenApiService(messenger="telegram") as green,
        Control([GreenApiPanel(green)]) as control,
    ):
        panel = Client(session, control.url, "green_api")
        green.state = "notAuthorized"
        await panel.post("/green-api/link", {"set_password": "hunter2"})
        await panel.post("/green-api/link", {})
        assert green.state == "pendingPassword"
        status, _ = await panel.post("/green-api/link", {"password": "wrong"})
        assert status == 400
        await panel.post("/green-api/link", {"password": "hunter2"})
        assert green.state == "authorized"
