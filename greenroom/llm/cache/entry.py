"""What is kept of an answer: all that is needed to give it again, in any dialect, as a stream or in one piece."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from pydantic import ValidationError

from greenroom.llm.faults import UNREADABLE
from greenroom.model import ChatRequest, Chunk, GenerateRequest, ToolCall, Usage

_SCHEMA = b"GRA1"
"""What an entry begins with. Another version of the form gets another number, and is not read."""
_SUM_BYTES = 16
_PIECES = 16
"""Pieces of a replayed stream, at most; neighbours of a longer one are put together."""


class Damaged(Exception):
    """This is not an entry, or not the one of this key."""


class Unpackable(Exception):
    """An answer with something in it that cannot be kept: text that is not Unicode, a number of more than 64 bits."""


class _Piece(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """A chunk that is not the last."""

    text: str = ""
    thinking: str = ""
    logprobs: list[dict[str, Any]] = []


class _Entry(msgspec.Struct, frozen=True, array_like=True):
    """An answer. The usage is that of the time when the model gave it."""

    key: str
    model: str
    pieces: list[_Piece]
    tool_calls: list[dict[str, Any]]
    done_reason: str | None
    usage: dict[str, int | float] | None
    context: list[int] | None


_DECODER = msgspec.msgpack.Decoder(_Entry)
_ENCODER = msgspec.msgpack.Encoder()


def is_complete(request: ChatRequest | GenerateRequest, chunks: Sequence[Chunk]) -> bool:
    """Whether an answer may be kept: the model ended it, or the length that was asked for did, and it says something.

    An answer that has come to the end of the context is cut off too, and calls it `length` as well.
    """
    last = chunks[-1] if chunks else None
    if last is None or not last.done:
        return False
    if last.done_reason == "length":
        if not _reached_limit(request, last):
            return False
    elif last.done_reason not in {"stop", "tool_calls"}:
        return False
    return any(chunk.text.strip() or chunk.tool_calls for chunk in chunks)


def _reached_limit(request: ChatRequest | GenerateRequest, last: Chunk) -> bool:
    limit = request.options.num_predict or 0
    written = last.usage.completion_tokens if last.usage else None
    return limit > 0 and written is not None and written >= limit


def packed(key: str, chunks: Sequence[Chunk]) -> bytes:
    """An answer as bytes: schema, checksum, and everything else. Raises: Unpackable."""
    last = chunks[-1]
    entry = _Entry(
        key=key,
        model=last.model,
        pieces=list(_joined(_pieces(chunks))),
        tool_calls=[call.model_dump(mode="json") for chunk in chunks for call in chunk.tool_calls],
        done_reason=last.done_reason,
        usage=last.usage.model_dump(exclude_none=True) if last.usage else None,
        context=list(last.context) if last.context else None,
    )
    try:
        content = _ENCODER.encode(entry)
    except (*UNREADABLE, OverflowError) as exc:
        raise Unpackable(str(exc)) from exc
    return _SCHEMA + _sum(content) + content


def unpacked(key: str, kept: bytes) -> list[Chunk]:
    """The answer as a stream of chunks, thinking before text. Raises: Damaged, for anything else than its own bytes."""
    schema, found, content = kept[:4], kept[4 : 4 + _SUM_BYTES], kept[4 + _SUM_BYTES :]
    if schema != _SCHEMA or found != _sum(content):
        raise Damaged("not an entry of this version, or changed since it was written")
    try:
        entry = _DECODER.decode(content)
        if entry.key != key:
            raise Damaged("the entry of another request")
        return list(_chunks(entry))
    except (*UNREADABLE, ValidationError) as exc:
        raise Damaged("an entry that cannot be read") from exc


def _chunks(entry: _Entry) -> Iterator[Chunk]:
    for piece in entry.pieces:
        yield Chunk(model=entry.model, text=piece.text, thinking=piece.thinking, logprobs=tuple(piece.logprobs))
    if entry.tool_calls:
        yield Chunk(model=entry.model, tool_calls=tuple(ToolCall.model_validate(call) for call in entry.tool_calls))
    yield Chunk(
        model=entry.model,
        done=True,
        done_reason=entry.done_reason,
        usage=Usage.model_validate(entry.usage) if entry.usage is not None else None,
        context=tuple(entry.context) if entry.context else None,
    )


def _pieces(chunks: Sequence[Chunk]) -> list[_Piece]:
    """The chunks that say something: first all thinking, then all text."""
    thoughts = [_Piece(thinking=chunk.thinking) for chunk in chunks if chunk.thinking]
    said = [_Piece(text=c.text, logprobs=list(c.logprobs)) for c in chunks if c.text or c.logprobs]
    return [*thoughts, *said]


def _joined(pieces: list[_Piece]) -> Iterator[_Piece]:
    """Not more pieces than a stream is replayed in: so many neighbours of a kind as it takes become one."""
    at_once = max(1, -(-len(pieces) // _PIECES))
    for kind in (True, False):
        alike = [piece for piece in pieces if bool(piece.thinking) is kind]
        for start in range(0, len(alike), at_once):
            yield _together(alike[start : start + at_once])


def _together(pieces: Iterable[_Piece]) -> _Piece:
    alike = list(pieces)
    if len(alike) == 1:
        return alike[0]
    return _Piece(
        text="".join(piece.text for piece in alike),
        thinking="".join(piece.thinking for piece in alike),
        logprobs=[entry for piece in alike for entry in piece.logprobs],
    )


def _sum(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_SUM_BYTES).digest()
