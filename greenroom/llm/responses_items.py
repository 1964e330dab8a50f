"""The items that an answer of the Responses API is made of: what was thought, said or called, and how each is told.

Source: OpenAI's API reference, streaming events of responses.
"""

import json
from collections.abc import Iterator
from typing import Any

from greenroom.llm.dialect import new_call_id
from greenroom.model import Chunk, ToolCall

Event = tuple[str, dict[str, Any]]
"""Its name, and what it says."""


class Thought:
    """What the model thought: a summary of one part, which is all of it."""

    def __init__(self, index: int, token: str) -> None:
        self._index = index
        self._id = f"rs_{token}{index}"
        self._pieces: list[str] = []
        self._place = {"item_id": self._id, "output_index": index, "summary_index": 0}

    def begin(self) -> Iterator[Event]:
        """Its first events."""
        yield _added(self._index, {"id": self._id, "type": "reasoning", "summary": []})
        yield "response.reasoning_summary_part.added", {**self._place, "part": _summary("")}

    def more(self, chunk: Chunk) -> Iterator[Event]:
        """The event of a piece."""
        self._pieces.append(chunk.thinking)
        yield "response.reasoning_summary_text.delta", {**self._place, "delta": chunk.thinking}

    def end(self) -> Iterator[Event]:
        """Its last events."""
        text = "".join(self._pieces)
        yield "response.reasoning_summary_text.done", {**self._place, "text": text}
        yield "response.reasoning_summary_part.done", {**self._place, "part": _summary(text)}
        yield _done(self._index, self.whole())

    def whole(self) -> dict[str, Any]:
        """All of it."""
        return {"id": self._id, "type": "reasoning", "summary": [_summary("".join(self._pieces))]}


class Message:
    """What the model said: a message of one part."""

    def __init__(self, index: int, token: str) -> None:
        self._index = index
        self._id = f"msg_{token}{index}"
        self._pieces: list[str] = []
        self._logprobs: list[dict[str, Any]] = []
        self._place = {"item_id": self._id, "output_index": index, "content_index": 0}

    def begin(self) -> Iterator[Event]:
        """Its first events."""
        yield _added(self._index, self._as_item("in_progress", []))
        yield "response.content_part.added", {**self._place, "part": _said("", [])}

    def more(self, chunk: Chunk) -> Iterator[Event]:
        """The event of a piece."""
        logprobs = [{"bytes": [], "top_logprobs": [], **entry} for entry in chunk.logprobs]
        self._pieces.append(chunk.text)
        self._logprobs += logprobs
        yield "response.output_text.delta", {**self._place, "delta": chunk.text, "logprobs": logprobs}

    def end(self) -> Iterator[Event]:
        """Its last events."""
        text = "".join(self._pieces)
        yield "response.output_text.done", {**self._place, "text": text, "logprobs": self._logprobs}
        yield "response.content_part.done", {**self._place, "part": _said(text, self._logprobs)}
        yield _done(self._index, self.whole())

    def whole(self) -> dict[str, Any]:
        """All of it."""
        return self._as_item("completed", [_said("".join(self._pieces), self._logprobs)])

    def _as_item(self, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
        return {"id": self._id, "type": "message", "status": status, "role": "assistant", "content": content}


class Call:
    """A tool that the model wants called; it comes whole."""

    def __init__(self, index: int, token: str, call: ToolCall) -> None:
        self._index = index
        self._id = f"fc_{token}{index}"
        self._call_id = call.id or new_call_id()
        self._name = call.function.name
        self._arguments = json.dumps(call.function.arguments, ensure_ascii=False, separators=(",", ":"))
        self._place = {"item_id": self._id, "output_index": index}

    def events(self) -> Iterator[Event]:
        """All of its events."""
        yield _added(self._index, self._as_item("in_progress", ""))
        yield "response.function_call_arguments.delta", {**self._place, "delta": self._arguments}
        ended = {"name": self._name, "arguments": self._arguments}
        yield "response.function_call_arguments.done", {**self._place, **ended}
        yield _done(self._index, self.whole())

    def whole(self) -> dict[str, Any]:
        """All of it."""
        return self._as_item("completed", self._arguments)

    def _as_item(self, status: str, arguments: str) -> dict[str, Any]:
        called = {"call_id": self._call_id, "name": self._name, "arguments": arguments}
        return {"id": self._id, "type": "function_call", "status": status, **called}


def _summary(text: str) -> dict[str, Any]:
    return {"type": "summary_text", "text": text}


def _said(text: str, logprobs: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": logprobs}


def _added(index: int, item: dict[str, Any]) -> Event:
    return "response.output_item.added", {"output_index": index, "item": item}


def _done(index: int, item: dict[str, Any]) -> Event:
    return "response.output_item.done", {"output_index": index, "item": item}
