"""Home Assistant's own Telegram bot as a way to people, against a server of bots."""

from collections.abc import AsyncGenerator

from homeassistant.core import Context, HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.team.channels.channel import ChannelError, Message
from custom_components.carbis_alerts.team.channels.notify import NotifyChannel
from custom_components.carbis_alerts.team.channels.telegram import (
    MAX_ANSWER,
    TelegramChannel,
    async_listen_answers,
    is_of,
)

from .bot_api import ANNA, BORIS, TOKEN, BotApi, chat_at, running_bot

MESSAGE = Message(
    title="Table_6 <b>",
    text="The waiter is called",
    tag="1",
    answers={"take:1": "I'm coming", "decline:1": "Not me"},
)
TAKEN = Message(title=None, text="Anna has it, 14 s", tag="1")


@pytest.fixture
async def api() -> AsyncGenerator[BotApi]:
    """Return a running server of bots."""
    async with BotApi().serve() as server:
        yield server


@pytest.fixture
async def bot(hass: HomeAssistant, api: BotApi) -> AsyncGenerator[MockConfigEntry]:
    """Return a bot that hears answers."""
    assert await async_setup_component(hass, "http", {})
    async with running_bot(hass, api) as entry:
        yield entry


async def test_a_message_has_buttons_and_is_changed_and_taken_back(
    hass: HomeAssistant, api: BotApi, bot: MockConfigEntry
) -> None:
    channel, anna = TelegramChannel(hass), chat_at(hass, "Anna")
    assert channel.problem(anna) is None
    handle = await channel.async_send(anna, MESSAGE)
    (sent,) = api.of("sendMessage")
    assert sent["chat_id"] == ANNA["id"]
    # Signs of markup are those of a name.
    assert sent["text"] == "Table_6 <b>\nThe waiter is called"
    assert "parse_mode" not in sent
    assert sent["reply_markup"]["inline_keyboard"] == [
        [
            {"text": "I'm coming", "callback_data": "carbis:take:1"},
            {"text": "Not me", "callback_data": "carbis:decline:1"},
        ]
    ]
    assert handle is not None
    await channel.async_edit(anna, handle, TAKEN)
    (edited,) = api.of("editMessageText")
    assert edited["text"] == "Anna has it, 14 s"
    assert "reply_markup" not in edited
    # A second time there is nothing to change, and no reason to complain.
    await channel.async_edit(anna, handle, TAKEN)
    await channel.async_withdraw(anna, handle)
    assert api.messages == {}
    await channel.async_withdraw(anna, handle)


async def test_as_a_notify_entity_it_gets_plain_text_of_a_length_that_it_takes(
    hass: HomeAssistant, api: BotApi, bot: MockConfigEntry
) -> None:
    message = Message(title="Table_6", text="_" * 9_000, tag="1")
    await NotifyChannel(hass).async_send(chat_at(hass, "Anna"), message)
    (sent,) = api.of("sendMessage")
    assert sent["text"].startswith("Table_6\n____")
    assert "parse_mode" not in sent


async def test_an_answer_comes_once_and_its_sender_reads_why(
    hass: HomeAssistant, api: BotApi, bot: MockConfigEntry
) -> None:
    heard: list[tuple[str, str | None, str | None, str | None]] = []

    def on_answer(
        data: str, user_id: str | None, chat_id: str | None, message_id: str | None
    ) -> str:
        heard.append((data, user_id, chat_id, message_id))
        return "You have it"

    remove = async_listen_answers(hass, on_answer)
    handle = await TelegramChannel(hass).async_send(chat_at(hass, "Anna"), MESSAGE)
    assert handle is not None
    # Another keyboard of the same bot is somebody else's business.
    api.press("lamp_on", int(handle), user=ANNA, query_id=6)
    api.press("carbis:take:1", int(handle), user=ANNA, query_id=7)
    api.press("carbis:take:1", int(handle), user=ANNA, query_id=7)
    api.press("carbis:decline:1", int(handle), user=ANNA, query_id=8)
    shown = await api.wait_for("answerCallbackQuery", 2)
    assert heard == [
        ("take:1", "501", "501", handle),
        ("decline:1", "501", "501", handle),
    ]
    assert [(one["callback_query_id"], one["text"]) for one in shown] == [
        (7, "You have it"),
        (8, "You have it"),
    ]
    # Of another team, which knows nothing of it.
    leave = async_listen_answers(hass, lambda *_: None)
    api.press("carbis:take:1", int(handle), user=ANNA, query_id=9)
    (*_, last) = await api.wait_for("answerCallbackQuery", 3)
    assert last["text"] == "You have it"
    leave()
    remove()
    hass.bus.async_fire("telegram_callback", {"data": "carbis:take:1", "id": 10})
    assert len(heard) == 3


async def test_an_answer_that_a_user_fires_is_none(hass: HomeAssistant) -> None:
    # A phone fires any event, with its user in the context.
    heard: list[str] = []
    async_listen_answers(hass, lambda data, *_: heard.append(data))
    data = {"data": "carbis:take:1", "user_id": 501, "chat_id": 501, "id": "1"}
    hass.bus.async_fire("telegram_callback", data, context=Context(user_id="someone"))
    await hass.async_block_till_done()
    assert heard == []


async def test_in_a_group_only_the_named_user_is_the_person(
    hass: HomeAssistant, bot: MockConfigEntry
) -> None:
    hall = {**chat_at(hass, "Hall"), "user_id": "501"}
    assert is_of(hass, hall, user_id="501", chat_id="-700")
    assert not is_of(hass, hall, user_id="502", chat_id="-700")
    assert not is_of(hass, chat_at(hass, "Hall"), user_id="502", chat_id="-700")
    anna = chat_at(hass, "Anna")
    assert is_of(hass, anna, user_id="501", chat_id="501")
    assert not is_of(hass, anna, user_id="502", chat_id="501")
    assert not is_of(hass, anna, user_id="501", chat_id="-700")


async def test_somebody_else_presses_in_a_group(
    hass: HomeAssistant, api: BotApi, bot: MockConfigEntry
) -> None:
    hall = {**chat_at(hass, "Hall"), "user_id": "501"}
    handle = await TelegramChannel(hass).async_send(hall, MESSAGE)

    def on_answer(
        _data: str, user_id: str | None, chat_id: str | None, _message: str | None
    ) -> str | None:
        is_hers = is_of(hass, hall, user_id=user_id, chat_id=chat_id)
        return None if is_hers else "This is not yours"

    async_listen_answers(hass, on_answer)
    assert handle is not None
    api.press("carbis:take:1", int(handle), user=BORIS)
    (shown,) = await api.wait_for("answerCallbackQuery")
    assert shown["text"] == "This is not yours"


async def test_a_bot_that_only_broadcasts_gets_no_buttons(
    hass: HomeAssistant, api: BotApi
) -> None:
    assert await async_setup_component(hass, "http", {})
    async with running_bot(hass, api, "broadcast"):
        await TelegramChannel(hass).async_send(chat_at(hass, "Anna"), MESSAGE)
        (sent,) = api.of("sendMessage")
        assert "reply_markup" not in sent


@pytest.mark.parametrize(
    ("status", "words", "parameters", "key"),
    [
        (403, "Forbidden: bot was blocked by the user", {}, "telegram_forbidden"),
        (400, "Bad Request: chat not found", {}, "telegram_refused"),
        (
            400,
            "Bad Request: group chat was upgraded",
            {"migrate_to_chat_id": -1007},
            "telegram_refused",
        ),
        (429, "Too Many Requests", {"retry_after": 5}, "telegram_busy"),
        (500, "Internal Server Error", {}, "telegram_silent"),
        (401, "Unauthorized", {}, "telegram_off"),
    ],
)
async def test_a_refusal_has_its_words(
    hass: HomeAssistant,
    api: BotApi,
    bot: MockConfigEntry,
    status: int,
    words: str,
    parameters: dict[str, int],
    key: str,
) -> None:
    api.faults["sendMessage"] = (status, words, parameters)
    with pytest.raises(ChannelError) as failed:
        await TelegramChannel(hass).async_send(chat_at(hass, "Anna"), MESSAGE)
    assert failed.value.key == key
    assert TOKEN not in repr(failed.value)
    assert failed.value.__cause__ is None


async def test_a_chat_that_is_gone_or_a_bot_that_is_off_is_a_problem(
    hass: HomeAssistant, api: BotApi, bot: MockConfigEntry
) -> None:
    channel, anna = TelegramChannel(hass), chat_at(hass, "Anna")
    assert await hass.config_entries.async_unload(bot.entry_id)
    problem = channel.problem(anna)
    assert problem is not None
    assert problem.key == "telegram_off"
    for entity_id in ("notify.nobody", "light.hall", ""):
        with pytest.raises(ChannelError, match="telegram_gone"):
            await channel.async_send({"entity_id": entity_id}, MESSAGE)
    assert await hass.config_entries.async_setup(bot.entry_id)
    await hass.config_entries.async_remove(bot.entry_id)
    problem = channel.problem(anna)
    assert problem is not None
    assert problem.key == "telegram_gone"
    assert api.of("sendMessage") == []


async def test_the_longest_text_and_answer_are_taken(
    hass: HomeAssistant, api: BotApi, bot: MockConfigEntry
) -> None:
    answers = {"x" * MAX_ANSWER: "I'm coming"}
    message = Message(title="🍽" * 3_000, text="🍽" * 3_000, tag="1", answers=answers)
    assert (
        await TelegramChannel(hass).async_send(chat_at(hass, "Anna"), message)
        is not None
    )
