"""What goes out through GREEN-API, for each messenger: texts, files, to whom, and what not."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.services.green_api.sending import NOBODY_FOR
from simulator.faults import Faults
from simulator.green_api import GreenApiService
from simulator.green_api_calls import Call, Method
from simulator.service import Answer

from ..conftest import Recorder
from ..helpers import state_of, wait_for_state, wait_until
from ..timings import timed
from .conftest import MakeWhatsApp, all_messengers

CONNECTION = "binary_sensor.whatsapp_4567_connection"
STATE = "sensor.whatsapp_4567_account_state"
PHONE = "+79821234567"
STRANGER = "+79820000001"
GROUPS = {
    "whatsapp": "120363043968066561@g.us",
    "max": "-10000000000001",
    "telegram": "-1001234567890",
}
PHOTO = "https://example.com/hall.jpg"
DOCUMENT = "https://example.com/menu.pdf"

type Send = Callable[..., Any]


@pytest.fixture
async def account(
    hass: HomeAssistant, green_api: GreenApiService, make_whatsapp: MakeWhatsApp
) -> MockConfigEntry:
    """Return a loaded entry with one chat, its queue empty."""
    entry = make_whatsapp(green_api, chats={"Анна": PHONE})
    await start(hass, entry)
    return entry


@pytest.fixture
def send(hass: HomeAssistant, account: MockConfigEntry) -> Send:
    """Return a function that sends by the action and returns the message's id."""

    async def send(**data: Any) -> Any:
        response = await hass.services.async_call(
            "carbis_alerts",
            "send_message",
            {"entry_id": account.entry_id, **data},
            blocking=True,
            return_response=True,
        )
        assert response is not None
        return response["message_id"]

    return send


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set up an entry, and wait until its queue was empty."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    await wait_until(lambda: not entry.runtime_data.source._late)


async def refused(send: Send, **data: Any) -> HomeAssistantError:
    """Send what cannot be sent, and return the error."""
    with pytest.raises(HomeAssistantError) as caught:
        await send(**data)
    return caught.value


def repair(hass: HomeAssistant, kind: str, entry: MockConfigEntry) -> Any:
    """Return an open repair."""
    return ir.async_get(hass).async_get_issue(
        "carbis_alerts", f"{kind}_{entry.entry_id}"
    )


@contextmanager
def failing_from(
    green: GreenApiService, which: int, status: int, words: str
) -> Generator[None]:
    """Have the gateway refuse the messages from that one on."""
    before, count = green.methods["sendMessage"], 0

    async def answer(call: Call) -> Answer:
        nonlocal count
        count += 1
        if count >= which:
            return Answer.json({"message": words}, status)
        return await before.answer(call)

    green.methods["sendMessage"] = Method("POST", answer)
    yield
    green.methods["sendMessage"] = before


def sentences(length: int) -> str:
    """Return a text of whole sentences, of about so many characters."""
    sentence = "Ждём вас сегодня в 19:00 за столиком у окна. "
    return (sentence * (length // len(sentence) + 1)).strip()


# To whom


@all_messengers
async def test_a_phone_number_is_asked_for_once_and_kept(
    hass: HomeAssistant,
    green_api: GreenApiService,
    account: MockConfigEntry,
    send: Send,
) -> None:
    chat = green_api.chat_id(STRANGER)
    for phone in (STRANGER, "8 (982) 000-00-01"):
        await send(phone=phone, message="Да")
    assert await hass.config_entries.async_reload(account.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    await send(phone="79820000001", message="Да")
    assert [sent.chat_id for sent in green_api.sent] == [chat] * 3
    has_numbers = green_api.messenger.number_suffix is not None
    assert green_api.looked_up.count(chat) == (0 if has_numbers else 1)


@pytest.mark.parametrize("green_api", ["max", "telegram"], indirect=True)
async def test_nobody_there_is_an_error_in_words_and_not_asked_for_again_that_day(
    green_api: GreenApiService, account: MockConfigEntry, send: Send
) -> None:
    chat = green_api.chat_id(STRANGER)
    green_api.other_ids[chat] = None
    for _ in range(2):
        err = await refused(send, phone=STRANGER, message="Да")
        assert isinstance(err, ServiceValidationError)
        assert (err.translation_key, err.translation_placeholders) == (
            "nobody_there",
            {"number": "+79820000001", "messenger": green_api.messenger.title},
        )
    assert green_api.looked_up == [chat]
    assert green_api.sent == []
    # Somebody has joined since.
    sender = account.runtime_data.source.sender
    sender._found["79820000001"] = "", dt_util.utcnow() - NOBODY_FOR * 2
    del green_api.other_ids[chat]
    await send(phone=STRANGER, message="Да")
    assert green_api.sent[0].chat_id == chat


@pytest.mark.parametrize("green_api", ["max"], indirect=True)
async def test_a_number_that_the_messenger_finds_nobody_by_is_not_asked_for(
    green_api: GreenApiService, send: Send
) -> None:
    err = await refused(send, phone="+4915112345678", message="Да")
    assert err.translation_key == "number_abroad"
    assert green_api.looked_up == []


@pytest.mark.parametrize("green_api", ["max"], indirect=True)
@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (Faults(status=429), "send_rate"),
        (Faults(status=466), "send_quota"),
        (Faults(status=400, body='{"message": "bad"}'), "send_refused"),
        (Faults(garbage=True), "send_refused"),
        (Faults(status=200, body='{"exist": 1}'), "send_refused"),
    ],
)
async def test_a_look_up_that_fails_says_why_and_is_made_again(
    green_api: GreenApiService, send: Send, fault: Faults, key: str
) -> None:
    green_api.faults.set(fault)
    assert (await refused(send, phone=STRANGER, message="x")).translation_key == key
    green_api.faults.set(Faults())
    assert await send(phone=STRANGER, message="x")


@all_messengers
async def test_a_group_is_written_to_by_its_id(
    green_api: GreenApiService, account: MockConfigEntry, send: Send
) -> None:
    group = GROUPS[green_api.messenger.name]
    await send(chat_id=group, message="Смена в 10")
    assert green_api.sent[0].chat_id == group
    assert account.runtime_data.source.sender.is_group(group)
    assert green_api.looked_up == [] or green_api.messenger.name == "whatsapp"


@pytest.mark.parametrize("green_api", ["max"], indirect=True)
@pytest.mark.parametrize(
    ("data", "is_looked_up"),
    [
        ({"chat_id": 10000005}, False),
        ({"chat_id": "79821234567"}, True),
        ({"chat_id": "79821234567@c.us"}, True),
        ({"chat_id": "+7 982 123-45-67"}, True),
        ({"phone": 79821234567}, True),
    ],
)
async def test_digits_are_an_id_where_they_look_like_no_number(
    green_api: GreenApiService, send: Send, data: dict[str, Any], is_looked_up: bool
) -> None:
    await send(**data, message="Да")
    chat = green_api.chat_id(PHONE) if is_looked_up else "10000005"
    assert green_api.sent[0].chat_id == chat
    assert green_api.looked_up == ([chat] if is_looked_up else [])


# Long texts


@all_messengers
async def test_a_long_text_goes_in_parts_that_end_at_a_sentence(
    green_api: GreenApiService, send: Send
) -> None:
    most = green_api.messenger.max_text
    text = sentences(2 * most + most // 2)
    message_id = await send(
        chat_id=green_api.chat_id(PHONE), message=text, quoted_message_id="Q"
    )
    sent = green_api.sent
    assert len(sent) == 3
    assert sent[0].message_id == message_id
    assert " ".join(part.text for part in sent) == text
    assert all(len(part.text) <= most and part.text[-1] == "." for part in sent)
    assert [part.quoted_message_id for part in sent] == ["Q", None, None]


@all_messengers
async def test_the_longest_text_is_one_message(
    green_api: GreenApiService, send: Send
) -> None:
    text = "x" * green_api.messenger.max_text
    await send(chat_id=green_api.chat_id(PHONE), message=text)
    assert [part.text for part in green_api.sent] == [text]


@all_messengers
async def test_where_a_part_fails_the_rest_is_not_sent_and_words_say_so(
    green_api: GreenApiService, send: Send
) -> None:
    text = sentences(2 * green_api.messenger.max_text + 100)
    with failing_from(green_api, 2, 466, "quota"):
        err = await refused(send, chat_id=green_api.chat_id(PHONE), message=text)
    assert (err.translation_key, err.translation_placeholders) == (
        "send_partly",
        {
            "sent": "1",
            "parts": "3",
            "reason": "The quota of the GREEN-API tariff is used up.",
        },
    )
    assert len(green_api.sent) == 1


@all_messengers
async def test_a_text_of_too_many_parts_is_refused(
    green_api: GreenApiService, send: Send
) -> None:
    most = green_api.messenger.max_text
    for message in ("", " \n", sentences(11 * most)):
        err = await refused(send, chat_id=green_api.chat_id(PHONE), message=message)
        assert err.translation_key == "text_length"
        assert err.translation_placeholders == {"most": str(10 * most)}
    assert green_api.sent == []


async def test_the_notify_entity_sends_a_long_text_in_parts_too(
    hass: HomeAssistant, green_api: GreenApiService, account: MockConfigEntry
) -> None:
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": "notify.anna", "title": "Меню", "message": sentences(20_100)},
        blocking=True,
    )
    first, second = green_api.sent
    assert first.text.startswith("*Меню*\nЖдём")
    assert second.text.startswith("Ждём")


# Files


@all_messengers
async def test_a_photo_goes_with_its_words_below_it(
    green_api: GreenApiService, send: Send
) -> None:
    chat = green_api.chat_id(PHONE)
    message_id = await send(
        chat_id=chat, message="Наш зал", file_url=PHOTO, quoted_message_id="Q"
    )
    (file,) = green_api.files.sent
    assert (file.message_id, file.chat_id, file.url) == (message_id, chat, PHOTO)
    assert (file.name, file.caption, file.quoted_message_id) == (
        "hall.jpg",
        "Наш зал",
        "Q",
    )
    assert len(green_api.sent) == 1


@all_messengers
async def test_a_document_comes_behind_its_words(
    green_api: GreenApiService, send: Send
) -> None:
    message_id = await send(
        phone=PHONE, message="Меню", file_url=DOCUMENT, quoted_message_id="Q"
    )
    text, file = green_api.sent
    assert (text.message_id, text.text, text.quoted_message_id) == (
        message_id,
        "Меню",
        "Q",
    )
    assert green_api.files.sent[0].message_id == file.message_id
    assert green_api.files.sent[0].caption is None
    assert green_api.files.sent[0].quoted_message_id is None


@pytest.mark.parametrize("green_api", ["telegram"], indirect=True)
async def test_words_that_are_too_long_for_below_a_photo_come_before_it(
    green_api: GreenApiService, send: Send
) -> None:
    await send(phone=PHONE, message=sentences(1_100), file_url=PHOTO)
    assert [bool(sent.text) for sent in green_api.sent] == [True, False]


async def test_a_file_needs_no_words(green_api: GreenApiService, send: Send) -> None:
    await send(phone=PHONE, file_url=f"{DOCUMENT}#Меню дня.pdf")
    (file,) = green_api.files.sent
    assert (file.url, file.name, file.caption) == (DOCUMENT, "Меню дня.pdf", None)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("menu.pdf", "file_url_invalid"),
        ("http://192.168.1.5/menu.pdf", "file_url_local"),
        ("https://example.com/menu", "file_url_nameless"),
    ],
)
async def test_a_file_that_cannot_be_sent_is_an_error_in_words(
    green_api: GreenApiService, send: Send, address: str, key: str
) -> None:
    err = await refused(send, phone=PHONE, message="x", file_url=address)
    assert isinstance(err, ServiceValidationError)
    assert err.translation_key == key
    assert green_api.sent == []


# What keeps an account from sending


@all_messengers
@pytest.mark.parametrize(
    ("fault", "key", "state"),
    [
        ((403, "Your account is suspended"), "send_restricted", "suspended"),
        ((400, "Instance account is expired"), "send_expired", "expired"),
        ((400, "Instance is deleted"), "send_deleted", "deleted"),
        (
            (400, "instance account not authorized"),
            "send_not_authorized",
            "not_authorized",
        ),
        (
            (400, "instance is starting or not authorized"),
            "send_starting",
            "authorized",
        ),
    ],
)
async def test_a_refusal_while_sending_is_said_in_words_and_asks_for_no_token(
    hass: HomeAssistant,
    green_api: GreenApiService,
    send: Send,
    fault: tuple[int, str],
    key: str,
    state: str,
) -> None:
    with failing_from(green_api, 1, *fault):
        err = await refused(send, chat_id=green_api.chat_id(PHONE), message="x")
    assert err.translation_key == key
    assert state_of(hass, STATE) == state
    assert hass.config_entries.flow.async_progress() == []


@all_messengers
async def test_a_restriction_is_shown_with_its_end_and_goes_with_it(
    hass: HomeAssistant,
    green_api: GreenApiService,
    account: MockConfigEntry,
    bus: Recorder,
) -> None:
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    shown = dt_util.as_local(ends).strftime("%Y-%m-%d %H:%M")
    with timed(restriction_look=0.05):
        green_api.set_state("suspended", until=int(ends.timestamp()))
        await bus.wait(1)

        def until() -> Any:
            issue = repair(hass, "account_restricted", account)
            return issue and issue.translation_placeholders["until"]

        await wait_until(lambda: until() == shown)
        state = hass.states.get(STATE)
        assert state is not None
        assert (state.state, state.attributes["restricted_until"]) == (
            "suspended",
            ends,
        )
        issue = repair(hass, "account_restricted", account)
        assert issue.translation_placeholders["messenger"] == green_api.messenger.title
        assert repair(hass, "account_state", account) is None
        # What came goes on coming.
        green_api.message(PHONE, "Есть столик?")
        assert (await bus.wait(2))[1]["type"] == "message"
        # The end is not reported by all: then the state is asked for.
        green_api.state, green_api.suspended_until = "authorized", None
        await wait_for_state(hass, STATE, "authorized")
    state = hass.states.get(STATE)
    assert state is not None
    assert state.attributes["restricted_until"] is None
    assert repair(hass, "account_restricted", account) is None


async def test_a_restriction_without_a_known_end_is_shown_all_the_same(
    hass: HomeAssistant, green_api: GreenApiService, account: MockConfigEntry
) -> None:
    green_api.methods["getWaSettings"] = Method("GET", _broken)
    green_api.set_state("yellowCard")
    await wait_for_state(hass, STATE, "yellow_card")
    issue = repair(hass, "account_restricted", account)
    assert issue.translation_placeholders["until"] == "—"


async def _broken(_: Call) -> Answer:
    return Answer.text(500)


@all_messengers
@pytest.mark.parametrize(
    ("state", "shown", "kind"),
    [
        ("expired", "expired", "instance_expired"),
        ("deleted", "deleted", "instance_deleted"),
    ],
)
async def test_an_instance_that_is_gone_is_shown_until_it_is_back(
    hass: HomeAssistant,
    green_api: GreenApiService,
    account: MockConfigEntry,
    state: str,
    shown: str,
    kind: str,
) -> None:
    with timed(base_pause=0.01, least_base_pause=0.01, max_pause=0.05):
        green_api.set_state(state)
        await wait_for_state(hass, STATE, shown)
        assert repair(hass, kind, account) is not None
        green_api.set_state("authorized")
        await wait_for_state(hass, STATE, "authorized")
    assert repair(hass, kind, account) is None


# What fails later


@all_messengers
@pytest.mark.parametrize("status", ["failed", "noAccount", "suspended"])
async def test_an_answer_that_fails_later_lets_the_guest_wait_again_and_says_so(
    green_api: GreenApiService,
    account: MockConfigEntry,
    send: Send,
    bus: Recorder,
    alerts: Recorder,
    status: str,
) -> None:
    green_api.statuses = (status,)
    green_api.message(PHONE, "Есть столик?")
    await alerts.wait(1)
    await send(chat_id=green_api.chat_id(PHONE), message="Да")
    opened, closed, again = await alerts.wait(3)
    assert (opened["state"], closed["reason"]) == ("open", "answered")
    assert (again["state"], again["key"]) == ("open", opened["key"])
    assert "Our answer was not delivered" in again["text"]


@all_messengers
async def test_a_part_of_an_answer_that_fails_is_an_answer_that_fails(
    hass: HomeAssistant,
    green_api: GreenApiService,
    account: MockConfigEntry,
    send: Send,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    green_api.statuses = ()
    green_api.message(PHONE, "Есть столик?")
    await alerts.wait(1)
    chat = green_api.chat_id(PHONE)
    await send(chat_id=chat, message=sentences(green_api.messenger.max_text + 100))
    await alerts.wait(2)
    await bus.wait(3)
    second = green_api.sent[1].message_id
    # Over a restart too.
    assert await hass.config_entries.async_reload(account.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    green_api.offer(green_api.writer.status(chat, second, "failed", api=True))
    again = (await alerts.wait(3))[2]
    assert (again["state"], again["key"]) == ("open", chat)
