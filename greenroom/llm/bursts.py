"""Text that came in together goes on together: a server that is faster than its readers costs them less by it."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from greenroom.errors import UpstreamFailed
from greenroom.model import Chunk

_MANY = 8
"""So few pieces stay as the server cut them, for nothing is won by joining them."""


class Thought(str):
    """A piece of an answer that is thinking, and nothing else."""

    __slots__ = ()


Piece = str | Chunk
"""A piece of an answer: text and nothing else, a `Thought`, or a chunk, where it is more than that. A burst of a
hundred becomes one chunk, so that only that one need be made."""


def in_bursts(pieces: Iterable[Piece], model: str) -> Iterator[Chunk]:
    """The same answer as chunks of `model`, a full name; where many pieces are there already, neighbours of a kind as
    one. Raises what `pieces` does."""
    came: list[Piece] = []
    failure: UpstreamFailed | None = None
    try:
        came.extend(pieces)
    except UpstreamFailed as exc:  # what came before it is still the reader's
        failure = exc
    if len(came) < _MANY:
        yield from (piece if isinstance(piece, Chunk) else _chunk([piece], model) for piece in came)
    else:
        yield from _joined(came, model)
    if failure is not None:
        raise failure


def _joined(pieces: list[Piece], model: str) -> Iterator[Chunk]:
    for kind, alike in groupby(pieces, type):
        if kind is Chunk:
            yield from alike  # type: ignore[misc]  # all of one kind
        else:
            yield _chunk(list(alike), model)  # type: ignore[arg-type]  # the same


def _chunk(alike: list[str], model: str) -> Chunk:
    words = "".join(alike)
    return Chunk(model=model, thinking=words) if isinstance(alike[0], Thought) else Chunk(model=model, text=words)
