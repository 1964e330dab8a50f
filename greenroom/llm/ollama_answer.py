"""Answers as Ollama writes them: names and presence of fields, times in nanoseconds."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from greenroom.llm.dialect import new_call_id
from greenroom.llm.names import shown_name
from greenroom.llm.stamps import Stamps, moment
from greenroom.model import Chunk, LoadedModel, ModelCard, ModelDetails, ToolCall, Usage

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
        **_remote(card),
        "modified_at": moment(card.modified_at or _LONG_AGO),
        "size": card.size_bytes,
        "digest": card.digest or hashlib.sha256(card.full_name.encode()).hexdigest(),
        "details": details | card.details,
        "capabilities": list(card.capabilities),
    }


def shown(found: ModelDetails) -> dict[str, Any]:
    """The answer of /api/show. What Ollama says of its models is passed on; of others, what is known is written so."""
    entry = tag(found.card)
    family = entry["details"]["family"]
    known = {
        "general.architecture": family,
        "general.parameter_count": found.parameters,
        f"{family}.context_length": found.context_tokens,
        f"{family}.embedding_length": found.dimensions,
    }
    about = found.said.get("model_info") or {name: value for name, value in known.items() if value}
    kept = {"details": entry["details"], "model_info": about, "capabilities": entry["capabilities"]}
    return {"modified_at": entry["modified_at"]} | found.said | kept


def running(model: LoadedModel) -> dict[str, Any]:
    """An entry of /api/ps."""
    entry = tag(model.card)
    listed = {name: entry[name] for name in ("name", "model", "size", "digest", "details")}
    memory = {"size_vram": model.vram_bytes, "context_length": model.context_tokens or 0}
    return {**listed, "expires_at": moment(model.expires_at or _LONG_AGO), **memory} | model.said


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


def head(model: str | None, card: ModelCard, stamps: Stamps) -> dict[str, Any]:
    """What every object of an answer begins with: the model, as the client called it, and the time."""
    return {"model": model, **_remote(card), "created_at": stamps.moment()}


def _remote(card: ModelCard) -> dict[str, str]:
    """Where Ollama's own cloud has a model; all others are there for its clients as if they were local."""
    said = {"remote_model": card.remote_model, "remote_host": card.remote_host}
    return {name: value for name, value in said.items() if value}


def _call(call: ToolCall, number: int) -> dict[str, Any]:
    index = call.function.index if call.function.index is not None else number
    function = {"index": index, "name": call.function.name, "arguments": call.function.arguments}
    return {"id": call.id or new_call_id(), "function": function}
