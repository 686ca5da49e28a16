"""GREEN-API's part of the control API."""

from collections.abc import Callable
import math
from typing import Any, ClassVar, get_args, override

from aiohttp import web

from .green_api import STATUSES, EmptyAnswer, GreenApiService, Overlap, call_name
from .green_api_notifications import CALL_STATUSES, CALLS, STATES
from .panel import Panel, Route, answer, bad_request, read_names, read_object

SHOWN_NOTIFICATIONS = 50
GUEST = "79821234567"
NAME = "Guest"

type Check = Callable[[object], bool]


def _one_of(choices: tuple[str, ...]) -> tuple[str, Check]:
    return f"one of {', '.join(choices)}", lambda value: value in choices


_SETTINGS: dict[str, tuple[str, Check]] = {
    "token": ("a text", lambda value: isinstance(value, str)),
    "empty_answer": _one_of(get_args(EmptyAnswer.__value__)),
    "overlap": _one_of(get_args(Overlap.__value__)),
    "poll_time": (
        "a number of seconds or null",
        lambda value: (
            value is None
            or (
                isinstance(value, int | float)
                and not isinstance(value, bool)
                and math.isfinite(value)
                and value >= 0
            )
        ),
    ),
    "statuses": (
        f"a list of texts such as {', '.join(STATUSES)}",
        lambda value: (
            isinstance(value, list) and all(isinstance(item, str) for item in value)
        ),
    ),
}


class GreenApiPanel(Panel):
    """Chats to write in, calls, and the queue."""

    path: ClassVar[str] = "/green-api"

    def __init__(self, service: GreenApiService) -> None:
        """Show a gateway."""
        super().__init__(service)
        self._green = service

    @override
    def routes(self) -> list[Route]:
        """Return what can be done to the account."""
        return [
            ("/notifications", self._push),
            ("/messages", self._message),
            ("/calls", self._call),
            ("/account", self._set_account),
            ("/settings", self._set),
            ("/instance", self._set_instance),
            ("/clear", self._clear),
            ("/restart", self._restart),
            ("/polls/end", self._end_polls),
            ("/polls/drop", self._drop_polls),
        ]

    @override
    def state(self) -> dict[str, Any]:
        """Return the account, its chats and the queue too."""
        green, now = self._green, self._green.clock()
        state = super().state()
        for request in state["last_requests"]:
            request["call"] = call_name(request["path"])
        chats: dict[str, dict[str, Any]] = {}
        for line in green.lines:
            chat = chats.setdefault(
                line.chat_id, {"chat_id": line.chat_id, "name": None, "lines": []}
            )
            chat["name"] = line.name or chat["name"]
            chat["lines"].append(
                {
                    "ago": round(now - line.at, 3),
                    "name": line.name,
                    "text": line.text,
                    "message_id": line.message_id,
                    "by_api": line.by_api,
                }
            )
        queue = green.queue_with_ages
        return {
            **state,
            **{name: getattr(green, name) for name in _SETTINGS},
            "statuses": list(green.statuses),
            "instance_id": green.instance_id,
            "phone": green.phone,
            "account_state": green.state,
            "instance": green.settings,
            "readers": green.readers,
            "chats": list(chats.values()),
            "queued": len(queue),
            "queue": [
                {
                    "age": round(age, 3),
                    "notification": document.decode(errors="replace")
                    if isinstance(document, bytes)
                    else document,
                }
                for age, document in queue[:SHOWN_NOTIFICATIONS]
            ],
        }

    async def _push(self, request: web.Request) -> web.Response:
        if not request.can_read_body:
            raise bad_request("the body must be a notification")
        given = await read_object(request)
        if "body" not in given:
            return answer(self._green.push(given))
        if "receiptId" in given:
            return answer(self._green.push_raw(given))
        return answer(self._green.push(given["body"]))

    async def _message(self, request: web.Request) -> web.Response:
        given = await read_object(request)
        chat, text = _text(given, "chat", GUEST), _text(given, "text", "")
        if given.get("ours") is True:
            return answer(self._green.write(chat, text))
        sender = _text(given, "sender", "") or None
        name = _text(given, "name", NAME)
        return answer(self._green.message(chat, text, name, sender=sender))

    async def _call(self, request: web.Request) -> web.Response:
        given = await read_names(request)
        direction = given.get("direction", "incoming")
        if direction not in CALLS:
            raise bad_request(f"direction must be one of {', '.join(CALLS)}")
        published = self._green.call(
            _text(given, "from", GUEST),
            _text(given, "status", CALL_STATUSES[0]),
            direction=direction,
            call_id=_text(given, "call_id", "") or None,
        )
        return answer(published)

    async def _set_account(self, request: web.Request) -> web.Response:
        state = _text(await read_object(request), "state", "")
        if not state:
            raise bad_request(f"state must be a text such as {', '.join(STATES)}")
        self._green.set_state(state)
        return answer(self.state())

    async def _set(self, request: web.Request) -> web.Response:
        given = await read_names(request)
        for name, value in given.items():
            if name not in _SETTINGS:
                raise bad_request(
                    f"unknown setting: {name}; known: {', '.join(_SETTINGS)}"
                )
            expected, accepts = _SETTINGS[name]
            if not accepts(value):
                raise bad_request(f"{name} must be {expected}")
        for name, value in given.items():
            setattr(self._green, name, value)
        return answer(self.state())

    async def _set_instance(self, request: web.Request) -> web.Response:
        try:
            self._green.change_settings(await read_object(request))
        except ValueError as error:
            raise bad_request(str(error)) from error
        return answer(self.state())

    async def _clear(self, _: web.Request) -> web.Response:
        self._green.clear()
        return answer(self.state())

    async def _restart(self, request: web.Request) -> web.Response:
        given = await read_names(request)
        await self._green.restart(keep_queue=given.get("keep_queue") is not False)
        return answer(self.state())

    async def _end_polls(self, _: web.Request) -> web.Response:
        self._green.end_polls()
        return answer(self.state())

    async def _drop_polls(self, _: web.Request) -> web.Response:
        self._green.drop_polls()
        return answer(self.state())


def _text(given: dict[str, Any], name: str, default: str) -> str:
    value = given.get(name, default)
    if not isinstance(value, str):
        raise bad_request(f"{name} must be a text")
    return value
