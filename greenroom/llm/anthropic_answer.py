"""Answers as Anthropic writes them: one message of blocks, whole or as server-sent events."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import msgspec
from pydantic import JsonValue

from greenroom.llm.dialect import as_one, new_call_id
from greenroom.llm.money.estimate import text_tokens
from greenroom.llm.stamps import Stamps
from greenroom.model import Chunk, ToolCall, Usage
from greenroom.wire.dialects import anthropic_error

_REASONS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}


class SearchPiece(Chunk):
    """A piece of an answer that the model did not say: the block of a search, or of what it found."""

    block: dict[str, JsonValue]


class MessageAnswer:
    """One answer. A stream tells how long the prompt is before anybody has counted: `estimated_tokens`.

    Where the server counts nothing, that is told at the end too, and of the answer an estimate of the same kind:
    Anthropic's form has no word for what is not known, and none of it would be a count as well.
    """

    media_type = "text/event-stream"

    def __init__(self, model: str, estimated_tokens: int, stamps: Stamps) -> None:
        self._model = model
        self._estimated_tokens = estimated_tokens
        self._id = f"msg_{stamps.token}"
        self._begun = False
        self._open = ""
        self._index = 0
        self._called = False
        self._searches: int | None = None
        self._written_tokens = 0

    def afresh(self, stamps: Stamps) -> "MessageAnswer":
        """A writer of the same answer with other stamps, from the beginning."""
        return MessageAnswer(self._model, self._estimated_tokens, stamps)

    def whole(self, chunk: Chunk) -> dict[str, Any]:
        """The answer as one object."""
        self._note(chunk)
        return self._message(self._said(chunk), self._reason(chunk), self._usage(chunk))

    def of_parts(self, chunks: Sequence[Chunk]) -> dict[str, Any]:
        """The answer as one object, from its pieces in their order."""
        content: list[dict[str, Any]] = []
        for chunk in chunks:
            self._note(chunk)
        for block, part in groupby(chunks, lambda chunk: chunk.block if isinstance(chunk, SearchPiece) else None):
            content += self._said(as_one(list(part))) if block is None else [self._noted(block)]
        return self._message(content, self._reason(chunks[-1]), self._usage(chunks[-1]))

    def pieces(self, chunk: Chunk) -> Iterator[bytes]:
        """The events of a chunk: text and thoughts go on in the block that is open, as long as they are of a kind."""
        self._note(chunk)
        if not self._begun:
            self._begun = True
            usage = {"input_tokens": self._estimated_tokens, "output_tokens": 0}
            yield _event("message_start", message=self._message([], None, usage))
        if isinstance(chunk, SearchPiece):
            yield from self._own(self._noted(chunk.block))
        if chunk.thinking:
            yield from self._go_on(_thinking(""), {"type": "thinking_delta", "thinking": chunk.thinking})
        if chunk.text:
            yield from self._go_on(_text(""), {"type": "text_delta", "text": chunk.text})
        for call in chunk.tool_calls:
            self._called = True
            yield from self._own(_tool_use(call))
        if chunk.done:
            yield from self._close()
            yield from self._end(chunk)

    def failure(self, status: int, text: str) -> bytes:
        """The last event of a stream that fails."""
        return _event(**anthropic_error(status, text))

    def _said(self, chunk: Chunk) -> list[dict[str, Any]]:
        """The blocks of what the model said at one time."""
        self._called = bool(chunk.tool_calls)
        thoughts = [_thinking(chunk.thinking)] if chunk.thinking else []
        texts = [_text(chunk.text)] if chunk.text else []
        return [*thoughts, *texts, *map(_tool_use, chunk.tool_calls)]

    def _note(self, chunk: Chunk) -> None:
        self._written_tokens += text_tokens(chunk.text + chunk.thinking)

    def _noted(self, block: dict[str, Any]) -> dict[str, Any]:
        """A block, once it is counted where it tells of a search that went well."""
        found = block["type"] == "web_search_tool_result" and isinstance(block["content"], list)
        self._searches = (self._searches or 0) + found
        return block

    def _own(self, block: dict[str, Any]) -> Iterator[bytes]:
        """A block that is whole; its `input`, if it has one, comes after its beginning."""
        yield from self._close()
        begun = {**block, "input": {}} if "input" in block else block
        yield _event("content_block_start", index=self._index, content_block=begun)
        if "input" in block:
            arguments = msgspec.json.encode(block["input"]).decode()
            delta = {"type": "input_json_delta", "partial_json": arguments}
            yield _event("content_block_delta", index=self._index, delta=delta)
        yield _event("content_block_stop", index=self._index)
        self._index += 1

    def _go_on(self, block: dict[str, Any], delta: dict[str, Any]) -> Iterator[bytes]:
        """A piece of the block that is open, or of a new one when that is of another kind."""
        if self._open != block["type"]:
            yield from self._close()
            self._open = block["type"]
            yield _event("content_block_start", index=self._index, content_block=block)
        yield _event("content_block_delta", index=self._index, delta=delta)

    def _close(self) -> Iterator[bytes]:
        if self._open:
            yield _event("content_block_stop", index=self._index)
            self._index, self._open = self._index + 1, ""

    def _end(self, chunk: Chunk) -> Iterator[bytes]:
        delta = {"stop_reason": self._reason(chunk), "stop_sequence": None}
        yield _event("message_delta", delta=delta, usage=self._usage(chunk))
        yield _event("message_stop")

    def _usage(self, chunk: Chunk) -> dict[str, Any]:
        usage = chunk.usage or Usage()
        read, written = usage.prompt_tokens, usage.completion_tokens
        counted = {
            "input_tokens": self._estimated_tokens if read is None else read,
            "output_tokens": self._written_tokens if written is None else written,
        }
        if self._searches is None:
            return counted
        return {**counted, "server_tool_use": {"web_search_requests": self._searches, "web_fetch_requests": 0}}

    def _reason(self, chunk: Chunk) -> str:
        """Why the answer ends. Model servers do not tell a stop sequence from the end of what there was to say."""
        return "tool_use" if self._called else _REASONS.get(chunk.done_reason or "stop", "end_turn")

    def _message(self, content: list[dict[str, Any]], reason: str | None, usage: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": self._model,
            "content": content,
            "stop_reason": reason,
            "stop_sequence": None,
            "usage": usage,
        }


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _thinking(text: str) -> dict[str, Any]:
    """What the model thought. Anthropic signs it; clients want the field, and give it back as it is."""
    return {"type": "thinking", "thinking": text, "signature": ""}


def _tool_use(call: ToolCall) -> dict[str, Any]:
    name, arguments = call.function.name, call.function.arguments
    return {"type": "tool_use", "id": call.id or new_call_id(), "name": name, "input": arguments}


def _event(type: str, **content: Any) -> bytes:  # noqa: A002 - the API's name
    return f"event: {type}\ndata: ".encode() + msgspec.json.encode({"type": type, **content}) + b"\n\n"
