"""Answers of OpenAI's Responses API, with the fields that Ollama fills in: whole, and as server-sent events."""

from collections.abc import Iterator
from typing import Any

import msgspec

from greenroom.errors import UpstreamFailed
from greenroom.llm.responses_items import Call, Event, Message, Thought
from greenroom.llm.responses_request import ResponsesBody
from greenroom.llm.stamps import Stamps
from greenroom.model import Chunk, Usage

MOST_CHARACTERS = 2_000_000

_CUT_SHORT = {"length": "max_output_tokens", "content_filter": "content_filter"}
_CODES = {400: "invalid_prompt", 429: "rate_limit_exceeded", 503: "rate_limit_exceeded"}


class ResponseAnswer:
    """One answer. A stream keeps what it has told, up to a limit, for its last event tells everything again."""

    media_type = "text/event-stream"

    def __init__(self, model: str, body: ResponsesBody, stamps: Stamps) -> None:
        self._model, self._body, self._stamps = model, body, stamps
        self._head = {
            "id": f"resp_{stamps.token}",
            "object": "response",
            "created_at": stamps.seconds(),
            "model": model,
            **_asked(body),
            **_NOT_SUPPORTED,
        }
        self._events = self._held = 0
        self._output: list[dict[str, Any]] = []
        self._open: Thought | Message | None = None

    def afresh(self, stamps: Stamps) -> "ResponseAnswer":
        """A writer of the same answer with other stamps, from the beginning."""
        return ResponseAnswer(self._model, self._body, stamps)

    def whole(self, chunk: Chunk) -> dict[str, Any]:
        """The answer as one object."""
        for _ in self._items(chunk):
            pass
        return self._ended(chunk)

    def pieces(self, chunk: Chunk) -> Iterator[bytes]:
        """The events of a chunk: text and thoughts go on in the item that is open, as long as they are of a kind."""
        if not self._events:
            begun = self._response("in_progress", output=[])
            yield self._written("response.created", {"response": begun})
            yield self._written("response.in_progress", {"response": begun})
        for name, content in self._items(chunk):
            yield self._written(name, content)
        if chunk.done:
            ended = self._ended(chunk)
            yield self._written(f"response.{ended['status']}", {"response": ended})

    def failure(self, status: int, text: str) -> bytes:
        """The last event of a stream that fails."""
        error = {"code": _CODES.get(status, "server_error"), "message": text}
        return self._written("response.failed", {"response": self._response("failed", error=error)})

    def _items(self, chunk: Chunk) -> Iterator[Event]:
        """What a chunk adds to the items. An answer without a word has an empty message.

        Raises: UpstreamFailed, when it is longer than any model writes.
        """
        self._held += len(chunk.text) + len(chunk.thinking)
        if self._held > MOST_CHARACTERS:
            raise UpstreamFailed(f"the answer is longer than {MOST_CHARACTERS} characters")
        if chunk.thinking:
            yield from self._go_on(Thought, chunk)
        if chunk.text:
            yield from self._go_on(Message, chunk)
        for call in chunk.tool_calls:
            yield from self._close()
            item = Call(len(self._output), self._stamps.token, call)
            yield from item.events()
            self._output.append(item.whole())
        if chunk.done:
            if isinstance(self._open, Thought) or not (self._open or self._output):
                yield from self._go_on(Message, chunk)
            yield from self._close()

    def _go_on(self, kind: type[Thought | Message], chunk: Chunk) -> Iterator[Event]:
        if not isinstance(self._open, kind):
            yield from self._close()
            self._open = kind(len(self._output), self._stamps.token)
            yield from self._open.begin()
        yield from self._open.more(chunk)

    def _close(self) -> Iterator[Event]:
        if self._open is not None:
            yield from self._open.end()
            self._output.append(self._open.whole())
            self._open = None

    def _ended(self, chunk: Chunk) -> dict[str, Any]:
        usage, reason = _usage(chunk.usage or Usage()), _CUT_SHORT.get(chunk.done_reason or "")
        if reason:
            return self._response("incomplete", incomplete_details={"reason": reason}, usage=usage)
        return self._response("completed", completed_at=self._stamps.seconds(), usage=usage)

    def _response(self, status: str, **said: Any) -> dict[str, Any]:
        told = {"output": self._output, "error": None, "incomplete_details": None, "completed_at": None, "usage": None}
        return {**self._head, "status": status, **told, **said}

    def _written(self, name: str, content: dict[str, Any]) -> bytes:
        numbered = {"type": name, "sequence_number": self._events, **content}
        self._events += 1
        return f"event: {name}\ndata: ".encode() + msgspec.json.encode(numbered) + b"\n\n"


_NOT_SUPPORTED = {
    "previous_response_id": None,
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "max_tool_calls": None,
    "store": False,
    "background": False,
    "service_tier": "default",
    "safety_identifier": None,
    "prompt_cache_key": None,
}
"""What stands in every answer and is always the same."""


def _asked(body: ResponsesBody) -> dict[str, Any]:
    """What the answer repeats of the request."""
    tools = [msgspec.to_builtins(tool) for tool in body.tools or ()]
    wanted = body.text.format if body.text else None
    given = msgspec.to_builtins(wanted) if wanted else {"type": "text"}
    thinks = body.reasoning and (body.reasoning.effort or body.reasoning.summary)
    return {
        "instructions": body.instructions or None,
        "tools": tools,
        "text": {"format": {name: value for name, value in given.items() if value is not None}},
        "reasoning": msgspec.to_builtins(body.reasoning) if thinks else None,
        "temperature": 1.0 if body.temperature is None else body.temperature,
        "top_p": 1.0 if body.top_p is None else body.top_p,
        "top_logprobs": body.top_logprobs or 0,
        "max_output_tokens": body.max_output_tokens,
        "truncation": body.truncation or "disabled",
        "metadata": body.metadata or {},
    }


def _usage(usage: Usage) -> dict[str, Any]:
    """Tokens; 0 also where nobody counted, which these clients have no word for."""
    prompt, completion = usage.prompt_tokens or 0, usage.completion_tokens or 0
    return {
        "input_tokens": prompt,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": completion,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": prompt + completion,
    }
