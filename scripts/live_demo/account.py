"""What the demo prints: its steps, with the time each took to come."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import time

import aiohttp

from .errors import DemoError

STARTED = time.monotonic()


def say(text: str = "") -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


@asynccontextmanager
async def step(text: str, *, limit: float) -> AsyncGenerator[None]:
    """Do one thing within a time limit, and say that it is done."""
    try:
        async with asyncio.timeout(limit):
            yield
    except TimeoutError as error:
        raise DemoError(f"{text}: not done within {limit:g} seconds.") from error
    except (aiohttp.ClientError, OSError) as error:
        raise DemoError(f"{text}: {str(error) or type(error).__name__}.") from error
    say(f"{time.monotonic() - STARTED:6.1f} s  {text}")
