"""Requests as Anthropic's clients send them, with the meaning that Ollama gives them."""

from typing import Any

import msgspec

from greenroom.errors import BadRequest
from greenroom.llm.asked import check_base64, valid
from greenroom.model import ChatMessage, ChatRequest, Options, ThinkLevel

_EFFORTS: dict[str, ThinkLevel] = {"low": "low", "medium": "medium", "high": "high", "xhigh": "high", "max": "max"}


class Source(msgspec.Struct):
    """Where a picture is: here, as base64, or somewhere else."""

    type: str
    data: str = ""


class Block(msgspec.Struct):
    """A part of a message; which fields it has depends on its type."""

    type: str
    text: str | None = None
    thinking: str | None = None
    source: Source | None = None
    id: str | None = None
    name: str | None = None
    input: dict[str, Any] | None = None
    tool_use_id: str | None = None
    content: "str | list[Block] | None" = None


class Message(msgspec.Struct):
    """One message; its content is a text or a list of blocks."""

    role: str
    content: str | list[Block]


class Tool(msgspec.Struct):
    """A tool of the caller's own. Those that have a type are Anthropic's, and run there."""

    name: str
    type: str | None = None
    description: str | None = None
    input_schema: dict[str, Any] | None = None


class Thinking(msgspec.Struct):
    """Whether to think."""

    type: str | None = None


class Format(msgspec.Struct):
    """The form that the answer shall have."""

    type: str | None = None
    schema: dict[str, Any] | None = None


class OutputConfig(msgspec.Struct):
    """How much to think, and in which form to answer."""

    effort: str | None = None
    format: Format | None = None


class Body(msgspec.Struct):
    """The body of POST /v1/messages. `null` is the same as absent; unknown fields are ignored."""

    model: str | None = None
    max_tokens: int | None = None
    messages: list[Message] | None = None
    system: str | list[Block] | None = None
    stream: bool | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop_sequences: list[str] | None = None
    tools: list[Tool] | None = None
    thinking: Thinking | None = None
    output_config: OutputConfig | None = None


def check(body: Body, *, needs_limit: bool = True) -> str:
    """Check what can be checked without knowing the model, and give its name. Raises: BadRequest, in Ollama's words."""
    if not body.model:
        raise BadRequest("model is required")
    if needs_limit and (body.max_tokens or 0) <= 0:
        raise BadRequest("max_tokens is required and must be positive")
    if not body.messages:
        raise BadRequest("messages is required")
    return body.model


def chat_request(body: Body) -> ChatRequest:
    """The same as a request of ours. Raises: BadRequest."""
    given = body.messages or []
    names = {
        block.id: block.name for message in given for block in _blocks(message.content) if block.type == "tool_use"
    }
    messages = [one for message in given for one in _messages(message, names)]
    if system := _text(_blocks(body.system)):
        messages.insert(0, ChatMessage(role="system", content=system))
    return valid(
        ChatRequest,
        model=body.model,
        role=None,
        messages=messages,
        tools=[_tool(tool) for tool in body.tools or ()],
        format=_format(body.output_config),
        think=_think(body),
        options=_options(body),
    )


def _messages(given: Message, names: dict[str | None, str | None]) -> list[ChatMessage]:
    """A message of ours, after the results of tools that it brings. `names` of the tools, by the id of the call."""
    blocks = _blocks(given.content)
    results = [_result(block, names) for block in blocks if block.type == "tool_result"]
    rest = [block for block in blocks if block.type != "tool_result"]
    if results and not rest:
        return results
    said = valid(
        ChatMessage,
        role=given.role.casefold(),
        content=_text(rest),
        thinking="\n".join(block.thinking for block in rest if block.thinking) or None,
        images=[_picture(block) for block in rest if block.type == "image"],
        tool_calls=[_call(block) for block in rest if block.type == "tool_use"],
    )
    return [*results, said]


def _blocks(content: str | list[Block] | None) -> list[Block]:
    if content is None or isinstance(content, str):
        return [Block(type="text", text=content or "")]
    unknown = next((block.type for block in content if block.type not in _KNOWN), None)
    if unknown is not None:
        raise BadRequest(f"invalid content block type {unknown[:50]!r}: expected one of {', '.join(sorted(_KNOWN))}")
    return content


_KNOWN = frozenset({"text", "image", "tool_use", "tool_result", "thinking", "redacted_thinking"})


def _text(blocks: list[Block]) -> str:
    """The texts, each on lines of its own."""
    return "\n".join(block.text for block in blocks if block.type == "text" and block.text)


def _result(block: Block, names: dict[str | None, str | None]) -> ChatMessage:
    content = _blocks(block.content)
    return valid(
        ChatMessage,
        role="tool",
        content=_text(content),
        images=[_picture(part) for part in content if part.type == "image"],
        tool_name=names.get(block.tool_use_id),
        tool_call_id=block.tool_use_id,
    )


def _picture(block: Block) -> str:
    if block.source is None:
        raise BadRequest("invalid image source")
    if block.source.type != "base64":
        kind = block.source.type[:50]
        raise BadRequest(f"invalid image source type: {kind}. Only base64 images are supported.")
    check_base64(block.source.data)
    return block.source.data


def _call(block: Block) -> dict[str, Any]:
    for field in ("id", "name"):
        if not getattr(block, field):
            raise BadRequest(f"tool_use block missing required '{field}' field")
    return {"id": block.id, "function": {"name": block.name, "arguments": block.input or {}}}


def _tool(tool: Tool) -> dict[str, Any]:
    if tool.type not in {None, "custom"}:
        raise BadRequest(
            f"the tool {tool.name[:50]!r} of type {str(tool.type)[:50]!r} runs at Anthropic's and not here; "
            "only tools with an input_schema can be used"
        )
    described = {"description": tool.description} if tool.description else {}
    schema = tool.input_schema or {"type": "object", "properties": {}}
    return {"type": "function", "function": {"name": tool.name, **described, "parameters": schema}}


def _format(config: OutputConfig | None) -> Any:
    wanted = config.format if config else None
    if wanted is None:
        return None
    if wanted.type != "json_schema" or wanted.schema is None:
        raise BadRequest("invalid output_config.format: expected {'type': 'json_schema', 'schema': …}")
    return wanted.schema


def _think(body: Body) -> ThinkLevel | None:
    """How much to think. What this API calls adaptive is left to the effort; without one the model thinks."""
    wanted = body.thinking.type if body.thinking else None
    if wanted == "disabled":
        return False
    effort = (body.output_config.effort or "").strip().casefold() if body.output_config else ""
    return _EFFORTS.get(effort, True if wanted else None)


def _options(body: Body) -> Options:
    given = {
        "num_predict": body.max_tokens,
        "temperature": body.temperature,
        "top_p": body.top_p,
        "top_k": body.top_k,
        "stop": [word for word in body.stop_sequences or () if word] or None,
    }
    return valid(Options, **{name: value for name, value in given.items() if value is not None})
