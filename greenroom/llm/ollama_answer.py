"""Answers as Ollama writes them: names and presence of fields, times in nanoseconds, errors."""

import hashlib
import secrets
import string
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from greenroom.errors import GreenroomError
from greenroom.llm.names import completes
from greenroom.model import Chunk, ModelCard, ToolCall, Usage

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
"""What Go writes for a time that is not known."""

_METRICS = {
    "total_duration": "total_ns",
    "load_duration": "load_ns",
    "prompt_eval_count": "prompt_tokens",
    "prompt_eval_duration": "prompt_ns",
    "eval_count": "completion_tokens",
    "eval_duration": "completion_ns",
}

_log = structlog.get_logger()


def shown_name(card: ModelCard) -> str:
    """The name that clients see: Ollama's models have their own, the understudy is `understudy:latest`."""
    if card.provider == "ollama":
        return card.name
    return f"{card.provider}:latest" if card.stand_in and completes(card) else card.full_name


def tag(card: ModelCard) -> dict[str, Any]:
    """An entry of /api/tags. What is not a model of Ollama's says so in its details; its digest is of its name."""
    details: dict[str, Any] = {
        "parent_model": "",
        "format": "built-in" if card.stand_in else "remote",
        "family": card.provider,
        "families": [card.provider],
        "parameter_size": "",
        "quantization_level": "",
    }
    return {
        "name": shown_name(card),
        "model": shown_name(card),
        "modified_at": moment(card.modified_at or _LONG_AGO),
        "size": card.size_bytes,
        "digest": card.digest or hashlib.sha256(card.full_name.encode()).hexdigest(),
        "details": details | card.details,
        "capabilities": list(card.capabilities),
    }


def chat_piece(chunk: Chunk) -> dict[str, Any]:
    """What a chunk adds to an answer of /api/chat."""
    message: dict[str, Any] = {"role": "assistant", "content": chunk.text}
    if chunk.thinking:
        message["thinking"] = chunk.thinking
    if chunk.tool_calls:
        message["tool_calls"] = [_call(call, number) for number, call in enumerate(chunk.tool_calls)]
    return {"message": message}


def generate_piece(chunk: Chunk) -> dict[str, Any]:
    """What a chunk adds to an answer of /api/generate."""
    piece: dict[str, Any] = {"response": chunk.text}
    if chunk.thinking:
        piece["thinking"] = chunk.thinking
    if chunk.tool_calls:
        piece["tool_calls"] = [_call(call, number) for number, call in enumerate(chunk.tool_calls)]
    return piece


def ending(chunk: Chunk, took_ns: int) -> dict[str, Any]:
    """What the last chunk adds: why it ended, and the figures. Those that nobody told are absent."""
    usage = chunk.usage or Usage()
    figures = {name: getattr(usage, field) for name, field in _METRICS.items()}
    figures["total_duration"] = usage.total_ns or took_ns
    end: dict[str, Any] = {"done_reason": chunk.done_reason or "stop"}
    if chunk.context:
        end["context"] = list(chunk.context)
    return end | {name: figure for name, figure in figures.items() if figure}


def joined(chunks: Sequence[Chunk]) -> Chunk:
    """All chunks of an answer as one; the first one's source is its source, the last one's end is its end."""
    return chunks[-1].model_copy(
        update={
            "text": "".join(chunk.text for chunk in chunks),
            "thinking": "".join(chunk.thinking for chunk in chunks),
            "tool_calls": tuple(call for chunk in chunks for call in chunk.tool_calls),
            "logprobs": tuple(entry for chunk in chunks for entry in chunk.logprobs),
            "cache": chunks[0].cache,
        }
    )


def moment(time: datetime) -> str:
    """RFC 3339 in UTC with nine digits of a second."""
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "000Z"


def told(exc: Exception) -> tuple[int, str]:
    """Status and text of an error as Ollama's clients know them. What is not an error of ours goes to the log."""
    if isinstance(exc, GreenroomError):
        return 400 if exc.status == 422 else exc.status, exc.detail
    _log.error("request failed", exc_info=exc)
    return 500, "something went wrong in Greenroom; its log says what"


def _call(call: ToolCall, number: int) -> dict[str, Any]:
    index = call.function.index if call.function.index is not None else number
    function = {"index": index, "name": call.function.name, "arguments": call.function.arguments}
    return {"id": call.id or _new_id(), "function": function}


def _new_id() -> str:
    return "call_" + "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(8))
