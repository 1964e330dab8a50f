"""What model servers do wrong, seen by a client at the far end: through the provider, the cache and the dialect."""

import asyncio
import json
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from greenroom.clock import SYSTEM_CLOCK
from greenroom.config import Backoff, CacheSettings, CompatibleServer, LlmSettings, WireSettings
from greenroom.llm.cache.cached import CachedAnswers
from greenroom.llm.cache.tiers import Tier, Tiers
from greenroom.llm.compatible import Compatible
from greenroom.llm.ollama import Ollama
from greenroom.llm.ollama_api import ollama_routes
from greenroom.llm.openai_api import openai_routes
from greenroom.llm.service import LlmService
from greenroom.ports import Llm
from greenroom.storage.cache import MemoryCache
from greenroom.testing import FakeOllama, Reply, serving
from greenroom.testing.fake_ollama import bytes_of
from greenroom.wire.application import application

KINDS = ["ollama", "cloud"]
"""A server of Ollama's, and one that speaks OpenAI's API."""

VISITS = int(os.environ.get("TESTS_VISITS", "300"))
"""With 10000 it takes a minute and a half."""

AT_ONCE = Backoff(attempts=2, base_s=0)
BUSY = "server busy, please try again.  maximum pending requests exceeded"


@dataclass
class Heard:
    """What a client was told: the status, and the objects of the body."""

    status: int
    lines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(line.get("message", {}).get("content", "") for line in self.lines)

    @property
    def ended_well(self) -> bool:
        return self.status == 200 and self.lines[-1].get("done") is True

    @property
    def refused(self) -> bool:
        """Whether it ended with an error in Ollama's form: one key, a text."""
        return list(self.lines[-1]) == ["error"] and isinstance(self.lines[-1]["error"], str)


@dataclass
class Gateway:
    """A gateway in front of one faulty server."""

    fake: FakeOllama
    service: LlmService
    answers: CachedAnswers
    url: str
    http: aiohttp.ClientSession
    model: str

    async def chat(self, said: str = "hello", *, stream: bool = True) -> Heard:
        async with self.http.post(f"{self.url}/api/chat", json=self.body(said, stream)) as response:
            lines = (await response.read()).splitlines()
            return Heard(response.status, [json.loads(line) for line in lines])

    def body(self, said: str, stream: bool = True) -> dict[str, Any]:
        messages = [{"role": "user", "content": said}]
        return {"model": self.model, "messages": messages, "stream": stream, "options": {"temperature": 0}}

    @property
    def kept(self) -> float:
        """How many answers were kept."""
        return self.answers.figures()["cache_stored_total"]

    @property
    def running(self) -> float:
        """How many calls have a place at the server."""
        return sum(value for name, value in self.service.figures().items() if name.startswith("llm_running"))


@asynccontextmanager
async def gateway(kind: str, fake: FakeOllama | None = None, **settings: Any) -> AsyncIterator[Gateway]:
    async with fake or FakeOllama() as fake:
        given = LlmSettings(ollama_url=fake.url, breaker_failures=1_000_000, **settings)
        provider: Llm = Ollama(given, AT_ONCE)
        if kind == "cloud":
            provider = Compatible("cloud", CompatibleServer(base_url=f"{fake.url}/v1"), given, None, AT_ONCE)
        service = LlmService(given, {kind: provider}, SYSTEM_CLOCK)
        tiers = Tiers([Tier("memory", MemoryCache(1_000_000, SYSTEM_CLOCK), 60)])
        app = application("Ollama", WireSettings(), ())
        async with (
            service,
            CachedAnswers(service, tiers, CacheSettings()) as answers,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
        ):
            app.router.routes.extend(openai_routes(answers, SYSTEM_CLOCK))
            app.router.routes.extend(ollama_routes(answers, SYSTEM_CLOCK))
            async with serving(app) as url:
                yield Gateway(fake, service, answers, url, http, f"{kind}/llama3.2:latest")


def said_in(body: dict[str, Any]) -> str:
    return str(body["messages"][-1]["content"])


@pytest.mark.parametrize("kind", KINDS)
async def test_a_stream_cut_at_any_byte_never_ends_well_before_its_end_and_is_never_kept(kind: str) -> None:
    text = "Hey über Brian"
    fake = FakeOllama(answer=lambda body: Reply(text=text, drop_at_byte=int(said_in(body))))
    async with gateway(kind, fake, connections=16) as front:
        path = "/api/chat" if kind == "ollama" else "/v1/chat/completions"
        whole = bytes_of(Reply(text=text), path, {"model": "llama3.2:latest"})
        heard = await asyncio.gather(*(front.chat(str(at)) for at in range(len(whole))))
        ends = [at for at, one in enumerate(heard) if one.ended_well]
        assert all(one.refused for one in heard if not one.ended_well)
        assert all(text.startswith(one.text) for one in heard)
        assert all(heard[at].text == text for at in ends)
        assert all(at >= len(whole) - 2 for at in ends), "all but its last line ends had come"
        assert front.kept == len(ends)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_server_that_falls_silent_inside_is_left_at_once_and_the_client_is_told(kind: str) -> None:
    async with gateway(kind, between_tokens_s=0.2) as front:
        front.fake.enqueue(Reply(text="one two", stall=True, after=1), "then")
        heard = await front.chat()
        assert (heard.status, heard.text, heard.refused) == (200, "one", True)
        async with asyncio.timeout(30):
            await front.fake.until_idle()
        assert (front.kept, front.running) == (0, 0)
        assert (await front.chat()).text == "then"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_slow_first_token_is_waited_for_in_one_call_only(kind: str) -> None:
    async with gateway(kind, first_token_s=0.3) as front:
        front.fake.enqueue(Reply(stall=True))
        heard = await front.chat()
        assert (heard.status, heard.refused) == (504, True)
        assert len(front.fake.requests) == 1


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("reply", "status", "calls"),
    [
        (Reply(status=429, error="slow down", retry_after="120"), 429, 1),
        (Reply(status=429, error="slow down"), 429, 2),
        (Reply(status=500, error="out of memory"), 502, 1),
        (Reply(status=502, error=""), 502, 1),
        (Reply(status=503, error=BUSY), 503, 2),
        (Reply(reset=True), 502, 2),
        (Reply(raw=b"<html>Welcome</html>", content_type="text/html"), 502, 1),
        (Reply(raw=b""), 502, 1),
        (Reply(error="the runner died"), 502, 1),
    ],
)
async def test_what_a_server_refuses_is_told_in_ollamas_form_after_one_more_try_at_the_most(
    kind: str, reply: Reply, status: int, calls: int, stream: bool
) -> None:
    async with gateway(kind) as front:
        front.fake.enqueue(*[reply] * 3)
        heard = await front.chat(stream=stream)
        assert (heard.status, heard.refused, len(heard.lines)) == (status, True, 1)
        assert len(front.fake.requests) == calls
        assert (front.kept, front.running) == (0, 0)


@pytest.mark.parametrize("kind", KINDS)
async def test_clients_who_leave_at_any_moment_leave_nothing_behind(kind: str) -> None:
    """Fifty at a time, some of them asking the same, each leaving before, in, or after the answer."""
    chance = random.Random(9)
    fake = FakeOllama(answer=lambda body: Reply(text=f"you said {said_in(body)} and so on", tokens_per_s=200))
    descriptors, tasks = _descriptors(), len(asyncio.all_tasks())
    async with gateway(kind, fake, connections=25, queue=1000) as front:
        room = asyncio.Semaphore(50)

        async def visit(number: int) -> None:
            async with room:
                said = f"<{number // 2}>"
                try:
                    async with asyncio.timeout(chance.uniform(0.0, 0.2)):
                        heard = await front.chat(said)
                except TimeoutError:
                    return
                assert heard.text == f"you said {said} and so on"

        async with asyncio.TaskGroup() as group:
            for number in range(VISITS):
                group.create_task(visit(number))
        async with asyncio.timeout(30):
            await fake.until_idle()
            while front.running:  # noqa: ASYNC110 - what ends has no event
                await asyncio.sleep(0.01)
        assert (await front.chat("<still here>")).text == "you said <still here> and so on"
    assert len(asyncio.all_tasks()) == tasks
    assert _descriptors() == descriptors


def _descriptors() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0
