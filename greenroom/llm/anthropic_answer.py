"""Answers as Anthropic writes them: one message of blocks, whole or as server-sent events."""

from collections.abc import Iterator
from typing import Any

import msgspec

from greenroom.llm.dialect import new_call_id
from greenroom.llm.stamps import Stamps
from greenroom.model import Chunk, ToolCall, Usage
from greenroom.wire.dialects import anthropic_error

_REASONS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}


class MessageAnswer:
    """One answer. A stream tells how long the prompt is before anybody has counted: `estimated_tokens`."""

    media_type = "text/event-stream"

    def __init__(self, model: str, estimated_tokens: int, stamps: Stamps) -> None:
        self._model = model
        self._estimated_tokens = estimated_tokens
        self._id = f"msg_{stamps.token}"
        self._begun = False
        self._open = ""
        self._index = 0
        self._called = False

    def afresh(self, stamps: Stamps) -> "MessageAnswer":
        """A writer of the same answer with other stamps, from the beginning."""
        return MessageAnswer(self._model, self._estimated_tokens, stamps)

    def whole(self, chunk: Chunk) -> dict[str, Any]:
        """The answer as one object."""
        content: list[dict[str, Any]] = []
        if chunk.thinking:
            content.append(_thinking(chunk.thinking))
        if chunk.text:
            content.append(_text(chunk.text))
        content += [_tool_use(call, call.function.arguments) for call in chunk.tool_calls]
        self._called = bool(chunk.tool_calls)
        usage = chunk.usage or Usage()
        return self._message(content, self._reason(chunk), usage.prompt_tokens or 0, usage.completion_tokens or 0)

    def pieces(self, chunk: Chunk) -> Iterator[bytes]:
        """The events of a chunk: text and thoughts go on in the block that is open, as long as they are of a kind."""
        if not self._begun:
            self._begun = True
            yield _event("message_start", message=self._message([], None, self._estimated_tokens, 0))
        if chunk.thinking:
            yield from self._go_on(_thinking(""), {"type": "thinking_delta", "thinking": chunk.thinking})
        if chunk.text:
            yield from self._go_on(_text(""), {"type": "text_delta", "text": chunk.text})
        for call in chunk.tool_calls:
            self._called = True
            arguments = msgspec.json.encode(call.function.arguments).decode()
            yield from self._close()
            yield from self._go_on(_tool_use(call, {}), {"type": "input_json_delta", "partial_json": arguments})
            yield from self._close()
        if chunk.done:
            yield from self._close()
            yield from self._end(chunk)

    def failure(self, status: int, text: str) -> bytes:
        """The last event of a stream that fails."""
        return _event(**anthropic_error(status, text))

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
        usage = chunk.usage or Usage()
        counted = {"input_tokens": usage.prompt_tokens or 0, "output_tokens": usage.completion_tokens or 0}
        yield _event("message_delta", delta={"stop_reason": self._reason(chunk), "stop_sequence": None}, usage=counted)
        yield _event("message_stop")

    def _reason(self, chunk: Chunk) -> str:
        """Why the answer ends. Model servers do not tell a stop sequence from the end of what there was to say."""
        return "tool_use" if self._called else _REASONS.get(chunk.done_reason or "stop", "end_turn")

    def _message(self, content: list[dict[str, Any]], reason: str | None, prompt: int, said: int) -> dict[str, Any]:
        return {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": self._model,
            "content": content,
            "stop_reason": reason,
            "stop_sequence": None,
            "usage": {"input_tokens": prompt, "output_tokens": said},
        }


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _thinking(text: str) -> dict[str, Any]:
    """What the model thought. Anthropic signs it; clients want the field, and give it back as it is."""
    return {"type": "thinking", "thinking": text, "signature": ""}


def _tool_use(call: ToolCall, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"type": "tool_use", "id": call.id or new_call_id(), "name": call.function.name, "input": arguments}


def _event(type: str, **content: Any) -> bytes:  # noqa: A002 - the API's name
    return f"event: {type}\ndata: ".encode() + msgspec.json.encode({"type": type, **content}) + b"\n\n"
