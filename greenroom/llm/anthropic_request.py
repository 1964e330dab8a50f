"""Requests as Anthropic's clients send them, with the meaning that Ollama gives them."""

from typing import Any

import msgspec

from greenroom.errors import BadRequest
from greenroom.llm.anthropic_search_tool import FUNCTION, NAME, Found, SearchTool, failure, result_message, search_tool
from greenroom.llm.asked import check_base64, valid
from greenroom.model import ChatMessage, ChatRequest, Options, SearchResult, ThinkLevel

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
    content: "str | list[Block] | Block | None" = None
    url: str | None = None
    title: str | None = None
    encrypted_content: str | None = None
    error_code: str | None = None


class Message(msgspec.Struct):
    """One message; its content is a text or a list of blocks."""

    role: str
    content: str | list[Block]


class Tool(msgspec.Struct):
    """A tool of the caller's own. Those that have a type are Anthropic's, and run there; its web search runs here."""

    name: str
    type: str | None = None
    description: str | None = None
    input_schema: dict[str, Any] | None = None
    max_uses: int | None = None
    allowed_domains: list[str] | None = None
    blocked_domains: list[str] | None = None

    @property
    def searches(self) -> bool:
        """Whether it is Anthropic's web search, of any version."""
        return (self.type or "").startswith("web_search_")


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


def search_wanted(body: Body) -> SearchTool | None:
    """The web search that the model may use, if any. Raises: BadRequest."""
    tool = next((tool for tool in body.tools or () if tool.searches), None)
    if tool is None:
        return None
    if tool.name != NAME or sum(other.name == NAME for other in body.tools or ()) > 1:
        raise BadRequest(f"the tool of type {str(tool.type)[:50]!r} must be named {NAME!r}, and no other tool so")
    return search_tool(tool.max_uses, tool.allowed_domains, tool.blocked_domains)


def chat_request(body: Body, quoted_chars: int) -> ChatRequest:
    """The same as a request of ours. Of each earlier search `quoted_chars` are told at most. Raises: BadRequest."""
    given = body.messages or []
    names = {
        block.id: block.name for message in given for block in _blocks(message.content) if block.type == "tool_use"
    }
    messages = [one for message in given for one in _messages(message, names, quoted_chars)]
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


def _messages(given: Message, names: dict[str | None, str | None], quoted_chars: int) -> list[ChatMessage]:
    """Messages of ours, after the results of tools. `names` of the tools, by the id of the call."""
    blocks = _blocks(given.content)
    messages = [_result(block, names) for block in blocks if block.type == "tool_result"]
    rest = [block for block in blocks if block.type != "tool_result"]
    if messages and not rest:
        return messages
    for part in _up_to_searches(rest):
        said = [block for block in part if block.type != _SEARCHED]
        if said or not part:
            messages.append(_message(given.role, said))
        messages += [_found(block, quoted_chars) for block in part if block.type == _SEARCHED]
    return messages


def _up_to_searches(blocks: list[Block]) -> list[list[Block]]:
    """The blocks in parts, each of which ends with what searches found; at least one."""
    parts: list[list[Block]] = [[]]
    for block in blocks:
        if parts[-1] and parts[-1][-1].type == _SEARCHED != block.type:
            parts.append([])
        parts[-1].append(block)
    return parts


def _message(role: str, blocks: list[Block]) -> ChatMessage:
    return valid(
        ChatMessage,
        role=role.casefold(),
        content=_text(blocks),
        thinking="\n".join(block.thinking for block in blocks if block.thinking) or None,
        images=[_picture(block) for block in blocks if block.type == "image"],
        tool_calls=[_call(block) for block in blocks if block.type in {"tool_use", "server_tool_use"}],
    )


def _found(block: Block, quoted_chars: int) -> ChatMessage:
    """What a search found that was done for an earlier answer."""
    if not block.tool_use_id:
        raise BadRequest(f"{_SEARCHED} block missing required 'tool_use_id' field")
    content = [block.content] if isinstance(block.content, Block) else _blocks(block.content, _FOUND)
    if failed := next((one for one in content if one.type != "web_search_result"), None):
        found: Found = failure(failed.error_code)
    else:
        found = tuple(_page(page) for page in content)
    return result_message(block.tool_use_id, found, quoted_chars)


def _page(block: Block) -> SearchResult:
    title, url, snippet = block.title or "", block.url or "", block.encrypted_content or ""
    return SearchResult(title=title, url=url, snippet=snippet, score=0.0, source="")


_SEARCHED = "web_search_tool_result"
_FOUND = frozenset({"web_search_result"})
_KNOWN = frozenset(
    {"text", "image", "tool_use", "tool_result", "thinking", "redacted_thinking", "server_tool_use", _SEARCHED}
)


def _blocks(content: str | list[Block] | Block | None, known: frozenset[str] = _KNOWN) -> list[Block]:
    if content is None or isinstance(content, str):
        return [Block(type="text", text=content or "")]
    given = [content] if isinstance(content, Block) else content
    unknown = next((block.type for block in given if block.type not in known), None)
    if unknown is not None:
        raise BadRequest(f"invalid content block type {unknown[:50]!r}: expected one of {', '.join(sorted(known))}")
    return given


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
            raise BadRequest(f"{block.type} block missing required '{field}' field")
    if block.type == "server_tool_use" and block.name != NAME:
        raise BadRequest(f"the tool {str(block.name)[:50]!r} runs at Anthropic's and not here; only {NAME!r} does")
    return {"id": block.id, "function": {"name": block.name, "arguments": block.input or {}}}


def _tool(tool: Tool) -> dict[str, Any]:
    if tool.searches:
        return {"type": "function", "function": FUNCTION}
    if tool.type not in {None, "custom"}:
        raise BadRequest(
            f"the tool {tool.name[:50]!r} of type {str(tool.type)[:50]!r} runs at Anthropic's and not here; "
            f"only {NAME!r} and tools with an input_schema can be used"
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
