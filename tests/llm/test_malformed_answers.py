"""Whatever bytes a model server sends, what comes out is chunks or one error of ours."""

import random
from collections.abc import Callable
from contextlib import aclosing, suppress
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenroom.errors import GreenroomError, UpstreamFailed
from greenroom.llm import compatible, ollama
from greenroom.llm.bursts import in_bursts
from greenroom.llm.upstream import Answer
from greenroom.model import Chunk
from tests.sizes import sized

GOOD = b'{"message":{"role":"assistant","content":"h\xc3\xa9"},"done":false}'
END = b'{"message":{"content":""},"done":true,"done_reason":"stop"}'

LINES = [
    *(
        GOOD,
        END,
        b"\n",
        b"\r\n",
        b" ",
        b"{",
        b"}",
        b"null",
        b"[]",
        b"NaN",
        b'"',
        b"\xc3",
        b"\xa9",
        b"\\ud83d",
        b"1e999",
    ),
    *(b'{"error":"x"}', b'{"error":{}}', b'{"done":1}', b'{"message":null,"done":true}', b"<html>", b"1e999"),
]
fragments = st.one_of(st.sampled_from(LINES), st.binary(max_size=20))


class Pieces:
    """The body of an answer, in the pieces in which it happens to arrive."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]

    async def readany(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


class Stub:
    """As much of a response and of an upstream as an answer needs."""

    label = "Ollama"

    def __init__(self, pieces: list[bytes]) -> None:
        self.content = Pieces(pieces)

    async def bounded(self, waiting: object, until: float, late: GreenroomError) -> object:
        return await waiting  # type: ignore[misc]


async def chunks_of(pieces: list[bytes]) -> list[Chunk]:
    stub = Stub(pieces)
    answer = Answer(stub, stub, 1e9, 1.0)  # type: ignore[arg-type]
    async with aclosing(answer.lines()) as bursts:
        return [c async for lines in bursts for c in in_bursts(ollama._pieces(lines, "ollama/x", answer), "ollama/x")]


@settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
@given(pieces=st.lists(fragments, max_size=12))
async def test_any_bytes_give_chunks_or_one_error(pieces: list[bytes]) -> None:
    with suppress(UpstreamFailed):
        assert all(isinstance(chunk, Chunk) for chunk in await chunks_of(pieces))


async def test_very_many_answers_of_any_bytes_give_chunks_or_one_error() -> None:
    """The same with a plain die, which is three hundred times as quick."""
    die = random.Random(8)
    for _ in range(sized(2_000, 100_000)):
        pieces = [die.choice(LINES) if die.random() < 0.9 else die.randbytes(20) for _ in range(die.randrange(12))]
        with suppress(UpstreamFailed):
            assert all(isinstance(chunk, Chunk) for chunk in await chunks_of(pieces)), pieces


@settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
@given(cuts=st.lists(st.integers(0, len(GOOD + b"\n" + END)), max_size=8).map(sorted))
async def test_where_the_network_cuts_does_not_matter(cuts: list[int]) -> None:
    whole = GOOD + b"\n" + END
    places = [0, *cuts, len(whole)]
    found = await chunks_of([whole[a:b] for a, b in pairwise(places)])
    assert [(chunk.text, chunk.done) for chunk in found] == [("hé", False), ("", True)]


EVENT = b'data: {"choices":[{"delta":{"content":"h\xc3\xa9"}}]}\n\n'
FINISH = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'

events = st.one_of(
    fragments,
    st.sampled_from(
        [EVENT, FINISH, b"data: [DONE]\n\n", b"data:", b"data: ", b": waiting\n\n", b"event: x\n", b"\n\n"]
    ),
    st.sampled_from(
        [b'data: {"error":{"message":"x"}}\n\n', b'data: {"choices":[]}\n\n', b'data: {"choices":null}\n\n']
    ),
    st.sampled_from([b'data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{"}}]}}]}\n\n']),
)


async def chunks_of_events(pieces: list[bytes]) -> list[Chunk]:
    stub = Stub(pieces)
    answer = Answer(stub, stub, 1e9, 1.0)  # type: ignore[arg-type]
    reading = compatible._Reading("cloud/x")
    chunks: list[Chunk] = []
    async with aclosing(answer.lines()) as bursts:
        async for lines in bursts:
            chunks += in_bursts(reading.pieces(lines, answer), "cloud/x")
            if reading.at_end:
                break
    return [*chunks, reading.end(answer)]


@settings(max_examples=500, suppress_health_check=list(HealthCheck), deadline=None)
@given(pieces=st.lists(events, max_size=12))
async def test_any_events_give_chunks_or_one_error(pieces: list[bytes]) -> None:
    with suppress(UpstreamFailed):
        chunks = await chunks_of_events(pieces)
        assert [chunk.done for chunk in chunks] == [False] * (len(chunks) - 1) + [True]


@settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
@given(cuts=st.lists(st.integers(0, len(EVENT + FINISH)), max_size=8).map(sorted))
async def test_where_the_network_cuts_events_does_not_matter(cuts: list[int]) -> None:
    whole = EVENT + FINISH
    places = [0, *cuts, len(whole)]
    found = await chunks_of_events([whole[a:b] for a, b in pairwise(places)])
    assert [(chunk.text, chunk.done) for chunk in found] == [("hé", False), ("", True)]


@pytest.mark.parametrize("fill", [lambda n: b"x" * n, lambda n: b'{"a":' * (n // 5), lambda n: b"[" * n])
async def test_a_line_beyond_a_megabyte_is_refused(fill: Callable[[int], bytes]) -> None:
    with pytest.raises(GreenroomError, match="more than 1000000 bytes"):
        await chunks_of([fill(100_000)] * 16)
