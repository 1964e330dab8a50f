"""What the fake answers, and how Ollama writes it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

_TOKEN = re.compile(r"\s*\S+|\s+$")
_NEWEST = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the fake, and what goes wrong with it.

    Faults: a `status` other than 200, with `error` and `retry_after`; an `error` inside the stream, or a `stall` that
    lasts until the client leaves, after so many tokens (`after`); the connection cut at a byte of the body
    (`drop_at_byte`) or before any answer (`reset`); any bytes in place of the stream (`raw`), of any `content_type`.
    """

    text: str = ""
    thinking: str = ""
    tool_calls: tuple[dict[str, Any], ...] = ()
    status: int = 200
    error: str = ""
    retry_after: str | None = None
    stall: bool = False
    after: int = 0
    reset: bool = False
    drop_at_byte: int | None = None
    raw: bytes | None = None
    content_type: str = ""
    tokens_per_s: float | None = None
    done_reason: str = "stop"

    @property
    def is_cut_short(self) -> bool:
        """Whether only `after` tokens of it are sent."""
        return self.stall or bool(self.error)


def writer_of(path: str, body: dict[str, Any]) -> "Writer | EventWriter":
    """What writes the answer to a request."""
    return EventWriter(body) if path.startswith("/v1/") else Writer(path, body)


def bytes_of(reply: Reply, path: str, body: dict[str, Any]) -> bytes:
    """A whole stream, as it is sent."""
    return b"".join(writer_of(path, body).lines(reply))


class Writer:
    """Writes answers as Ollama does, for chat or for generate."""

    media_type = "application/x-ndjson"

    def __init__(self, path: str, body: dict[str, Any]) -> None:
        self._chats = path.endswith("/chat")
        self._model = body.get("model")

    def lines(self, reply: Reply) -> list[bytes]:
        """The lines of a stream."""
        if reply.raw is not None:
            return [reply.raw]
        tokens = _TOKEN.findall(reply.text)
        lines = [self.line(thinking=token) for token in _TOKEN.findall(reply.thinking)]
        lines += [self.line(text=token) for token in (tokens[: reply.after] if reply.is_cut_short else tokens)]
        if reply.error:
            lines.append({"error": reply.error})
        elif not reply.stall:
            lines += [self.line(tool_calls=reply.tool_calls)] if reply.tool_calls else []
            lines.append(self.line(done=True, done_reason=reply.done_reason, tokens=len(tokens)))
        return [msgspec.json.encode(line) + b"\n" for line in lines]

    def whole(self, reply: Reply) -> dict[str, Any]:
        """The same as one object."""
        tokens = len(_TOKEN.findall(reply.text))
        return self.line(reply.text, reply.thinking, reply.tool_calls, True, reply.done_reason, tokens)

    def line(
        self,
        text: str = "",
        thinking: str = "",
        tool_calls: tuple[dict[str, Any], ...] = (),
        done: bool = False,
        done_reason: str = "",
        tokens: int = 0,
    ) -> dict[str, Any]:
        """One object of an answer."""
        head = {"model": self._model, "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z")}
        said: dict[str, Any] = {"content" if self._chats else "response": text}
        said |= ({"thinking": thinking} if thinking else {}) | ({"tool_calls": tool_calls} if tool_calls else {})
        line = head | ({"message": {"role": "assistant", **said}} if self._chats else said) | {"done": done}
        return line | ({"done_reason": done_reason, **(_metrics(tokens) if tokens else {})} if done else {})


class EventWriter:
    """Writes answers as OpenAI's chat completions are."""

    media_type = "text/event-stream"

    def __init__(self, body: dict[str, Any]) -> None:
        self._model = body.get("model")

    def lines(self, reply: Reply) -> list[bytes]:
        """The events of a stream."""
        if reply.raw is not None:
            return [reply.raw]
        tokens = _TOKEN.findall(reply.text)
        deltas: list[dict[str, Any]] = [{"reasoning_content": token} for token in _TOKEN.findall(reply.thinking)]
        deltas += [{"content": token} for token in (tokens[: reply.after] if reply.is_cut_short else tokens)]
        events = [self._event(delta) for delta in deltas]
        if reply.error:
            events.append({"error": {"message": reply.error}})
        elif not reply.stall:
            events += [self._event({"tool_calls": _fragments(reply.tool_calls)})] if reply.tool_calls else []
            events.append(self._event({}, "tool_calls" if reply.tool_calls else reply.done_reason))
            events.append({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": len(tokens)}})
        ends = [] if reply.is_cut_short else [b"data: [DONE]\n\n"]
        return [b"data: " + msgspec.json.encode(event) + b"\n\n" for event in events] + ends

    def whole(self, reply: Reply) -> dict[str, Any]:
        """The same as one object."""
        message = {"role": "assistant", "content": reply.text, "tool_calls": _fragments(reply.tool_calls)}
        return {"model": self._model, "choices": [{"index": 0, "message": message, "finish_reason": reply.done_reason}]}

    def _event(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return {"model": self._model, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _fragments(calls: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    """Tool calls, whose arguments are text in this API."""
    return [
        {
            "index": index,
            "id": call.get("id"),
            "function": {
                "name": call["function"]["name"],
                "arguments": msgspec.json.encode(call["function"].get("arguments", {})).decode(),
            },
        }
        for index, call in enumerate(calls)
    ]


def _metrics(tokens: int) -> dict[str, int]:
    return {
        "total_duration": 2_000_000,
        "load_duration": 1_000_000,
        "prompt_eval_count": 3,
        "prompt_eval_duration": 300_000,
        "eval_count": tokens,
        "eval_duration": 700_000,
    }


def listed(name: str, age_days: int) -> dict[str, Any]:
    """A model as /api/tags lists it."""
    embeds = "embed" in name
    return {
        "name": name,
        "model": name,
        "modified_at": (_NEWEST - timedelta(days=age_days)).isoformat().replace("+00:00", "Z"),
        "size": 2_000_000_000,
        "digest": f"{age_days:064x}",
        "details": {
            "parent_model": "",
            "format": "gguf",
            "family": "bert" if embeds else "llama",
            "families": ["bert" if embeds else "llama"],
            "parameter_size": "3.2B",
            "quantization_level": "Q4_K_M",
        },
        "capabilities": ["embedding"] if embeds else ["completion", "tools", "thinking"],
    }
