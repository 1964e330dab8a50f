"""Requests in OpenAI's words: how options, pictures, tools and schemas are called there."""

import json
from typing import Any

from greenroom.errors import Unsupported
from greenroom.model import ChatMessage, ChatRequest, GenerateRequest, Options, ToolCall

_NAMES = {
    "temperature": "temperature",
    "top_p": "top_p",
    "seed": "seed",
    "stop": "stop",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
}
"""Options that both have. Others are left out: servers refuse what they do not know."""

_IMAGE_KINDS = {"iVBOR": "png", "/9j/": "jpeg", "R0lG": "gif", "UklGR": "webp"}
"""How the base64 of each kind of picture begins."""

_EFFORTS = {True: "medium", "low": "low", "medium": "medium", "high": "high", "max": "high"}


def chat_body(request: ChatRequest) -> dict[str, Any]:
    """The body of POST /chat/completions."""
    body = _common(request)
    body["messages"] = _messages(request.messages)
    if request.tools:
        body["tools"] = list(request.tools)
    return body | _logprobs(request)


def generate_body(request: GenerateRequest) -> dict[str, Any]:
    """The body of POST /chat/completions for a prompt: what Ollama's template does with one, the server's does here."""
    _check(request)
    messages = [ChatMessage(role="user", content=request.prompt, images=request.images)]
    if request.system:
        messages.insert(0, ChatMessage(role="system", content=request.system))
    return {**_common(request), "messages": _messages(tuple(messages)), **_logprobs(request)}


def completion_body(request: GenerateRequest) -> dict[str, Any]:
    """The body of POST /completions: the prompt as it is."""
    _check(request)
    body = {**_common(request), "prompt": request.prompt}
    if request.suffix:
        body["suffix"] = request.suffix
    return body | ({"logprobs": request.top_logprobs} if request.logprobs else {})


def _logprobs(request: ChatRequest | GenerateRequest) -> dict[str, Any]:
    if not request.logprobs:
        return {}
    return {"logprobs": True, **({"top_logprobs": request.top_logprobs} if request.top_logprobs else {})}


def _check(request: GenerateRequest) -> None:
    for field in ("template", "context"):
        if getattr(request, field):
            raise Unsupported(f"{request.model!r} is not on Ollama, and only there does {field!r} exist; leave it out")


def _common(request: ChatRequest | GenerateRequest) -> dict[str, Any]:
    body = {"model": request.model, "stream": True, "stream_options": {"include_usage": True}}
    body |= _options(request.options)
    if request.format == "json":
        body["response_format"] = {"type": "json_object"}
    elif request.format is not None:
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": request.format}}
    # `think: false` has no word here that every server knows; a model that thinks will.
    if request.think:
        body["reasoning_effort"] = _EFFORTS[request.think]
    return body


def _options(options: Options) -> dict[str, Any]:
    given = options.given()
    named: dict[str, Any] = {_NAMES[key]: value for key, value in given.items() if key in _NAMES}
    if given.get("num_predict", 0) > 0:
        named["max_tokens"] = given["num_predict"]
    return named


def _messages(messages: tuple[ChatMessage, ...]) -> list[dict[str, Any]]:
    """Messages, each tool's answer with the id of the call that it answers, which is given where there was none."""
    written: list[dict[str, Any]] = []
    open_ids: list[str] = []
    for message in messages:
        body: dict[str, Any] = {"role": message.role, "content": _content(message)}
        if message.tool_calls:
            calls = [_call(call, f"call_{len(written)}_{n}") for n, call in enumerate(message.tool_calls)]
            open_ids = [call["id"] for call in calls]
            body["tool_calls"] = calls
        if message.role == "tool":
            body["tool_call_id"] = message.tool_call_id or (open_ids.pop(0) if open_ids else "call")
        written.append(body)
    return written


def _content(message: ChatMessage) -> str | list[dict[str, Any]]:
    if not message.images:
        return message.content
    pictures = [{"type": "image_url", "image_url": {"url": _data_uri(image)}} for image in message.images]
    return [{"type": "text", "text": message.content}, *pictures]


def _data_uri(image: str) -> str:
    kind = next((kind for start, kind in _IMAGE_KINDS.items() if image.startswith(start)), "png")
    return f"data:image/{kind};base64,{image}"


def _call(call: ToolCall, spare_id: str) -> dict[str, Any]:
    function = {"name": call.function.name, "arguments": json.dumps(call.function.arguments)}
    return {"id": call.id or spare_id, "type": "function", "function": function}
