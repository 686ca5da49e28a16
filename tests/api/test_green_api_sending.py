"""Files that are sent, and the end of a restriction, as the gateway has them and may not."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import orjson
import pytest
from yarl import URL

from custom_components.carbis_alerts.api.errors import (
    AccountUnusable,
    RequestRefused,
    ServiceUnavailable,
)
from custom_components.carbis_alerts.api.green_api import (
    MESSENGERS,
    GreenApiClient,
    restricted_until,
    send_file,
)
from simulator.faults import Faults
from simulator.green_api import GreenApiService

ADDRESS = "https://example.com/menu.pdf"
CHATS = {"whatsapp": "79821234567@c.us", "max": "10000001", "telegram": "-10000001"}


@pytest.fixture(params=MESSENGERS)
async def green(request: pytest.FixtureRequest) -> AsyncGenerator[GreenApiService]:
    """Return a running gateway of each messenger."""
    async with GreenApiService(messenger=request.param) as service:
        yield service


@pytest.fixture
def client(session: aiohttp.ClientSession, green: GreenApiService) -> GreenApiClient:
    """Return a client of the gateway."""
    return GreenApiClient(
        session,
        URL(green.url),
        green.instance_id,
        green.token,
        messenger=green.messenger,
    )


async def test_a_file_goes_with_its_name_its_words_and_what_it_quotes(
    green: GreenApiService, client: GreenApiClient
) -> None:
    chat = CHATS[green.messenger.name]
    message_id = await send_file(
        client, chat, ADDRESS, "menu.pdf", caption="Меню", quoted_message_id="Q"
    )
    plain = await send_file(client, chat, ADDRESS, "menu.pdf")
    first, second = green.files.sent
    assert (first.message_id, second.message_id) == (message_id, plain)
    assert (first.chat_id, first.url, first.name) == (chat, ADDRESS, "menu.pdf")
    assert (first.caption, first.quoted_message_id) == ("Меню", "Q")
    assert (second.caption, second.quoted_message_id) == (None, None)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("{}", RequestRefused),
        ('{"idMessage": null}', RequestRefused),
        ("[]", RequestRefused),
    ],
)
async def test_a_file_that_is_not_taken_is_refused(
    green: GreenApiService, client: GreenApiClient, answer: str, error: type[Exception]
) -> None:
    green.faults.set(Faults(status=200, body=answer))
    with pytest.raises(error):
        await send_file(client, CHATS[green.messenger.name], ADDRESS, "menu.pdf")


async def test_a_restricted_account_says_until_when(
    green: GreenApiService, client: GreenApiClient
) -> None:
    assert await restricted_until(client) is None
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    green.set_state("suspended", until=int(ends.timestamp()))
    assert await restricted_until(client) == ends
    with pytest.raises(AccountUnusable) as caught:
        await send_file(client, CHATS[green.messenger.name], ADDRESS, "menu.pdf")
    assert caught.value.trouble == "account_restricted"


@pytest.mark.parametrize(
    "given", [None, 0, "", "soon", True, [], 1_500_000_000, 10**30, -1, "2999-01-01"]
)
async def test_an_end_that_is_none_is_not_known(
    green: GreenApiService, client: GreenApiClient, given: Any
) -> None:
    body = orjson.dumps({"suspendedUntil": given} if given != 10**30 else {})
    if given == 10**30:
        body = b'{"suspendedUntil": 1' + b"0" * 30 + b"}"
    green.faults.set(Faults(status=200, body=body.decode()))
    assert await restricted_until(client) is None


async def test_the_end_by_its_name_of_before_is_known_too(
    green: GreenApiService, client: GreenApiClient
) -> None:
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
    body = f'{{"yellowCardUntil": "{int(ends.timestamp())}"}}'
    green.faults.set(Faults(status=200, body=body))
    assert await restricted_until(client) == ends


async def test_starting_or_not_linked_is_no_trouble_that_is_known(
    green: GreenApiService, client: GreenApiClient
) -> None:
    body = '{"message": "instance is starting or not authorized"}'
    green.faults.set(Faults(status=400, body=body))
    with pytest.raises(ServiceUnavailable) as caught:
        await client.state()
    assert type(caught.value) is ServiceUnavailable
    assert caught.value.status == 400
