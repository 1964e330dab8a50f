"""Requests as OpenAI's clients send them, with the meaning and the defaults that Ollama gives them."""

from typing import Annotated, Any

import msgspec

from greenroom.errors import BadRequest
from greenroom.llm.asked import check_base64, check_top_logprobs, valid
from greenroom.llm.faults import UNREADABLE
from greenroom.model import ChatMessage, ChatRequest, GenerateRequest, Options, Texts, ThinkLevel

_EFFORTS: dict[str, ThinkLevel] = {
    "none": False,
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "max": "max",
    "xhigh": "max",
    "ultra": "max",
}
_PICTURES = tuple(f"data:{kind};base64," for kind in ("image/jpeg", "image/jpg", "image/png", "image/webp", ""))
_MOST_DIMENSIONS = 65_536


class StreamOptions(msgspec.Struct):
    """What a stream shall tell beside the text."""

    include_usage: bool | None = None


class Body(msgspec.Struct):
    """What all completions have in common. `null` is the same as absent; unknown fields are ignored."""

    model: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None

    @property
    def tells_usage(self) -> bool:
        """Whether a stream shall end with what it took."""
        return bool(self.stream_options and self.stream_options.include_usage)


class Function(msgspec.Struct):
    """What was called, with its arguments as a text of JSON."""

    name: str = ""
    arguments: str | None = None


class Call(msgspec.Struct):
    """A tool call of an earlier answer."""

    id: str | None = None
    function: Function | None = None


class Message(msgspec.Struct):
    """One message; its content is a text, a list of parts, or nothing beside tool calls."""

    role: str
    content: Any = None
    name: str | None = None
    reasoning: str | None = None
    tool_calls: list[Call] | None = None
    tool_call_id: str | None = None


class JsonSchema(msgspec.Struct):
    """A schema with its name, of which only the schema matters."""

    schema: dict[str, Any] | None = None


class ResponseFormat(msgspec.Struct):
    """The form that the answer shall have."""

    type: str | None = None
    json_schema: JsonSchema | None = None


class Reasoning(msgspec.Struct):
    """How much to think, in the words of the newer API."""

    effort: str | None = None


class ChatBody(Body):
    """The body of POST /v1/chat/completions."""

    messages: list[Message] | None = None
    max_completion_tokens: int | None = None
    response_format: ResponseFormat | None = None
    tools: list[dict[str, Any]] | None = None
    reasoning: Reasoning | None = None
    reasoning_effort: str | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None


class CompletionBody(Body):
    """The body of POST /v1/completions."""

    prompt: str | None = None
    suffix: str | None = None
    logprobs: int | None = None


class EmbeddingsBody(msgspec.Struct):
    """The body of POST /v1/embeddings."""

    model: str | None = None
    input: Any = None
    dimensions: Annotated[int, msgspec.Meta(ge=0, le=_MOST_DIMENSIONS)] | None = None
    encoding_format: str | None = None


def chat_request(body: ChatBody) -> ChatRequest:
    """The same as a request of ours. Raises: BadRequest."""
    messages = body.messages or []
    if not messages:
        raise BadRequest("[] is too short - 'messages'")
    check_top_logprobs(body.top_logprobs)
    names = {call.id: call.function.name for m in messages for call in m.tool_calls or () if call.id and call.function}
    most = body.max_tokens if body.max_completion_tokens is None else body.max_completion_tokens
    return valid(
        ChatRequest,
        model=body.model,
        role=None,
        messages=[_message(message, names) for message in messages],
        tools=body.tools or (),
        format=_format(body.response_format),
        think=think_level((body.reasoning and body.reasoning.effort) or body.reasoning_effort),
        options=_options(body, most),
        logprobs=bool(body.logprobs),
        top_logprobs=body.top_logprobs or 0,
    )


def completion_request(body: CompletionBody) -> GenerateRequest:
    """The same as a request of ours. Raises: BadRequest."""
    check_top_logprobs(body.logprobs)
    return valid(
        GenerateRequest,
        model=body.model,
        role=None,
        prompt=body.prompt or "",
        suffix=body.suffix or None,
        options=_options(body, body.max_tokens),
        logprobs=body.logprobs is not None,
        top_logprobs=body.logprobs or 0,
    )


def texts(body: EmbeddingsBody) -> Texts:
    """The same as texts of ours. Raises: BadRequest."""
    encoding = body.encoding_format or "float"
    if encoding.casefold() not in {"float", "base64"}:
        raise BadRequest(
            f"Invalid value for 'encoding_format' = {encoding[:50]}. Supported values: ['float', 'base64']."
        )
    if body.input is None or body.input == []:
        raise BadRequest("invalid input")
    given = [body.input] if isinstance(body.input, str) else body.input
    if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
        raise BadRequest("invalid input type: expected a text or a list of texts")
    return valid(Texts, texts=given, model=body.model, dimensions=body.dimensions or None)


def _options(body: Body, most_tokens: int | None) -> Options:
    """How to sample. What is not said has OpenAI's value, and not the model's own."""
    stop = [body.stop] if isinstance(body.stop, str) else body.stop or []
    given = {
        "temperature": 1.0 if body.temperature is None else body.temperature,
        "top_p": 1.0 if body.top_p is None else body.top_p,
        "num_predict": most_tokens,
        "seed": body.seed,
        "stop": [word for word in stop if word] or None,
        "frequency_penalty": body.frequency_penalty,
        "presence_penalty": body.presence_penalty,
    }
    return valid(Options, **{name: value for name, value in given.items() if value is not None})


def _format(given: ResponseFormat | None) -> Any:
    kind = (given.type or "").strip().casefold() if given else ""
    if kind in {"", "text"}:
        return None
    if kind == "json_object":
        return "json"
    if kind != "json_schema":
        raise BadRequest(f'invalid response_format: {kind[:50]!r} (must be "text", "json_object", or "json_schema")')
    if given is None or given.json_schema is None or given.json_schema.schema is None:
        raise BadRequest("response_format.json_schema.schema is missing")
    return given.json_schema.schema


def think_level(effort: str | None) -> ThinkLevel | None:
    """How much to think, as an effort says it; None leaves it to the model. Raises: BadRequest."""
    if not effort:
        return None
    if effort not in _EFFORTS:
        raise BadRequest(
            f'invalid reasoning value: {effort[:50]!r} (must be "high", "medium", "low", "max", or "none")'
        )
    return _EFFORTS[effort]


def _message(given: Message, names: dict[str, str]) -> ChatMessage:
    """A message of ours. `names` of the tools that were called, by the id of the call."""
    role = given.role.casefold()
    words, images = _content(given)
    answered = role == "tool"
    return valid(
        ChatMessage,
        role="system" if role == "developer" else role,
        content=words,
        images=images,
        thinking=given.reasoning or None,
        tool_calls=[_call(call) for call in given.tool_calls or ()],
        tool_name=(given.name or names.get(given.tool_call_id or "")) if answered else None,
        tool_call_id=given.tool_call_id if answered else None,
    )


def _content(given: Message) -> tuple[str, list[str]]:
    """The text of a message, each part on lines of its own, and its pictures."""
    if isinstance(given.content, str):
        return given.content, []
    if given.content is None and given.tool_calls:
        return "", []
    if not isinstance(given.content, list):
        raise BadRequest(f"invalid message content type: {_kind(given.content)}")
    words, images = [], []
    for part in given.content:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "text" and isinstance(part.get("text"), str):
            words.append(part["text"])
        elif kind == "image_url":
            images.append(picture(part.get("image_url")))
        elif kind == "input_audio":
            raise BadRequest("audio is not supported; write what was said as a part of type 'text'")
        else:
            raise BadRequest("invalid message format: a part is {'type': 'text', …} or {'type': 'image_url', …}")
    return "\n".join(words), images


def _kind(content: Any) -> str:
    return "<nil>" if content is None else type(content).__name__


def picture(given: Any) -> str:
    """The base64 of a picture that comes as a data URI, by itself or as a `url`. Raises: BadRequest."""
    url = given.get("url") if isinstance(given, dict) else given
    if not isinstance(url, str):
        raise BadRequest("invalid message format: an image_url has a url")
    if url.casefold().startswith(("http://", "https://")):
        raise BadRequest("image URLs are not currently supported, please use base64 encoded data instead")
    start = next((start for start in _PICTURES if url.startswith(start)), None)
    if start is None:
        raise BadRequest("invalid image input: expected a data URI of a JPEG, PNG or WebP picture in base64")
    image = url.removeprefix(start)
    check_base64(image)
    return image


def _call(call: Call) -> dict[str, Any]:
    if call.function is None:
        raise BadRequest("invalid tool call: only functions can be called")
    return {
        "id": call.id,
        "function": {"name": call.function.name, "arguments": called_arguments(call.function.arguments)},
    }


def called_arguments(written: str | None) -> dict[str, Any]:
    """What a tool was called with, from a text of JSON; nothing is no arguments. Raises: BadRequest."""
    try:
        return msgspec.json.decode(written or "{}", type=dict[str, Any])
    except UNREADABLE as exc:
        raise BadRequest(f"invalid tool call arguments: {exc}") from exc
