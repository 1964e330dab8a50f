"""Noticing that the caller has gone, and ending the work that was done for it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from starlette.types import Receive

T = TypeVar("T")


class CallerGone(Exception):
    """The caller closed the connection before the work was done. There is nobody left to answer."""


async def while_present(receive: Receive, work: Callable[[], Awaitable[T]]) -> T:
    """Do the work, and cancel it at once when the caller goes away.

    The request's body must have been read: what `receive` gives next is then the disconnection.
    Raises: CallerGone; whatever the work raises.
    """
    outcome: list[T] = []
    failure: list[Exception] = []  # carried out of the group, which would wrap them

    async def watch() -> None:
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        except Exception as exc:  # a body that is too large, of a request that should have none
            failure.append(exc)
        raise CallerGone

    try:
        async with asyncio.TaskGroup() as group:  # three times as quick as anyio's, and every request has one
            watching = group.create_task(watch())
            await asyncio.sleep(0)  # so that it has looked once, however short the work is
            try:
                outcome.append(await work())
            except Exception as exc:
                failure.append(exc)
            watching.cancel()
    except* CallerGone:
        pass
    if failure:
        raise failure[0]
    if not outcome:
        raise CallerGone
    return outcome[0]
