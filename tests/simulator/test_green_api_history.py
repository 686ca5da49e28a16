"""The gateway's lists: they have what the queue has lost."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from simulator.green_api import GreenApiService

GUEST = "79821234567"


@pytest.fixture(params=["whatsapp", "max", "telegram"])
async def green(request: pytest.FixtureRequest) -> AsyncIterator[GreenApiService]:
    """Return a running gateway of each messenger."""
    async with GreenApiService(messenger=request.param) as service:
        yield service


async def ask(
    green: GreenApiService, name: str, expected: int = 200, **params: Any
) -> Any:
    """Return what a call answers."""
    url = f"{green.url}/waInstance{green.instance_id}/{name}/{green.token}"
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, params=params) as response,
    ):
        assert response.status == expected
        return await response.json() if response.status == 200 else None


async def test_a_message_that_the_queue_lost_is_listed(green: GreenApiService) -> None:
    green.drop_next()
    lost = green.message(GUEST, "lost", "Анна")
    kept = green.message(GUEST, "kept", "Анна")
    assert len(green.queue) == 1
    newest, oldest = await ask(green, "lastIncomingMessages", minutes=5)
    assert (newest["idMessage"], oldest["idMessage"]) == (
        kept["idMessage"],
        lost["idMessage"],
    )
    assert {**oldest, "timestamp": 0} == {
        "type": "incoming",
        "idMessage": lost["idMessage"],
        "timestamp": 0,
        "chatId": green.chat_id(GUEST),
        "senderId": green.chat_id(GUEST),
        "senderName": "Анна",
        "senderContactName": "",
        "typeMessage": "textMessage",
        **{
            key: value
            for key, value in oldest.items()
            if key in {"chatType", "senderType", "isForwarded", "forwardingScore"}
        },
        "textMessage": "lost",
    }


async def test_what_was_sent_is_listed_apart_with_its_last_status(
    green: GreenApiService,
) -> None:
    green.write(GUEST, "Ждём вас", after=-60)
    (sent,) = await ask(green, "lastOutgoingMessages")
    assert (sent["type"], sent["statusMessage"], sent["sendByApi"]) == (
        "outgoing",
        "sent",
        False,
    )
    body = green.writer.status(
        green.chat_id(GUEST), sent["idMessage"], "read", api=False
    )
    green.offer(body)
    (read,) = await ask(green, "lastOutgoingMessages")
    assert read["statusMessage"] == "read"
    # The time is that of the last thing that became of it.
    assert read["timestamp"] >= sent["timestamp"] + 60
    assert await ask(green, "lastIncomingMessages") == []


async def test_only_the_minutes_that_are_asked_for_are_listed(
    green: GreenApiService,
) -> None:
    green.message(GUEST, "old")
    green.history.incoming[0]["timestamp"] -= 2 * 24 * 60 * 60
    assert await ask(green, "lastIncomingMessages") == []
    assert len(await ask(green, "lastIncomingMessages", minutes=3 * 24 * 60)) == 1
    await ask(green, "lastIncomingMessages", 400, minutes="many")
    green.message(GUEST, "new")
    green.history.delay = 60
    assert await ask(green, "lastIncomingMessages") == []


async def test_a_clock_that_is_off_names_all_its_times(green: GreenApiService) -> None:
    before = green.message(GUEST, "a")["timestamp"]
    green.writer.ahead = 24 * 60 * 60
    assert green.message(GUEST, "b")["timestamp"] >= before + 24 * 60 * 60
    assert len(await ask(green, "lastIncomingMessages", minutes=5)) == 1


async def test_the_queue_is_counted(green: GreenApiService) -> None:
    assert await ask(green, "getWebhooksCount") == {"count": 0}
    green.message(GUEST, "a")
    assert await ask(green, "getWebhooksCount") == {"count": 1}


async def test_an_instance_may_give_no_lists(green: GreenApiService) -> None:
    green.history.refusal = (403, "Forbidden")
    for name in ("lastIncomingMessages", "lastOutgoingMessages"):
        await ask(green, name, 403)
