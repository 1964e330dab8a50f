"""Waiting for something that another task is about to do."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(condition: Callable[[], bool], within_s: float = 60.0) -> None:
    """Let other tasks run until the condition holds; fail when it does not come to hold."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.001)


async def come_true(holds: Callable[[], Awaitable[bool]]) -> None:
    """Let other tasks run until what must be asked for holds; fail when it does not come to hold."""
    async with asyncio.timeout(60):
        while not await holds():  # noqa: ASYNC110 - what the house keeps has no event
            await asyncio.sleep(0.05)
