"""GREEN-API's part of the control API."""

from collections.abc import Callable
import math
from typing import Any, ClassVar, TypeGuard, get_args, override

from aiohttp import web

from .green_api import GreenApiService, RateLimits
from .green_api_calls import call_name
from .green_api_messengers import ENDS, MODELS
from .green_api_notifications import CALL_STATUSES, CALLS
from .green_api_queue import EmptyAnswer, Overlap
from .panel import Panel, Route, answer, bad_request, read_names, read_object

SHOWN_NOTIFICATIONS = 50
GUEST = "79821234567"
NAME = "Guest"

type Check = Callable[[object], bool]


def _is_number(value: object) -> TypeGuard[int | float]:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and value >= 0
    )


def _one_of(choices: tuple[str, ...]) -> tuple[str, Check]:
    return f"one of {', '.join(choices)}", lambda value: value in choices


_SETTINGS: dict[str, tuple[str, Check]] = {
    "token": ("a text", lambda value: isinstance(value, str)),
    "empty_answer": _one_of(get_args(EmptyAnswer.__value__)),
    "overlap": _one_of(get_args(Overlap.__value__)),
    "rate_limits": _one_of(get_args(RateLimits.__value__)),
    "poll_time": (
        "a number of seconds or null",
        lambda value: value is None or _is_number(value),
    ),
    "statuses": (
        f"a list of texts such as {', '.join(MODELS['whatsapp'].statuses)}",
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
            ("/notifications/drop", self._drop),
            ("/messages", self._message),
            ("/calls", self._call),
            ("/account", self._set_account),
            ("/link", self._link),
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
            "messenger": green.messenger.name,
            "title": green.messenger.title,
            "has_calls": green.messenger.has_calls,
            "states": [*green.model.states, *ENDS],
            "losses": green.losses,
            "instance_id": green.instance_id,
            "phone": green.phone,
            "account_state": green.state,
            "suspended_until": green.suspended_until,
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

    async def _drop(self, request: web.Request) -> web.Response:
        count = (await read_names(request)).get("count", 1)
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise bad_request("count must be a whole number")
        self._green.losses = 0
        self._green.drop_next(count)
        return answer(self.state())

    async def _message(self, request: web.Request) -> web.Response:
        given = await read_object(request)
        chat, text = _text(given, "chat", GUEST), _text(given, "text", "")
        if given.get("ours") is True:
            return answer(self._green.write(chat, text))
        published = self._green.message(
            chat,
            text,
            _text(given, "name", NAME),
            sender=_text(given, "sender", "") or None,
            chat_type=_text(given, "chat_type", "") or None,
        )
        return answer(published)

    async def _call(self, request: web.Request) -> web.Response:
        given = await read_names(request)
        direction = given.get("direction", "incoming")
        if direction not in CALLS:
            raise bad_request(f"direction must be one of {', '.join(CALLS)}")
        try:
            published = self._green.call(
                _text(given, "from", GUEST),
                _text(given, "status", CALL_STATUSES[0]),
                direction=direction,
                call_id=_text(given, "call_id", "") or None,
            )
        except ValueError as error:
            raise bad_request(str(error)) from error
        return answer(published)

    async def _set_account(self, request: web.Request) -> web.Response:
        given = await read_names(request)
        state, until = _text(given, "state", ""), given.get("suspended_until")
        if not state:
            states = ", ".join((*self._green.model.states, *ENDS))
            raise bad_request(f"state must be a text such as {states}")
        if until is not None and not _is_number(until):
            raise bad_request("suspended_until must be seconds since 1970")
        self._green.set_state(state, None if until is None else int(until))
        return answer(self.state())

    async def _link(self, request: web.Request) -> web.Response:
        """Do with the phone what links the account; give it a password of its own before."""
        given, linking = await read_names(request), self._green.linking
        if "set_password" in given:
            linking.password = _text(given, "set_password", "") or None
            return answer(self.state())
        try:
            if code := _text(given, "code", ""):
                linking.type_code(code)
            elif password := _text(given, "password", ""):
                linking.enter_password(password)
            else:
                linking.scan()
        except ValueError as error:
            raise bad_request(str(error)) from error
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
