"""Any server that speaks OpenAI's API as a provider: OpenRouter, Mistral, vLLM, llama.cpp and their like.

Source: the OpenAI API reference: chat completions, completions, embeddings, models; streams as server-sent events.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any, Self

import msgspec
from pydantic import SecretStr

from greenroom.config import Backoff, CompatibleServer, LlmSettings
from greenroom.errors import UnknownModel, UpstreamFailed, UpstreamRefused
from greenroom.llm import compatible_models as shelf
from greenroom.llm.bursts import Piece, Thought, in_bursts
from greenroom.llm.compatible_body import chat_body, completion_body, generate_body
from greenroom.llm.compatible_logprobs import Entry, entries
from greenroom.llm.faults import UNREADABLE, reason_of
from greenroom.llm.forms import Form
from greenroom.llm.upstream import LINE_BYTES, Answer, Upstream
from greenroom.llm.vectors import unit_rows
from greenroom.model import (
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
    ToolFunction,
    Usage,
    Vectors,
)
from greenroom.text import without_secrets


class Compatible:
    """An `Llm` whose models are those of one server. Enter it before use. The key is sent, and written nowhere."""

    def __init__(
        self,
        name: str,
        server: CompatibleServer,
        settings: LlmSettings,
        key: SecretStr | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self.name = name
        self._offered = server.models
        needs = f", or its key in the environment variable {server.api_key_env}" if server.api_key_env else ""
        self._upstream = Upstream(
            f"{name} at {without_secrets(server.base_url)}",
            server.base_url,
            settings,
            advice=f"check the setting llm.compatible.{name}.base_url{needs}",
            key=key,
            backoff=backoff,
        )

    async def __aenter__(self) -> Self:
        """Open the pool of connections."""
        await self._upstream.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Close it."""
        await self._upstream.__aexit__(*exc_info)

    def chat(self, request: ChatRequest, /) -> Stream[Chunk]:
        """Continue a conversation (POST /chat/completions)."""
        return self._stream("/chat/completions", request.model, chat_body(request))

    async def generate(self, request: GenerateRequest, /) -> Stream[Chunk]:
        """Complete a prompt: as the message of a chat, or as it is (POST /completions) when `raw` or with a suffix.

        An empty prompt has nothing to do: loading models is the server's own business. Raises also: Unsupported, for
        a template or a context, which this API does not have.
        """
        if not request.prompt:
            reason = "unload" if request.keep_alive == 0 else "load"
            yield Chunk(model=f"{self.name}/{request.model}", done=True, done_reason=reason)
            return
        if request.raw or request.suffix:
            stream = self._stream("/completions", request.model, completion_body(request))
        else:
            stream = self._stream("/chat/completions", request.model, generate_body(request))
        async with aclosing(stream) as chunks:
            async for chunk in chunks:
                yield chunk

    async def embed(self, texts: Texts, /) -> Vectors:
        """Embed each text (POST /embeddings); the rows are cut to `dimensions` here, which every server allows."""
        answer = await self._upstream.ask("/embeddings", {"model": texts.model, "input": list(texts.texts)})
        try:
            read = _EMBEDDINGS.decode(answer)
            rows = unit_rows([row.embedding for row in sorted(read.data, key=lambda r: r.index)], texts.dimensions)
        except UNREADABLE as exc:
            raise UpstreamFailed(f"{self._upstream.label} sent something that is not a list of embeddings") from exc
        if len(rows) != len(texts.texts):
            raise UpstreamFailed(f"{self._upstream.label} sent {len(rows)} vectors for {len(texts.texts)} texts")
        tokens = read.usage.prompt_tokens if read.usage else None
        return Vectors(model=f"{self.name}/{texts.model}", vectors=rows, prompt_tokens=tokens)

    def transcribing(self, form: Form, /) -> AbstractAsyncContextManager[Answer]:
        """Write down what is spoken (POST /audio/transcriptions)."""
        return self._upstream.asking("/audio/transcriptions", form)

    async def models(self, nothing: Nothing, /) -> Models:
        """List the models of the settings, or else the server's own (GET /models). Raises: NoUpstream."""
        listed = await self._listed()
        cards = tuple(shelf.card(name, self.name, listed.get(name, {})) for name in self._offered or listed)
        return Models(models=cards, providers=(ProviderHealth(provider=self.name, reachable=True),))

    async def show(self, which: ModelRef, /) -> ModelDetails:
        """Describe a model, as far as the server's list does. Raises: UnknownModel, NoUpstream."""
        listed = await self._listed()
        if which.model not in listed and which.model not in self._offered:
            raise UnknownModel(f"{self._upstream.label} does not list a model {which.model!r}")
        return shelf.details(which.model, self.name, listed.get(which.model, {}))

    async def loaded(self, nothing: Nothing, /) -> LoadedModels:
        """Nothing: this API does not tell what is in memory."""
        return LoadedModels(models=())

    async def _listed(self) -> dict[str, Mapping[str, Any]]:
        """The entry of each model in the server's list. Where the settings name the models, it may have none."""
        try:
            return self._entries(await self._upstream.glance("/models"))
        except (UnknownModel, UpstreamFailed) as exc:
            # Not every server lists its models; where the settings do, it is enough that it takes the key.
            if not self._offered or isinstance(exc, UpstreamRefused):
                raise
            return {}

    def _entries(self, answer: bytes) -> dict[str, Mapping[str, Any]]:
        try:
            return shelf.listed(answer)
        except UNREADABLE as exc:
            raise UpstreamFailed(f"{self._upstream.label} sent something that is not a list of models") from exc

    async def _stream(self, path: str, model: str, body: dict[str, Any]) -> Stream[Chunk]:
        full_name = f"{self.name}/{model}"
        reading = _Reading(full_name)
        async with self._upstream.asking(path, body) as answer, aclosing(answer.lines()) as bursts:
            async for lines in bursts:
                for chunk in in_bursts(reading.pieces(lines, answer), full_name):
                    yield chunk
                if reading.at_end:
                    break
            yield reading.end(answer)


class _Function(msgspec.Struct, gc=False):
    name: str | None = None
    arguments: str | None = None


class _CallPart(msgspec.Struct, gc=False):
    index: int = 0
    id: str | None = None
    function: _Function | None = None


class _Delta(msgspec.Struct, gc=False):
    content: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None
    tool_calls: list[_CallPart] | None = None


class _Choice(msgspec.Struct, gc=False):
    delta: _Delta | None = None
    text: str | None = None
    finish_reason: str | None = None
    logprobs: dict[str, Any] | None = None


class _Usage(msgspec.Struct, gc=False):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: Any = None


class _Event(msgspec.Struct, gc=False):
    """One event of a stream of chat completions or completions."""

    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Any = None


class _Row(msgspec.Struct):
    embedding: list[float]
    index: int = 0


class _Embeddings(msgspec.Struct):
    data: list[_Row]
    usage: _Usage | None = None


_EVENT = msgspec.json.Decoder(_Event)
_NOTHING_NEW = _Delta()
_END, _END_BYTES = b"[DONE]", 12
"""What ends a stream, and the longest that it may be with its white space."""
_EMBEDDINGS = msgspec.json.Decoder(_Embeddings)


def _because(line: bytes) -> str:
    try:
        reason = reason_of(msgspec.json.decode(line))
    except UNREADABLE:
        return ""
    return f": {reason}" if reason else ""


class _Reading:
    """What has been read of one answer: tool calls come in fragments, the usage after the last text."""

    def __init__(self, full_name: str) -> None:
        self._full_name = full_name
        self._began_ns = time.perf_counter_ns()
        self._first_ns: int | None = None
        self._finish: str | None = None
        self._usage = _Usage()
        self._calls: dict[int, _CallPart] = {}
        self._call_characters = 0
        self.at_end = False
        """Whether `[DONE]` has come."""

    def pieces(self, lines: Iterable[bytes], answer: Answer) -> Iterator[Piece]:
        """What is in some lines. Comments, which some servers send to keep the line open, are no events."""
        for line in lines:
            if not line.startswith(b"data:"):
                if line.lstrip().startswith((b"{", b"<")):
                    raise answer.failed("did not send a stream of events" + _because(line))
                continue
            value = line[5:]
            if len(value) <= _END_BYTES and value.strip() == _END:
                self.at_end = True
                return
            try:
                event = _EVENT.decode(value)
            except UNREADABLE as exc:
                raise answer.failed("sent an event that is not one of this API") from exc
            if piece := self._take(event, answer):
                yield piece

    def _take(self, event: _Event, answer: Answer) -> Piece | None:
        """What an event says, or None when it says nothing."""
        if event.error is not None:
            raise answer.failed(f"failed: {reason_of({'error': event.error}) or 'it does not say why'}")
        self._usage = event.usage or self._usage
        if not event.choices:
            return None
        choice = event.choices[0]
        self._finish = choice.finish_reason or self._finish
        delta = choice.delta or _NOTHING_NEW
        if delta.tool_calls:
            self._join_all(delta.tool_calls, answer)
        text, thinking = delta.content or choice.text, delta.reasoning_content or delta.reasoning
        if choice.logprobs or (text and thinking):
            return self._noted(text or "", thinking or "", entries(choice.logprobs), answer)
        if not text and not thinking:
            return None
        if self._first_ns is None:
            self._note_first(answer)
        return text or Thought(thinking)

    def _noted(self, text: str, thinking: str, logprobs: tuple[Entry, ...], answer: Answer) -> Chunk | None:
        if not text and not thinking and not logprobs:
            return None
        self._note_first(answer)
        return Chunk(model=self._full_name, text=text, thinking=thinking, logprobs=logprobs)

    def _note_first(self, answer: Answer) -> None:
        answer.heard()
        self._first_ns = self._first_ns or time.perf_counter_ns()

    def end(self, answer: Answer) -> Chunk:
        """The last chunk, with the tool calls. Raises: UpstreamFailed, when the server never said that it was done."""
        if self._finish is None:
            raise answer.failed("broke off in the middle of the answer")
        try:
            calls = tuple(_call(part) for _, part in sorted(self._calls.items()))
        except UNREADABLE as exc:
            raise answer.failed("sent a tool call whose arguments are not an object") from exc
        reason = "stop" if self._finish == "tool_calls" else self._finish
        return Chunk(model=self._full_name, tool_calls=calls, done=True, done_reason=reason, usage=self._spent())

    def _join_all(self, parts: Iterable[_CallPart], answer: Answer) -> None:
        for part in parts:
            self._join(part, answer)
        self._note_first(answer)

    def _join(self, part: _CallPart, answer: Answer) -> None:
        function = part.function or _Function()
        self._call_characters += len(function.arguments or "") + len(function.name or "") + 1
        if self._call_characters > LINE_BYTES:
            raise answer.failed(f"sent tool calls of more than {LINE_BYTES} characters")
        known = self._calls.setdefault(part.index, _CallPart(part.index, None, _Function("", "")))
        assert known.function is not None
        known.id = part.id or known.id
        known.function.name = function.name or known.function.name
        known.function.arguments = (known.function.arguments or "") + (function.arguments or "")

    def _spent(self) -> Usage:
        """Tokens as the server counts them; times as they look from here, since this API tells none."""
        now_ns = time.perf_counter_ns()
        first_ns = self._first_ns or now_ns
        return Usage(
            prompt_tokens=self._usage.prompt_tokens,
            completion_tokens=self._usage.completion_tokens,
            total_ns=now_ns - self._began_ns,
            prompt_ns=first_ns - self._began_ns,
            completion_ns=now_ns - first_ns,
            cost_usd=_dollars(self._usage.cost),
        )


def _dollars(cost: Any) -> float | None:
    """What a server says that the answer cost, as OpenRouter does; None when it says nothing that is an amount.

    Source: https://openrouter.ai/docs/use-cases/usage-accounting, `usage.cost`, in credits of one dollar each.
    """
    is_amount = isinstance(cost, int | float) and not isinstance(cost, bool) and 0 <= cost < 1e6
    return float(cost) if is_amount else None


def _call(part: _CallPart) -> ToolCall:
    assert part.function is not None
    arguments = json.loads(part.function.arguments or "{}")
    function = ToolFunction(name=part.function.name or "", arguments=arguments, index=part.index)
    return ToolCall(function=function, id=part.id)
