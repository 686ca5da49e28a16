"""A PBX in a process of its own that sends what it is asked to, and stamps it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, islice
from multiprocessing.connection import Connection
import socket
import time
from typing import Any, Final

import orjson

from custom_components.carbis_alerts.api.event_stream import CONTENT_TYPE

from .processes import a_commanded_process, receive

EXTENSIONS: Final = 20
HEAD: Final = (
    f"HTTP/1.1 200 OK\r\nContent-Type: {CONTENT_TYPE}\r\n"
    "Transfer-Encoding: chunked\r\n\r\n"
).encode()


def sms(number: int, mark: str) -> bytes:
    """Return an SMS; the mark is where the bus event has it too."""
    payload = {"sms_src": "+79821234567", "text": f"SMS {number}", "trunk": mark}
    return _message("incoming_sms", payload)


def call(number: int, mark: str) -> bytes:
    """Return the next event of one call after the other: ring, talk, end."""
    step = number % 3
    payload: dict[str, Any] = {"call_id": number // 3, "trunk": mark}
    if step < 2:
        payload["call_src"] = f"+7982{number // 3:07}"
        payload["call_dst"] = str(100 + number // 3 % EXTENSIONS)
    else:
        payload |= {"record_id": str(number), "duration": 42, "status": "success"}
    return _message(("incoming_call", "start_talk", "call_end")[step], payload)


KINDS: Final = {"SMS": sms, "calls": call}


def _message(event_type: str, payload: dict[str, Any]) -> bytes:
    message = {
        "device_id": "Y7d6hP0mQ2v1u8Zk3nR5tA==",
        "event_type": event_type,
        "payload": payload,
    }
    return b"data: %b\n\n" % orjson.dumps(message)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _serve(commands: Connection) -> None:
    """Do what the measurement says: accept streams, and send to them."""
    streams: list[socket.socket] = []
    numbers = {kind: count() for kind in KINDS}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        commands.send(listener.getsockname()[1])
        while True:
            command, *arguments = commands.recv()
            if command == "accept":
                stream, _ = listener.accept()
                stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                request = b""
                while not request.endswith(b"\r\n\r\n"):
                    request += stream.recv(65_536)
                stream.sendall(HEAD)
                streams.append(stream)
            elif command == "pace":
                kind, events, pause = arguments
                for number in islice(numbers[kind], events):
                    for stream in streams:
                        mark = str(time.monotonic_ns())
                        stream.sendall(_chunk(KINDS[kind](number, mark)))
                        time.sleep(pause)
            else:
                kind, events = arguments
                data = b"".join(
                    _chunk(KINDS[kind](number, ""))
                    for number in islice(numbers[kind], events)
                )
                for stream in streams:
                    stream.sendall(data)
            commands.send(None)


class PbxServer:
    """The measurement's side of it."""

    def __init__(self, commands: Connection) -> None:
        """Wait until it listens."""
        self._commands = commands
        self.url = f"http://127.0.0.1:{receive(commands)}"

    async def accept(self) -> None:
        """Have the next stream accepted."""
        await self._do("accept")

    async def rate(self, kind: str, events: int, pause: float) -> None:
        """Have events sent to each stream in turn, a pause of seconds after each."""
        await self._do("pace", kind, events, pause)

    async def burst(self, kind: str, events: int) -> None:
        """Have events sent at once."""
        await self._do("burst", kind, events)

    async def _do(self, *command: object) -> None:
        self._commands.send(command)
        await asyncio.to_thread(receive, self._commands)


@contextmanager
def a_pbx_server() -> Iterator[PbxServer]:
    """Run the server."""
    with a_commanded_process(_serve) as commands:
        yield PbxServer(commands)
