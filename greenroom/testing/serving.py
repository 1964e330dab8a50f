"""Serving an application on a loopback port, in the running event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from greenroom.wire.protocol import hold_little
from greenroom.wire.ready import ReadyAnswers, protocol


@asynccontextmanager
async def serving(app: ASGIApp, port: int = 0, ready: ReadyAnswers | None = None) -> AsyncIterator[str]:
    """Serve `app` over real HTTP, `ready` answers before it, on a free port unless one is given; gives its base URL."""
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:  # named, or asyncio leaves Nagle's delay on: 40 ms a call
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        hold_little(listener)
        listener.listen(128)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                lifespan="on",
                timeout_graceful_shutdown=1,
                http=protocol(ready),  # type: ignore[arg-type]
                ws="websockets-sansio",
            )
        )
        running = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not running.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
