"""Servers in processes of their own, so that they cost the measured one nothing."""

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
import multiprocessing
from multiprocessing.connection import Connection
import sys
from typing import Any, Final

import orjson


@asynccontextmanager
async def a_simulator() -> AsyncGenerator[dict[str, Any]]:
    """Run the simulator; return what it says of itself."""
    ports = [f"--{name}-port=0" for name in ("control", "qr-menu", "pbx", "green-api")]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", *ports, stdout=PIPE
    )
    try:
        if process.stdout is None or not (line := await process.stdout.readline()):
            raise RuntimeError("The simulator does not start")
        yield orjson.loads(line)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


# What a server has time for, in seconds: one that died must not be waited for.
ANSWER_TIMEOUT: Final = 60.0


def receive(connection: Connection) -> Any:
    """Return what a server says."""
    if not connection.poll(ANSWER_TIMEOUT):
        raise RuntimeError("The server does not answer")
    return connection.recv()


@contextmanager
def a_process(serve: Callable[[Connection], None]) -> Iterator[int]:
    """Run a server that says its port; return that."""
    with a_commanded_process(serve) as connection:
        yield receive(connection)


@contextmanager
def a_commanded_process(serve: Callable[[Connection], None]) -> Iterator[Connection]:
    """Run a server; return the line to it."""
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=serve, args=(its,), daemon=True)
    process.start()
    # Of a server that died the line's end is seen.
    its.close()
    try:
        yield ours
    finally:
        process.terminate()
        process.join()
