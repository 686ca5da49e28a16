"""A PBX in a process of its own that turns hostile when it is asked to."""

from collections.abc import Callable, Iterator
from compression import zstd
from contextlib import contextmanager, suppress
import gzip
from itertools import count, cycle
from multiprocessing.connection import Connection
import socket
from threading import Event, Thread
from typing import Final

from .processes import a_commanded_process, receive

HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
# Messages in one write of the server.
BLOCK: Final = 200
BOMB: Final = 100_000_000
LONG_LINE: Final = 8_000_000


def _message(event_type: str, payload: str) -> bytes:
    text = '{"device_id":"d","event_type":"%s","payload":{%s}}'
    return f"data: {text % (event_type, payload)}\n\n".encode()


def _blocks(message: Callable[[int], bytes]) -> Iterator[bytes]:
    for first in count(0, BLOCK):
        yield b"".join(map(message, range(first, first + BLOCK)))


def _sms(number: int) -> bytes:
    payload = f'"sms_src":"+7982{number % 10**7:07}","text":"SMS {number}"'
    return _message("incoming_sms", payload)


def _missed(number: int) -> bytes:
    call = f'"call_id":{number}'
    sides = f'"call_src":"+7982{number % 10**7:07}","call_dst":"{100 + number % 20}"'
    return _message("incoming_call", f"{call},{sides}") + _message(
        "call_end", f'{call},"status":"no_answer","duration":null'
    )


def _large(number: int) -> bytes:
    values = ",".join('{"k":[1,"x",null]}' for _ in range(20_000))
    return _message("unheard_of", f'"n":{number},"values":[{values}]')


def _crumbs() -> Iterator[bytes]:
    """Yield a chunk of HTTP for each byte."""
    for block in _blocks(_sms):
        yield b"".join(b"1\r\n%c\r\n" % byte for byte in block)


def _long_line() -> Iterator[bytes]:
    yield b"data: "
    for _ in range(LONG_LINE // 50):
        yield b"x" * 50


# What comes once the PBX is hostile, for each kind of hostility.
FLOODS: Final[dict[str, Callable[[], Iterator[bytes]]]] = {
    "quiet": lambda: iter(()),
    "texts": lambda: _blocks(_sms),
    "missed calls": lambda: _blocks(_missed),
    "repeats": lambda: cycle((_sms(1) * BLOCK,)),
    "garbage": lambda: cycle((b'data: {"event_type":\n\n' * BLOCK,)),
    "not a stream": lambda: cycle((b"\x00\xff\n" * 10_000,)),
    "no messages": lambda: cycle((b"data\n\n" * 10_000,)),
    "comments": lambda: cycle((b":\n" * 20_000,)),
    "large messages": lambda: map(_large, count()),
    "a long line": _long_line,
    "crumbs": _crumbs,
}
BOMBS: Final[dict[str, tuple[bytes, Callable[[bytes], bytes]]]] = {
    "zstd": (b"zstd", zstd.compress),
    "gzip": (b"gzip", gzip.compress),
    "comments in zstd": (b"zstd", zstd.compress),
}
KINDS: Final = (*FLOODS, *BOMBS)


class _Server:
    """Answers each stream by its path's kind: quiet until that was made hostile."""

    def __init__(self) -> None:
        self.hostile = {kind: Event() for kind in KINDS}
        self._streams: list[socket.socket] = []
        self._bombs: dict[str, bytes] = {}
        for kind, (_, compress) in BOMBS.items():
            piece = b":\n" if kind.startswith("comments") else _sms(1)
            self._bombs[kind] = compress(piece * (BOMB // len(piece)))

    def accept(self, listener: socket.socket) -> None:
        while True:
            stream, _ = listener.accept()
            Thread(target=self._serve, args=(stream,), daemon=True).start()

    def release(self, kind: str) -> None:
        """Turn hostile; bombs come with the next connection."""
        self.hostile[kind].set()
        if kind in BOMBS:
            for stream in self._streams:
                with suppress(OSError):
                    stream.shutdown(socket.SHUT_RDWR)
        self._streams.clear()

    def _serve(self, stream: socket.socket) -> None:
        with stream, suppress(OSError):
            request = b""
            while not request.endswith(b"\r\n\r\n"):
                if not (piece := stream.recv(65_536)):
                    return
                request += piece
            device = int(request.split(b" ", 2)[1].split(b"/")[1])
            kind = KINDS[device]
            self._streams.append(stream)
            if kind in BOMBS and self.hostile[kind].is_set():
                coding = BOMBS[kind][0]
                stream.sendall(
                    HEAD + b"Content-Encoding: %b\r\n\r\n" % coding + self._bombs[kind]
                )
            elif kind == "crumbs":
                stream.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
            else:
                stream.sendall(HEAD + b"\r\n")
            self.hostile[kind].wait()
            if kind in FLOODS:
                for block in FLOODS[kind]():
                    stream.sendall(block)
            # Nothing more comes, and the line stays.
            while stream.recv(65_536):
                pass


def _serve(commands: Connection) -> None:
    """Serve, and turn hostile in the ways that the measurement names."""
    server = _Server()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=server.accept, args=(listener,), daemon=True).start()
        commands.send(listener.getsockname()[1])
        while True:
            server.release(commands.recv())
            commands.send(None)


class HostilePbx:
    """The measurement's side of it."""

    def __init__(self, commands: Connection) -> None:
        """Wait until it listens."""
        self._commands = commands
        self._url = f"http://127.0.0.1:{receive(commands)}"

    def url(self, kind: str) -> str:
        """Return the address of the PBX with one kind of hostility."""
        return f"{self._url}/{KINDS.index(kind)}"

    def release(self, kind: str) -> None:
        """Have it turn hostile."""
        self._commands.send(kind)
        receive(self._commands)


@contextmanager
def a_hostile_pbx() -> Iterator[HostilePbx]:
    """Run the server."""
    with a_commanded_process(_serve) as commands:
        yield HostilePbx(commands)
