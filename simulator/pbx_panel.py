"""The PBX's part of the control API."""

from collections.abc import Callable
import math
from typing import Any, ClassVar, get_args, override

from aiohttp import web

from .hook import Dialect
from .panel import Panel, Route, answer, bad_request, read_names, read_object
from .pbx import AuthFailure, Field, PbxService
from .pbx_calls import TRUNK, Call, Form, Source

SHOWN_MESSAGES = 50
SHOWN_ANSWERS = 20
CALLER = "+79821234567"
EXTENSION = "107"

type Check = Callable[[object], bool]


def _is_number(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and value >= 0
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _one_of(choices: tuple[Any, ...]) -> tuple[str, Check]:
    return (
        f"one of {', '.join(map(str, choices))}",
        lambda value: not isinstance(value, bool) and value in choices,
    )


_TEXT_OR_NULL: tuple[str, Check] = (
    "a text or null",
    lambda value: value is None or isinstance(value, str),
)
_STATUS: tuple[str, Check] = (
    "a whole number from 200 to 599",
    lambda value: type(value) is int and 200 <= value <= 599,
)
_SETTINGS: dict[str, tuple[str, Check]] = {
    "device_id": ("a text", _is_text),
    "token": _TEXT_OR_NULL,
    "username": _TEXT_OR_NULL,
    "password": _TEXT_OR_NULL,
    "auth_failure": _one_of(get_args(AuthFailure.__value__)),
    "max_streams": (
        "a whole number from 0",
        lambda value: type(value) is int and value >= 0,
    ),
    "stream_limit_status": _STATUS,
    "stream_status": _STATUS,
    "content_type": (
        "a content type",
        lambda value: (
            isinstance(value, str) and value.isascii() and value.isprintable()
        ),
    ),
    "fields": (
        f"a list of {', '.join(get_args(Field.__value__))}",
        lambda value: (
            isinstance(value, list)
            and all(field in get_args(Field.__value__) for field in value)
        ),
    ),
    "heartbeat": (
        "a number of seconds above 0, or null",
        lambda value: value is None or (_is_number(value) and value != 0),
    ),
    "dialect": _one_of(get_args(Dialect.__value__)),
    "hook": ("null", lambda value: value is None),
    "hook_refusal_status": _STATUS,
    "call_ids": _one_of(get_args(Form.__value__)),
    "outgoing_source": _one_of(get_args(Source.__value__)),
}


class PbxPanel(Panel):
    """Calls to make and to take, and what the PBX sent about them."""

    path: ClassVar[str] = "/pbx"

    def __init__(self, service: PbxService) -> None:
        """Show a PBX."""
        super().__init__(service)
        self._pbx = service

    @override
    def routes(self) -> list[Route]:
        """Return what can be done to the PBX."""
        pbx = self._pbx
        return [
            ("/events", self._push),
            ("/raw", self._push_raw),
            ("/calls", self._begin),
            ("/calls/{id}/answer", self._call(lambda id_, _: pbx.answer(id_))),
            ("/calls/{id}/redirect", self._call(self._redirect)),
            ("/calls/{id}/hang-up", self._call(self._hang_up)),
            ("/calls/{id}/miss", self._call(self._miss)),
            ("/sms", self._sms),
            ("/auto-call/end", self._end_auto_call),
            ("/streams/end", self._end_streams),
            ("/streams/reset", self._reset_streams),
            ("/streams/cut", self._cut_streams),
            ("/settings", self._set),
            ("/restart", self._restart),
        ]

    @override
    def state(self) -> dict[str, Any]:
        """Return the calls, the messages and the hook too."""
        pbx, now = self._pbx, self._pbx.clock()
        return {
            **super().state(),
            **{name: getattr(pbx, name) for name in _SETTINGS},
            "fields": list(pbx.fields),
            "streams": pbx.streams,
            "last_event_ids": pbx.last_event_ids[-SHOWN_ANSWERS:],
            "calls": [_call(call, now) for call in pbx.calls.active],
            "auto_calls": [
                {"number": task.number, "result": task.result, "heard": task.heard}
                for task in pbx.auto_calls.tasks[-SHOWN_ANSWERS:]
            ],
            "last_messages": [
                {
                    "ago": round(now - at, 3),
                    "message": event.decode(errors="replace")
                    if isinstance(event, bytes)
                    else event,
                }
                for at, event in list(pbx.messages)[: -SHOWN_MESSAGES - 1 : -1]
            ],
            "hook_waiting": pbx.hooks.waiting,
            "hook_answers": [
                {"status": given.status, "body": given.body}
                for given in pbx.hook_answers[: -SHOWN_ANSWERS - 1 : -1]
            ],
        }

    async def _push(self, request: web.Request) -> web.Response:
        if not request.can_read_body:
            raise bad_request("the body must be a message")
        return answer(self._pbx.push(await read_object(request)))

    async def _push_raw(self, request: web.Request) -> web.Response:
        self._pbx.push_raw(await request.read())
        return answer(self.state())

    async def _begin(self, request: web.Request) -> web.Response:
        given = await read_object(request)
        outgoing = _text(given, "direction", "incoming") == "outgoing"
        if not outgoing and given.get("direction", "incoming") != "incoming":
            raise bad_request("direction must be incoming or outgoing")
        ends = (EXTENSION, CALLER) if outgoing else (CALLER, EXTENSION)
        begin = self._pbx.dial if outgoing else self._pbx.ring
        begin(
            _text(given, "from", ends[0]),
            _text(given, "to", ends[1]),
            trunk=_text(given, "trunk", TRUNK),
        )
        return answer(self._pbx.messages[-1][1])

    def _call(
        self, action: Callable[[str, dict[str, Any]], Any]
    ) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.Response:
            given = await read_object(request)
            try:
                return answer(action(request.match_info["id"], given))
            except LookupError as error:
                raise web.HTTPNotFound(text=str(error)) from error

        return handle

    def _redirect(self, call_id: str, given: dict[str, Any]) -> Any:
        if "to" not in given:
            raise bad_request("to must be the other extension")
        return self._pbx.redirect(call_id, _text(given, "to", ""))

    def _hang_up(self, call_id: str, given: dict[str, Any]) -> Any:
        status = _text(given, "status", "success")
        if "duration" not in given:
            return self._pbx.hang_up(call_id, status)
        duration = given["duration"]
        if duration is not None and not _is_number(duration):
            raise bad_request("duration must be a number of seconds or null")
        return self._pbx.hang_up(call_id, status, duration)

    def _miss(self, call_id: str, given: dict[str, Any]) -> Any:
        return self._pbx.miss(call_id, _text(given, "status", "no_answer"))

    async def _sms(self, request: web.Request) -> web.Response:
        given = await read_object(request)
        date = given.get("date")
        if date is not None and not isinstance(date, str):
            raise bad_request("date must be a text")
        message = self._pbx.sms(
            _text(given, "from", CALLER),
            _text(given, "text", ""),
            trunk=_text(given, "trunk", TRUNK),
            date=date,
        )
        return answer(message)

    async def _end_auto_call(self, request: web.Request) -> web.Response:
        given = await read_object(request)
        key = _text(given, "key", "")
        try:
            self._pbx.auto_calls.end(
                _text(given, "result", "talk_ok"), {"result#1": key} if key else None
            )
        except LookupError as error:
            raise web.HTTPNotFound(text=str(error)) from error
        return answer(self.state())

    async def _end_streams(self, _: web.Request) -> web.Response:
        self._pbx.end_streams()
        return answer(self.state())

    async def _reset_streams(self, _: web.Request) -> web.Response:
        self._pbx.reset_streams()
        return answer(self.state())

    async def _cut_streams(self, request: web.Request) -> web.Response:
        after = (await read_object(request)).get("after", 0)
        if type(after) is not int or after < 0:
            raise bad_request("after must be a whole number of bytes from 0")
        self._pbx.cut_stream_after(after)
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
            setattr(self._pbx, name, value)
        return answer(self.state())

    async def _restart(self, request: web.Request) -> web.Response:
        given = await read_names(request)
        self._pbx.restart(drop_connections=given.get("drop_connections") is True)
        return answer(self.state())


def _call(call: Call, now: float) -> dict[str, Any]:
    talking = call.answered is not None
    since = call.began if call.answered is None else call.answered
    waiting = "ringing" if call.direction == "incoming" else "dialing"
    return {
        "id": call.id,
        "direction": call.direction,
        "number": call.number,
        "extension": call.extension,
        "trunk": call.trunk,
        "state": "talking" if talking else waiting,
        "seconds": round(now - since, 3),
    }


def _text(given: dict[str, Any], name: str, default: str) -> str:
    value = given.get(name, default)
    if not isinstance(value, str):
        raise bad_request(f"{name} must be a text")
    return value
