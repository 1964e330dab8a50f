"""What is kept of an answer gives the same answer again, and nothing else is ever read."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenroom.llm.cache.entry import Damaged, Unpackable, is_complete, packed, unpacked
from greenroom.llm.dialect import as_one
from greenroom.model import ChatMessage, ChatRequest, Chunk, GenerateRequest, Options, ToolCall, ToolFunction, Usage

REQUEST = GenerateRequest(prompt="hi", options=Options(num_predict=3))
KEY = "answer:model:digest:1"

texts = st.text(string.printable + "äβ字😀", max_size=9)
calls = st.builds(
    ToolCall,
    function=st.builds(
        ToolFunction, name=texts, arguments=st.dictionaries(texts, st.integers(0, 9) | texts | st.none(), max_size=2)
    ),
    id=st.none() | texts,
)
logprobs = st.lists(st.fixed_dictionaries({"token": texts, "logprob": st.floats(-9, 0)}), max_size=1).map(tuple)
thoughts = st.lists(st.builds(Chunk, model=st.just("m"), thinking=texts), max_size=5)
said = st.lists(st.builds(Chunk, model=st.just("m"), text=texts, logprobs=logprobs), max_size=200)
called = st.lists(st.builds(Chunk, model=st.just("m"), tool_calls=st.lists(calls, max_size=2).map(tuple)), max_size=2)
counts = st.none() | st.integers(0, 2**40)
ends = st.builds(
    Chunk,
    model=st.just("m"),
    text=texts,
    done=st.just(True),
    done_reason=st.just("stop"),
    usage=st.none() | st.builds(Usage, prompt_tokens=counts, completion_tokens=counts, total_ns=counts),
    context=st.none() | st.lists(st.integers(0, 9), min_size=1, max_size=3).map(tuple),
)
answers = st.tuples(thoughts, said, called, ends).map(lambda parts: [*parts[0], *parts[1], *parts[2], parts[3]])


@settings(max_examples=200, deadline=None)
@given(answers)
def test_a_replay_is_the_live_answer(live: list[Chunk]) -> None:
    replayed = unpacked(KEY, packed(KEY, live))
    assert as_one(replayed) == as_one(live)
    assert [chunk.done for chunk in replayed] == [False] * (len(replayed) - 1) + [True]
    kinds = [bool(chunk.thinking) for chunk in replayed]
    assert kinds == sorted(kinds, reverse=True), "thinking comes before text"
    assert len(replayed) <= 64 + 4


def test_a_short_answer_comes_in_the_pieces_in_which_it_came() -> None:
    live = [Chunk(model="m", text=word) for word in ("Hello", " there", "!")] + [Chunk(model="m", done=True)]
    assert unpacked(KEY, packed(KEY, live)) == live


ENDED = Chunk(model="m", done=True, done_reason="stop")
WHOLE = packed(KEY, [Chunk(model="m", text="hi"), ENDED])


@pytest.mark.parametrize(
    "planted",
    [
        b"",
        WHOLE[:-1],
        WHOLE[:10],
        WHOLE + b"x",
        b"GRA0" + WHOLE[4:],
        bytes([*WHOLE[:-3], WHOLE[-3] ^ 1, *WHOLE[-2:]]),
        b"\x80\x04\x95\x1e\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R.",
        b'{"model": "m", "pieces": []}',
        packed("answer:model:digest:2", [Chunk(model="m", text="another's"), ENDED]),
    ],
    ids=["empty", "truncated", "beheaded", "longer", "old schema", "flipped", "pickle", "json", "another key's"],
)
def test_what_is_not_the_entry_is_never_read(planted: bytes) -> None:
    with pytest.raises(Damaged):
        unpacked(KEY, planted)


@pytest.mark.parametrize("text", ["\ud800"], ids=["half a character"])
def test_what_cannot_be_written_is_refused(text: str) -> None:
    with pytest.raises(Unpackable):
        packed(KEY, [Chunk.model_construct(model="m", text=text, thinking="", tool_calls=(), logprobs=()), ENDED])


def ended(reason: str | None, text: str = "hi", tokens: int | None = None, **fields: object) -> list[Chunk]:
    last = Chunk(model="m", done=True, done_reason=reason, usage=Usage(completion_tokens=tokens))
    return [Chunk.model_validate({"model": "m", "text": text, **fields}), last]


CALL = (ToolCall(function=ToolFunction(name="look")),)


@pytest.mark.parametrize(
    ("chunks", "complete"),
    [
        (ended("stop"), True),
        (ended("stop", text="", tool_calls=CALL), True),
        (ended("tool_calls", text="", tool_calls=CALL), True),
        (ended("length", tokens=3), True),
        (ended("length", tokens=2), False),
        (ended("length"), False),
        (ended("load"), False),
        (ended("content_filter"), False),
        (ended(None), False),
        (ended("stop", text=" \n"), False),
        (ended("stop", text="", thinking="hm"), False),
        (ended("stop")[:1], False),
        ([], False),
    ],
)
def test_only_complete_answers_are_worth_keeping(chunks: list[Chunk], complete: bool) -> None:
    assert is_complete(REQUEST, chunks) is complete


def test_length_without_a_limit_is_the_end_of_the_context() -> None:
    request = ChatRequest(messages=(ChatMessage(role="user", content="hi"),))
    assert not is_complete(request, ended("length", tokens=3))
