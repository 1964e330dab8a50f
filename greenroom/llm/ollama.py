"""Ollama as a provider: its HTTP API, spoken as a client.

Source: the Ollama API (docs/api.md of ollama/ollama, v0.33): /api/chat, /api/generate, /api/embed, /api/tags,
/api/show, /api/ps; docs/openai.md: /v1/audio/transcriptions.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any, Self

import msgspec
from pydantic import ValidationError

from greenroom.config import Backoff, LlmSettings
from greenroom.errors import UpstreamFailed
from greenroom.llm import ollama_shelf as shelf
from greenroom.llm.bursts import Piece, Thought, in_bursts
from greenroom.llm.faults import UNREADABLE, reason_of
from greenroom.llm.forms import Form
from greenroom.llm.upstream import Answer, Upstream
from greenroom.llm.vectors import unit_rows
from greenroom.model import (
    ChatMessage,
    ChatRequest,
    Chunk,
    GenerateRequest,
    LoadedModels,
    ModelDetails,
    ModelRef,
    Models,
    Nothing,
    ProviderHealth,
    Stream,
    Texts,
    ToolCall,
    Usage,
    Vectors,
)
from greenroom.text import without_secrets

_SHOW_S = 30.0
_OURS = frozenset({"role", "character", "use_cache", "cache_control", "namespace"})
_ALWAYS = _OURS | {"model", "options", "messages", "prompt"}


class Ollama:
    """An `Llm` whose models are those of one Ollama server. Enter it before use.

    `upstream` is the server itself, for what is passed on to it as it is.
    """

    name = shelf.PROVIDER

    def __init__(self, settings: LlmSettings, backoff: Backoff | None = None) -> None:
        url = settings.ollama_url if "://" in settings.ollama_url else f"http://{settings.ollama_url}"
        self.upstream = Upstream(
            f"Ollama at {without_secrets(url)}",
            url,
            settings,
            advice="start it with `ollama serve`, or change the setting llm.ollama_url",
            backoff=backoff,
        )

    async def __aenter__(self) -> Self:
        """Open the pool of connections."""
        await self.upstream.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Close it."""
        await self.upstream.__aexit__(*exc_info)

    def chat(self, request: ChatRequest, /) -> Stream[Chunk]:
        """Continue a conversation (POST /api/chat). `request.model` is a name as Ollama knows it."""
        return self._stream("/api/chat", request.model, chat_body(request))

    def generate(self, request: GenerateRequest, /) -> Stream[Chunk]:
        """Complete a prompt, or load the model when there is none (POST /api/generate)."""
        return self._stream("/api/generate", request.model, generate_body(request))

    async def embed(self, texts: Texts, /) -> Vectors:
        """Embed each text (POST /api/embed); Ollama cuts what is too long, or raises BadRequest without `truncate`."""
        if texts.as_made:
            made = tuple([await self._as_made(texts, text) for text in texts.texts])
            return Vectors(model=f"{self.name}/{texts.model}", vectors=made)
        body = {"model": texts.model, "input": list(texts.texts), "truncate": texts.truncate, **_of_loading(texts)}
        answer = await self.upstream.ask("/api/embed", body)
        try:
            read = _EMBEDDINGS.decode(answer)
            rows = unit_rows(read.embeddings, texts.dimensions)
        except UNREADABLE as exc:
            raise self._strange(exc) from exc
        if len(rows) != len(texts.texts):
            raise UpstreamFailed(f"{self.upstream.label} sent {len(rows)} vectors for {len(texts.texts)} texts")
        return Vectors(
            model=f"{self.name}/{texts.model}",
            vectors=rows,
            prompt_tokens=read.prompt_eval_count,
            total_ns=read.total_duration,
            load_ns=read.load_duration,
        )

    def transcribing(self, form: Form, /) -> AbstractAsyncContextManager[Answer]:
        """Write down what is spoken (POST /v1/audio/transcriptions)."""
        return self.upstream.asking("/v1/audio/transcriptions", form)

    async def models(self, nothing: Nothing, /) -> Models:
        """List the models that are installed (GET /api/tags). Raises: NoUpstream."""
        answer = await self.upstream.glance("/api/tags")
        try:
            cards = shelf.cards(answer)
        except UNREADABLE as exc:
            raise self._strange(exc) from exc
        return Models(models=cards, providers=(ProviderHealth(provider=self.name, reachable=True),))

    async def show(self, which: ModelRef, /) -> ModelDetails:
        """Describe a model that is installed (POST /api/show). Raises: UnknownModel, NoUpstream."""
        asked = which.model_dump(mode="json", exclude_defaults=True)
        answer = await self.upstream.glance("/api/show", asked, _SHOW_S)
        try:
            return shelf.details(answer, which.model)
        except UNREADABLE as exc:
            raise self._strange(exc) from exc

    async def loaded(self, nothing: Nothing, /) -> LoadedModels:
        """List the models that are in memory (GET /api/ps). Raises: NoUpstream."""
        answer = await self.upstream.glance("/api/ps")
        try:
            return shelf.loaded(answer)
        except UNREADABLE as exc:
            raise self._strange(exc) from exc

    async def _as_made(self, texts: Texts, text: str) -> tuple[float, ...]:
        """One text by the older route (POST /api/embeddings), the only one that leaves vectors as they are."""
        answer = await self.upstream.ask(
            "/api/embeddings", {"model": texts.model, "prompt": text, **_of_loading(texts)}
        )
        try:
            return tuple(_EMBEDDING.decode(answer).embedding)
        except UNREADABLE as exc:
            raise self._strange(exc) from exc

    async def _stream(self, path: str, model: str, body: dict[str, Any]) -> Stream[Chunk]:
        full_name = f"{self.name}/{model}"
        async with self.upstream.asking(path, body) as answer, aclosing(answer.lines()) as bursts:
            async for lines in bursts:
                for chunk in in_bursts(_pieces(lines, full_name, answer), full_name):
                    yield chunk
                    if chunk.done:
                        return
            raise answer.failed("broke off in the middle of the answer")

    def _strange(self, exc: Exception) -> UpstreamFailed:
        return UpstreamFailed(f"{self.upstream.label} sent something that Ollama does not send ({exc})"[:300])


def chat_body(request: ChatRequest) -> dict[str, Any]:
    """The body of POST /api/chat; only what was set is in it."""
    messages = [_message(message) for message in request.messages]
    return {"messages": messages, **_common(request)}


def generate_body(request: GenerateRequest) -> dict[str, Any]:
    """The body of POST /api/generate; only what was set is in it."""
    return {"prompt": request.prompt, **_common(request)}


def _of_loading(texts: Texts) -> dict[str, Any]:
    """What a request to embed says beside its texts; only what was set."""
    said = {"dimensions": texts.dimensions, "keep_alive": texts.keep_alive, "options": texts.options.given() or None}
    return {name: value for name, value in said.items() if value is not None}


def _common(request: ChatRequest | GenerateRequest) -> dict[str, Any]:
    given = request.model_dump(mode="json", exclude_defaults=True, exclude=set(_ALWAYS))
    return {"model": request.model, "stream": True, "options": request.options.given(), **given}


def _message(message: ChatMessage) -> dict[str, Any]:
    given = message.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    calls = [call.model_dump(mode="json", exclude_none=True) for call in message.tool_calls]
    return {"content": "", **given, **({"tool_calls": calls} if calls else {})}


class _Call(msgspec.Struct):
    name: str = ""
    arguments: dict[str, Any] | None = None
    index: int | None = None


class _ToolCall(msgspec.Struct):
    function: _Call = msgspec.field(default_factory=_Call)
    id: str | None = None


class _Message(msgspec.Struct):
    content: str | None = None
    thinking: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Line(msgspec.Struct):
    """One line of a stream of /api/chat or /api/generate."""

    message: _Message | None = None
    response: str | None = None
    thinking: str | None = None
    tool_calls: list[_ToolCall] | None = None
    done: bool = False
    done_reason: str | None = None
    error: Any = None
    context: list[int] | None = None
    logprobs: list[dict[str, Any]] | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    total_duration: int | None = None
    load_duration: int | None = None
    prompt_eval_duration: int | None = None
    eval_duration: int | None = None


class _Embeddings(msgspec.Struct):
    embeddings: list[list[float]]
    prompt_eval_count: int | None = None
    total_duration: int | None = None
    load_duration: int | None = None


class _Embedding(msgspec.Struct):
    embedding: list[float]


_LINE = msgspec.json.Decoder(_Line)
_NO_MESSAGE = _Message()
_EMBEDDING = msgspec.json.Decoder(_Embedding)
_EMBEDDINGS = msgspec.json.Decoder(_Embeddings)


def _pieces(lines: Iterable[bytes], full_name: str, answer: Answer) -> Iterator[Piece]:
    """What is in some lines, up to the end of the answer."""
    for line in lines:
        try:
            read = list(_objects(line))
        except UNREADABLE as exc:
            raise answer.failed("sent something that is not an answer of Ollama's") from exc
        for item in read:
            piece = _said(item) or _chunk(item, full_name, answer)
            answer.heard()
            yield piece
            if item.done:
                return


def _objects(line: bytes) -> Iterator[_Line]:
    """The objects of one line: one, as a rule; some proxies put several on it."""
    try:
        yield _LINE.decode(line)
        return
    except msgspec.DecodeError:
        text = line.decode().strip()
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        _, end = decoder.raw_decode(text, at)
        yield _LINE.decode(text[at:end].encode())
        at = end + len(text[end:]) - len(text[end:].lstrip())


def _said(line: _Line) -> str | None:
    """A line that is a piece of text or of thinking and nothing else; None for others."""
    message = line.message or _NO_MESSAGE
    text, thinking = message.content or line.response, message.thinking or line.thinking
    if bool(text) is bool(thinking) or message.tool_calls or line.tool_calls:
        return None
    if line.done or line.error is not None or line.context or line.logprobs:
        return None
    return text or Thought(thinking)


def _chunk(line: _Line, full_name: str, answer: Answer) -> Chunk:
    if line.error is not None:
        raise answer.failed(f"failed: {reason_of({'error': line.error}) or 'it does not say why'}")
    message = line.message or _NO_MESSAGE
    try:
        return Chunk(
            model=full_name,
            text=message.content or line.response or "",
            thinking=message.thinking or line.thinking or "",
            tool_calls=_tool_calls(message.tool_calls or line.tool_calls or ()),
            done=line.done,
            done_reason=line.done_reason if line.done else None,
            usage=_usage(line) if line.done else None,
            context=tuple(line.context) if line.context else None,
            logprobs=tuple(line.logprobs or ()),
        )
    except ValidationError as exc:
        raise answer.failed("sent something that is not an answer of Ollama's") from exc


def _tool_calls(calls: Any) -> tuple[ToolCall, ...]:
    return tuple(ToolCall.model_validate(msgspec.to_builtins(call)) for call in calls)


def _usage(line: _Line) -> Usage:
    return Usage(
        prompt_tokens=line.prompt_eval_count,
        completion_tokens=line.eval_count,
        total_ns=line.total_duration,
        load_ns=line.load_duration,
        prompt_ns=line.prompt_eval_duration,
        completion_ns=line.eval_duration,
    )
