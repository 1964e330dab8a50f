"""Many who read little of long answers: little is held for each of them, and the models' work is held up behind."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from starlette.types import Receive, Scope, Send

from greenroom.testing import serving
from tests.deployments import one_service
from tests.sizes import sized

READERS = sized(60, 500)
MESSAGE = {"role": "assistant", "content": "word " * 2000}
LINE = msgspec.json.encode({"model": "long", "message": MESSAGE, "done": False})


class EndlessOllama:
    """A model server whose answers never end; `written_bytes` are those that were taken off its hands."""

    def __init__(self) -> None:
        self.written_bytes = 0
        self.streams = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] != "/api/chat":
            models = msgspec.json.encode({"models": [{"name": "long:latest", "model": "long:latest"}]})
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": models})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        self.streams += 1
        gone = asyncio.create_task(_gone(receive))
        while not gone.done():
            await send({"type": "http.response.body", "body": LINE + b"\n", "more_body": True})
            self.written_bytes += len(LINE)
            await asyncio.sleep(0)
        self.streams -= 1


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@asynccontextmanager
async def reader_of(url: str, number: int) -> AsyncIterator[socket.socket]:
    """Somebody who asks for a long answer and has little room for it."""
    place = urlsplit(url)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, (place.hostname, place.port))
        body = msgspec.json.encode({"model": "long", "messages": [{"role": "user", "content": f"Number {number}"}]})
        head = f"POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
        await loop.sock_sendall(connection, head.encode() + body)
        yield connection


async def stands_still(ollama: EndlessOllama) -> int:
    """Wait until nothing more is written, and say how much it was."""
    before = -1
    while before != ollama.written_bytes or ollama.streams < READERS:
        before = ollama.written_bytes
        await asyncio.sleep(0.5)
    return before


async def test_those_who_read_little_hold_little(tmp_path: Path) -> None:
    ollama = EndlessOllama()
    async with (
        serving(ollama) as upstream,
        one_service(tmp_path, "llm", llm__ollama_url=upstream, llm__connections=READERS + 4) as url,
        AsyncExitStack() as stack,
    ):
        readers = [await stack.enter_async_context(reader_of(url, number)) for number in range(READERS)]
        async with asyncio.timeout(sized(120, 900)):
            written = await stands_still(ollama)
        ours = 256_000 + 64_000
        assert written / READERS < ours + 2_500_000, "what we hold, what the system holds of both connections, no more"
        async with asyncio.timeout(60):
            while ollama.written_bytes == written:
                for reader in readers:
                    await asyncio.get_running_loop().sock_recv(reader, 65_536)
    async with asyncio.timeout(60):
        while ollama.streams:  # noqa: ASYNC110 - that the last one has gone has no event of its own
            await asyncio.sleep(0.05)
