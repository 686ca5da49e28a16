"""The gateway of a WhatsApp account: its queue, its calls and its part of the control port."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import aiohttp
import orjson
import pytest

from simulator.control import Control
from simulator.faults import Faults
from simulator.green_api import GreenApiService
from simulator.green_api_calls import call_name, poll_seconds
from simulator.green_api_messengers import MODELS
from simulator.green_api_notifications import SETTINGS
from simulator.green_api_panel import GreenApiPanel
from simulator.green_api_queue import FIRST_RECEIPT, RETENTION

from .conftest import Client, Reply

INSTANCE, TOKEN = "7103", "t0ken"
GUEST, ACCOUNT = "79821234567@c.us", "79001234567@c.us"


class Clock:
    """A clock that tests set."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def green(clock: Clock) -> AsyncIterator[GreenApiService]:
    async with GreenApiService(
        instance_id=INSTANCE, token=TOKEN, clock=clock
    ) as service:
        yield service


class Api:
    """A client as simple as can be."""

    def __init__(self, session: aiohttp.ClientSession, green: GreenApiService) -> None:
        """Ask a gateway."""
        self._session = session
        self._green = green

    async def call(
        self, name: str, value: object = None, *, method: str = "", path: str = ""
    ) -> Reply:
        """Call a method of the API."""
        data = value if isinstance(value, bytes | None) else orjson.dumps(value)
        async with self._session.request(
            method or ("GET" if value is None else "POST"),
            self._green.url + (path or f"/waInstance{INSTANCE}/{name}"),
            data=data,
        ) as response:
            return Reply(response.status, await response.read(), dict(response.headers))

    async def receive(self, query: str = "") -> Any:
        """Return what is received."""
        return (await self.call(f"receiveNotification/{TOKEN}{query}")).json

    async def delete(self, receipt: object) -> bool:
        """Delete a notification."""
        reply = await self.call(
            f"deleteNotification/{TOKEN}/{receipt}", method="DELETE"
        )
        assert (reply.status, list(reply.json)) == (200, ["result"])
        result: bool = reply.json["result"]
        return result

    async def send(self, **value: object) -> Reply:
        """Send a message."""
        return await self.call(f"sendMessage/{TOKEN}", value)


@pytest.fixture
def api(session: aiohttp.ClientSession, green: GreenApiService) -> Api:
    return Api(session, green)


def kinds(green: GreenApiService) -> list[str]:
    """Return the types of what waits."""
    return [document["body"]["typeWebhook"] for document in green.queue]


# --- The queue -------------------------------------------------------------------------


async def test_the_head_comes_until_it_is_deleted(
    green: GreenApiService, api: Api
) -> None:
    first = green.push({"typeWebhook": "a"})
    second = green.push({"typeWebhook": "b"})
    assert first == {"receiptId": FIRST_RECEIPT + 1, "body": {"typeWebhook": "a"}}
    assert await api.receive() == await api.receive() == first
    # Not only the head can be deleted.
    assert await api.delete(second["receiptId"]) is True
    assert await api.delete(second["receiptId"]) is False
    assert await api.delete(first["receiptId"]) is True
    assert green.queue == []
    await green.wait_until_empty()


async def test_a_notification_is_kept_for_a_day(
    green: GreenApiService, clock: Clock, api: Api
) -> None:
    green.push({"typeWebhook": "a"})
    clock.now = RETENTION
    assert green.queue_with_ages[0][0] == RETENTION
    assert await api.receive() is not None
    clock.now = RETENTION + 1
    assert await api.delete(FIRST_RECEIPT + 1) is False


async def test_anything_can_be_in_the_queue(green: GreenApiService, api: Api) -> None:
    green.push("a text", receipt="text")
    green.push({"typeWebhook": "a"}, receipt=None)
    green.push_raw([1])
    green.push_raw(b"not JSON")
    assert await api.receive() == {"receiptId": "text", "body": "a text"}
    assert await api.delete("text")
    assert await api.receive() == {"body": {"typeWebhook": "a"}}
    assert await api.delete("None") is False
    green.clear()
    green.push_raw(b"not JSON")
    assert (await api.call(f"receiveNotification/{TOKEN}")).body == b"not JSON"


@pytest.mark.parametrize(
    ("asked", "seconds"), [("20", 20), ("5", 5), ("1", 5), ("-1", 5), ("90", 60)]
)
def test_a_poll_waits_from_5_to_60_seconds(asked: str, seconds: float) -> None:
    assert poll_seconds(asked) == seconds


@pytest.mark.parametrize("asked", ["x", "", "nan", "5.5"])
async def test_a_poll_that_asks_for_no_number_is_refused(api: Api, asked: str) -> None:
    reply = await api.call(f"receiveNotification/{TOKEN}?receiveTimeout={asked}")
    assert reply.status == 400


async def test_a_poll_without_news_is_null_or_nothing(
    green: GreenApiService, api: Api
) -> None:
    green.poll_time = 0
    assert (await api.call(f"receiveNotification/{TOKEN}")).body == b"null"
    green.empty_answer = "nothing"
    assert (await api.call(f"receiveNotification/{TOKEN}")).body == b""


async def test_a_poll_ends_with_what_comes(green: GreenApiService, api: Api) -> None:
    waiting = asyncio.create_task(api.receive("?receiveTimeout=60"))
    await green.wait_for_readers()
    sent = green.push({"typeWebhook": "a"})
    assert await waiting == sent


async def test_polls_can_be_ended_and_dropped(green: GreenApiService, api: Api) -> None:
    waiting = asyncio.create_task(api.receive())
    await green.wait_for_readers()
    green.end_polls()
    assert await waiting is None

    def polling(received: int) -> bool:
        return green.received == received and green.readers == 1

    waiting = asyncio.create_task(api.receive())
    # The client's library repeats the request once.
    for received in (2, 3):
        await green.wait_until(partial(polling, received))
        green.drop_polls()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await waiting
    assert green.readers == 0


async def test_a_client_that_leaves_is_no_reader(
    green: GreenApiService, api: Api
) -> None:
    waiting = asyncio.create_task(api.receive())
    await green.wait_for_readers()
    waiting.cancel()
    await green.wait_for_readers(0)
    assert green.requests[-1].answer in {None, "left"}


async def test_two_readers_share_the_queue_or_are_reported(
    green: GreenApiService, api: Api
) -> None:
    first = asyncio.create_task(api.receive())
    second = asyncio.create_task(api.receive())
    await green.wait_for_readers(2)
    green.overlap = "refuse"
    assert (await api.call(f"receiveNotification/{TOKEN}")).status == 409
    sent = green.push({"typeWebhook": "a"})
    assert await first == await second == sent
    assert green.most_readers == 2


async def test_a_restart_keeps_the_queue_or_not(
    green: GreenApiService, api: Api
) -> None:
    green.push({"typeWebhook": "a"})
    url = green.url
    await green.restart()
    assert (green.url, len(green.queue)) == (url, 1)
    assert await api.receive() is not None
    await green.restart(keep_queue=False)
    assert green.queue == []


# --- What happens to the account -------------------------------------------------------


async def test_a_guest_writes(green: GreenApiService) -> None:
    body = green.message("+79821234567", "Столик?", name="Иван")
    assert green.queue[0]["body"] == body
    assert body["typeWebhook"] == "incomingMessageReceived"
    assert body["instanceData"] == {
        "idInstance": 7103,
        "wid": ACCOUNT,
        "typeInstance": "whatsapp",
    }
    assert body["senderData"]["chatId"] == body["senderData"]["sender"] == GUEST
    assert body["messageData"]["textMessageData"] == {"textMessage": "Столик?"}
    screenshot = green.message(
        "5@g.us", "", sender="79821234567", data={"typeMessage": "imageMessage"}
    )
    assert screenshot["senderData"]["sender"] == GUEST
    assert screenshot["senderData"]["chatId"] == "5@g.us"
    assert screenshot["messageData"] == {"typeMessage": "imageMessage"}


async def test_a_person_is_known_by_another_id(
    green: GreenApiService, api: Api
) -> None:
    green.other_ids = {GUEST: "155508384251501@lid", "79990000000@c.us": None}
    found = [
        (await api.call(f"checkWhatsapp/{TOKEN}", {"phoneNumber": number})).json
        for number in (79821234567, 79990000000, 79990000001)
    ]
    assert found == [
        {"existsWhatsapp": True, "chatId": "155508384251501@lid"},
        {"existsWhatsapp": False},
        {"existsWhatsapp": True, "chatId": "79990000001@c.us"},
    ]
    assert len(green.looked_up) == 3
    assert (await api.call(f"checkWhatsapp/{TOKEN}", {"phoneNumber": 5})).status == 400


async def test_calls_states_and_staffs_own_messages_are_reported(
    green: GreenApiService,
) -> None:
    ring = green.call("79821234567")
    end = green.call(GUEST, "missed", call_id=ring["idMessage"])
    out = green.call(GUEST, "pickUp", direction="outgoing")
    green.set_state("blocked")
    ours = green.write(GUEST, "Да")
    assert kinds(green) == [
        "incomingCall",
        "incomingCall",
        "outgoingCall",
        "stateInstanceChanged",
        "outgoingMessageReceived",
    ]
    assert (ring["from"], ring["status"], end["status"]) == (GUEST, "offer", "missed")
    assert ring["idMessage"] == end["idMessage"] != out["idMessage"]
    assert ours["senderData"]["sender"] == green.account == ACCOUNT
    assert green.queue[3]["body"]["stateInstance"] == green.state == "blocked"


async def test_nothing_is_queued_that_the_settings_do_not_have(
    green: GreenApiService, api: Api
) -> None:
    async def everything() -> list[str]:
        green.clear()
        green.message(GUEST, "a")
        green.write(GUEST, "b")
        green.call(GUEST)
        green.set_state("authorized")
        await api.send(chatId=GUEST, message="c")
        return kinds(green)

    assert set(await everything()) == set(SETTINGS) - {"outgoingCall"}
    for kind, setting in SETTINGS.items():
        green.settings[setting] = "no"
        assert kind not in await everything()
        green.settings[setting] = "yes"
    green.settings["webhookUrl"] = "https://crm.example"
    assert await everything() == []
    green.push({"typeWebhook": "a"})
    assert kinds(green) == ["a"]


# --- The API ---------------------------------------------------------------------------


async def test_a_message_is_sent_and_reported(green: GreenApiService, api: Api) -> None:
    green.statuses = ("sent", "failed")
    sending = asyncio.create_task(green.wait_for_sent())
    reply = await api.send(chatId=GUEST, message="Ждём", quotedMessageId="A")
    (sent,) = await sending
    assert reply.json == {"idMessage": sent.message_id}
    assert (sent.chat_id, sent.text, sent.quoted_message_id) == (GUEST, "Ждём", "A")
    published, *statuses = (document["body"] for document in green.queue)
    assert published["typeWebhook"] == "outgoingAPIMessageReceived"
    assert published["messageData"]["typeMessage"] == "quotedMessage"
    assert [(item["status"], item["idMessage"]) for item in statuses] == [
        ("sent", sent.message_id),
        ("failed", sent.message_id),
    ]


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        b"{",
        {"chatId": GUEST},
        {"chatId": GUEST, "message": ""},
        {"chatId": GUEST, "message": 5},
        {"chatId": GUEST, "message": "a" * (MODELS["whatsapp"].row.max_text + 1)},
        {"chatId": "Иван", "message": "a"},
        {"chatId": 5, "message": "a"},
        {"chatId": GUEST, "message": "a", "quotedMessageId": 5},
    ],
)
async def test_a_message_that_is_none_is_refused(
    green: GreenApiService, api: Api, value: object
) -> None:
    reply = await api.call(f"sendMessage/{TOKEN}", value)
    assert (reply.status, "bad request data" in reply.json["message"]) == (400, True)
    assert green.sent == []


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("notAuthorized", "instance account not authorized"),
        ("starting", "instance in starting process try later"),
    ],
)
async def test_an_account_that_cannot_send_says_so(
    green: GreenApiService, api: Api, state: str, text: str
) -> None:
    green.set_state(state)
    reply = await api.send(chatId=GUEST, message="a")
    assert (reply.status, reply.json) == (400, {"message": text})
    reply = await api.call(f"getStateInstance/{TOKEN}")
    assert reply.json == {"stateInstance": state}


async def test_settings_are_read_and_some_of_them_changed(
    green: GreenApiService, api: Api
) -> None:
    before = (await api.call(f"getSettings/{TOKEN}")).json
    reply = await api.call(f"setSettings/{TOKEN}", {"incomingWebhook": "no"})
    assert reply.json == {"saveSettings": True}
    after = (await api.call(f"getSettings/{TOKEN}")).json
    assert after == {**before, "incomingWebhook": "no"} == green.settings
    bad: object
    for bad in ({}, [], b"", {"unknown": "yes"}, {"wid": "x"}):
        assert (await api.call(f"setSettings/{TOKEN}", bad)).status == 400
    assert green.settings == after


async def test_a_notification_can_be_posted_for_debugging(
    green: GreenApiService, api: Api
) -> None:
    reply = await api.call("", {"typeWebhook": "a"}, path="/")
    assert (reply.status, kinds(green)) == (200, ["a"])
    assert (await api.call("", [], path="/")).status == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/waInstance7103/getStateInstance/wrong", 401),
        ("GET", "/waInstance7104/getStateInstance/t0ken", 403),
        ("GET", "/waInstance7103/getStateInstance/", 401),
        ("GET", "/waInstance7103/unknown/t0ken", 404),
        ("GET", "/", 404),
        ("GET", "/favicon.ico", 404),
        ("POST", "/waInstance7103/receiveNotification/t0ken", 405),
        ("GET", "/waInstance7103/deleteNotification/t0ken/1", 405),
    ],
)
async def test_other_requests_have_their_statuses(
    green: GreenApiService, api: Api, method: str, path: str, status: int
) -> None:
    assert (await api.call("", method=method, path=path)).status == status
    assert green.requests[-1].token_ok is ("waInstance7103" in path and "t0ken" in path)


async def test_what_a_request_deletes_is_noted(
    green: GreenApiService, api: Api
) -> None:
    await api.delete(5)
    assert green.requests[-1].cursor == "5"
    assert call_name(green.requests[-1].path) == "deleteNotification 5"
    assert call_name("/favicon.ico") == "/favicon.ico"


async def test_faults_are_met(green: GreenApiService, api: Api) -> None:
    green.faults.set(Faults(status=466, times=1))
    assert (await api.call(f"getStateInstance/{TOKEN}")).status == 466
    green.faults.set(Faults(wrong_token=True, times=1))
    assert (await api.call(f"getStateInstance/{TOKEN}")).status == 401
    assert (await api.call(f"getStateInstance/{TOKEN}")).status == 200


# --- The control port ------------------------------------------------------------------


@pytest.fixture
async def control(
    green: GreenApiService, session: aiohttp.ClientSession
) -> AsyncIterator[Client]:
    async with Control([GreenApiPanel(green)]) as control:
        yield Client(session, control.url, "green_api")


async def test_a_notification_gets_a_receipt(
    control: Client, green: GreenApiService
) -> None:
    body = {"typeWebhook": "a"}
    for given in (body, {"body": body}):
        status, published = await control.post("/green-api/notifications", given)
        assert (status, published["body"]) == (200, body)
        assert isinstance(published["receiptId"], int)
    own = {"receiptId": "own", "body": None}
    assert await control.post("/green-api/notifications", own) == (200, own)
    assert green.queue[2] == own
    assert (await control.post("/green-api/notifications"))[0] == 400


async def test_people_write_and_the_state_shows_it(
    control: Client, green: GreenApiService, clock: Clock, api: Api
) -> None:
    await control.post("/green-api/messages", {"text": "Столик?", "name": "Иван"})
    clock.now = 5
    await api.send(chatId=GUEST, message="Ждём")
    await control.post("/green-api/messages", {"text": "Да", "ours": True})
    group = {"chat": "5@g.us", "sender": "79821234567", "text": "Мы тут"}
    await control.post("/green-api/messages", group)
    green.push_raw(b"\xff")

    state = await control.state()
    first, second = state["chats"]
    assert (first["chat_id"], first["name"]) == (GUEST, "Иван")
    assert [
        (line["name"], line["text"], line["by_api"], line["ago"])
        for line in first["lines"]
    ] == [
        ("Иван", "Столик?", False, 5),
        (None, "Ждём", True, 0),
        (None, "Да", False, 0),
    ]
    assert (second["chat_id"], second["name"]) == ("5@g.us", "Guest")
    assert state["queued"] == len(state["queue"]) == 8
    assert state["queue"][0]["notification"] == green.queue[0]
    assert state["queue"][0]["age"] == 5
    assert state["queue"][-1]["notification"] == "\ufffd"
    assert state["last_requests"][0]["call"] == "sendMessage"
    assert (state["instance_id"], state["phone"]) == (INSTANCE, "79001234567")
    assert (state["token"], state["account_state"]) == (TOKEN, "authorized")
    assert state["instance"] == green.settings


async def test_calls_and_states(control: Client, green: GreenApiService) -> None:
    call = {"from": GUEST, "status": "missed", "call-id": "C1"}
    assert (await control.post("/green-api/calls", call))[1]["idMessage"] == "C1"
    _, published = await control.post("/green-api/calls", {"direction": "outgoing"})
    assert (published["typeWebhook"], published["status"]) == ("outgoingCall", "offer")
    _, state = await control.post("/green-api/account", {"state": "blocked"})
    assert state["account_state"] == green.state == "blocked"


async def test_settings_queue_and_restart(
    control: Client, green: GreenApiService
) -> None:
    wanted = {
        "token": "other",
        "empty_answer": "nothing",
        "overlap": "refuse",
        "poll_time": 0.5,
        "statuses": ["sent"],
    }
    status, state = await control.post("/green-api/settings", wanted)
    assert status == 200
    assert {name: state[name] for name in wanted} == wanted
    assert (await control.post("/green-api/settings", {"poll-time": None}))[0] == 200
    change = {"webhookUrl": "https://crm.example"}
    _, state = await control.post("/green-api/instance", change)
    assert state["instance"]["webhookUrl"] == green.settings["webhookUrl"]

    green.push({"typeWebhook": "a"})
    await control.post("/green-api/restart")
    assert len(green.queue) == 1
    await control.post("/green-api/restart", {"keep-queue": False})
    assert green.queue == []
    green.push({"typeWebhook": "a"})
    await control.post("/green-api/clear")
    assert green.queue == []


async def test_polls_are_ended_by_the_control_port(
    control: Client, green: GreenApiService, api: Api
) -> None:
    waiting = asyncio.create_task(api.receive())
    await green.wait_for_readers()
    assert (await control.state())["readers"] == 1
    await control.post("/green-api/polls/end")
    assert await waiting is None
    assert (await control.post("/green-api/polls/drop"))[0] == 200


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("settings", {"tokn": "x"}, "unknown setting: tokn; known: token"),
        ("settings", {"token": 1}, "token must be a text"),
        ("settings", {"overlap": "x"}, "overlap must be one of allow, refuse"),
        ("settings", {"poll_time": -1}, "poll_time must be a number"),
        ("settings", {"poll_time": True}, "poll_time must be a number"),
        ("settings", {"statuses": "sent"}, "statuses must be a list"),
        ("settings", {"rate_limits": "x"}, "rate_limits must be one of ignore, keep"),
        ("notifications/drop", {"count": -1}, "count must be a whole number"),
        ("account", {"state": "suspended", "suspended-until": "x"}, "seconds since"),
        ("instance", {"unknown": "yes"}, "unknown setting: unknown"),
        ("calls", {"direction": "up"}, "direction must be one of incoming, outgoing"),
        ("calls", {"from": 5}, "from must be a text"),
        ("account", {}, "state must be a text such as authorized"),
        ("messages", {"text": 5}, "text must be a text"),
        ("notifications", [1], "must be a JSON object"),
    ],
)
async def test_bad_requests_say_what_is_wrong(
    control: Client, green: GreenApiService, path: str, value: object, text: str
) -> None:
    status, answer = await control.post(f"/green-api/{path}", value)
    assert (status, text in answer["error"]) == (400, True)
    assert green.queue == []
