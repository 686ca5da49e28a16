"""MAX and Telegram at the gateway: what is otherwise than with WhatsApp."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest

from simulator.control import Control
from simulator.green_api import TOKEN, GreenApiService
from simulator.green_api_messengers import ENDS, MODELS, Model, People
from simulator.green_api_panel import GreenApiPanel

from .conftest import Client, Reply

NUMBER = "79821234567"
GROUP, SUPERGROUP = "-70000000000001", "-1001234567890"
NEW = [name for name in MODELS if name != "whatsapp"]


class Clock:
    """A clock that tests set."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=MODELS)
async def green(
    request: pytest.FixtureRequest, clock: Clock
) -> AsyncIterator[GreenApiService]:
    async with GreenApiService(messenger=request.param, clock=clock) as service:
        yield service


new = pytest.mark.parametrize("green", NEW, indirect=True)
maximum = pytest.mark.parametrize("green", ["max"], indirect=True)
telegram = pytest.mark.parametrize("green", ["telegram"], indirect=True)


class Api:
    """A client as simple as can be."""

    def __init__(self, session: aiohttp.ClientSession, green: GreenApiService) -> None:
        """Ask a gateway."""
        self._session = session
        self._green = green

    async def call(self, name: str, value: object = None, *, prefix: str = "") -> Reply:
        """Call a method of the API."""
        async with self._session.request(
            "GET" if value is None else "POST",
            f"{self._green.url}{prefix}/waInstance{self._green.instance_id}/{name}/{TOKEN}",
            data=None if value is None else orjson.dumps(value),
        ) as response:
            return Reply(response.status, await response.read(), dict(response.headers))


@pytest.fixture
def api(session: aiohttp.ClientSession, green: GreenApiService) -> Api:
    return Api(session, green)


def bodies(green: GreenApiService) -> list[dict[str, Any]]:
    """Return what waits."""
    return [document["body"] for document in green.queue]


# --- Ids -------------------------------------------------------------------------------


def test_the_instance_of_each_messenger_begins_as_its_row_says() -> None:
    for model in MODELS.values():
        assert model.instance_id.startswith(model.row.instances)


@pytest.mark.parametrize("model", [MODELS[name] for name in NEW])
def test_a_number_stands_for_a_person_whose_id_is_another(model: Model) -> None:
    people = People(model)
    chat = people.chat_id(NUMBER)
    assert model.row.is_person(chat)
    assert chat not in NUMBER
    assert chat == people.chat_id(f"+{NUMBER}") == people.chat_id(f"{NUMBER}@c.us")
    assert chat == People(model).chat_id(NUMBER)
    assert people.number(chat) == int(NUMBER)
    # What is an id already stays one.
    assert people.chat_id(chat) == chat
    assert people.chat_id(GROUP) == GROUP
    assert people.number("10000001") is None


@new
async def test_a_message_says_whose_number_it_is_and_which_messenger(
    green: GreenApiService,
) -> None:
    green.message(NUMBER, "Столик?", "Иван")
    green.message("10000001", "Здравствуйте")
    first, second = bodies(green)
    assert first["instanceData"] == {
        "idInstance": int(green.instance_id),
        "wid": "79001234567@c.us",
        "typeInstance": green.messenger.service_name,
    }
    people = first["senderData"]
    assert people["chatId"] == people["sender"] == green.chat_id(NUMBER)
    assert people["senderPhoneNumber"] == int(NUMBER)
    assert "senderPhoneNumber" not in second["senderData"]
    assert first["messageData"]["textMessageData"]["textMessage"] == "Столик?"


@new
async def test_ids_of_messages_are_unique_within_a_chat_only(
    green: GreenApiService,
) -> None:
    ids = [
        green.message(chat, "a")["idMessage"] for chat in (NUMBER, NUMBER, "10000001")
    ]
    assert ids[0] == ids[2] != ids[1]
    assert green.message(NUMBER, "a", message_id="5")["idMessage"] == "5"


@new
async def test_the_sender_of_what_is_ours_is_the_chat(green: GreenApiService) -> None:
    body = green.write(NUMBER, "Ждём")
    assert body["typeWebhook"] == "outgoingMessageReceived"
    assert body["senderData"]["sender"] == green.chat_id(NUMBER) != green.account


@telegram
@pytest.mark.parametrize(
    ("chat", "kind"),
    [("10000001", "user"), (GROUP, "group"), (SUPERGROUP, "supergroup")],
)
async def test_telegram_says_what_kind_of_chat_it_is(
    green: GreenApiService, chat: str, kind: str
) -> None:
    people = green.message(chat, "a", sender="10000001")["senderData"]
    assert (people["chatType"], people["senderType"]) == (kind, "user")
    people = green.message(chat, "a", chat_type="channel")["senderData"]
    assert people["chatType"] == "channel"


@maximum
async def test_max_does_not(green: GreenApiService) -> None:
    assert "chatType" not in green.message(GROUP, "a", sender=NUMBER)["senderData"]


# --- Calls of the API ------------------------------------------------------------------


async def test_a_text_of_the_length_that_the_messenger_takes(
    green: GreenApiService, api: Api
) -> None:
    chat, most = green.chat_id(NUMBER), green.messenger.max_text
    taken = await api.call("sendMessage", {"chatId": chat, "message": "a" * most})
    longer = {"chatId": chat, "message": "a" * (most + 1)}
    assert taken.status == 200
    assert (await api.call("sendMessage", longer)).status == 400
    assert [len(sent.text) for sent in green.sent] == [most]


@new
async def test_a_message_is_sent_with_a_quote_and_reported(
    green: GreenApiService, api: Api
) -> None:
    value = {"chatId": GROUP, "message": "Ждём", "quotedMessageId": "17"}
    reply = await api.call("sendMessage", value)
    (sent,) = await green.wait_for_sent()
    assert reply.json == {"idMessage": sent.message_id}
    published, *statuses = bodies(green)
    assert published["messageData"]["typeMessage"] == "textMessage"
    assert published["messageData"]["quotedMessage"] == {"stanzaId": "17"}
    assert [one["status"] for one in statuses] == ["delivered", "read"]


async def test_the_form_of_a_chat_is_the_messengers(
    green: GreenApiService, api: Api
) -> None:
    taken = {
        "whatsapp": {"5@g.us", f"{NUMBER}@c.us"},
        "max": {"10000001", GROUP},
        "telegram": {"10000001", GROUP, SUPERGROUP, f"{NUMBER}@c.us"},
    }[green.messenger.name]
    for chat in {"5@g.us", f"{NUMBER}@c.us", "10000001", GROUP, "Иван"}:
        reply = await api.call("sendMessage", {"chatId": chat, "message": "a"})
        assert (reply.status == 200) == (chat in taken), chat


async def test_somebody_is_found_by_a_number_or_nobody(
    green: GreenApiService, api: Api
) -> None:
    name, exists = green.messenger.lookup or "", green.model.exists
    chat = green.chat_id(NUMBER)
    green.other_ids = {green.chat_id("+79990000000"): None}
    found = await api.call(name, {"phoneNumber": int(NUMBER)})
    assert found.json == {exists: True, "chatId": chat}
    nobody = await api.call(name, {"phoneNumber": 79990000000})
    assert nobody.json == {exists: False}
    assert green.looked_up == [chat, green.chat_id("+79990000000")]
    # A number of another country, and an id in place of a number.
    abroad = await api.call(name, {"phoneNumber": 491701234567})
    assert (abroad.status == 400) == (green.messenger.name == "max")
    by_id = await api.call(name, {"chatId": chat})
    assert (by_id.status == 200) == (green.messenger.name == "whatsapp")


async def test_the_account_says_who_it_is_and_how_it_is(
    green: GreenApiService, api: Api
) -> None:
    name = green.messenger.account
    account = (await api.call(name)).json
    assert (account["phone"], account["stateInstance"]) == (green.phone, "authorized")
    assert account.get("chatId", green.account) == green.account
    green.set_state("suspended", 1_800_000_000)
    account = (await api.call(name)).json
    assert account["suspendedUntil"] == 1_800_000_000
    green.set_state("notAuthorized")
    account = (await api.call(name)).json
    assert (account["phone"], "suspendedUntil" in account) == ("", False)


async def test_a_suspended_account_does_not_write(
    green: GreenApiService, api: Api
) -> None:
    green.set_state("suspended")
    value = {"chatId": green.chat_id(NUMBER), "message": "a"}
    reply = await api.call("sendMessage", value)
    assert (reply.status, "suspended" in reply.json["message"]) == (403, True)
    assert green.sent == []


@pytest.mark.parametrize("state", ENDS)
async def test_an_instance_that_is_at_its_end_says_so_to_every_call(
    green: GreenApiService, api: Api, state: str
) -> None:
    green.set_state(state)
    for name in ("getStateInstance", "getSettings", "receiveNotification"):
        reply = await api.call(name)
        assert (reply.status, reply.json) == (400, {"message": ENDS[state]})
    # Nobody is left who could report it.
    assert green.queue == []


async def test_the_settings_are_the_messengers(
    green: GreenApiService, api: Api
) -> None:
    settings = (await api.call("getSettings")).json
    assert ("incomingCallWebhook" in settings) == green.messenger.has_calls
    assert settings.get("typeInstance", "whatsapp") == green.messenger.service_name
    reply = await api.call("setSettings", {"typeInstance": "v3"})
    assert reply.status == 400


async def test_a_prefix_is_taken_by_max_alone(green: GreenApiService, api: Api) -> None:
    reply = await api.call("getStateInstance", prefix="/v3")
    assert (reply.status == 200) == (green.messenger.name == "max")
    assert reply.status in (200, 404)


@new
async def test_no_calls_are_reported(green: GreenApiService) -> None:
    with pytest.raises(ValueError, match="are not reported"):
        green.call(NUMBER)
    assert green.queue == []


async def test_more_calls_a_second_than_it_bears_are_refused_if_wanted(
    green: GreenApiService, api: Api, clock: Clock
) -> None:
    async def statuses() -> list[int]:
        return [(await api.call("getStateInstance")).status for _ in range(2)]

    assert await statuses() == [200, 200]
    green.rate_limits = "keep"
    assert await statuses() == [200, 429]
    clock.now = 1
    assert await statuses() == [200, 429]
    assert (await api.call("getSettings")).status == 200


# --- Losses ----------------------------------------------------------------------------


async def test_the_next_notifications_are_lost_if_wanted(
    green: GreenApiService,
) -> None:
    green.drop_next(2)
    for text in ("one", "two", "three"):
        green.message(NUMBER, text)
    (left,) = bodies(green)
    assert left["messageData"]["textMessageData"]["textMessage"] == "three"
    # They were written all the same.
    assert [line.text for line in green.lines] == ["one", "two", "three"]
    notes = [note["what"] for note in green.record.after(0)]
    assert notes == ["lost", "lost", "pushed"]


async def test_what_the_settings_keep_back_is_not_lost_besides(
    green: GreenApiService,
) -> None:
    green.drop_next()
    green.settings["outgoingMessageWebhook"] = "no"
    green.write(NUMBER, "a")
    assert green.losses == 1


# --- The control port ------------------------------------------------------------------


@pytest.fixture
async def control(
    green: GreenApiService, session: aiohttp.ClientSession
) -> AsyncIterator[Client]:
    async with Control([GreenApiPanel(green)]) as control:
        yield Client(session, control.url, "green_api")


async def test_the_state_says_which_messenger(
    control: Client, green: GreenApiService
) -> None:
    state = await control.state()
    assert (state["messenger"], state["title"]) == (
        green.messenger.name,
        green.messenger.title,
    )
    assert state["has_calls"] is green.messenger.has_calls
    assert state["states"] == [*green.model.states, *ENDS]
    status, _ = await control.post("/green-api/calls", {"from": NUMBER})
    assert status == (200 if green.messenger.has_calls else 400)


async def test_a_suspension_and_losses(control: Client, green: GreenApiService) -> None:
    until = {"state": "suspended", "suspended-until": 1_800_000_000}
    _, state = await control.post("/green-api/account", until)
    assert (state["account_state"], state["suspended_until"]) == (
        "suspended",
        1_800_000_000,
    )
    _, state = await control.post("/green-api/notifications/drop", {"count": 2})
    assert state["losses"] == green.losses == 2
    _, state = await control.post("/green-api/notifications/drop")
    assert state["losses"] == 1


@telegram
async def test_somebody_writes_in_a_channel(
    control: Client, green: GreenApiService
) -> None:
    value = {"chat": SUPERGROUP, "text": "Новости", "chat_type": "channel"}
    _, published = await control.post("/green-api/messages", value)
    assert published["senderData"]["chatType"] == "channel"
