"""The PBX: calls and SMS, sent over event streams and to a web hook."""

import asyncio
from base64 import b64decode
import binascii
from collections import deque
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
import hmac
import time
from typing import Any, ClassVar, Literal, override

from aiohttp import web
import orjson

from .certificate import Certificate
from .hook import Dialect, HookAnswer, HookSender
from .pbx_auto_calls import PREFIX, AutoCalls
from .pbx_calls import (
    EVENT_TYPES,
    INCOMING_SMS,
    STARTUP,
    TRUNK,
    Call,
    Calls,
    Form,
    Source,
    message,
)
from .service import JSON_TYPE, PATIENCE, Answer, BaseService
from .stream import Ending, Stream

type AuthFailure = Literal[401, 403]
type Field = Literal["event", "id"]

EVENTS_PATH = "/sys/events"
SUBSCRIBE_PATH = "/sys/subscribe_events"
DEVICE_ID = "Y7d6hP0mjNBI+WBT+yptpgY7uY+zX1Oumg9CQ7nr7HACJHy9Fg8IhCr41wO3j0Jl7zUU="
MAX_STREAMS = 3
MAX_MESSAGES = 1000
_PING = b": ping\n\n"


class PbxService(BaseService):
    """A PBX, or its cloud."""

    name: ClassVar[str] = "pbx"

    def __init__(
        self,
        *,
        device_id: str = DEVICE_ID,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        certificate: Certificate | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; without a token and a user name everybody may ask."""
        super().__init__(host=host, port=port, certificate=certificate, clock=clock)
        self.device_id = device_id
        self.token = token
        self.username = username
        self.password = password
        self.auth_failure: AuthFailure = 401
        self.max_streams = MAX_STREAMS
        self.stream_limit_status = 429
        self.stream_status = 200
        self.content_type = "text/event-stream"
        """That of streams."""
        self.fields: Collection[Field] = ()
        """What goes before the data of an event."""
        self.dialect: Dialect = "json"
        self.hook: dict[str, Any] | None = None
        """The hook and what it subscribes to, as the client asked."""
        self.hook_refusal_status = 400
        self.last_event_ids: list[str] = []
        self.messages: deque[tuple[float, Any]] = deque(maxlen=MAX_MESSAGES)
        """What was pushed, each after the time by the clock."""
        self.calls = Calls(clock)
        self.auto_calls = AutoCalls()
        self.hooks = HookSender(
            lambda: None if self.hook is None else self.hook["hook"],
            self._report,
            lambda item, status: self.record.note("posted", item=item, status=status),
        )
        self._last_id = 0
        self._heartbeat: float | None = None
        self._heartbeat_changed = asyncio.Event()
        self._heart: asyncio.Task[None] | None = None

    @override
    async def start(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        await super().start()
        self.hooks.start()
        self._heart = asyncio.get_running_loop().create_task(self._beat())

    @override
    async def stop(self) -> None:
        """Close everything without waiting for clients; start() takes the same port again."""
        if self._heart is not None:
            self._heart.cancel()
            await asyncio.wait([self._heart])
            self._heart = None
        await super().stop()
        await self.hooks.stop()

    @property
    def streams(self) -> int:
        """Return how many event streams are open."""
        return len(self._streams)

    @property
    def heartbeat(self) -> float | None:
        """Return the seconds between the comments that streams get; None is none at all."""
        return self._heartbeat

    @heartbeat.setter
    def heartbeat(self, seconds: float | None) -> None:
        self._heartbeat = seconds
        waiting, self._heartbeat_changed = self._heartbeat_changed, asyncio.Event()
        waiting.set()

    @property
    def content_type_of_streams(self) -> str:
        """Return the content type of streams."""
        return self.content_type

    @property
    def call_ids(self) -> Form:
        """Return how ids of calls are written; mixed is as in the vendor's examples, 8 and then "8"."""
        return self.calls.ids

    @call_ids.setter
    def call_ids(self, form: Form) -> None:
        self.calls.ids = form

    @property
    def outgoing_source(self) -> Source:
        """Return which side of an outgoing call is its call_src."""
        return self.calls.outgoing_source

    @outgoing_source.setter
    def outgoing_source(self, source: Source) -> None:
        self.calls.outgoing_source = source

    @property
    def hook_answers(self) -> list[HookAnswer]:
        """Return what hooks answered, to verifications too."""
        return list(self.hooks.answers)

    async def wait_for_streams(self, count: int = 1, timeout: float = PATIENCE) -> None:
        """Wait until exactly so many event streams are open. Raises TimeoutError."""
        await self.wait_until(lambda: self.streams == count, timeout)

    async def wait_for_hook(self, timeout: float = PATIENCE) -> None:
        """Wait until the hook got all messages, or they were given up. Raises TimeoutError."""
        await self.wait_until(lambda: not self.hooks.waiting, timeout)

    def push(self, event: Any, *, add_device_id: bool = True) -> Any:
        """Send any JSON value, or bytes instead of one, and return it.

        It goes to every open stream, and to the hook unless that has not subscribed to its type; what is
        of no known type goes there too. An object without a device_id gets one.
        """
        if add_device_id and isinstance(event, dict) and "device_id" not in event:
            event = {"device_id": self.device_id, **event}
        body = event if isinstance(event, bytes) else orjson.dumps(event)
        self.messages.append((self.clock(), event))
        kind = _event_type(body)
        self._last_id += 1
        item = self.record.push("bytes" if isinstance(event, bytes) else event)
        frame = self._frame(body, kind)
        for stream in self._streams:
            stream.write(frame, partial(self._note_sent, stream, item))
        if self.hook is not None and (
            kind not in EVENT_TYPES or kind in self.hook["subscribe"]
        ):
            self.hooks.send(body, item)
        return event

    def push_raw(self, data: bytes) -> None:
        """Send bytes to every open stream as they are, as one chunk."""
        for stream in self._streams:
            stream.write(data)

    def ring(self, caller: str, extension: str, trunk: str = TRUNK) -> int:
        """Let somebody call an extension; return the id of the call."""
        return self._begin(*self.calls.begin("incoming", caller, extension, trunk))

    def dial(self, extension: str, number: str, trunk: str = TRUNK) -> int:
        """Let an extension call somebody; return the id of the call."""
        return self._begin(*self.calls.begin("outgoing", number, extension, trunk))

    def ring_also(self, call_id: int | str, extension: str) -> Any:
        """Let a call ring at one more extension. Raises LookupError for an unknown call."""
        return self.push(self.calls.ring_also(call_id, extension))

    def answer(self, call_id: int | str, extension: str | None = None) -> Any:
        """Let the talk begin, at another extension that rings where one is given.

        Raises LookupError for an unknown call.
        """
        return self.push(self.calls.answer(call_id, extension))

    def redirect(self, call_id: int | str, extension: str) -> Any:
        """Let another extension have the call. Raises LookupError for an unknown call."""
        return self.push(self.calls.redirect(call_id, extension))

    def hang_up(
        self,
        call_id: int | str,
        status: str = "success",
        duration: float | Literal["measured"] | None = "measured",
    ) -> Any:
        """Let a call end; the duration is that of the talk, in seconds.

        Raises LookupError for an unknown call.
        """
        return self.push(self.calls.end(call_id, status, duration))

    def miss(self, call_id: int | str, status: str = "no_answer") -> Any:
        """Let a call end that nobody took. Raises LookupError for an unknown call."""
        return self.push(self.calls.end(call_id, status, 0))

    def sms(
        self, sender: str, text: str, trunk: str = TRUNK, date: str | None = None
    ) -> Any:
        """Let an SMS come; its date is the local time without a zone unless given."""
        if date is None:
            date = datetime.now().isoformat(timespec="seconds")  # noqa: DTZ005 - the PBX names no zone
        payload = {"sms_src": sender, "text": text, "trunk": trunk, "date": date}
        return self.push(message(INCOMING_SMS, payload))

    def restart(self, *, drop_connections: bool = False) -> None:
        """Switch the PBX off and on: the calls are gone, ids are counted from 1 again.

        Where connections are dropped, only the hook hears of the startup.
        """
        self.calls.restart()
        if drop_connections:
            self._restart(self.certificate)
        self.push(message(STARTUP, {}))

    def end_streams(self) -> None:
        """End all open streams as a server does that stops in order."""
        self._end_streams(Ending.ENDED)

    def reset_streams(self) -> None:
        """Reset the connections of all open streams (RST), after what was pushed so far."""
        self._end_streams(Ending.RESET)

    def cut_stream_after(self, count: int) -> None:
        """Close the connections of all open streams after so many more bytes."""
        for stream in self._streams:
            stream.cut_after(count)

    @override
    def token_ok(self, request: web.BaseRequest) -> bool:
        """Return whether a request may ask."""
        if self.token is None and self.username is None:
            return True
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        match scheme.lower():
            case "bearer" if self.token is not None:
                return _same(given, self.token)
            case "basic" if self.username is not None:
                return _same(_decoded(given), f"{self.username}:{self.password or ''}")
        return False

    @override
    def cursor(self, request: web.BaseRequest) -> str | None:
        """Return the last event id that a client has."""
        return request.headers.get("Last-Event-ID")

    @override
    def answer_type(self, request: web.BaseRequest) -> str:
        """Return that of streams where it is a stream that a client asks for."""
        return self.content_type if request.path == EVENTS_PATH else JSON_TYPE

    @override
    async def respond(self, request: web.BaseRequest, token_ok: bool) -> Answer:
        """Open a stream, take a subscription, or phone people."""
        if request.path.startswith(PREFIX):
            return await self.auto_calls.answer(request)
        methods = {EVENTS_PATH: "GET", SUBSCRIBE_PATH: "POST"}
        if request.path not in methods:
            return Answer.json({"detail": "Not Found"}, 404)
        if request.method != methods[request.path]:
            return Answer.json({"detail": "Method Not Allowed"}, 405)
        if not token_ok:
            return Answer.json({"detail": "Not authenticated"}, self.auth_failure)
        if request.path == EVENTS_PATH:
            return self._open_stream(request)
        return await self._subscribe(await request.read())

    def _open_stream(self, request: web.BaseRequest) -> Answer:
        if (last := self.cursor(request)) is not None:
            self.last_event_ids.append(last)
        if self.stream_status == 204:
            return Answer(status=204)
        if self.stream_status != 200:
            return Answer.text(self.stream_status)
        if self.streams >= self.max_streams:
            return Answer.json(
                {"detail": "Too many connections"}, self.stream_limit_status
            )
        headers = {"Content-Type": self.content_type, "Cache-Control": "no-store"}
        return Answer(headers=headers, stream=Stream())

    async def _subscribe(self, body: bytes) -> Answer:
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError:
            given = None
        address = given.get("hook") if isinstance(given, dict) else None
        kinds = given.get("subscribe") if isinstance(given, dict) else None
        if (
            not isinstance(address, str)
            or not isinstance(kinds, list)
            or not all(kind in EVENT_TYPES for kind in kinds)
        ):
            return Answer.json({"detail": "hook and subscribe are expected"}, 422)
        settings = {"hook": address, "subscribe": kinds}
        if not kinds:
            self.hook = None
        elif await self.hooks.verify(address, self.device_id, self.dialect):
            self.hook = settings
        else:
            return Answer.json(
                {"detail": "Hook verification failed"}, self.hook_refusal_status
            )
        return Answer.json(settings)

    def _begin(self, call: Call, event: dict[str, Any]) -> int:
        self.push(event)
        return call.id

    def _frame(self, body: bytes, kind: str | None) -> bytes:
        lines = [b"data: " + line for line in body.split(b"\n")]
        if "id" in self.fields:
            lines.insert(0, f"id: {self._last_id}".encode())
        if "event" in self.fields and kind is not None:
            lines.insert(0, f"event: {kind}".encode())
        return b"\n".join(lines) + b"\n\n"

    def _note_sent(self, stream: Stream, item: int) -> None:
        self.record.hand([item], time.monotonic(), stream=stream.number)

    def _end_streams(self, ending: Ending) -> None:
        for stream in self._streams:
            stream.end(ending)
        self._streams.clear()
        self._report()

    async def _beat(self) -> None:
        while True:
            changed = self._heartbeat_changed
            try:
                async with asyncio.timeout(self._heartbeat):
                    await changed.wait()
            except TimeoutError:
                self.push_raw(_PING)


def _event_type(body: bytes) -> str | None:
    """Return the type of a message, None for what has none."""
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    kind = event.get("event_type") if isinstance(event, dict) else None
    return kind if isinstance(kind, str) else None


def _decoded(text: str) -> str:
    try:
        return b64decode(text, validate=True).decode()
    except binascii.Error, UnicodeDecodeError:
        return ""


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(errors="surrogateescape"), wanted.encode())
