"""Answers sent again: to the very same request only, for two seconds, and as if everything had been asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from greenroom.config import WireSettings
from greenroom.llm.anthropic_api import anthropic_routes
from greenroom.llm.cache.replay import Replay, ReplayFirst, Replays, offer_of
from greenroom.llm.ollama_api import ollama_routes
from greenroom.llm.openai_api import openai_routes
from greenroom.llm.responses_api import responses_routes
from greenroom.llm.stamps import Marks
from greenroom.model import Chunk
from greenroom.testing import FrozenClock, ScriptedModel, serving
from greenroom.wire.application import application
from tests.llm.caching import Caching, caching

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
        more = [*anthropic_routes(cache.answers, clock), *responses_routes(cache.answers, clock)]
        app.router.routes[:0] = more
        app.add_middleware(ReplayFirst, replays=replays)
        async with serving(app) as url:
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
    head = ("/api/chat", b"", ())
    replays.keep(head, b"body", {}, replays.marks.form(b"answer"), False, Chunk(model="m", done=True))
    clock.advance(1.6)
    assert [replays.find(head, b"body") is not None for _ in range(3)] == [False, True, True]
    clock.advance(0.5)
    assert replays.find(head, b"body") is None


async def test_what_was_forgotten_is_not_sent_again(stage: Stage) -> None:
    assert [await stage.sent_again() for _ in range(3)] == [False, False, True]
    await stage.cache.answers.clear()
    head, _ = await stage.ask()
    assert head["x-greenroom-cache"] == "miss"


async def test_an_answer_that_was_under_way_when_all_was_forgotten_is_not_kept() -> None:
    replays, offered = Replays(FrozenClock()), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        replays.forget()
        _offer(scope, b"answer")
        offered.set()

    front = ReplayFirst(app, replays)
    await _call(front, b"body")
    assert offered.is_set()
    assert not replays.knows(_head())


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
            assert stage.replays._size_bytes < 2000


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
    assert stage.replays.sent == 3


# Each byte counts ---------------------------------------------------------------------------------------------------

texts = st.binary(max_size=6)
names = st.sampled_from([b"host", b"origin", b"authorization", b"x-other"])
heads = st.tuples(
    st.sampled_from(["/api/chat", "/api/generate", "/v1/messages"]),
    st.sampled_from([b"", b"a=1", b"a=2"]),
    st.lists(st.tuples(st.sampled_from([b"host", b"origin", b"authorization", b"x-other"]), texts), max_size=3).map(
        tuple
    ),
)


@settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(st.tuples(heads, texts), min_size=2, max_size=8))
async def test_a_request_that_differs_in_any_byte_never_gets_anothers_answer(asked: list[tuple[Any, bytes]]) -> None:
    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        body = (await receive())["body"]
        said = repr((scope["path"], scope["query_string"], scope["headers"], body)).encode()
        _offer(scope, said)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": said})

    replays = Replays(FrozenClock())
    front = ReplayFirst(echo, replays)
    for head, body in asked * 2:
        said = await _call(front, body, head)
        assert said == repr((*head[:2], list(head[2]), body)).encode()
    assert replays.sent >= sum(all(name != b"origin" for name, _ in head[2]) for head, _ in asked)


def _head(path: str = "/api/chat") -> Any:
    return (path, b"", ())


def _offer(scope: Scope, said: bytes) -> None:
    found = Chunk(model="m", done=True, cache="memory")
    offer = offer_of(scope, found)
    assert offer is not None
    write: Callable[[Marks], bytes] = lambda marks: said  # noqa: E731 - named for its type
    offer({}, write, False, found)


async def _call(app: Any, body: bytes, head: Any = None) -> bytes:
    path, query, headers = head or _head()
    scope = {"type": "http", "method": "POST", "path": path, "query_string": query, "headers": list(headers)}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return b"".join(message.get("body", b"") for message in sent)


async def test_a_page_may_read_each_answer_and_a_foreign_name_gets_none(stage: Stage) -> None:
    """What stands before the dialects has its say about every request, however often it comes."""
    page = {"Origin": "http://localhost:3000"}
    for _ in range(5):
        head, _ = await stage.ask("/api/chat", page)
        assert head["Access-Control-Allow-Origin"] == page["Origin"]
        for foreign in ({"Host": "evil.com"}, {"Origin": "https://evil.com"}):
            assert "error" in json.loads((await stage.ask("/api/chat", foreign, stream=False))[1])
    assert not stage.replays.sent
