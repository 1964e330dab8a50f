"""Ollama's HTTP API, for clients that know no other: version, tags, chat, generate; its neighbours have the rest.

Written by hand, because outsiders dictate it. Source: ollama/ollama v0.33, docs/api.md and server/routes.go.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from greenroom.clock import Clock
from greenroom.errors import BadRequest
from greenroom.llm import ollama_answer as answers
from greenroom.llm.asked import NamedModels, check_abilities, check_ability
from greenroom.llm.dialect import Endpoint, ModelEndpoint, answered, as_json
from greenroom.llm.headers import Wishes
from greenroom.llm.ollama_models import Asking, Embedding
from greenroom.llm.ollama_request import Body, ChatBody, GenerateBody, chat_request, generate_request, read
from greenroom.llm.stamps import Stamps
from greenroom.model import MINILM_PROVIDER, Chunk, ModelCard, Nothing
from greenroom.ports import Llm
from greenroom.wire.access import open_to

VERSION = "0.33.0"
"""The Ollama whose API this is. Clients look at it to decide what they may use."""


def ollama_routes(llm: Llm, clock: Clock) -> list[BaseRoute]:
    """The routes below /api/, the last of which answers 404 for all others there, and `/` for who asks for Ollama."""
    api, asking, embedding = _Api(llm, clock), Asking(llm), Embedding(llm, clock)
    endpoints: dict[str, ASGIApp] = {
        "/api/version": Endpoint({"GET", "HEAD"}, api.version, refusal),
        "/api/tags": Endpoint({"GET", "HEAD"}, api.tags, refusal),
        "/api/chat": ModelEndpoint({"POST"}, api.chat, refusal),
        "/api/generate": ModelEndpoint({"POST"}, api.generate, refusal),
        "/api/show": _Show(asking),
        "/api/ps": Endpoint({"GET", "HEAD"}, asking.ps, refusal),
        "/api/embed": Endpoint({"POST"}, embedding.embed, refusal),
        "/api/embeddings": Endpoint({"POST"}, embedding.embeddings, refusal),
        "/api/{rest:path}": open_to("caller")(PlainTextResponse("404 page not found", 404)),
    }
    below_api = [Route(path, endpoint, include_in_schema=False) for path, endpoint in endpoints.items()]
    return [_Root("/", _running, include_in_schema=False), *below_api]


@open_to("everybody")
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
        self._named = NamedModels(llm)
        self._clock = clock

    async def version(self, content: bytes) -> Response:
        return as_json({"version": VERSION})

    async def tags(self, content: bytes) -> Response:
        cards = (await self._llm.models(Nothing())).models
        newest_first = sorted((answers.tag(card) for card in cards), key=lambda t: str(t["modified_at"]), reverse=True)
        return as_json({"models": newest_first})

    async def chat(self, content: bytes, wishes: Wishes) -> ASGIApp:
        body = read(ChatBody, content)
        if not body.model:
            raise BadRequest("model is required")
        card = await self._named.find(body.model)
        if not body.messages:
            return await self._loaded(body, card, answers.chat_piece)
        check_abilities(card, body.model, "chat", body.think)
        if body.tools:
            check_ability(card, "tools")
        request = chat_request(body, card.full_name, wishes)
        writer = _Lines(body, card, answers.chat_piece, Stamps(self._clock))
        return await answered(self._llm.chat(request), writer, body.streams)

    async def generate(self, content: bytes, wishes: Wishes) -> ASGIApp:
        body = read(GenerateBody, content)
        name = body.model or ""
        card = await self._named.find(name)
        if not body.prompt and body.unloads:
            return await self._loaded(body, card, answers.generate_piece)
        if body.raw and (body.template or body.system or body.context):
            raise BadRequest("raw mode does not support template, system, or context")
        check_abilities(card, name, "generate", body.think)
        if body.suffix:
            check_ability(card, "insert")
        if not body.prompt:
            return await self._loaded(body, card, answers.generate_piece)
        request = generate_request(body, card.full_name, wishes)
        writer = _Lines(body, card, answers.generate_piece, Stamps(self._clock))
        return await answered(self._llm.generate(request), writer, body.streams)

    async def _loaded(self, body: Body, card: ModelCard, piece: "_Piece") -> Response:
        """Load or unload a model, where its provider does that; all others are there already."""
        if card.provider in {"ollama", MINILM_PROVIDER}:
            await self._named.load(card.full_name, body.keep_alive)
        done = {"done": True, "done_reason": "unload" if body.unloads else "load"}
        head = answers.head(body.model, card, Stamps(self._clock))
        return as_json({**head, **piece(Chunk(model=card.full_name)), **done})


_Piece = Callable[[Chunk], dict[str, Any]]


class _Lines:
    """An answer as one object, or a line of JSON for each chunk."""

    media_type = "application/x-ndjson"

    def __init__(self, body: Body, card: ModelCard, piece: _Piece, stamps: Stamps) -> None:
        self._body = body
        self._card = card
        self._piece = piece
        self._stamps = stamps

    def afresh(self, stamps: Stamps) -> "_Lines":
        return _Lines(self._body, self._card, self._piece, stamps)

    def whole(self, chunk: Chunk) -> dict[str, Any]:
        head = answers.head(self._body.model, self._card, self._stamps)
        line = {**head, **self._piece(chunk), "done": chunk.done}
        if chunk.logprobs:
            line["logprobs"] = list(chunk.logprobs)
        return line | answers.ending(chunk, self._stamps.took_ns()) if chunk.done else line

    def pieces(self, chunk: Chunk) -> Iterable[bytes]:
        """The line of a chunk. Nothing is said in the last line, where readers no longer look for it."""
        if chunk.done and (chunk.text or chunk.thinking or chunk.tool_calls or chunk.logprobs):
            yield self._line(chunk.model_copy(update={"done": False}))
            chunk = chunk.model_copy(update={"text": "", "thinking": "", "tool_calls": (), "logprobs": ()})
        yield self._line(chunk)

    def failure(self, status: int, text: str) -> bytes:
        return msgspec.json.encode({"error": text}) + b"\n"

    def _line(self, chunk: Chunk) -> bytes:
        return msgspec.json.encode(self.whole(chunk)) + b"\n"


@open_to("caller")
class _Show:
    """The path /api/show. GitHub's Copilot wants to find a model's name in what is known of it; so Ollama does it."""

    methods = frozenset({"POST"})

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        basename = Headers(scope=scope).get("user-agent", "").startswith("GitHubCopilotChat/")
        endpoint = Endpoint({*self.methods}, lambda content: self._asking.show(content, basename=basename), refusal)
        await endpoint(scope, receive, send)


def refusal(status: int, text: str) -> Response:
    """An error as Ollama tells it."""
    return PlainTextResponse(f"405 {text}", 405) if status == 405 else as_json({"error": text}, status)
