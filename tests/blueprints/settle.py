"""A way to let automations go on that wait for something."""

import asyncio


async def settle() -> None:
    """Let everything go on that is ready to.

    Home Assistant's own way waits for automations to end, too.
    """
    for _ in range(100):
        await asyncio.sleep(0)
