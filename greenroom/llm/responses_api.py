"""OpenAI's Responses API as Ollama serves it, from any provider: each request stands for itself, nothing is kept.

Written by hand, because outsiders dictate it. Source: ollama/ollama v0.33, docs/openai.md and openai/responses.go; the
OpenAI API reference. Beyond Ollama's: an answer that was cut short says so, and what cannot be done is refused.
"""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from greenroom.clock import Clock
from greenroom.errors import BadRequest, NotFound
from greenroom.llm.asked import NamedModels, check_abilities, check_ability, decoded
from greenroom.llm.dialect import Endpoint, ModelEndpoint, answered, as_json
from greenroom.llm.headers import Wishes
from greenroom.llm.responses_answer import ResponseAnswer
from greenroom.llm.responses_request import ResponsesBody, chat_request
from greenroom.llm.stamps import Stamps
from greenroom.ports import Llm
from greenroom.wire.dialects import openai_error


def responses_routes(llm: Llm, clock: Clock) -> list[BaseRoute]:
    """The routes at and below /v1/responses."""
    api = _Api(llm, clock)
    endpoints: dict[str, ASGIApp] = {
        "/v1/responses": ModelEndpoint({"POST"}, api.answer, _refusal),
        "/v1/responses/{rest:path}": Endpoint({"GET", "POST", "DELETE"}, api.look_up, _refusal),
    }
    return [Route(path, endpoint, include_in_schema=False) for path, endpoint in endpoints.items()]


class _Api:
    """The answers to each path. A body is judged before its model is looked for."""

    def __init__(self, llm: Llm, clock: Clock) -> None:
        self._llm = llm
        self._named = NamedModels(llm)
        self._clock = clock

    async def answer(self, content: bytes, wishes: Wishes) -> ASGIApp:
        body = decoded(ResponsesBody, content)
        if not body.model:
            raise BadRequest("model is required")
        request = chat_request(body)
        card = await self._named.find(body.model)
        check_abilities(card, body.model, "chat", request.think)
        if request.tools:
            check_ability(card, "tools")
        stream = self._llm.chat(request.model_copy(update={"model": card.full_name, **wishes}))
        return await answered(stream, ResponseAnswer(body.model, body, Stamps(self._clock)), bool(body.stream))

    async def look_up(self, content: bytes, rest: str) -> ASGIApp:
        raise NotFound("responses are not kept here, so that none can be looked up, cancelled or deleted")


def _refusal(status: int, text: str) -> Response:
    return as_json(openai_error(status, text), status)
