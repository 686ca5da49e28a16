"""A chat of Home Assistant's own Telegram bot.

Its notify entity takes text alone, so messages go by the bot's actions: with buttons,
changed later, taken back. A bot that only broadcasts hears no answers, and gets no buttons.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_PLATFORM
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    HomeAssistant,
    ServiceResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.util.hass_dict import HassKey

from ...api.texts import shortened
from ...const import CONF_CHAT_ID, CONF_ENTITY_ID, CONF_USER_ID, DOMAIN, LOGGER
from ...runtime.timings import timings
from .channel import Address, Can, Channel, ChannelError, Message

type OnAnswer = Callable[[str, str | None, str | None, str | None], str | None]
"""Takes what came back and the ids of user, chat and message; returns words for who pressed,
None where it knows of no such message."""

BOT: Final = "telegram_bot"
PLAIN: Final = "plain_text"
BROADCAST: Final = "broadcast"
EVENT: Final = "telegram_callback"
# Before what comes back: the bot may have other keyboards.
OURS: Final = "carbis:"
# Bytes of what comes back at most, of Telegram's 64 with what stands before it.
MAX_ANSWER: Final = 64 - len(OURS)
# Telegram takes 4,096 units of UTF-16, of which a character has two at most.
MAX_TEXT: Final = 2_048
# Answers that are remembered, so that one that comes twice is one.
REMEMBERED: Final = 256
# Words by the failures of the bot's library, whose own texts hold the bot's token.
WORDS: Final = {
    "Forbidden": "telegram_forbidden",
    "BadRequest": "telegram_refused",
    "ChatMigrated": "telegram_refused",
    "InvalidToken": "telegram_off",
    "RetryAfter": "telegram_busy",
    "TelegramError": "telegram_silent",
}


class TelegramChannel(Channel):
    """Send to chats that Home Assistant's Telegram bot knows."""

    kind: ClassVar[str] = "telegram"
    can: ClassVar[Can] = Can(buttons=True, edit=True, withdraw=True, max_text=MAX_TEXT)

    @override
    @callback
    def problem(self, address: Address) -> ChannelError | None:
        entity_id = str(address.get(CONF_ENTITY_ID))
        entry = _entry_of(self.hass, entity_id)
        if entry is None or chat_of(self.hass, address) is None:
            return ChannelError("telegram_gone", entity=entity_id)
        if entry.state is not ConfigEntryState.LOADED:
            return ChannelError("telegram_off")
        return None

    @override
    async def async_send(self, address: Address, message: Message) -> str | None:
        answer = await self._async_act(
            "send_message", address, self._written(address, message), response=True
        )
        chats = (answer or {}).get("chats")
        sent = chats[0] if isinstance(chats, list) and chats else None
        return str(sent["message_id"]) if isinstance(sent, dict) else None

    @override
    async def async_edit(self, address: Address, handle: str, message: Message) -> None:
        await self._async_change(
            "edit_message", address, handle, self._written(address, message)
        )

    @override
    async def async_withdraw(self, address: Address, handle: str) -> None:
        await self._async_change("delete_message", address, handle, {})

    def _written(self, address: Address, message: Message) -> dict[str, Any]:
        """Return a message as the bot's actions take it."""
        text = f"{message.title}\n{message.text}" if message.title else message.text
        written: dict[str, Any] = {
            "message": shortened(text, MAX_TEXT),
            # Names of tables have signs that are markup.
            "parse_mode": PLAIN,
        }
        entry = _entry_of(self.hass, str(address.get(CONF_ENTITY_ID)))
        hears = entry is not None and entry.data.get(CONF_PLATFORM) != BROADCAST
        if message.answers and hears:
            row = [[label, f"{OURS}{back}"] for back, label in message.answers.items()]
            written["inline_keyboard"] = [row]
        return written

    async def _async_change(
        self, action: str, address: Address, handle: str, data: Mapping[str, Any]
    ) -> None:
        """Change what was sent; what is gone, or is so already, stays as it is."""
        try:
            await self._async_act(action, address, {**data, "message_id": int(handle)})
        except ChannelError as err:
            if err.key != "telegram_refused":
                raise

    async def _async_act(
        self,
        action: str,
        address: Address,
        data: Mapping[str, Any],
        *,
        response: bool = False,
    ) -> ServiceResponse:
        """Call an action of the bot; raise a ``ChannelError`` where it fails."""
        if (problem := self.problem(address)) is not None:
            raise problem
        try:
            return await self.hass.services.async_call(
                BOT,
                action,
                {CONF_ENTITY_ID: address[CONF_ENTITY_ID], **data},
                blocking=True,
                return_response=response,
            )
        except HomeAssistantError as err:
            raise ChannelError(_words_of(err.__cause__)) from None


@callback
def chat_of(hass: HomeAssistant, address: Address) -> str | None:
    """Return the id of the chat that an address is, None where the bot has none."""
    entity_id = str(address.get(CONF_ENTITY_ID))
    entity = er.async_get(hass).async_get(entity_id)
    entry = _entry_of(hass, entity_id)
    if entity is None or entry is None or entity.config_subentry_id is None:
        return None
    subentry = entry.subentries.get(entity.config_subentry_id)
    chat_id = None if subentry is None else subentry.data.get(CONF_CHAT_ID)
    return None if chat_id is None else str(chat_id)


@callback
def is_of(
    hass: HomeAssistant, address: Address, *, user_id: str | None, chat_id: str | None
) -> bool:
    """Return whether who pressed in a chat is whom an address reaches.

    Alone with the bot somebody's chat has the user's id; in a group anybody may press,
    and the address says whose id it has to be.
    """
    chat = chat_of(hass, address)
    return (
        user_id is not None
        and chat is not None
        and chat == chat_id
        and user_id == str(address.get(CONF_USER_ID) or chat)
    )


class _Ear:
    """Hear of answers by buttons of ours, and hand each over once."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Listen when the first wants to know."""
        self._hass = hass
        self._listeners: list[OnAnswer] = []
        self._seen: deque[Any] = deque(maxlen=REMEMBERED)
        self._remove: CALLBACK_TYPE | None = None

    @callback
    def add(self, on_answer: OnAnswer) -> CALLBACK_TYPE:
        """Hand answers over to one more; return what ends it."""
        self._listeners.append(on_answer)
        if self._remove is None:
            self._remove = self._hass.bus.async_listen(EVENT, self._take)

        @callback
        def remove() -> None:
            self._listeners.remove(on_answer)
            if not self._listeners and self._remove is not None:
                self._remove()
                self._remove = None

        return remove

    @callback
    def _take(self, event: Event[dict[str, Any]]) -> None:
        data = event.data
        given, query_id = data.get("data"), data.get("id")
        # Whoever is signed in can have a phone fire any event, as themselves; the bot
        # fires in nobody's name.
        if event.context.user_id is not None or not isinstance(given, str):
            return
        if not given.startswith(OURS) or query_id in self._seen:
            return
        self._seen.append(query_id)
        message = data.get("message")
        answer = (
            given.removeprefix(OURS),
            _text(data.get(CONF_USER_ID)),
            _text(data.get(CONF_CHAT_ID)),
            _text(message.get("message_id")) if isinstance(message, dict) else None,
        )
        words = [said for take in self._listeners if (said := take(*answer))]
        _ = self._hass.async_create_background_task(
            _async_acknowledge(self._hass, data, "\n".join(words)),
            "Answer a button of Telegram",
        )


_EAR: Final[HassKey[_Ear]] = HassKey(f"{DOMAIN}.telegram")


@callback
def async_listen_answers(hass: HomeAssistant, on_answer: OnAnswer) -> CALLBACK_TYPE:
    """Have answers by buttons of ours handed over, each once; return what ends it.

    User and chat are Telegram's word; what comes back is whatever the user's app sends.
    """
    if _EAR not in hass.data:
        hass.data[_EAR] = _Ear(hass)
    return hass.data[_EAR].add(on_answer)


async def _async_acknowledge(
    hass: HomeAssistant, data: Mapping[str, Any], words: str
) -> None:
    """Have the button stop waiting, with words to who pressed it."""
    bot = data.get("bot")
    try:
        async with asyncio.timeout(timings().hand_over):
            await hass.services.async_call(
                BOT,
                "answer_callback_query",
                {
                    "config_entry_id": bot["config_entry_id"],
                    "callback_query_id": data["id"],
                    # Telegram's limit is of 200.
                    "message": shortened(words, 200),
                }
                if isinstance(bot, dict)
                else {},
                blocking=True,
            )
    except (TimeoutError, HomeAssistantError, ValueError) as err:
        # The answer counts all the same.
        LOGGER.debug("A button of Telegram goes on waiting: %s", type(err).__name__)


def _entry_of(hass: HomeAssistant, entity_id: str) -> ConfigEntry | None:
    """Return the bot of a notify entity, None where it is none of a bot's."""
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or entity.platform != BOT or entity.config_entry_id is None:
        return None
    return hass.config_entries.async_get_entry(entity.config_entry_id)


def _words_of(cause: BaseException | None) -> str:
    """Return the key of the words for a failure of the bot's library."""
    names = (kind.__name__ for kind in type(cause).__mro__)
    return next((WORDS[name] for name in names if name in WORDS), "telegram_off")


def _text(value: object) -> str | None:
    return None if value is None else str(value)
