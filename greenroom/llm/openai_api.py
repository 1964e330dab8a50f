"""OpenAI's HTTP API as Ollama serves it: chat completions, completions, embeddings, models; from any provider.

Written by hand, because outsiders dictate it. Source: ollama/ollama v0.33, docs/openai.md and openai/openai.go; the
OpenAI API reference. One thing is better than Ollama's: an error inside a stream is told as one.
"""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from greenroom.clock import Clock
from greenroom.errors import BadRequest, UnknownModel
from greenroom.llm.asked import NamedModels, check_abilities, check_ability, decoded
from greenroom.llm.dialect import Endpoint, ModelEndpoint, answered, as_json
from greenroom.llm.headers import Wishes
from greenroom.llm.openai_answer import ChatCompletion, TextCompletion, embeddings, model_entry
from greenroom.llm.openai_request import (
    Body,
    ChatBody,
    CompletionBody,
    EmbeddingsBody,
    chat_request,
    completion_request,
    texts,
)
from greenroom.llm.stamps import Stamps
from greenroom.model import ModelCard, Nothing
from greenroom.ports import Llm
from greenroom.wire.access import open_to
from greenroom.wire.dialects import openai_error


def openai_routes(llm: Llm, clock: Clock) -> list[BaseRoute]:
    """The routes below /v1/, the last of which answers 404 for all others there."""
    api = _Api(llm, clock)
    endpoints: dict[str, ASGIApp] = {
        "/v1/chat/completions": ModelEndpoint({"POST"}, api.chat, _refusal),
        "/v1/completions": ModelEndpoint({"POST"}, api.complete, _refusal),
        "/v1/embeddings": Endpoint({"POST"}, api.embed, _refusal),
        "/v1/models": Endpoint({"GET", "HEAD"}, api.models, _refusal),
        "/v1/models/{model:path}": Endpoint({"GET", "HEAD"}, api.model, _refusal),
        "/v1/{rest:path}": open_to("caller")(_refusal(404, "page not found")),
    }
    return [Route(path, endpoint, include_in_schema=False) for path, endpoint in endpoints.items()]


class _Api:
    """The answers to each path. A body is judged before its model is looked for."""

    def __init__(self, llm: Llm, clock: Clock) -> None:
        self._llm = llm
        self._named = NamedModels(llm)
        self._clock = clock

    async def chat(self, content: bytes, wishes: Wishes) -> ASGIApp:
        body = decoded(ChatBody, content)
        name = _model(body)
        request = chat_request(body)
        card = await self._named.find(name)
        check_abilities(card, name, "chat", request.think)
        if request.tools:
            check_ability(card, "tools")
        stream = self._llm.chat(request.model_copy(update={"model": card.full_name, **wishes}))
        return await answered(stream, ChatCompletion(name, Stamps(self._clock), body.tells_usage), bool(body.stream))

    async def complete(self, content: bytes, wishes: Wishes) -> ASGIApp:
        body = decoded(CompletionBody, content)
        name = _model(body)
        request = completion_request(body)
        card = await self._named.find(name)
        check_abilities(card, name, "generate")
        if request.suffix:
            check_ability(card, "insert")
        stream = self._llm.generate(request.model_copy(update={"model": card.full_name, **wishes}))
        return await answered(stream, TextCompletion(name, Stamps(self._clock), body.tells_usage), bool(body.stream))

    async def embed(self, content: bytes) -> Response:
        body = decoded(EmbeddingsBody, content)
        name = _model(body)
        asked = texts(body)
        asked = asked.model_copy(update={"model": await self._named.full_name(name)})
        try:
            vectors = await self._llm.embed(asked)
        except UnknownModel as exc:
            raise UnknownModel(f"model '{name}' not found") from exc
        return as_json(embeddings(vectors, name, (body.encoding_format or "").casefold() == "base64"))

    async def models(self, content: bytes) -> Response:
        cards = sorted((await self._llm.models(Nothing())).models, key=_age, reverse=True)
        return as_json({"object": "list", "data": [model_entry(card) for card in cards]})

    async def model(self, content: bytes, model: str) -> Response:
        card = await self._named.listed(model)
        if card is None:
            raise UnknownModel(f"model '{model}' not found")
        return as_json({**model_entry(card), "id": model})


def _model(body: Body | EmbeddingsBody) -> str:
    if not body.model:
        raise BadRequest("model is required")
    return body.model


def _age(card: ModelCard) -> float:
    return card.modified_at.timestamp() if card.modified_at else 0.0


def _refusal(status: int, text: str) -> Response:
    return as_json(openai_error(status, text), status)
