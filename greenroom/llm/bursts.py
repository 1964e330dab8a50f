"""Text that came in together goes on together: a server that is faster than its readers costs them less by it."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from greenroom.errors import UpstreamFailed
from greenroom.model import Chunk

_MANY = 8
"""So few chunks stay as the server cut them, for nothing is won by joining them."""


def in_bursts(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """The same answer; where many chunks are there already, neighbours of a kind as one. Raises what `chunks` does."""
    came: list[Chunk] = []
    failure: UpstreamFailed | None = None
    try:
        came.extend(chunks)
    except UpstreamFailed as exc:  # what came before it is still the reader's
        failure = exc
    yield from came if len(came) < _MANY else _joined(came)
    if failure is not None:
        raise failure


def _joined(chunks: list[Chunk]) -> Iterator[Chunk]:
    for kind, alike in groupby(chunks, _kind):
        if kind is None:
            yield from alike
        else:
            first, *others = alike
            yield first.model_copy(update={kind: "".join(getattr(chunk, kind) for chunk in (first, *others))})


def _kind(chunk: Chunk) -> str | None:
    """The field that is all of a chunk; None where there is more to it."""
    if chunk.done or chunk.tool_calls or chunk.logprobs or chunk.context or (chunk.text and chunk.thinking):
        return None
    return "text" if chunk.text else "thinking"
