"""Answers as OpenAI writes them, with the fields that Ollama fills in: whole, as server-sent events, and as lists."""

import json
import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, Self

import msgspec

from greenroom.llm.dialect import new_call_id
from greenroom.llm.names import shown_name
from greenroom.llm.stamps import Stamps
from greenroom.model import Chunk, ModelCard, ToolCall, Usage, Vectors
from greenroom.wire.dialects import openai_error

_FINGERPRINT = "fp_ollama"
_END = b"data: [DONE]\n\n"


class _Completion(ABC):
    """One answer. The id and the time are the same in all of its events."""

    media_type = "text/event-stream"

    _id: ClassVar[str]
    _whole_object: ClassVar[str]
    _piece_object: ClassVar[str]

    def __init__(self, model: str, stamps: Stamps, tells_usage: bool) -> None:
        self._model = model
        self._id_here = f"{self._id}-{stamps.number}"
        self._created = stamps.seconds()
        self._tells_usage = tells_usage

    def afresh(self, stamps: Stamps) -> Self:
        """A writer of the same answer with other stamps, from the beginning."""
        return type(self)(self._model, stamps, self._tells_usage)

    def whole(self, chunk: Chunk) -> dict[str, Any]:
        """The answer as one object."""
        choice = {"index": 0, **self._all(chunk), "finish_reason": self._reason(chunk), **_logprobs(chunk)}
        return {**self._head(self._whole_object), "choices": [choice], "usage": _usage(chunk.usage)}

    def pieces(self, chunk: Chunk) -> Iterator[bytes]:
        """The events of a chunk; with the last one the reason, the usage where it was asked for, and the end."""
        for choice in self._parts(chunk):
            yield self._event([choice])
        if chunk.done:
            yield self._event([self._last(self._reason(chunk))])
            if self._tells_usage:
                yield self._event([], {"usage": _usage(chunk.usage)})
            yield _END

    def failure(self, status: int, text: str) -> bytes:
        """The last event of a stream that fails; the end is not said after it."""
        return _data(openai_error(status, text))

    @abstractmethod
    def _all(self, chunk: Chunk) -> dict[str, Any]:
        """What the whole answer says."""

    @abstractmethod
    def _parts(self, chunk: Chunk) -> Iterator[dict[str, Any]]:
        """What a chunk says, as choices."""

    @abstractmethod
    def _last(self, reason: str) -> dict[str, Any]:
        """The choice that says why the answer ends."""

    def _reason(self, chunk: Chunk) -> str:
        """Why the answer ends. Ollama's `load` and `unload`, which OpenAI does not have, are a `stop`."""
        reason = chunk.done_reason or "stop"
        return reason if reason in {"stop", "length", "content_filter"} else "stop"

    def _event(self, choices: list[dict[str, Any]], usage: dict[str, Any] | None = None) -> bytes:
        return _data({**self._head(self._piece_object), "choices": choices, **(usage or self._usage_of_a_piece())})

    def _usage_of_a_piece(self) -> dict[str, Any]:
        return {}

    def _head(self, kind: str) -> dict[str, Any]:
        head = {"id": self._id_here, "object": kind, "created": self._created, "model": self._model}
        return {**head, "system_fingerprint": _FINGERPRINT}


class ChatCompletion(_Completion):
    """An answer to /v1/chat/completions."""

    _id, _whole_object, _piece_object = "chatcmpl", "chat.completion", "chat.completion.chunk"

    def __init__(self, model: str, stamps: Stamps, tells_usage: bool) -> None:
        super().__init__(model, stamps, tells_usage)
        self._role_told = False
        self._calls = 0

    def _all(self, chunk: Chunk) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": chunk.text}
        if chunk.thinking:
            message["reasoning"] = chunk.thinking
        if chunk.tool_calls:
            message["tool_calls"] = self._written(chunk.tool_calls)
        return {"message": message}

    def _parts(self, chunk: Chunk) -> Iterator[dict[str, Any]]:
        deltas: list[dict[str, Any]] = [{"reasoning": chunk.thinking}] if chunk.thinking else []
        if chunk.text:
            deltas.append({"content": chunk.text})
        if chunk.tool_calls:
            deltas.append({"tool_calls": self._written(chunk.tool_calls)})
        if not deltas and (chunk.logprobs or (chunk.done and not self._role_told)):
            deltas.append({"content": ""})
        for number, delta in enumerate(deltas, 1):
            role = {} if self._role_told else {"role": "assistant"}
            self._role_told = True
            logprobs = _logprobs(chunk) if number == len(deltas) else {}
            yield {"index": 0, "delta": {**role, **delta}, "finish_reason": None, **logprobs}

    def _last(self, reason: str) -> dict[str, Any]:
        return {"index": 0, "delta": {}, "finish_reason": reason}

    def _reason(self, chunk: Chunk) -> str:
        return "tool_calls" if self._calls else super()._reason(chunk)

    def _written(self, calls: tuple[ToolCall, ...]) -> list[dict[str, Any]]:
        """Tool calls, counted through the whole answer: clients join what has the same index."""
        first, self._calls = self._calls, self._calls + len(calls)
        return [_call(call, index) for index, call in enumerate(calls, first)]


class TextCompletion(_Completion):
    """An answer to /v1/completions. It has no place for what a model thought."""

    _id, _whole_object, _piece_object = "cmpl", "text_completion", "text_completion"

    def _all(self, chunk: Chunk) -> dict[str, Any]:
        return {"text": chunk.text}

    def _parts(self, chunk: Chunk) -> Iterator[dict[str, Any]]:
        if chunk.text or chunk.logprobs:
            yield {"index": 0, "text": chunk.text, "finish_reason": None, **_logprobs(chunk)}

    def _last(self, reason: str) -> dict[str, Any]:
        return {"index": 0, "text": "", "finish_reason": reason}

    def _usage_of_a_piece(self) -> dict[str, Any]:
        return {"usage": _usage(None)} if self._tells_usage else {}


def embeddings(vectors: Vectors, model: str, as_base64: bool) -> dict[str, Any]:
    """The answer to /v1/embeddings; as base64 a vector is its little-endian 32-bit floats."""
    rows: list[Any] = [struct.pack(f"<{len(row)}f", *row) if as_base64 else row for row in vectors.vectors]
    entries = [{"object": "embedding", "embedding": row, "index": index} for index, row in enumerate(rows)]
    tokens = vectors.prompt_tokens or 0
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": entries, "model": model, "usage": usage}


def model_entry(card: ModelCard) -> dict[str, Any]:
    """A model of /v1/models. Of Ollama's models the namespace is the owner, of all others the provider."""
    _, slash, _ = card.name.partition("/")
    namespace = card.name.split("/")[-2] if slash else "library"
    return {
        "id": shown_name(card),
        "object": "model",
        "created": int(card.modified_at.timestamp()) if card.modified_at else 0,
        "owned_by": namespace if card.provider == "ollama" else card.provider,
    }


def _usage(usage: Usage | None) -> dict[str, int]:
    """Tokens; 0 also where nobody counted, which these clients have no word for."""
    prompt, completion = (usage.prompt_tokens or 0, usage.completion_tokens or 0) if usage else (0, 0)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _logprobs(chunk: Chunk) -> dict[str, Any]:
    entries = [{"bytes": None, "top_logprobs": [], **entry} for entry in chunk.logprobs]
    return {"logprobs": {"content": entries}} if entries else {}


def _call(call: ToolCall, index: int) -> dict[str, Any]:
    arguments = json.dumps(call.function.arguments, ensure_ascii=False, separators=(",", ":"))
    function = {"name": call.function.name, "arguments": arguments}
    return {"id": call.id or new_call_id(), "index": index, "type": "function", "function": function}


def _data(content: Any) -> bytes:
    return b"data: " + msgspec.json.encode(content) + b"\n\n"
