import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest

from greenroom.config import Backoff, CompatibleServer, LlmSettings, RoleSettings
from greenroom.errors import GreenroomError, NoUpstream, Overloaded, UnknownModel, UpstreamFailed, UpstreamSilent
from greenroom.llm.ollama import Ollama
from greenroom.llm.service import LlmService
from greenroom.model import (
    ChatMessage,
    ChatRequest,
    Chunk,
    GenerateRequest,
    ModelCard,
    Models,
    Nothing,
    Options,
    Stream,
    Texts,
    Usage,
)
from greenroom.ports import Llm
from greenroom.testing import FakeOllama, FrozenClock, Reply, ScriptedModel
from tests.llm.reading import collect, every

Reach = Callable[[type[Llm], Llm], Awaitable[Llm]]


def chat(model: str = "", **fields: Any) -> ChatRequest:
    return ChatRequest(model=model, messages=(ChatMessage(role="user", content="hello"),), **fields)


class Away(ScriptedModel):
    """A provider that can go away and come back."""

    def __init__(self, provider: str, *names: str, reachable: bool = True) -> None:
        super().__init__(lambda request: f"{provider} says {request.model}")
        self.provider, self.names, self.reachable, self.looks = provider, names, reachable, 0

    async def models(self, nothing: Nothing, /) -> Models:
        self.looks += 1
        if not self.reachable:
            raise NoUpstream(f"{self.provider} does not answer; start it")
        return Models(models=tuple(ModelCard(name=name, provider=self.provider) for name in self.names))


def understudy() -> ScriptedModel:
    card = ModelCard(name="understudy", provider="understudy", stand_in=True)
    return ScriptedModel("I am the understudy", card=card)


def service(clock: FrozenClock | None = None, /, settings: LlmSettings | None = None, **providers: Llm) -> LlmService:
    return LlmService(settings or LlmSettings(), providers, clock or FrozenClock())


async def speaker(llm: Llm, request: ChatRequest) -> str:
    return (await every(llm.chat(request)))[0].model


@pytest.mark.parametrize(
    ("asked", "answers"),
    [
        ("llama3", "ollama/llama3:latest"),
        ("LLAMA3:Latest", "ollama/llama3:latest"),
        ("ollama/llama3", "ollama/llama3:latest"),
        ("hf.co/somebody/model:q4", "ollama/hf.co/somebody/model:q4"),
        ("cloud/org/big", "cloud/org/big"),
        ("org/big", "cloud/org/big"),
        ("cloud/not-listed", "cloud/not-listed"),
        ("understudy", "understudy/understudy"),
        ("understudy:latest", "understudy/understudy"),
        ("understudy/understudy", "understudy/understudy"),
    ],
)
async def test_a_name_means_one_model(reach: Reach, asked: str, answers: str) -> None:
    llm = await reach(
        Llm,
        service(
            understudy=understudy(),
            cloud=Away("cloud", "org/big", "llama3"),
            ollama=Away("ollama", "llama3:latest", "hf.co/somebody/model:q4"),
        ),
    )
    assert await speaker(llm, chat(asked)) == answers


async def test_an_unknown_name_is_said_to_be_unknown_with_those_that_are_known(reach: Reach) -> None:
    llm = await reach(Llm, service(ollama=Away("ollama", "llama3:latest"), understudy=understudy()))
    with pytest.raises(UnknownModel, match=r"'nope'; known: 'ollama/llama3:latest', 'understudy/understudy'"):
        await every(llm.chat(chat("nope")))


async def test_an_error_inside_the_stream_arrives_as_the_same_class(reach: Reach) -> None:
    scripted = ScriptedModel(card=ModelCard(name="m", provider="ollama"))
    scripted.enqueue("half ", UpstreamFailed("the runner died"))
    llm = await reach(Llm, service(ollama=scripted, understudy=understudy()))
    seen: list[Chunk] = []
    with pytest.raises(UpstreamFailed, match="the runner died"):
        await collect(llm.chat(chat()), seen)
    assert [(chunk.model, chunk.text) for chunk in seen] == [("ollama/m", "half ")]


async def test_closing_the_stream_reaches_the_provider(reach: Reach) -> None:
    gate = asyncio.Event()
    scripted = ScriptedModel(card=ModelCard(name="m", provider="ollama"))
    scripted.enqueue("one ", gate, "two")
    llm = await reach(Llm, service(ollama=scripted))
    async with aclosing(llm.chat(chat())) as chunks:
        assert (await anext(chunks)).text == "one "
        assert scripted.open_streams == 1
    async with asyncio.timeout(30):
        while scripted.open_streams:  # noqa: ASYNC110 - over HTTP the far side notices a moment later
            await asyncio.sleep(0.001)
    assert scripted.left == 1


async def test_without_a_name_the_newest_model_of_ollama_speaks() -> None:
    async with (
        FakeOllama(models=("nomic-embed-text:latest", "newer:latest", "older:latest")) as fake,
        LlmService(LlmSettings(), {"ollama": Ollama(LlmSettings(ollama_url=fake.url))}, FrozenClock()) as llm,
    ):
        assert await speaker(llm, chat()) == "ollama/newer:latest"


async def test_the_first_choice_falls_to_other_servers_and_then_to_the_understudy() -> None:
    ollama, cloud = Away("ollama", "a"), Away("cloud", "b")
    clock = FrozenClock()
    llm = service(clock, ollama=ollama, cloud=cloud, understudy=understudy())
    spoken = [await speaker(llm, chat())]
    for gone in (ollama, cloud):
        gone.reachable = False
        clock.advance(60)
        spoken.append(await speaker(llm, chat()))
    assert spoken == ["ollama/a", "cloud/b", "understudy/understudy"]


async def test_a_server_that_comes_up_is_noticed_within_two_seconds() -> None:
    ollama, clock = Away("ollama", "a", reachable=False), FrozenClock()
    llm = service(clock, ollama=ollama, understudy=understudy())
    assert (await llm.models(Nothing())).stand_in
    ollama.reachable = True
    clock.advance(2.1)
    assert await speaker(llm, chat()) == "ollama/a"
    assert not (await llm.models(Nothing())).stand_in


async def test_a_failure_makes_the_next_request_look_again() -> None:
    ollama = Away("ollama", "a")
    ollama.enqueue(NoUpstream("gone"))
    llm = service(ollama=ollama, understudy=understudy())
    with pytest.raises(NoUpstream):
        await every(llm.chat(chat()))
    ollama.reachable = False
    assert await speaker(llm, chat()) == "understudy/understudy"


async def test_a_request_is_not_handed_to_another_model_once_it_was_begun() -> None:
    ollama, stand_in = Away("ollama", "a"), understudy()
    ollama.enqueue("half", UpstreamSilent())
    llm = service(ollama=ollama, understudy=stand_in)
    with pytest.raises(UpstreamSilent):
        await every(llm.chat(chat()))
    assert not stand_in.requests


async def test_a_stream_that_just_stops_is_a_failure() -> None:
    class Mute(Away):
        async def chat(self, request: ChatRequest, /) -> Stream[Chunk]:
            yield Chunk(model="ollama/a", text="half")

    llm = service(ollama=Mute("ollama", "a"))
    with pytest.raises(UpstreamFailed, match="without saying that it was done"):
        await every(llm.chat(chat()))


@pytest.mark.parametrize(
    ("settings", "reachable", "outcome"),
    [
        ({"understudy": "always"}, True, "understudy/understudy"),
        ({"understudy": "auto"}, True, "ollama/a"),
        ({"understudy": "auto"}, False, "understudy/understudy"),
        ({"understudy": "never"}, False, NoUpstream),
        ({"generation": RoleSettings(model="a")}, True, "ollama/a"),
        ({"generation": RoleSettings(model="a")}, False, "understudy/understudy"),
        ({"generation": RoleSettings(model="a"), "understudy": "never"}, False, NoUpstream),
        ({"generation": RoleSettings(model="ollama/a"), "understudy": "never"}, False, NoUpstream),
        ({"generation": RoleSettings(model="misspelt")}, True, UnknownModel),
    ],
)
async def test_the_settings_say_who_speaks(settings: Any, reachable: bool, outcome: str | type[GreenroomError]) -> None:
    ollama = Away("ollama", "a", reachable=reachable)
    llm = service(settings=LlmSettings(**settings), ollama=ollama, understudy=understudy())
    if isinstance(outcome, str):
        assert await speaker(llm, chat()) == outcome
        await llm.ping()
        return
    with pytest.raises(outcome):
        await every(llm.chat(chat()))
    with pytest.raises(outcome):
        await llm.ping()
    assert "generation" not in (await llm.models(Nothing())).roles


async def test_a_model_that_was_there_and_is_away_is_not_said_to_be_unknown() -> None:
    ollama, clock = Away("ollama", "a"), FrozenClock()
    llm = service(clock, ollama=ollama, understudy=understudy())
    await llm.models(Nothing())
    ollama.reachable = False
    clock.advance(60)
    for name in ("a", "ollama/a", "ollama/never-seen"):
        with pytest.raises(NoUpstream, match="start it"):
            await every(llm.chat(chat(name)))


async def test_the_understudy_speaks_no_lines_where_it_is_forbidden() -> None:
    llm = service(settings=LlmSettings(understudy="never"), ollama=Away("ollama", "a"), understudy=understudy())
    for name in ("understudy", "understudy/understudy"):
        with pytest.raises(UnknownModel):
            await every(llm.chat(chat(name)))
    assert [card.full_name for card in (await llm.models(Nothing())).models] == ["ollama/a"]


async def test_the_roles_settings_stand_under_the_requests_options() -> None:
    ollama = Away("ollama", "a")
    llm = service(ollama=ollama)
    await every(llm.chat(chat(role="analysis", options=Options(temperature=0.0, seed=3))))
    await every(llm.generate(GenerateRequest(prompt="hi", role=None, options=Options(seed=3))))
    assert ollama.requests[0].options == Options(temperature=0.0, seed=3, num_predict=2000)
    assert ollama.requests[1].options == Options(seed=3)
    assert ollama.requests[0].model == "a"


async def test_models_tell_the_roles_and_how_each_provider_is(reach: Reach) -> None:
    llm = await reach(
        Llm,
        service(
            settings=LlmSettings(analysis=RoleSettings(model="b")),
            ollama=Away("ollama", "a", reachable=False),
            cloud=Away("cloud", "b"),
            understudy=understudy(),
        ),
    )
    models = await llm.models(Nothing())
    assert models.roles == {"generation": "cloud/b", "analysis": "cloud/b", "maintenance": "cloud/b", **_hash(models)}
    assert {health.provider: health.reachable for health in models.providers} == {
        "ollama": False,
        "cloud": True,
        "understudy": True,
    }
    assert "start it" in models.providers[0].detail


def _hash(models: Models) -> dict[str, str]:
    return {"embedding": models.roles["embedding"]}


async def test_texts_are_embedded_by_the_model_of_the_settings_or_the_one_that_is_named(reach: Reach) -> None:
    embedder = ScriptedModel(card=ModelCard(name="hash", provider="understudy", capabilities=("embedding",)))
    llm = await reach(Llm, service(ollama=Away("ollama", "a"), understudy=embedder))
    vectors = await llm.embed(Texts(texts=("a", "b")))
    assert (vectors.model, len(vectors.vectors)) == ("understudy/hash", 2)
    with pytest.raises(UnknownModel):
        await llm.embed(Texts(texts=("a",), model="nope"))


_COUNTED = ("llm_requests", "llm_failures", "llm_cancelled", "llm_prompt", "llm_completion")


async def test_the_figures_count_what_happened() -> None:
    ollama, clock = Away("ollama", "a"), FrozenClock()
    llm = service(clock, ollama=ollama)
    usage = Usage(prompt_tokens=5, completion_tokens=2)
    ollama.enqueue("hi", Chunk(model="ollama/a", done=True, usage=usage))
    ollama.enqueue(Overloaded())
    ollama.enqueue("hi", "there")
    await every(llm.chat(chat()))
    with pytest.raises(Overloaded):
        await every(llm.chat(chat()))
    async with aclosing(llm.chat(chat())) as chunks:
        await anext(chunks)
    figures = llm.figures()
    assert {name: figures[name] for name in figures if "first" in name or name.startswith(_COUNTED)} == {
        "llm_requests_ollama": 3,
        "llm_failures_ollama": 1,
        "llm_cancelled_ollama": 1,
        "llm_prompt_tokens_ollama": 5,
        "llm_completion_tokens_ollama": 2,
        "llm_first_token_seconds_sum_ollama": 0,
        "llm_first_token_seconds_count_ollama": 2,
    }


async def test_taking_the_end_and_going_is_not_leaving_early() -> None:
    llm = service(ollama=Away("ollama", "a"))
    async with aclosing(llm.chat(chat())) as chunks:
        async for chunk in chunks:
            if chunk.done:
                break
    assert llm.figures()["llm_cancelled_ollama"] == 0


async def test_the_service_looks_at_its_providers_by_itself_and_stops_when_it_is_left() -> None:
    looked = asyncio.Event()

    class Watched(Away):
        async def models(self, nothing: Nothing, /) -> Models:
            looked.set()
            return await super().models(nothing)

    before = asyncio.all_tasks()
    async with service(ollama=Watched("ollama", "a")):
        async with asyncio.timeout(30):
            await looked.wait()
    assert asyncio.all_tasks() == before


async def test_ollama_stopped_in_the_middle_of_an_answer_and_started_again() -> None:
    settings = LlmSettings()
    async with FakeOllama() as fake:
        ollama = Ollama(LlmSettings(ollama_url=fake.url), Backoff(attempts=1))
        clock = FrozenClock()
        async with LlmService(settings, {"ollama": ollama, "understudy": understudy()}, clock) as llm:
            fake.enqueue(Reply(text="one two three", stall=True, after=2))
            async with aclosing(llm.chat(chat())) as chunks:
                assert (await anext(chunks)).text == "one"
                await fake.stop()
                with pytest.raises(UpstreamFailed, match="broke off"):
                    await collect(chunks, [])
            clock.advance(3)
            assert await speaker(llm, chat()) == "understudy/understudy"
            with pytest.raises(NoUpstream, match="ollama serve"):
                await every(llm.chat(chat("ollama/llama3.2")))
            await fake.start()
            clock.advance(3)
            assert await speaker(llm, chat()) == "ollama/llama3.2:latest"


def test_a_compatible_servers_name_cannot_be_taken_for_a_path() -> None:
    with pytest.raises(ValueError, match="String should match pattern"):
        LlmSettings(compatible={"a/b": CompatibleServer(base_url="http://x/v1")})
