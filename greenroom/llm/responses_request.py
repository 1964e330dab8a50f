"""Requests of OpenAI's Responses API, with the meaning that Ollama gives them. Nothing is kept between two of them."""

from typing import Any

import msgspec

from greenroom.errors import BadRequest
from greenroom.llm.asked import check_top_logprobs, valid
from greenroom.llm.openai_request import JsonSchema, called_arguments, picture, think_level
from greenroom.model import ChatMessage, ChatRequest, Options, ToolCall

_LOGPROBS = "message.output_text.logprobs"
_TEXTS = frozenset({"input_text", "output_text", "text"})
_NEEDS_MEMORY = "Greenroom keeps nothing between two requests of this API; send the whole conversation as input"


class Part(msgspec.Struct):
    """A part of a message, of what a tool gave, or of thoughts."""

    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: str | None = None


class Item(msgspec.Struct):
    """One item of a conversation; which fields it has depends on its type. Without one it is a message."""

    type: str = "message"
    role: str = ""
    content: str | list[Part] | None = None
    summary: list[Part] | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: str | None = None
    output: str | list[Part] | None = None


class Tool(msgspec.Struct):
    """A tool. Those that are not functions run at OpenAI's."""

    type: str
    name: str = ""
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Format(JsonSchema):
    """The form that the answer shall have."""

    type: str = "text"
    name: str | None = None
    strict: bool | None = None


class Text(msgspec.Struct):
    """What is said of the text of the answer."""

    format: Format | None = None


class Reasoning(msgspec.Struct):
    """How much to think, and how much of it to tell."""

    effort: str | None = None
    summary: str | None = None


class ResponsesBody(msgspec.Struct):
    """The body of POST /v1/responses. `null` is the same as absent; unknown fields are ignored."""

    model: str | None = None
    input: str | list[Item] | None = None
    instructions: str | None = None
    tools: list[Tool] | None = None
    reasoning: Reasoning | None = None
    text: Text | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_output_tokens: int | None = None
    top_logprobs: int | None = None
    include: list[str] | None = None
    stream: bool | None = None
    truncation: str | None = None
    metadata: dict[str, str] | None = None
    previous_response_id: str | None = None
    conversation: Any = None
    prompt: Any = None
    background: bool | None = None


def chat_request(body: ResponsesBody) -> ChatRequest:
    """The same as a request of ours. Raises: BadRequest."""
    _check(body)
    messages = _Conversation(body.input or []).messages
    if body.instructions:
        messages.insert(0, ChatMessage(role="system", content=body.instructions))
    return valid(
        ChatRequest,
        model=body.model,
        role=None,
        messages=messages,
        tools=[_tool(tool) for tool in body.tools or ()],
        format=_format(body.text),
        think=think_level(body.reasoning.effort if body.reasoning else None),
        options=_options(body),
        logprobs=_LOGPROBS in (body.include or ()),
        top_logprobs=body.top_logprobs or 0,
    )


def _check(body: ResponsesBody) -> None:
    for field in ("previous_response_id", "conversation", "prompt"):
        if getattr(body, field):
            raise BadRequest(f"{field} is not supported: {_NEEDS_MEMORY}")
    if body.background:
        raise BadRequest(f"background is not supported: {_NEEDS_MEMORY}")
    if not body.input:
        raise BadRequest("input is required")
    check_top_logprobs(body.top_logprobs)


class _Conversation:
    """Items as messages: what was thought and what was called belong to the line of the assistant beside them."""

    def __init__(self, given: str | list[Item]) -> None:
        self.messages: list[ChatMessage] = []
        self._thought = ""
        self._names: dict[str | None, str | None] = {}
        items = [Item(role="user", content=given)] if isinstance(given, str) else given
        for item in items:
            self._take(item)
        self._say_what_was_thought()

    def _take(self, item: Item) -> None:
        match item.type:
            case "message":
                self._add_message(item)
            case "reasoning":
                self._say_what_was_thought()
                parts = item.summary or (item.content if isinstance(item.content, list) else [])
                self._thought = "\n".join(part.text for part in parts if part.text)
            case "function_call":
                self._add_call(item)
            case "function_call_output":
                self._add_output(item)
            case _:
                raise BadRequest(f"input items of type {item.type[:50]!r} are not supported")

    def _add_message(self, item: Item) -> None:
        role = "system" if item.role == "developer" else item.role
        words, images = _content(item.content)
        if role != "assistant":
            self._say_what_was_thought()
        thinking, self._thought = self._thought or None, ""
        self.messages.append(valid(ChatMessage, role=role, content=words, images=images, thinking=thinking))

    def _add_call(self, item: Item) -> None:
        self._names[item.call_id] = item.name
        function = {"name": item.name or "", "arguments": called_arguments(item.arguments)}
        call = valid(ToolCall, id=item.call_id, function=function)
        if self._thought or not self.messages or self.messages[-1].role != "assistant":
            self.messages.append(ChatMessage(role="assistant", thinking=self._thought or None))
            self._thought = ""
        last = self.messages.pop()
        self.messages.append(last.model_copy(update={"tool_calls": (*last.tool_calls, call)}))

    def _add_output(self, item: Item) -> None:
        self._say_what_was_thought()
        words, images = _content(item.output)
        name = self._names.get(item.call_id)
        said = valid(ChatMessage, role="tool", content=words, images=images, tool_name=name, tool_call_id=item.call_id)
        self.messages.append(said)

    def _say_what_was_thought(self) -> None:
        """What was thought before no line of the assistant is one by itself."""
        if self._thought:
            self.messages.append(ChatMessage(role="assistant", thinking=self._thought))
            self._thought = ""


def _content(given: str | list[Part] | None) -> tuple[str, list[str]]:
    """The text of an item, each part on lines of its own, and its pictures."""
    if given is None or isinstance(given, str):
        return given or "", []
    words, images = [], []
    for part in given:
        if part.type in _TEXTS and part.text is not None:
            words.append(part.text)
        elif part.type == "refusal":
            words.append(part.refusal or "")
        elif part.type == "input_image":
            images.append(picture(part.image_url))
        elif part.type == "input_file":
            raise BadRequest("file inputs are not currently supported")
        else:
            raise BadRequest(f"unknown content type: {part.type[:50]}")
    return "\n".join(words), images


def _tool(tool: Tool) -> dict[str, Any]:
    if tool.type != "function":
        raise BadRequest(f"tools of type {tool.type[:50]!r} run at OpenAI's and not here; only functions can be used")
    described = {"description": tool.description} if tool.description else {}
    schema = tool.parameters or {"type": "object", "properties": {}}
    return {"type": "function", "function": {"name": tool.name, **described, "parameters": schema}}


def _format(text: Text | None) -> Any:
    wanted = text.format if text else None
    if wanted is None or wanted.type == "text":
        return None
    if wanted.type == "json_object":
        return "json"
    if wanted.type != "json_schema" or wanted.schema is None:
        raise BadRequest("invalid text.format: expected {'type': 'json_schema', 'name': …, 'schema': …}")
    return wanted.schema


def _options(body: ResponsesBody) -> Options:
    given = {
        "temperature": 1.0 if body.temperature is None else body.temperature,
        "top_p": body.top_p,
        "num_predict": body.max_output_tokens,
    }
    return valid(Options, **{name: value for name, value in given.items() if value is not None})
