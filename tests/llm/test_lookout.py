"""Looking at providers: how often, with what manners, and what is said of one that is there and of no use."""

import asyncio

import pytest

from greenroom.clock import SYSTEM_CLOCK
from greenroom.config import LlmSettings
from greenroom.errors import GreenroomError, NoUpstream, RateLimited, UpstreamRefused
from greenroom.llm.lookout import Lookout
from greenroom.llm.ollama import Ollama
from greenroom.llm.service import LlmService
from greenroom.model import ChatMessage, ChatRequest, ModelCard, Models, Nothing
from greenroom.testing import FakeOllama, FrozenClock, ScriptedModel
from tests.llm.reading import every

CARD = ModelCard(name="a", provider="cloud")


class Looked(ScriptedModel):
    """A provider that counts the looks at it, and answers them with an error while it has one."""

    def __init__(self) -> None:
        super().__init__("hi", card=CARD)
        self.looks = 0
        self.error: GreenroomError | None = None

    async def models(self, nothing: Nothing, /) -> Models:
        self.looks += 1
        if self.error is not None:
            raise self.error
        return Models(models=(CARD,))


def chat() -> ChatRequest:
    return ChatRequest(model="cloud/a", messages=(ChatMessage(role="user", content="hello"),), role=None)


def test_the_time_between_two_looks_varies_and_is_never_longer_than_it_is_set() -> None:
    lookout = Lookout({}, FrozenClock(), 30.0)
    assert [lookout.pause_s(chance) for chance in (0.0, 0.5, 1.0)] == [27.0, 28.5, 30.0]


async def test_a_server_that_asks_for_a_pause_gets_it_and_stays_what_it_was() -> None:
    cloud, clock = Looked(), FrozenClock()
    lookout = Lookout({"cloud": cloud}, clock, 30.0)
    await lookout.at("cloud")
    clock.advance(31)
    cloud.error = RateLimited("slow down", retry_after_s=20)
    assert (await lookout.at("cloud")).reachable
    clock.advance(19)
    assert (await lookout.at("cloud", 2.0)).cards == (CARD,)
    assert cloud.looks == 2
    clock.advance(2)
    await lookout.at("cloud", 2.0)
    assert cloud.looks == 3


async def test_a_server_that_answers_somebody_is_slow_and_not_away() -> None:
    cloud, clock = Looked(), FrozenClock()
    lookout = Lookout({"cloud": cloud}, clock, 30.0)
    cloud.error = NoUpstream("nothing came")
    cloud.error.__cause__ = TimeoutError()
    lookout.heard("cloud")
    assert (await lookout.at("cloud")).reachable
    clock.advance(31)
    assert not (await lookout.at("cloud")).reachable
    lookout.heard("cloud")
    clock.advance(3)
    cloud.error = NoUpstream("the connection was refused")
    assert not (await lookout.at("cloud")).reachable


async def _until_it_is(llm: LlmService, reachable: bool) -> None:
    """Only watch: what is asked here is answered from what the service has seen by itself."""
    async with asyncio.timeout(30):
        while llm.figures().get("llm_reachable_ollama") != reachable:  # noqa: ASYNC110 - looking has no event
            await asyncio.sleep(0.01)


async def test_looking_spends_no_tokens_and_a_server_that_comes_back_is_found_by_itself() -> None:
    async with FakeOllama() as fake:
        settings = LlmSettings(ollama_url=fake.url, check_every_s=0.05)
        async with LlmService(settings, {"ollama": Ollama(settings)}, SYSTEM_CLOCK) as llm:
            await fake.stop()
            llm.look_again("ollama")

            await _until_it_is(llm, False)
            await fake.start()
            await _until_it_is(llm, True)
        assert not [request for request in fake.requests if request.path in {"/api/chat", "/api/generate"}]


async def test_a_key_that_is_not_taken_is_said_to_be_so_by_the_look_or_by_the_calls() -> None:
    cloud, clock = Looked(), FrozenClock()
    llm = LlmService(LlmSettings(breaker_failures=2), {"cloud": cloud}, clock)
    for _ in range(2):
        cloud.enqueue(UpstreamRefused("cloud answered 401: bad key"))
        with pytest.raises(UpstreamRefused):
            await every(llm.chat(chat()))
    health = (await llm.models(Nothing())).providers[0]
    assert (health.reachable, health.detail) == (False, "cloud answered 401: bad key")

    cloud.error = UpstreamRefused("cloud answered 401: bad key")
    llm = LlmService(LlmSettings(), {"cloud": cloud}, clock)
    assert "bad key" in (await llm.models(Nothing())).providers[0].detail
    cloud.error = NoUpstream("gone")
    clock.advance(3)
    assert (await llm.models(Nothing())).providers[0].detail == "gone"
