import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from greenroom.config import LlmSettings, RoleSettings
from greenroom.errors import (
    BadRequest,
    GreenroomError,
    NoUpstream,
    OutOfTime,
    Overloaded,
    RateLimited,
    UnknownModel,
    Unsupported,
    UpstreamFailed,
    UpstreamRefused,
    UpstreamSilent,
)
from greenroom.llm.service import LlmService
from greenroom.model import (
    ChatMessage,
    ChatRequest,
    Chunk,
    GenerateRequest,
    ModelCard,
    Models,
    Nothing,
    Stream,
    Texts,
)
from greenroom.testing import FrozenClock, ScriptedModel
from tests.llm.reading import collect, every


class Server(ScriptedModel):
    """A provider with one model, which may be away or lack something."""

    def __init__(self, provider: str, name: str, *, reachable: bool = True, lacks: tuple[str, ...] = ()) -> None:
        super().__init__(f"{provider} speaks", card=ModelCard(name=name, provider=provider, lacks=lacks))
        self.reachable = reachable

    async def models(self, nothing: Nothing, /) -> Models:
        if not self.reachable:
            raise NoUpstream(f"{self.card.provider} does not answer")
        return Models(models=(self.card,))


def chat(model: str = "big", **fields: Any) -> ChatRequest:
    message = fields.pop("message", ChatMessage(role="user", content="hello"))
    return ChatRequest(model=model, messages=(message,), **{"role": None, **fields})


def house(*servers: Server, rules: tuple[str, ...] = ("big > small > last",), **settings: Any) -> LlmService:
    providers = {server.card.provider: server for server in servers}
    return LlmService(LlmSettings(fallbacks=rules, **settings), dict(providers), FrozenClock())


def three(**lacks: tuple[str, ...]) -> tuple[Server, Server, Server]:
    return (
        Server("ollama", "big", lacks=lacks.get("big", ())),
        Server("cloud", "small", lacks=lacks.get("small", ())),
        Server("spare", "last", lacks=lacks.get("last", ())),
    )


@pytest.mark.parametrize(
    "error",
    [NoUpstream(), UpstreamFailed(), UpstreamRefused(), UpstreamSilent(), Overloaded(), RateLimited()],
    ids=lambda error: type(error).__name__,
)
async def test_who_cannot_answer_is_replaced_and_the_answer_says_by_whom_and_why(error: GreenroomError) -> None:
    big, small, last = three()
    big.enqueue(error)
    llm = house(big, small, last)
    chunks = await every(llm.chat(chat()))
    assert {chunk.model for chunk in chunks} == {"cloud/small"}
    assert [chunk.instead_of for chunk in chunks] == [(f"big: {type(error).__name__}",), ()]
    assert llm.figures()["llm_fallbacks"] == 1
    assert not last.requests


async def test_the_rule_is_followed_in_its_order_to_its_end() -> None:
    big, small, last = three()
    big.enqueue(UpstreamFailed("broke"))
    small.enqueue(RateLimited("slow down", retry_after_s=7))
    chunks = await every(house(big, small, last).chat(chat()))
    assert chunks[0].model == "spare/last"
    assert chunks[0].instead_of == ("big: UpstreamFailed", "small: RateLimited")


async def test_when_nobody_can_the_first_reason_stands_with_the_others_behind_it() -> None:
    big, small, last = three()
    big.enqueue(RateLimited("slow down", retry_after_s=7))
    small.enqueue(UpstreamFailed("broke"))
    last.enqueue(NoUpstream("away"))
    with pytest.raises(RateLimited, match="slow down; in its place small: broke; last: away") as caught:
        await every(house(big, small, last).chat(chat()))
    assert caught.value.status == 429
    assert caught.value.extra["retry_after_s"] == 7


@pytest.mark.parametrize("error", [BadRequest("no"), Unsupported("no"), OutOfTime("late")])
async def test_what_is_wrong_with_the_request_is_not_tried_elsewhere(error: GreenroomError) -> None:
    big, small, last = three()
    big.enqueue(error)
    with pytest.raises(type(error)):
        await every(house(big, small, last).chat(chat()))
    assert not small.requests


async def test_an_unknown_name_does_not_fall_back() -> None:
    big, small, last = three()
    with pytest.raises(UnknownModel):
        await every(house(big, small, last, rules=("nope > small",)).chat(chat("nope")))


async def test_nothing_is_tried_elsewhere_once_the_first_chunk_was_passed_on() -> None:
    big, small, last = three()
    big.enqueue("half ", UpstreamFailed("the runner died"))
    seen: list[Chunk] = []
    with pytest.raises(UpstreamFailed, match="the runner died"):
        await collect(house(big, small, last).chat(chat()), seen)
    assert [chunk.text for chunk in seen] == ["half "]
    assert not small.requests


@pytest.mark.parametrize(
    ("lacking", "request_"),
    [
        ("tools", chat(tools=({"type": "function"},))),
        ("vision", chat(message=ChatMessage(role="user", content="look", images=("aGk=",)))),
        ("vision", GenerateRequest(model="big", prompt="look", images=("aGk=",), role=None)),
        ("format", chat(format="json")),
    ],
)
async def test_a_model_that_cannot_do_what_is_asked_is_passed_over(lacking: str, request_: Any) -> None:
    big, small, last = three(small=(lacking,))
    big.enqueue(UpstreamFailed())
    llm = house(big, small, last)
    verb = llm.chat if isinstance(request_, ChatRequest) else llm.generate
    chunks = await every(verb(request_))
    assert chunks[0].instead_of == ("big: UpstreamFailed", "small: Unsupported")
    assert not small.requests


async def test_a_stand_in_that_is_unknown_or_says_that_it_cannot_is_passed_over() -> None:
    big, small, last = three()
    big.enqueue(UpstreamFailed())
    small.enqueue(Unsupported("no tools here"))
    chunks = await every(house(big, small, last, rules=("big > misspelt > small > last",)).chat(chat()))
    assert chunks[0].model == "spare/last"


async def test_a_role_has_its_own_rule_whatever_its_model() -> None:
    big, small, last = three()
    big.enqueue(UpstreamFailed())
    llm = house(big, small, last, rules=("analysis > last",), analysis=RoleSettings(model="ollama/big"))
    assert (await every(llm.chat(chat("", role="analysis"))))[0].model == "spare/last"
    big.enqueue(UpstreamFailed())
    with pytest.raises(UpstreamFailed):
        await every(llm.chat(chat("", role="generation")))


async def test_a_server_that_is_away_is_replaced_whether_it_was_ever_seen_or_not() -> None:
    big, small, last = three()
    big.reachable = False
    llm = house(big, small, last)
    for name in ("big", "ollama/big"):
        assert (await every(llm.chat(chat(name))))[0].model == "cloud/small"
    card, _ = await llm.meant(chat())
    assert card.full_name == "cloud/small"


async def test_a_model_that_is_away_is_still_the_one_that_is_meant() -> None:
    big, small, _ = three()
    clock = FrozenClock()
    providers = {"ollama": big, "cloud": small}
    llm = LlmService(LlmSettings(fallbacks=("big > small",)), dict(providers), clock)
    await llm.models(Nothing())
    big.reachable = False
    clock.advance(60)
    card, request = await llm.meant(chat())
    assert card.full_name == request.model == "ollama/big"
    assert (await every(llm.chat(request)))[0].model == "cloud/small"
    assert [card.full_name for card in (await llm.models(Nothing())).away] == ["ollama/big"]


async def test_one_whose_breaker_is_open_is_not_asked_at_all() -> None:
    big, small, last = three()
    llm = house(big, small, last, breaker_failures=2)
    for _ in range(2):
        big.enqueue(UpstreamFailed())
        await every(llm.chat(chat()))
    assert (await every(llm.chat(chat())))[0].model == "cloud/small"
    assert len(big.requests) == 2


async def test_a_full_line_sends_people_on() -> None:
    big, small, last = three()
    gate = asyncio.Event()
    big.enqueue("one ", gate)
    llm = house(big, small, last, connections=1, queue=0)
    async with aclosing(llm.chat(chat())) as held:
        await anext(held)
        assert (await every(llm.chat(chat())))[0].model == "cloud/small"


async def test_vectors_are_never_made_by_another_model() -> None:
    class Failing(Server):
        async def embed(self, texts: Texts, /) -> Any:
            raise UpstreamFailed

    big, small, last = Failing("ollama", "big"), *three()[1:]
    with pytest.raises(UpstreamFailed):
        await house(big, small, last).embed(Texts(texts=("a",), model="big"))


async def test_leaving_in_the_middle_leaves_nothing_running() -> None:
    big, small, last = three()
    big.enqueue(UpstreamFailed())
    small.enqueue("one ", asyncio.Event())
    llm = house(big, small, last, connections=1)
    stream: Stream[Chunk] = llm.chat(chat())
    async with aclosing(stream):
        await anext(stream)
        assert small.open_streams == 1
    assert small.open_streams == 0
    assert llm.figures()["llm_running_cloud"] == 0


@pytest.mark.parametrize("rule", ["big", "big >", "> small", "big > > small"])
def test_a_rule_that_makes_no_sense_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match="fallbacks"):
        LlmSettings(fallbacks=(rule,))


def test_limits_of_models_are_read_with_their_names() -> None:
    settings = LlmSettings(model_connections=("ollama/llama3:70b = 1", "hf.co/a/b=c:q4=12"))
    assert settings.places == {"ollama/llama3:70b": 1, "hf.co/a/b=c:q4": 12}
