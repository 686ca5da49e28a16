"""The vendor's own clients of each messenger, at the gateway.

They say the same as the integration's client where they can be asked the same.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
from max_api_client_python.API import GreenApi as MaxClient
import pytest
from telegram_api_client_python.API import GreenApi as TelegramClient
from whatsapp_api_client_python.API import GreenApi as WhatsAppClient
from yarl import URL

from custom_components.carbis_alerts.api.green_api import (
    GreenApiClient,
    parse_notification,
    parse_received,
    problems,
)
from simulator.green_api import TOKEN, GreenApiService

NUMBER = "79821234567"
TEXT = "Столик на двоих, пожалуйста"

type Vendor = Callable[[GreenApiService], Any]


def whatsapp(green: GreenApiService) -> WhatsAppClient:
    return WhatsAppClient(green.instance_id, TOKEN, host=green.url, host_timeout=20)


def maximum(green: GreenApiService) -> MaxClient:
    """Return the client of MAX, which asks below a prefix."""
    host = f"{green.url}/v3"
    return MaxClient(green.instance_id, TOKEN, host=host, host_timeout=20)


def telegram(green: GreenApiService) -> TelegramClient:
    return TelegramClient(green.instance_id, TOKEN, host=green.url, host_timeout=20)


VENDORS: dict[str, Vendor] = {
    "whatsapp": whatsapp,
    "max": maximum,
    "telegram": telegram,
}


@pytest.fixture(params=VENDORS)
async def green(request: pytest.FixtureRequest) -> AsyncIterator[GreenApiService]:
    async with GreenApiService(messenger=request.param) as service:
        yield service


@pytest.fixture
def vendor(green: GreenApiService) -> Any:
    """Return the vendor's client; it blocks, so it runs in a thread."""
    return VENDORS[green.messenger.name](green)


@pytest.fixture
def ours(session: aiohttp.ClientSession, green: GreenApiService) -> GreenApiClient:
    return GreenApiClient(
        session, URL(green.url), green.instance_id, TOKEN, messenger=green.messenger
    )


async def ask(method: Callable[..., Any], *arguments: object, **named: object) -> Any:
    """Return the data of a good answer."""
    answer = await asyncio.to_thread(method, *arguments, **named)
    assert answer.code == 200, answer.error
    return answer.data


async def test_it_receives_and_deletes(
    green: GreenApiService, vendor: Any, ours: GreenApiClient
) -> None:
    green.message(NUMBER, TEXT, "Иван")
    received = await ask(vendor.receiving.receiveNotification)
    read = await ours.receive()
    assert read is not None
    assert parse_received(received, green.messenger) == read
    assert read.notification is not None
    assert (read.notification.text, read.notification.chat_id) == (
        TEXT,
        green.chat_id(NUMBER),
    )
    receipt = received["receiptId"]
    assert await ask(vendor.receiving.deleteNotification, receipt) == {"result": True}
    assert green.queue == []


async def test_it_sends(
    green: GreenApiService, vendor: Any, ours: GreenApiClient
) -> None:
    chat = green.chat_id(NUMBER)
    # That of Telegram has no quotes yet.
    quotes = {} if green.messenger.name == "telegram" else {"quotedMessageId": "F7AE"}
    sent = await ask(vendor.sending.sendMessage, chat, "Ждём вас", **quotes)
    (message,) = green.sent
    assert (message.chat_id, message.text) == (chat, "Ждём вас")
    assert message.quoted_message_id == quotes.get("quotedMessageId")
    read = await ours.receive()
    assert read is not None
    assert read.notification is not None
    assert read.notification.kind == "message_sent"
    assert read.notification.message_id == sent["idMessage"] == message.message_id


async def test_it_reads_state_and_settings_and_changes_them(
    green: GreenApiService, vendor: Any, ours: GreenApiClient
) -> None:
    state = await ask(vendor.account.getStateInstance)
    assert state == {"stateInstance": await ours.state()}
    changed = await ask(vendor.account.setSettings, {"incomingWebhook": "no"})
    assert changed == {"saveSettings": True}
    settings = await ask(vendor.account.getSettings)
    assert settings == dict(await ours.settings()) == green.settings
    assert problems(settings) == {"incomingWebhook": "yes"}


async def test_it_knows_the_account_and_who_is_at_a_number(
    green: GreenApiService, vendor: Any
) -> None:
    account = await ask(getattr(vendor.account, green.messenger.account))
    assert account["phone"] == green.phone
    assert green.messenger.lookup is not None
    lookup = getattr(vendor.serviceMethods, green.messenger.lookup)
    found = await ask(lookup, int(NUMBER))
    assert found["chatId"] == green.chat_id(NUMBER)


async def test_it_works_the_queue_off_as_ours_does(
    green: GreenApiService, vendor: Any
) -> None:
    for number in range(3):
        green.message(NUMBER, str(number))
    green.set_state("blocked")
    seen: list[tuple[str, dict[str, Any]]] = []

    def handle(kind: str, given: dict[str, Any]) -> None:
        seen.append((kind, given))
        if len(seen) == 4:
            vendor.webhooks.stopReceivingNotifications()

    await asyncio.to_thread(vendor.webhooks.startReceivingNotifications, handle)
    assert green.queue == []
    found = [parse_notification(given, "1", green.messenger) for _, given in seen]
    assert [one and one.code for one in found] == [kind for kind, _ in seen]
    assert [one and one.text for one in found] == ["0", "1", "2", None]
