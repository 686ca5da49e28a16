"""A QR menu, a gateway and a PBX with a hook, in one process, that turn hostile when asked to."""

from collections.abc import Callable, Iterator
from compression import zstd
from contextlib import contextmanager, suppress
from functools import cache, partial
import gzip
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
import json
from multiprocessing.connection import Connection
from threading import Event, Thread
from typing import Any, Final, override
from urllib.parse import urlsplit
import zlib

from .processes import a_commanded_process, receive

INSTANCE: Final = "1101000001"
TOKEN: Final = "token-of-the-benchmark"
# What an answer may have, in bytes, and what bombs unpack to.
LARGEST: Final = 16 * 1024 * 1024 - 1024
BOMB: Final = 1_000_000_000
NEW_EVENTS: Final = 5_000
# As many as have no more values than an answer may have.
REPEATS: Final = 90_000
POSTERS: Final = 8
# Seconds for which a quiet gateway has nothing.
PATIENCE: Final = 2.0

# The body of an answer, how it is packed, and whether each byte is a chunk of its own.
type Answer = tuple[bytes, str, bool]

_numbers = count(1)
_QUIET_MENU: Final = b'{"result":true,"data":{"updates":[]}}'


def _plain(body: bytes) -> Answer:
    return body, "", False


def _updates(events: Iterator[str] | list[str]) -> bytes:
    return b'{"result":true,"data":{"updates":[%b]}}' % ",".join(events).encode()


def _call(number: int) -> str:
    table = number % 50
    return (
        f'{{"hash":"0x{number:08x}","code":"waiter_call","table":{table},'
        f'"table_repr":{{"id":{table},"name":"{table}","max_guests":4}}}}'
    )


def _new_calls() -> Answer:
    return _plain(_updates([_call(next(_numbers)) for _ in range(NEW_EVENTS)]))


@cache
def _repeats() -> Answer:
    return _plain(_updates(map(_call, range(REPEATS))))


@cache
def _large_event() -> Answer:
    values = ",".join('{"k":[1,"x",null]}' for _ in range(100_000))
    return _plain(_updates([f'{{"hash":"0x1","code":"unheard_of","v":[{values}]}}']))


@cache
def _garbage() -> Answer:
    return _plain((b'{"result":tru,"\x01\\ud83d":[,' * LARGEST)[: LARGEST // 2])


@cache
def _crumbs() -> Answer:
    return _updates(map(_call, range(5_000))), "", True


@cache
def _bomb(coding: str, beginning: bytes) -> Answer:
    match coding:
        case "gzip":
            packed = gzip.compress(beginning + b" " * BOMB, 9)
        case "deflate":
            packed = zlib.compress(beginning + b" " * BOMB, 9)
        case _:
            packed = zstd.compress(beginning + b" " * BOMB)
    return packed, coding, False


def _message(receipt: int, message: int, text: str) -> bytes:
    data = {"typeMessage": "textMessage", "textMessageData": {"textMessage": text}}
    sender = {"chatId": f"7982{message % 500:07}@c.us", "senderName": "Guest"}
    body = {
        "typeWebhook": "incomingMessageReceived",
        "instanceData": {"idInstance": int(INSTANCE), "typeInstance": "whatsapp"},
        "timestamp": 1_790_000_000,
        "idMessage": f"ID{message}",
        "senderData": sender,
        "messageData": data,
    }
    return json.dumps({"receiptId": receipt, "body": body}).encode()


def _new_message(text: str) -> Answer:
    number = next(_numbers)
    return _plain(_message(number, number, text))


_HEAD: Final = b'{"receiptId":1,"body":'

# What is answered once the service is hostile, by its kind of hostility.
MENU: Final[dict[str, Callable[[], Answer]]] = {
    "menu: new events": _new_calls,
    "menu: repeats": _repeats,
    "menu: large event": _large_event,
    "menu: garbage": _garbage,
    "menu: crumbs": _crumbs,
    "menu: gzip": partial(_bomb, "gzip", b'{"result":true'),
    "menu: deflate": partial(_bomb, "deflate", b'{"result":true'),
    "menu: zstd": partial(_bomb, "zstd", b'{"result":true'),
}
GATEWAY: Final[dict[str, Callable[[], Answer]]] = {
    "gateway: null": lambda: _plain(b"null"),
    "gateway: garbage": lambda: _plain(b'{"receiptId":tru' * 2_000),
    "gateway: the same": lambda: _plain(_message(1, 1, "Hello")),
    "gateway: new": partial(_new_message, "Hello"),
    "gateway: large": partial(_new_message, "x" * (LARGEST - 1_000)),
    "gateway: gzip": partial(_bomb, "gzip", _HEAD),
    "gateway: zstd": partial(_bomb, "zstd", _HEAD),
}
HOOK: Final[dict[str, Callable[[], Answer]]] = {
    "hook: texts": lambda: _plain(_posted(next(_numbers))),
    "hook: garbage": lambda: _plain(b'{"event_type":,"\x01\\ud83d"' * 1_000),
    "hook: gzip": partial(_bomb, "gzip", b"{"),
    "hook: zstd": partial(_bomb, "zstd", b"{"),
}
ANSWERS: Final = {**MENU, **GATEWAY, **HOOK}
ANSWER_KINDS: Final = tuple(ANSWERS)


def _posted(number: int) -> bytes:
    payload = {"sms_src": f"+7982{number % 10**7:07}", "text": f"SMS {number}"}
    message = {"device_id": "d", "event_type": "incoming_sms", "payload": payload}
    return json.dumps(message).encode()


class _Handler(BaseHTTPRequestHandler):
    """Answers by the kind in the path: quiet until that was made hostile."""

    protocol_version = "HTTP/1.1"
    hostile: Final = {kind: Event() for kind in ANSWER_KINDS}

    def _kind(self) -> str:
        return ANSWER_KINDS[int(self.path.split("/")[1])]

    def do_GET(self) -> None:
        kind = self._kind()
        is_hostile = self.hostile[kind].is_set()
        if kind in MENU:
            self._answer(MENU[kind]() if is_hostile else _plain(_QUIET_MENU))
        elif "getSettings" in self.path:
            self._answer(_plain(b'{"webhookUrl":"","incomingWebhook":"yes"}'))
        elif "receiveNotification" not in self.path:
            self._answer(_plain(b'{"stateInstance":"authorized"}'))
        elif is_hostile or self.hostile[kind].wait(PATIENCE):
            self._answer(GATEWAY[kind]())
        else:
            self._answer(_plain(b"null"))

    def do_DELETE(self) -> None:
        self._answer(_plain(b'{"result":true}'))

    def do_POST(self) -> None:
        """Subscribe a hook, and flood it later."""
        length = int(self.headers["Content-Length"])
        asked = json.loads(self.rfile.read(length))
        proof = {"device_id": "d", "event_type": "verification", "payload": "x"}
        _post(asked["hook"], _plain(json.dumps(proof).encode()))
        if asked["subscribe"]:
            for _ in range(POSTERS):
                work = partial(_flood, asked["hook"], self._kind())
                Thread(target=work, daemon=True).start()
        self._answer(_plain(json.dumps(asked).encode()))

    def _answer(self, answer: Answer) -> None:
        body, coding, is_crumbled = answer
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if coding:
            self.send_header("Content-Encoding", coding)
        if is_crumbled:
            self.send_header("Transfer-Encoding", "chunked")
            body = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _post(hook: str, answer: Answer) -> None:
    address = urlsplit(hook)
    # Home Assistant listens here, whatever it thinks that its address is.
    connection = HTTPConnection("127.0.0.1", address.port, timeout=60)
    body, coding, _ = answer
    headers = {"Content-Type": "application/json"}
    if coding:
        headers["Content-Encoding"] = coding
    try:
        connection.request("POST", address.path, body, headers)
        connection.getresponse().read()
    finally:
        connection.close()


def _flood(hook: str, kind: str) -> None:
    _Handler.hostile[kind].wait()
    while True:
        with suppress(OSError, HTTPException):
            _post(hook, HOOK[kind]())


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    @override
    def handle_error(self, *_: Any) -> None:
        """Say nothing of those who hang up."""


def _serve(commands: Connection) -> None:
    """Serve, and turn hostile in the ways that the measurement names."""
    server = _Server(("127.0.0.1", 0), _Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    commands.send(server.server_address[1])
    while True:
        kind = commands.recv()
        # What takes long is made before.
        ANSWERS[kind]()
        _Handler.hostile[kind].set()
        commands.send(None)


class HostileServices:
    """The measurement's side of them."""

    def __init__(self, commands: Connection) -> None:
        """Wait until they listen."""
        self._commands = commands
        self._url = f"http://127.0.0.1:{receive(commands)}"

    def url(self, kind: str) -> str:
        """Return the address of the service with one kind of hostility."""
        return f"{self._url}/{ANSWER_KINDS.index(kind)}"

    def release(self, kind: str) -> None:
        """Have it turn hostile."""
        self._commands.send(kind)
        receive(self._commands)


@contextmanager
def hostile_services() -> Iterator[HostileServices]:
    """Run the servers."""
    with a_commanded_process(_serve) as commands:
        yield HostileServices(commands)
