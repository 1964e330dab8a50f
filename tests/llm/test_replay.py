"""Answers sent again: to the very same request only, for two seconds, and as if everything had been asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import product
from typing import Any

import aiohttp
import pytest
from starlette.types import Receive, Scope, Send

from greenroom.config import SearchSettings, WireSettings
from greenroom.llm.anthropic_api import anthropic_routes
from greenroom.llm.cache.replay import Replay, Replays, offer_of
from greenroom.llm.ollama_api import ollama_routes
from greenroom.llm.openai_api import openai_routes
from greenroom.llm.responses_api import responses_routes
from greenroom.model import Chunk
from greenroom.testing import FrozenClock, ScriptedModel, serving
from greenroom.wire.application import application
from tests.llm.caching import Caching, caching
from tests.llm.search.searching import no_search

SAID = [{"role": "user", "content": "hi"}]
BODIES: dict[str, dict[str, Any]] = {
    "/api/chat": {"messages": SAID, "options": {"temperature": 0}},
    "/api/generate": {"prompt": "hi", "options": {"temperature": 0}},
    "/v1/chat/completions": {"messages": SAID, "temperature": 0},
    "/v1/completions": {"prompt": "hi", "temperature": 0},
    "/v1/responses": {"input": "hi", "temperature": 0},
    "/v1/messages": {"messages": SAID, "temperature": 0, "max_tokens": 50},
}


@dataclass
class Stage:
    """A gateway over a scripted model."""

    url: str
    cache: Caching
    replays: Replays

    async def ask(
        self, path: str = "/api/chat", headers: dict[str, str] | None = None, **fields: Any
    ) -> tuple[Any, str]:
        """Headers and text of an answer."""
        body = {"model": "scripted/model", **BODIES[path], **fields}
        async with aiohttp.ClientSession() as http, http.post(self.url + path, json=body, headers=headers) as response:
            return response.headers, await response.text()

    async def sent_again(self, *asked: Any, **fields: Any) -> bool:
        """Whether an answer is one that was sent before."""
        before = self.replays.sent
        await self.ask(*asked, **fields)
        return self.replays.sent > before


@asynccontextmanager
async def staged(admits: Callable[[Replay], bool] = lambda _: True, budget_bytes: int = 10**6) -> AsyncIterator[Stage]:
    clock = FrozenClock()
    replays = Replays(clock, admits, budget_bytes)
    async with caching(ScriptedModel("Hello there, you"), clock=clock, forgotten=replays.forget) as cache:
        app = application("Gateway", WireSettings(max_api_body_bytes=100_000), ())
        app.router.routes.extend([*ollama_routes(cache.answers, clock), *openai_routes(cache.answers, clock)])
        more = [
            *anthropic_routes(cache.answers, no_search(cache.answers), SearchSettings(), clock),
            *responses_routes(cache.answers, clock),
        ]
        app.router.routes[:0] = more
        async with serving(app, ready=replays) as url:
            yield Stage(url, cache, replays)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("path", BODIES)
async def test_what_is_sent_again_is_the_same_answer_given_now(stage: Stage, path: str, stream: bool) -> None:
    asked = [await stage.ask(path, stream=stream) for _ in range(2)]
    stage.cache.clock.advance(0.75)
    asked += [await stage.ask(path, stream=stream) for _ in range(2)]
    assert stage.replays.sent == 2
    assert [head["x-greenroom-cache"] for head, _ in asked] == ["miss", "memory", "memory", "memory"]
    first, *_, last = asked[1:]
    for name in ("content-type", "x-greenroom-model"):
        assert first[0][name] == last[0][name]
    assert len(last[0]["x-trace-id"]) == 32
    assert without_stamps(first[1]) == without_stamps(last[1])
    assert first[1] != last[1]  # the time is another, or the id


def without_stamps(text: str) -> Any:
    """An answer in any dialect without what is new each time."""
    lines = [line.removeprefix("data: ") for line in text.splitlines()]
    return [_bare(json.loads(line)) if line.startswith("{") else line for line in lines]


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    new = {"id", "item_id", "created", "created_at", "completed_at", "total_duration"}
    return {name: _bare(inner) for name, inner in value.items() if name not in new}


async def test_the_times_of_what_is_sent_again_are_those_of_now(stage: Stage) -> None:
    for path in ("/api/chat", "/v1/chat/completions"):
        for _ in range(2):
            await stage.ask(path, stream=False)
    stage.cache.clock.advance(0.9)
    now = stage.cache.clock.now()
    ollamas, openais = [json.loads((await stage.ask(path, stream=False))[1]) for path in list(BODIES)[:3:2]]
    assert stage.replays.sent == 2
    assert ollamas["created_at"] == now.strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
    assert openais["created"] == int(now.timestamp())


async def test_one_goes_the_whole_way_shortly_before_two_seconds_and_all_after_them(stage: Stage) -> None:
    assert [await stage.sent_again() for _ in range(4)] == [False, False, True, True]
    stage.cache.clock.advance(1.6)
    assert [await stage.sent_again() for _ in range(3)] == [False, True, True]
    stage.cache.clock.advance(2.1)
    assert not await stage.sent_again()


async def test_after_two_seconds_nothing_is_sent_again_although_nobody_renewed_it() -> None:
    clock = FrozenClock()
    replays = Replays(clock)
    request = _request(b"body")
    replays.keep(request, {}, replays.marks.form(b"answer"), False, Chunk(model="m", done=True))
    clock.advance(1.6)
    assert [replays.answer(request) is not None for _ in range(3)] == [False, True, True]
    clock.advance(0.5)
    assert replays.answer(request) is None


async def test_what_was_forgotten_is_not_sent_again(stage: Stage) -> None:
    assert [await stage.sent_again() for _ in range(3)] == [False, False, True]
    await stage.cache.answers.clear()
    head, _ = await stage.ask()
    assert head["x-greenroom-cache"] == "miss"


async def test_an_answer_that_was_under_way_when_all_was_forgotten_is_not_kept() -> None:
    replays, model = Replays(FrozenClock()), Echo()
    model.meanwhile = replays.forget
    async with serving(model, ready=replays) as url:
        for _ in range(2):
            await _answer(url, _request(b"body"))
    assert model.asked == 2


async def test_the_guards_stand_before_what_is_sent_again(stage: Stage) -> None:
    assert [await stage.sent_again() for _ in range(3)] == [False, False, True]
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        head, text = await stage.ask(headers=headers)
        assert "x-greenroom-cache" not in head
        assert "error" in text


async def test_wishes_of_the_cache_are_heeded(stage: Stage) -> None:
    assert [await stage.sent_again() for _ in range(3)] == [False, False, True]
    for wish in ("no-cache", "no-cache, no-store"):
        assert [await stage.sent_again(headers={"Cache-Control": wish}) for _ in range(3)] == [False] * 3


async def test_a_request_that_is_traced_is_answered_under_its_own_trace(stage: Stage) -> None:
    traced = {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}
    for _ in range(3):
        head, _ = await stage.ask(headers=traced)
        assert head["x-trace-id"] == "ab" * 16
    assert stage.replays.sent == 0


async def test_whoever_may_not_have_an_answer_again_goes_the_whole_way() -> None:
    allowed = [True, False, True]
    async with staged(lambda replay: allowed.pop(0)) as stage:
        assert [await stage.sent_again() for _ in range(5)] == [False, False, True, False, True]


async def test_memory_is_bounded() -> None:
    async with staged(budget_bytes=4000) as stage:
        for number in range(20):
            for _ in range(2):
                await stage.ask(messages=[{"role": "user", "content": "x" * 300 + str(number)}])
            assert stage.replays._size_bytes <= 4000
        assert await stage.sent_again(messages=[{"role": "user", "content": "x" * 300 + "19"}])
        for _ in range(2):
            assert not await stage.sent_again(messages=[{"role": "user", "content": "x" * 5000}])


async def test_an_answer_that_is_renewed_takes_the_place_of_the_old_one() -> None:
    async with staged(budget_bytes=4000) as stage:
        for _ in range(10):
            stage.cache.clock.advance(2.1)
            assert [await stage.sent_again() for _ in range(3)][-1]
            assert stage.replays._size_bytes < 2500


async def test_other_methods_and_bodies_that_come_oddly_pass_unharmed(stage: Stage) -> None:
    async def pieces(size: int = 1) -> AsyncIterator[bytes]:
        body = json.dumps({"model": "scripted/model", **BODIES["/api/chat"]}).encode()
        for at in range(0, len(body), 10):
            yield body[at : at + 10] * size
            await asyncio.sleep(0)

    async with aiohttp.ClientSession(stage.url) as http:
        for _ in range(3):
            async with http.head("/api/version") as response:
                assert response.status == 200
            async with http.post("/api/chat", data=pieces()) as response:
                assert response.status == 200
            async with http.post("/api/chat", data=b"x" * 200_000) as response:
                assert response.status == 413
            async with http.post("/api/chat", data=pieces(5000)) as response:
                assert response.status == 413
            async with http.post("/api/chat", data=b"{") as response:
                assert response.status == 400


async def test_requests_in_one_breath_are_answered_in_order(stage: Stage) -> None:
    def request(word: str) -> bytes:
        content = {"model": "scripted/model", "prompt": word, "options": {"temperature": 0}, "stream": False}
        body = json.dumps(content).encode()
        head = f"POST /api/generate HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n"
        return head.encode() + (b"connection: close\r\n\r\n" if word == "last" else b"\r\n") + body

    for word in ("one", "two", "last"):
        stage.cache.model.enqueue(f"about {word}")
    said = []
    for _ in range(3):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(stage.url.rpartition(":")[2]))
        writer.write(request("one") + request("two") + request("last"))
        said.append((await reader.read()).decode())
        writer.close()
    for text in said:
        assert [word for word in text.split('"') if word.startswith("about")] == [
            "about one",
            "about two",
            "about last",
        ]
    assert stage.replays.sent == 0  # what comes together is read together


# Each byte counts ---------------------------------------------------------------------------------------------------


class Echo:
    """Answers with the request, and offers each answer to be sent again."""

    def __init__(self) -> None:
        self.asked = 0
        self.meanwhile: Callable[[], None] = lambda: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message.get("more_body"):
                break
        self.asked += 1
        said = repr((scope["path"], scope["query_string"], scope["headers"], body)).encode()
        length = (b"content-length", str(len(said)).encode())
        self.meanwhile()
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": said})
        found = Chunk(model="m", done=True, cache="memory")
        if offer := offer_of(scope, found):
            offer({}, lambda marks: said, False, found)


def _request(body: bytes, target: str = "/api/chat", *headers: str) -> bytes:
    lines = [f"POST {target} HTTP/1.1", "host: localhost", *headers, f"content-length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


async def _answer(url: str, *pieces: bytes, pause_s: float = 0.0) -> bytes:
    """What is answered to bytes that are sent one piece after the other; of the answer, its body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(pause_s)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    body = await reader.readexactly(length)
    writer.close()
    return body


async def test_a_request_that_differs_in_any_byte_never_gets_anothers_answer() -> None:
    replays, model = Replays(FrozenClock()), Echo()
    targets = ("/api/chat", "/api/chat?a=1", "/api/generate", "/v1/messages")
    several: tuple[tuple[str, ...], ...] = ((), ("x-a: 1",), ("X-A: 1",), ("x-a: 1", "x-b: 1"), ("x-b: 1", "x-a: 1"))
    asked = [_request(body, to, *more) for to, more, body in product(targets, several, (b"", b"\0", b"\1", b"\0\0"))]
    async with serving(model, ready=replays) as url:
        first, again = [[await _answer(url, request) for request in asked] for _ in range(2)]
    assert first == again
    assert (model.asked, replays.sent) == (80, 80)
    assert len(set(first)) == 64  # to an application, names of headers have no capitals


@pytest.mark.parametrize("at", [10, 40, -5, -1])
async def test_a_request_may_come_in_two_pieces(at: int) -> None:
    request = _request(b"body")
    async with serving(Echo(), ready=Replays(FrozenClock())) as url:
        whole = [await _answer(url, request) for _ in range(2)]
        assert [await _answer(url, request[:at], request[at:]) for _ in range(2)] == whole


async def test_a_head_that_is_known_is_held_until_its_body_comes() -> None:
    replays, model = Replays(FrozenClock()), Echo()
    request = _request(b"body")
    async with serving(model, ready=replays) as url:
        said = {await _answer(url, request) for _ in range(2)}
        said |= {await _answer(url, request[:-4], request[-4:]) for _ in range(5)}
        assert (model.asked, len(said)) == (1, 1)
        assert await _answer(url, request[:-4], b"BODY") not in said


async def test_what_looks_like_a_request_inside_another_one_is_none() -> None:
    """Else somebody who shares a connection, as behind a proxy, could be given an answer that is not theirs."""
    replays, known = Replays(FrozenClock()), _request(b"body")
    async with serving(Echo(), ready=replays) as url:
        await _answer(url, known)
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(_request(b"first") + b"POST /api/chat HTTP/1.1\r\nx-note: ")
        await reader.readuntil(b"first')")
        writer.write(known)
        assert b"x-note" in await reader.readuntil(b"body')")
        writer.close()
    assert not replays.sent


async def test_a_body_that_does_not_come_soon_is_waited_for_all_the_same() -> None:
    request = _request(b"body")
    async with serving(Echo(), ready=Replays(FrozenClock())) as url:
        said = [await _answer(url, request) for _ in range(2)]
        for _ in range(2):  # leaving in the middle hurts nobody
            _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
            writer.write(request[:-4])
            await writer.drain()
            writer.close()
        assert await _answer(url, request[:-4], request[-4:], pause_s=1.5) == said[0]


@pytest.mark.parametrize(
    "header", ["connection: close", "traceparent: no", "origin: http://localhost", "upgrade: h2c", "expect: nothing"]
)
async def test_what_is_of_one_call_only_is_never_sent_again(header: str) -> None:
    replays, model = Replays(FrozenClock()), Echo()
    request = _request(b"body", "/api/chat", header)
    async with serving(model, ready=replays) as url:
        for _ in range(3):
            await _answer(url, request)
    assert (model.asked, replays.sent) == (3, 0)


async def test_the_oldest_http_is_asked_anew_each_time() -> None:
    replays, model = Replays(FrozenClock()), Echo()
    request = _request(b"body", "/api/chat", "connection: keep-alive").replace(b"HTTP/1.1", b"HTTP/1.0")
    async with serving(model, ready=replays) as url:
        for _ in range(3):
            await _answer(url, request)
    assert (model.asked, replays.sent) == (3, 0)


async def test_a_page_may_read_each_answer_and_a_foreign_name_gets_none(stage: Stage) -> None:
    """What stands before the dialects has its say about every request, however often it comes."""
    page = {"Origin": "http://localhost:3000"}
    for _ in range(5):
        head, _ = await stage.ask("/api/chat", page)
        assert head["Access-Control-Allow-Origin"] == page["Origin"]
        for foreign in ({"Host": "evil.com"}, {"Origin": "https://evil.com"}):
            assert "error" in json.loads((await stage.ask("/api/chat", foreign, stream=False))[1])
    assert not stage.replays.sent
