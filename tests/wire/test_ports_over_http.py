"""A port behaves the same by direct call and over HTTP: values, streams, errors, early leaving."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

import pytest

from greenroom.at import at
from greenroom.errors import GreenroomError, InvalidInput, OutOfTime, UnknownTurn, UpstreamFailed
from greenroom.journey import allow, current_trace, due_in, new_trace, remaining_s, tracing
from greenroom.model import Key, Nothing, Stream, Value
from tests.conftest import Reach


class Question(Value):
    name: Key
    count: int = 1
    loud: bool = False
    trouble: str = ""
    tags: tuple[Key, ...] | None = None


class Answer(Value):
    text: str
    trace_id: str = ""
    left_s: float | None = None
    tags: tuple[Key, ...] | None = None


class Echo(Protocol):
    @at("GET /answers/{name}")
    async def look_up(self, question: Question, /) -> Answer: ...

    @at("POST /answers")
    async def make(self, question: Question, /) -> Answer: ...

    @at("PUT /answers/{name}")
    async def put(self, question: Question, /) -> Answer: ...

    @at("GET /quiet")
    async def quiet(self, nothing: Nothing, /) -> Nothing: ...

    @at("POST /answers/stream")
    def count(self, question: Question, /) -> Stream[Answer]: ...


class EchoService:
    """Answers with what it was asked, and notices when a reader leaves."""

    def __init__(self) -> None:
        self.calls = 0
        self.closed = asyncio.Event()

    async def look_up(self, question: Question, /) -> Answer:
        self.calls += 1
        self._trouble(question)
        text = f"{question.name} {question.count} {question.loud}"
        return Answer(text=text, trace_id=current_trace().trace_id, left_s=remaining_s(), tags=question.tags)

    make = put = look_up

    async def quiet(self, nothing: Nothing, /) -> Nothing:
        return nothing

    async def count(self, question: Question, /) -> AsyncGenerator[Answer, None]:
        try:
            for number in range(question.count):
                yield Answer(text=str(number), trace_id=current_trace().trace_id)
            self._trouble(question)
            if question.loud:
                await asyncio.Event().wait()
        finally:
            self.closed.set()

    def _trouble(self, question: Question) -> None:
        if question.trouble == "unknown":
            raise UnknownTurn(f"unknown turn {question.name!r}", known=["a", "b"])
        if question.trouble == "upstream":
            raise UpstreamFailed("it broke off")
        if question.trouble == "bug":
            raise RuntimeError("secret detail")


@pytest.mark.parametrize("name", ["plain", "with space", "ümläut 中", "a?b&c=d#e", "50%", "..", "a+b"])
async def test_any_name_arrives_in_the_path_as_it_was_sent(reach: Reach, name: str) -> None:
    echo = await reach(Echo, EchoService())
    answer = await echo.look_up(Question(name=name, count=3, loud=True))
    assert answer.text == f"{name} 3 True"


async def test_a_list_arrives_in_the_query_as_it_was_sent(reach: Reach) -> None:
    echo = await reach(Echo, EchoService())
    assert (await echo.look_up(Question(name="x", tags=("a b", "c&d")))).tags == ("a b", "c&d")
    assert (await echo.look_up(Question(name="x", tags=("one",)))).tags == ("one",)
    assert (await echo.look_up(Question(name="x"))).tags is None


@pytest.mark.parametrize("reach", ["http"], indirect=True)
async def test_an_empty_list_in_a_query_is_refused_and_not_taken_for_none(reach: Reach) -> None:
    """What nobody may know must not be told as if for everybody."""
    echo = await reach(Echo, EchoService())
    with pytest.raises(InvalidInput, match="tags"):
        await echo.look_up(Question(name="x", tags=()))


async def test_a_body_and_a_path_together_make_one_value(reach: Reach) -> None:
    echo = await reach(Echo, EchoService())
    assert (await echo.put(Question(name="x", count=7))).text == "x 7 False"
    assert (await echo.make(Question(name="y", loud=True))).text == "y 1 True"
    assert await echo.quiet(Nothing()) == Nothing()


async def test_an_error_arrives_as_the_same_class_with_its_words_and_extras(reach: Reach) -> None:
    echo = await reach(Echo, EchoService())
    with pytest.raises(UnknownTurn) as caught:
        await echo.look_up(Question(name="t9", trouble="unknown"))
    assert caught.value.detail == "unknown turn 't9'"
    assert caught.value.extra == {"known": ["a", "b"]}


async def test_a_stream_arrives_item_by_item_and_ends(reach: Reach) -> None:
    echo = await reach(Echo, EchoService())
    assert [a.text async for a in echo.count(Question(name="n", count=5))] == list("01234")


async def test_an_error_inside_a_stream_arrives_after_the_items_before_it(reach: Reach) -> None:
    echo = await reach(Echo, EchoService())
    answers = echo.count(Question(name="n", count=2, trouble="upstream"))
    assert [(await anext(answers)).text, (await anext(answers)).text] == ["0", "1"]
    with pytest.raises(UpstreamFailed, match="it broke off"):
        await anext(answers)


async def test_an_error_before_the_first_item_arrives_as_the_same_class(reach: Reach) -> None:
    echo = await reach(Echo, EchoService())
    with pytest.raises(UnknownTurn):
        _ = [a async for a in echo.count(Question(name="n", count=0, trouble="unknown"))]


async def test_leaving_a_stream_ends_the_work_on_the_far_side(reach: Reach) -> None:
    service = EchoService()
    echo = await reach(Echo, service)
    async with aclosing(echo.count(Question(name="n", count=1, loud=True))) as answers:
        assert (await anext(answers)).text == "0"
    await asyncio.wait_for(service.closed.wait(), 60)


async def test_the_trace_and_the_deadline_travel_along(reach: Reach) -> None:
    echo = await reach(Echo, EchoService())
    with tracing(new_trace()) as trace, allow(20):
        answer = await echo.look_up(Question(name="n"))
        (item,) = [a async for a in echo.count(Question(name="n"))]
    assert answer.trace_id == item.trace_id == trace.trace_id
    assert answer.left_s is not None
    assert 10 < answer.left_s <= 20


async def test_a_call_past_its_deadline_is_out_of_time(reach: Reach) -> None:
    echo = await reach(Echo, EchoService())
    with pytest.raises(OutOfTime):
        async with due_in(0.05):
            _ = [a async for a in echo.count(Question(name="n", loud=True))]


@pytest.mark.parametrize("reach", ["http"], indirect=True)
async def test_an_inner_error_shows_no_detail_of_the_inside(reach: Reach) -> None:
    echo = await reach(Echo, EchoService())
    with pytest.raises(GreenroomError) as caught:
        await echo.make(Question(name="n", trouble="bug"))
    assert "secret detail" not in caught.value.detail


@pytest.mark.parametrize("reach", ["http"], indirect=True)
async def test_only_what_may_be_repeated_is_repeated(reach: Reach) -> None:
    service = EchoService()
    echo = await reach(Echo, service)
    with pytest.raises(UpstreamFailed):
        await echo.make(Question(name="n", trouble="upstream"))
    assert service.calls == 1
    with pytest.raises(UpstreamFailed):
        await echo.look_up(Question(name="n", trouble="upstream"))
    assert service.calls == 1 + 3


async def test_a_service_is_not_shunned_for_the_failures_that_it_reports(reach: Reach) -> None:
    """A model server that is away makes the service fail in one process and in many; it is told of each time."""
    service = EchoService()
    echo = await reach(Echo, service)
    for _ in range(6):
        with pytest.raises(UpstreamFailed):
            await echo.make(Question(name="n", trouble="upstream"))
        with pytest.raises(UpstreamFailed):
            _ = [a async for a in echo.count(Question(name="n", trouble="upstream"))]
    assert (await echo.make(Question(name="n"))).text


async def test_a_large_answer_arrives_whole(reach: Reach) -> None:
    echo = await reach(Echo, LargeEcho())
    assert len((await echo.make(Question(name="n"))).text) == 20_000_000


class LargeEcho(EchoService):
    """Answers with as much as a card with its picture."""

    async def make(self, question: Question, /) -> Answer:
        return Answer(text="x" * 20_000_000)
