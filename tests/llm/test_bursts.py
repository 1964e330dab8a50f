"""Text that comes in together goes on together, and nothing of it is lost or moved."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.errors import UpstreamFailed
from greenroom.llm.bursts import Piece, Thought, in_bursts
from greenroom.model import Chunk, Usage

texts = st.sampled_from(["a ", "b", "\n"])
sure = st.builds(lambda text: Chunk(model="m", text=text, logprobs=({"token": text},)), texts)


def words(piece: Piece, kind: str) -> str:
    if isinstance(piece, Chunk):
        return str(getattr(piece, kind))
    return str(piece) if isinstance(piece, Thought) is (kind == "thinking") else ""


@given(st.lists(st.one_of(texts, texts, st.builds(Thought, texts), sure), max_size=40))
def test_nothing_is_lost_or_moved(came: list[Piece]) -> None:
    last = Chunk(model="m", done=True, usage=Usage(completion_tokens=3))
    found = list(in_bursts([*came, last], "m"))
    for kind in ("text", "thinking"):
        assert "".join(words(c, kind) for c in found) == "".join(words(c, kind) for c in came)
    assert [c for c in found if c.logprobs] == [c for c in came if isinstance(c, Chunk)]
    assert found[-1] == last


def test_many_become_one_of_each_kind_and_a_few_stay_as_they_are() -> None:
    came = [*[Thought("so ")] * 20, *["on "] * 20]
    assert list(in_bursts(came, "m")) == [Chunk(model="m", thinking="so " * 20), Chunk(model="m", text="on " * 20)]
    assert list(in_bursts(came[:3], "m")) == [Chunk(model="m", thinking="so ")] * 3


def test_what_came_before_a_failure_is_still_given() -> None:
    def failing() -> Iterator[str]:
        yield from ["so "] * 20
        raise UpstreamFailed("broke off")

    found = in_bursts(failing(), "m")
    assert next(found).text == "so " * 20
    with pytest.raises(UpstreamFailed):
        next(found)
