"""Text that came in together goes on together: a server that is faster than its readers costs them less by it."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal

import msgspec

from greenroom.errors import UpstreamFailed
from greenroom.model import Chunk

_MANY = 8
"""So few pieces stay as the server cut them, for nothing is won by joining them."""


class Said(msgspec.Struct, gc=False):
    """A piece of an answer that is text, or thinking, and nothing else. A burst of a hundred becomes one chunk: so
    only that one need be a value of ours."""

    kind: Literal["text", "thinking"]
    words: str


def in_bursts(pieces: Iterable[Said | Chunk], model: str) -> Iterator[Chunk]:
    """The same answer as chunks of `model`, a full name; where many pieces are there already, neighbours of a kind as
    one. Raises what `pieces` does."""
    came: list[Said | Chunk] = []
    failure: UpstreamFailed | None = None
    try:
        came.extend(pieces)
    except UpstreamFailed as exc:  # what came before it is still the reader's
        failure = exc
    if len(came) < _MANY:
        yield from (_chunk([piece], model) if isinstance(piece, Said) else piece for piece in came)
    else:
        yield from _joined(came, model)
    if failure is not None:
        raise failure


def _joined(pieces: list[Said | Chunk], model: str) -> Iterator[Chunk]:
    for kind, alike in groupby(pieces, _kind):
        if kind is None:
            yield from alike  # type: ignore[misc]  # what has no kind is a chunk
        else:
            yield _chunk(alike, model)  # type: ignore[arg-type]


def _kind(piece: Said | Chunk) -> str | None:
    return piece.kind if isinstance(piece, Said) else None


def _chunk(alike: Iterable[Said], model: str) -> Chunk:
    said = list(alike)
    return Chunk(model=model, **{said[0].kind: "".join([piece.words for piece in said])})
