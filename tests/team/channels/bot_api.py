"""Telegram's Bot API as far as a bot needs it, on the loopback."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import json
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

TOKEN = "1000001:made-up-token"
BOT = {"id": 1000001, "is_bot": True, "first_name": "Bot", "username": "made_up_bot"}
ANNA = {"id": 501, "is_bot": False, "first_name": "Anna"}
BORIS = {"id": 502, "is_bot": False, "first_name": "Boris"}
GROUP = -700


class BotApi:
    """A server of bots, and who writes to one."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.url = ""
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.faults: dict[str, tuple[int, str, dict[str, Any]]] = {}
        """What a method answers instead: status, words, parameters."""
        self.hanging: set[str] = set()
        self.messages: dict[int, dict[str, Any]] = {}
        self._updates: list[dict[str, Any]] = []
        self._changed = asyncio.Event()

    def of(self, method: str) -> list[dict[str, Any]]:
        """Return what a method was called with."""
        return [params for called, params in self.calls if called == method]

    async def wait_for(self, method: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until a method was called so many times."""
        async with asyncio.timeout(60):
            while len(self.of(method)) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.of(method)

    def press(
        self, data: str, message_id: int, *, user: dict[str, Any], query_id: int = 1
    ) -> None:
        """Let somebody press a button, with whatever their app sends."""
        query = {
            "id": str(query_id),
            "from": user,
            "chat_instance": "1",
            "message": self.messages[message_id],
            "data": data,
        }
        update_id = len(self._updates) + 1
        self._updates.append({"update_id": update_id, "callback_query": query})
        self._note()

    def _note(self) -> None:
        self._changed.set()

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        form = {key: str(value) for key, value in (await request.post()).items()}
        params = {key: _read(value) for key, value in form.items()}
        if method == "getUpdates":
            return _ok(await self._updates_of(params))
        self.calls.append((method, params))
        self._note()
        if method in self.hanging:
            await asyncio.Event().wait()
        if (fault := self.faults.get(method)) is not None:
            return _error(*fault)
        match method:
            case "getMe":
                return _ok(BOT)
            case "sendMessage":
                return self._send(params)
            case "editMessageText":
                return self._edit(params)
            case "deleteMessage":
                if self.messages.pop(params["message_id"], None) is None:
                    return _error(400, "Bad Request: message to delete not found", {})
        return _ok(True)

    def _send(self, params: dict[str, Any]) -> web.Response:
        rows = params.get("reply_markup", {}).get("inline_keyboard", [])
        if any(len(b["callback_data"].encode()) > 64 for row in rows for b in row):
            return _error(400, "Bad Request: BUTTON_DATA_INVALID", {})
        if len(str(params["text"]).encode("utf-16-le")) > 8192:
            return _error(400, "Bad Request: message is too long", {})
        chat_id, number = params["chat_id"], len(self.calls)
        self.messages[number] = {
            "message_id": number,
            "date": 1,
            "chat": {"id": chat_id, "type": "private" if chat_id > 0 else "group"},
            "text": str(params["text"]),
        }
        return _ok(self.messages[number])

    def _edit(self, params: dict[str, Any]) -> web.Response:
        message = self.messages.get(params["message_id"])
        if message is None:
            return _error(400, "Bad Request: message to edit not found", {})
        if message["text"] == params["text"]:
            return _error(400, "Bad Request: message is not modified", {})
        message["text"] = params["text"]
        return _ok(message)

    async def _updates_of(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        """Return what is new; a long poll waits for it."""
        offset = int(params.get("offset", 0))
        while not (found := [u for u in self._updates if u["update_id"] >= offset]):
            if not int(params.get("timeout", 0)):
                break
            self._changed.clear()
            await self._changed.wait()
        return found

    @asynccontextmanager
    async def serve(self) -> AsyncGenerator[BotApi]:
        """Take requests on a port of the loopback."""
        app = web.Application()
        app.router.add_post(f"/bot{TOKEN}/{{method}}", self._answer)
        async with TestServer(app) as server:
            self.url = str(server.make_url("")).rstrip("/")
            yield self


def _read(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _ok(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _error(status: int, words: str, parameters: dict[str, Any]) -> web.Response:
    return web.json_response(
        {
            "ok": False,
            "error_code": status,
            "description": words,
            "parameters": parameters,
        },
        status=status,
    )


@asynccontextmanager
async def running_bot(
    hass: HomeAssistant, api: BotApi, platform: str = "polling"
) -> AsyncGenerator[MockConfigEntry]:
    """Set up the bot with Anna's chat and a group."""
    entry = MockConfigEntry(
        domain="telegram_bot",
        title="Bot",
        version=1,
        minor_version=3,
        data={"platform": platform, "api_key": TOKEN, "api_endpoint": api.url},
        options={"parse_mode": "markdown"},
        subentries_data=[
            {
                "data": {"chat_id": chat_id},
                "subentry_type": "allowed_chat_ids",
                "title": title,
                "unique_id": str(chat_id),
            }
            for title, chat_id in (("Anna", ANNA["id"]), ("Hall", GROUP))
        ],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield entry
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)


def chat_at(hass: HomeAssistant, name: str) -> dict[str, str]:
    """Return the address of somebody's chat."""
    (entity_id,) = (
        state.entity_id
        for state in hass.states.async_all("notify")
        if state.name.endswith(name)
    )
    return {"channel": "telegram", "entity_id": entity_id}
