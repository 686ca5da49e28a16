"""Servers in processes of their own, so that they cost the measured one nothing."""

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import sys
from typing import Any

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
