"""A far side that misbehaves: it stalls, breaks off, is somebody else, or sends what was not asked for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest

from greenroom.config import Backoff, WireSettings
from greenroom.errors import CircuitOpen, OutOfTime, ServiceAway
from greenroom.journey import allow
from greenroom.testing import FrozenClock
from greenroom.wire import Peer, client
from tests.wire.test_ports_over_http import Echo, Question

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 999\r\n\r\n"


@asynccontextmanager
async def far_side(answer: bytes, clock: FrozenClock | None = None, call_s: float = 60) -> AsyncIterator[Peer]:
    """Somebody who sends `answer` to every request, and then nothing more; a caller waits for `call_s` seconds."""
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await gone.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = WireSettings(call_s=call_s, breaker_failures=2, service_call=Backoff(base_s=0))
    async with server, aiohttp.ClientSession() as session:
        yield Peer("echo", f"http://127.0.0.1:{port}", lambda: session, settings, clock or FrozenClock())
        gone.set()
        await asyncio.sleep(0)  # everybody leaves before the loop does


@pytest.mark.parametrize("answer", [b"", HEAD, HEAD + b'{"text": '])
async def test_nobody_waits_for_ever_wherever_the_answer_stalls(answer: bytes) -> None:
    async with far_side(answer, call_s=0.2) as peer, asyncio.timeout(60):
        with pytest.raises(OutOfTime):
            await client(Echo, peer).look_up(Question(name="x"))


async def test_a_service_that_does_not_answer_in_time_is_left_in_peace_after_a_while() -> None:
    clock = FrozenClock()
    async with far_side(b"", clock, call_s=0.2) as peer:
        echo = client(Echo, peer)
        for _ in range(2):
            with pytest.raises(OutOfTime):
                await echo.make(Question(name="x"))
        with pytest.raises(CircuitOpen):
            await echo.make(Question(name="x"))
        clock.advance(16)
        with pytest.raises(OutOfTime):
            await echo.make(Question(name="x"))


async def test_a_service_that_says_it_works_is_asked_again_at_once() -> None:
    async with far_side(b"HTTP/1.1 204 No Content\r\n\r\n") as peer:
        echo = client(Echo, peer)
        peer._breaker.failed()
        peer._breaker.failed()
        with pytest.raises(CircuitOpen):
            await echo.make(Question(name="x"))
        await peer.ping()
        assert not peer._breaker.is_open()


@pytest.mark.parametrize("event", [b"data: <html>\n\n", b"data: {}\n\n", b"data: \xff\n\n", b"event: \xff\n\n"])
async def test_a_stream_in_a_strange_form_says_so(event: bytes) -> None:
    async with far_side(HEAD + event) as peer:
        with pytest.raises(ServiceAway):
            _ = [item async for item in client(Echo, peer).count(Question(name="x"))]


async def test_a_caller_who_has_no_time_left_learns_nothing_of_the_service() -> None:
    async with far_side(b"") as peer:
        echo = client(Echo, peer)
        with allow(0.01):
            for _ in range(4):
                with pytest.raises(OutOfTime):
                    await echo.make(Question(name="x"))


async def test_the_health_of_a_service_that_hangs_is_told_in_seconds() -> None:
    async with far_side(b"", call_s=0.2) as peer, asyncio.timeout(60):
        health = await peer.health()
    assert health.status == "unhealthy"
    assert "did not answer in time" in health.dependencies["connection"].detail
