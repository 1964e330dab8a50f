"""Those who send slowly, or read slowly, cost little and do not stay for ever."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from greenroom.wire.guard import Limit, LimitedBodies
from greenroom.wire.protocol import LimitedHeads


class Impatient(LimitedHeads):
    head_s = 0.3
    silent_s = 0.6
    held_s = 0.2
    stalled_s = 0.5


class SoonHandedOn(LimitedHeads):
    held_s = 0.2


@asynccontextmanager
async def served(app: ASGIApp, http: type[LimitedHeads] = Impatient) -> AsyncIterator[tuple[str, int]]:
    """Serve with limits that are short, since nobody here keeps to them; or with others."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", http=http, ws="websockets-sansio"))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        yield "127.0.0.1", listener.getsockname()[1]
        server.should_exit = True
        await running


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    more, size = True, 0
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more, size = message["more_body"], size + len(message["body"])
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"%d" % size})


async def test_a_head_that_does_not_come_to_its_end_is_answered_408() -> None:
    async with served(hello) as place:
        for begun in (b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nx-a: b"):
            reader, writer = await asyncio.open_connection(*place)
            writer.write(begun)
            answer = await reader.read()
            assert answer.startswith(b"HTTP/1.1 408")
            assert answer.endswith(b'{"error":"the head of the request did not come in time"}')
            writer.close()


async def test_who_says_nothing_at_all_is_let_go() -> None:
    async with served(hello) as place:
        for said in (b"", b"\r\n"):
            reader, writer = await asyncio.open_connection(*place)
            writer.write(said)
            assert await reader.read() == b""
            writer.close()


async def test_the_second_head_of_a_connection_has_its_time_too() -> None:
    async with served(hello) as place:
        reader, writer = await asyncio.open_connection(*place)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
        writer.write(b"GET / HTTP/1.1\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 408")
        writer.close()


async def test_a_websocket_may_stay_and_say_nothing() -> None:
    async def listening(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})

    async with (
        served(listening) as (host, port),
        aiohttp.ClientSession() as http,
        http.ws_connect(f"http://{host}:{port}/") as connection,
    ):
        await asyncio.sleep(1)
        await connection.send_str("still here")
        assert (await connection.receive()).data == "still here"


async def test_an_answer_that_takes_long_is_nobodys_lateness() -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(1)
        await hello(scope, receive, send)

    async with served(slow) as place:
        reader, writer = await asyncio.open_connection(*place)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).endswith(b"hello")
        writer.close()


async def test_a_body_that_trickles_is_answered_408_in_the_words_of_its_dialect() -> None:
    wanted = {"/api/chat": b'{"error":"the body did not', "/answers": b'"type":"urn:greenroom:too-slow"'}
    async with served(
        LimitedBodies(echo, lambda path: Limit(10_000, "wire.some_bytes"), patience_s=0.3), SoonHandedOn
    ) as place:
        for path, said in wanted.items():
            reader, writer = await asyncio.open_connection(*place)
            writer.write(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n".encode() + b"{")
            answer = await reader.readuntil(b"}")
            assert answer.startswith(b"HTTP/1.1 408")
            assert said in answer
            writer.close()


async def test_a_request_reaches_the_application_when_its_body_is_there() -> None:
    reached: list[str] = []

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["path"])
        await echo(scope, receive, send)

    async with served(noting, LimitedHeads) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nab")
        async with aiohttp.ClientSession() as http, http.post(f"http://{host}:{port}/quick", data=b"abc") as quick:
            assert await quick.text() == "3"
        assert reached == ["/quick"]
        writer.write(b"cd")
        assert (await reader.readuntil(b"\r\n0\r\n\r\n")).endswith(b"\r\n4\r\n0\r\n\r\n")
        assert reached == ["/quick", "/slow"]
        writer.close()


async def test_a_long_body_and_one_that_wants_to_be_asked_for_are_not_held_until_they_are_there() -> None:
    async with served(echo, LimitedHeads) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"abcd")
        assert b"\r\n4\r\n" in await reader.readuntil(b"\r\n0\r\n\r\n")
        writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1_000_000)
        assert b"\r\n1000000\r\n" in await reader.readuntil(b"\r\n0\r\n\r\n")
        writer.close()


async def test_who_promises_a_body_and_sends_none_is_let_go() -> None:
    """Also where something before the limits of bodies waits for it."""
    async with served(echo) as place:
        for begun in (b"", b"x"):
            reader, writer = await asyncio.open_connection(*place)
            writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n" + begun)
            assert await reader.read() == b""
            writer.close()


async def test_a_long_body_has_longer_than_a_short_one() -> None:
    """Each piece earns the time that it takes at the slowest rate; time that the reader spends does not count."""

    async def dawdling(scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_slowly() -> object:
            await asyncio.sleep(0.2)
            return await receive()

        await echo(scope, receive_slowly, send)  # type: ignore[arg-type]

    async with served(LimitedBodies(dawdling, lambda path: Limit(1e9, "wire.some_bytes"), patience_s=5)) as place:
        reader, writer = await asyncio.open_connection(*place)
        writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 300000\r\n\r\n")
        writer.write(b"x" * 300_000)
        assert b"\r\n300000\r\n" in await reader.read()
        writer.close()


async def test_who_reads_nothing_holds_the_writer_up_and_is_cut_off_in_the_end() -> None:
    written = 0
    ended = asyncio.Event()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal written
        await send({"type": "http.response.start", "status": 200, "headers": []})
        gone = asyncio.create_task(_gone(receive))
        while not gone.done():
            await send({"type": "http.response.body", "body": b"x" * 1000, "more_body": True})
            written += 1000
            await asyncio.sleep(0)
        ended.set()

    async with served(endless) as place:
        _, writer = await asyncio.open_connection(*place, limit=1000)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await asyncio.wait_for(ended.wait(), 60)
        assert written < 20_000_000, "what the sockets of both sides and 64 kB of ours hold, and no more"
        writer.close()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
