"""Text that comes in together goes on together, and nothing of it is lost or moved."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.errors import UpstreamFailed
from greenroom.llm.bursts import in_bursts
from greenroom.model import Chunk, Usage

texts = st.sampled_from(["", "a ", "b", "\n"])
chunks = st.builds(
    lambda text, thinking, sure: Chunk(model="m", text=text, thinking=thinking, logprobs=({"token": text},) * sure),
    texts,
    texts,
    st.sampled_from([0, 0, 0, 1]),
)


@given(st.lists(chunks, max_size=40))
def test_nothing_is_lost_or_moved(came: list[Chunk]) -> None:
    came.append(Chunk(model="m", done=True, usage=Usage(completion_tokens=3)))
    found = list(in_bursts(came))
    for field in ("text", "thinking"):
        assert "".join(getattr(c, field) for c in found) == "".join(getattr(c, field) for c in came)
    assert [c.logprobs for c in found if c.logprobs] == [c.logprobs for c in came if c.logprobs]
    assert found[-1] == came[-1]


def test_many_become_one_of_each_kind_and_a_few_stay_as_they_are() -> None:
    thoughts, words = [[Chunk(model="m", **{kind: "so "}) for _ in range(20)] for kind in ("thinking", "text")]
    assert [(c.thinking, c.text) for c in in_bursts([*thoughts, *words])] == [("so " * 20, ""), ("", "so " * 20)]
    assert list(in_bursts(words[:3])) == words[:3]


def test_what_came_before_a_failure_is_still_given() -> None:
    def failing() -> Iterator[Chunk]:
        yield from (Chunk(model="m", text="so ") for _ in range(20))
        raise UpstreamFailed("broke off")

    found = in_bursts(failing())
    assert next(found).text == "so " * 20
    with pytest.raises(UpstreamFailed):
        next(found)
