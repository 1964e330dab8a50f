"""Bodies that are packed with zstd."""

import gzip
from collections.abc import AsyncIterator

import aiohttp
import pytest
from backports import zstd
from starlette.types import Receive, Scope, Send

from greenroom.testing import serving
from greenroom.wire.guard import Limit, LimitedBodies

LIMIT = 1_000_000


async def length(scope: Scope, receive: Receive, send: Send) -> None:
    """Say how long a body was."""
    if scope["type"] == "lifespan":
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})
        return
    more, size = True, 0
    while more:
        message = await receive()
        more, size = message.get("more_body", False), size + len(message.get("body", b""))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"%d" % size})


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Where bodies are limited, but for those below /any."""
    limited = LimitedBodies(length, _limit_of, patience_s=60)
    async with serving(limited) as url:
        yield url


def _limit_of(path: str) -> Limit:
    return Limit(float("inf") if path.startswith("/any") else LIMIT, "wire.some_bytes")


async def sent(url: str, body: bytes | AsyncIterator[bytes], packed: str = "zstd") -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as http,
        http.post(url, data=body, headers={"Content-Encoding": packed}) as response,
    ):
        return response.status, await response.text()


async def test_a_packed_body_arrives_unpacked_however_it_comes(url: str) -> None:
    body = zstd.compress(b"hello " * 100_000)

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 7):
            yield body[start : start + 7]

    assert await sent(url, body) == (200, "600000")
    assert await sent(url, in_pieces()) == (200, "600000")
    assert await sent(url, b"plain", "identity") == (200, "5")


async def test_a_body_that_grows_beyond_the_limit_is_refused_and_not_unpacked(url: str) -> None:
    bomb = zstd.compress(b" " * 300_000_000)
    assert len(bomb) < 30_000
    assert (await sent(url, bomb))[0] == 413


@pytest.mark.parametrize(
    ("body", "packed"),
    [
        (b"not packed at all", "zstd"),
        (zstd.compress(b"hello " * 1000)[:-5], "zstd"),
        (b"", "zstd"),
        (gzip.compress(b"hello"), "gzip"),
        (b"hello", "br"),
        (b"hello", "zstd, gzip"),
    ],
    ids=["plain", "broken off", "empty", "gzip", "brotli", "twice"],
)
async def test_what_is_not_whole_zstd_is_refused(url: str, body: bytes, packed: str) -> None:
    assert (await sent(url, body, packed))[0] == 400


async def test_where_there_is_no_limit_nothing_is_unpacked(url: str) -> None:
    assert (await sent(f"{url}/any", zstd.compress(b"hello")))[0] == 400
