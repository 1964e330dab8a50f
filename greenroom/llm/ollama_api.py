"""Ollama's HTTP API, for clients that know no other: version, tags, chat, generate.

Written by hand, because outsiders dictate it. Source: ollama/ollama v0.33, docs/api.md and server/routes.go.
"""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import msgspec
import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from greenroom.clock import Clock
from greenroom.errors import BadRequest, TooLarge, UnknownModel, UpstreamFailed
from greenroom.llm import ollama_answer as answers
from greenroom.llm.cache.headers import Wishes, cache_headers, cache_wishes
from greenroom.llm.names import completes, find_among
from greenroom.llm.ollama_request import Body, ChatBody, GenerateBody, chat_request, generate_request, read
from greenroom.model import Chunk, GenerateRequest, ModelCard, Nothing, Stream
from greenroom.ports import Llm
from greenroom.wire.presence import CallerGone, while_present

VERSION = "0.33.0"
"""The Ollama whose API this is. Clients look at it to decide what they may use."""

_log = structlog.get_logger()


def ollama_routes(llm: Llm, clock: Clock) -> list[BaseRoute]:
    """The routes below /api/, the last of which answers 404 for all others there, and `/` for who asks for Ollama."""
    api = _Api(llm, clock)
    endpoints: dict[str, ASGIApp] = {
        "/api/version": _Endpoint({"GET", "HEAD"}, api.version),
        "/api/tags": _Endpoint({"GET", "HEAD"}, api.tags),
        "/api/chat": _Endpoint({"POST"}, api.chat),
        "/api/generate": _Endpoint({"POST"}, api.generate),
        "/api/{rest:path}": PlainTextResponse("404 page not found", 404),
    }
    below_api = [Route(path, endpoint, include_in_schema=False) for path, endpoint in endpoints.items()]
    return [_Root("/", _running, include_in_schema=False), *below_api]


async def _running(request: Request) -> Response:
    return PlainTextResponse("Ollama is running")


class _Root(Route):
    """`/` for a client of Ollama's. A browser asks for HTML, and gets what else is at `/`."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match HEAD, and GET that does not ask for HTML."""
        ours = scope["type"] == "http" and (
            scope["method"] == "HEAD" or "text/html" not in Headers(scope=scope).get("accept", "").casefold()
        )
        return super().matches(scope) if ours else (Match.NONE, {})


class _Api:
    """The answers to each path."""

    def __init__(self, llm: Llm, clock: Clock) -> None:
        self._llm = llm
        self._clock = clock

    async def version(self, content: bytes, wishes: Wishes) -> Response:
        return _json({"version": VERSION})

    async def tags(self, content: bytes, wishes: Wishes) -> Response:
        cards = (await self._llm.models(Nothing())).models
        newest_first = sorted((answers.tag(card) for card in cards), key=lambda t: str(t["modified_at"]), reverse=True)
        return _json({"models": newest_first})

    async def chat(self, content: bytes, wishes: Wishes) -> ASGIApp:
        body = read(ChatBody, content)
        if not body.model:
            raise BadRequest("model is required")
        card = await self._card(body.model)
        if not body.messages:
            return await self._loaded(body, card, answers.chat_piece)
        _check_abilities(body, card, "chat")
        if body.tools:
            _check(card, "tools", f"{_long_name(card)} does not support tools")
        request = chat_request(body, card.full_name).model_copy(update=wishes)
        return await self._answer(body, self._llm.chat(request), answers.chat_piece)

    async def generate(self, content: bytes, wishes: Wishes) -> ASGIApp:
        body = read(GenerateBody, content)
        card = await self._card(body.model or "")
        if not body.prompt and body.unloads:
            return await self._loaded(body, card, answers.generate_piece)
        if body.raw and (body.template or body.system or body.context):
            raise BadRequest("raw mode does not support template, system, or context")
        _check_abilities(body, card, "generate")
        if body.suffix:
            _check(card, "insert", f"{_long_name(card)} does not support insert")
        if not body.prompt:
            return await self._loaded(body, card, answers.generate_piece)
        request = generate_request(body, card.full_name).model_copy(update=wishes)
        return await self._answer(body, self._llm.generate(request), answers.generate_piece)

    async def _card(self, name: str) -> ModelCard:
        """The model that is meant. One that is not listed may still exist: asking to load it tells."""
        if not name:
            raise UnknownModel("model '' not found")
        models = await self._llm.models(Nothing())
        card = find_among(models.models, name, [health.provider for health in models.providers])
        if card is not None:
            return card
        try:
            loaded = await self._load(name, None)
        except UnknownModel as exc:
            raise UnknownModel(f"model '{name}' not found") from exc
        provider, _, model = loaded.model.partition("/")
        return ModelCard(name=model, provider=provider)

    async def _load(self, model: str, keep_alive: str | float | None) -> Chunk:
        request = GenerateRequest(model=model, prompt="", role=None, keep_alive=keep_alive)
        return answers.joined(await _all(self._llm.generate(request)))

    async def _loaded(self, body: Body, card: ModelCard, piece: "_Piece") -> Response:
        """Load or unload a model. Only Ollama has models to load; all others are there already."""
        if card.provider == "ollama":
            await self._load(card.full_name, body.keep_alive)
        done = {"done": True, "done_reason": "unload" if body.unloads else "load"}
        return _json({**self._head(body), **piece(Chunk(model=card.full_name)), **done})

    async def _answer(self, body: Body, stream: Stream[Chunk], piece: "_Piece") -> ASGIApp:
        began_s = self._clock.monotonic_s()

        def written(chunk: Chunk) -> dict[str, Any]:
            line = {**self._head(body), **piece(chunk), "done": chunk.done}
            if chunk.logprobs:
                line["logprobs"] = list(chunk.logprobs)
            took_ns = round((self._clock.monotonic_s() - began_s) * 1e9)
            return line | answers.ending(chunk, took_ns) if chunk.done else line

        if not body.streams:
            whole = answers.joined(await _all(stream))
            return _json(written(whole), headers=cache_headers(whole))
        # The first chunk is awaited here: an error before it has a status of its own.
        first = await anext(stream, None)
        if first is None:
            raise UpstreamFailed
        return _Lines(first, stream, written)

    def _head(self, body: Body) -> dict[str, Any]:
        return {"model": body.model, "created_at": answers.moment(self._clock.now())}


_Piece = Callable[[Chunk], dict[str, Any]]
_Answer = Callable[[bytes, Wishes], Awaitable[ASGIApp]]


class _Lines:
    """A stream of chunks, one line of JSON each; an error inside it is its last line."""

    def __init__(self, first: Chunk, stream: Stream[Chunk], written: _Piece) -> None:
        self._first = first
        self._stream = stream
        self._written = written

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = {"content-type": "application/x-ndjson", **cache_headers(self._first)}
        headers = [(name.encode(), value.encode()) for name, value in given.items()]
        async with aclosing(self._lines()) as lines:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            async for line in lines:
                body = msgspec.json.encode(line) + b"\n"
                await send({"type": "http.response.body", "body": body, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    async def _lines(self) -> Stream[dict[str, Any]]:
        async with aclosing(self._stream):
            yield self._written(self._first)
            try:
                async for chunk in self._stream:
                    yield self._written(chunk)
            except Exception as exc:
                yield {"error": answers.told(exc)[1]}


class _Endpoint:
    """One path: its methods, errors in Ollama's shape, and an end when the client leaves."""

    def __init__(self, methods: set[str], answer: _Answer) -> None:
        self._methods = methods
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in self._methods:
            await PlainTextResponse("405 method not allowed", 405)(scope, receive, send)
            return
        try:
            content = await Request(scope, receive).body()
        except ClientDisconnect:
            return
        except TooLarge as exc:
            await _json({"error": exc.detail}, 413)(scope, receive, send)
            return
        try:
            await while_present(receive, lambda: self._respond(content, scope, receive, send))
        except CallerGone:
            _log.info("caller_left", path=scope["path"])

    async def _respond(self, content: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._answer(content, cache_wishes(Headers(scope=scope)))
        except Exception as exc:
            status, text = answers.told(exc)
            response = _json({"error": text}, status)
        await response(scope, receive, send)


async def _all(stream: Stream[Chunk]) -> list[Chunk]:
    async with aclosing(stream) as chunks:
        found = [chunk async for chunk in chunks]
    if not found:
        raise UpstreamFailed
    return found


def _check_abilities(body: Body, card: ModelCard, verb: str) -> None:
    if body.think:
        _check(card, "thinking", f'"{body.model}" does not support thinking')
    if not completes(card):
        raise BadRequest(f'"{body.model}" does not support {verb}')


def _check(card: ModelCard, ability: str, otherwise: str) -> None:
    """Refuse for the understudy, whose abilities are known here; any other server says itself what it cannot do."""
    if card.stand_in and ability not in card.capabilities:
        raise BadRequest(otherwise)


def _long_name(card: ModelCard) -> str:
    return f"registry.ollama.ai/library/{answers.shown_name(card)}"


def _json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(content), status, headers, media_type="application/json; charset=utf-8")
