"""Anthropic's Messages API as Ollama serves it, from any provider.

Written by hand, because outsiders dictate it. Source: ollama/ollama v0.33, docs/api/anthropic-compatibility.mdx and
anthropic/anthropic.go; Anthropic's API reference. Beyond Ollama's: an answer may be held to a schema, tokens can be
estimated without an answer, and what cannot be done is refused and not left out. The web is searched by our own search.
"""

from contextlib import aclosing

from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from greenroom.clock import Clock
from greenroom.config import SearchSettings
from greenroom.llm.anthropic_answer import MessageAnswer
from greenroom.llm.anthropic_request import Body, chat_request, check, search_wanted
from greenroom.llm.anthropic_search import SearchingModel
from greenroom.llm.asked import NamedModels, check_abilities, check_ability, decoded
from greenroom.llm.dialect import Endpoint, ModelEndpoint, answered, as_json
from greenroom.llm.headers import Wishes, told_of
from greenroom.llm.money.estimate import prompt_tokens
from greenroom.llm.stamps import Stamps
from greenroom.model import Chunk, Stream
from greenroom.ports import Llm, WebSearch
from greenroom.wire.access import open_to
from greenroom.wire.dialects import anthropic_error


def anthropic_routes(llm: Llm, search: WebSearch, settings: SearchSettings, clock: Clock) -> list[BaseRoute]:
    """The routes at and below /v1/messages, the last of which answers 404 for all others there."""
    api = _Api(llm, search, settings, clock)
    endpoints: dict[str, ASGIApp] = {
        "/v1/messages": ModelEndpoint({"POST"}, api.answer, _refusal),
        "/v1/messages/count_tokens": Endpoint({"POST"}, api.count, _refusal),
        "/v1/messages/{rest:path}": open_to("caller")(_refusal(404, "page not found")),
    }
    return [Route(path, endpoint, include_in_schema=False) for path, endpoint in endpoints.items()]


class _Api:
    """The answers to each path. A body is judged before its model is looked for."""

    def __init__(self, llm: Llm, search: WebSearch, settings: SearchSettings, clock: Clock) -> None:
        self._llm = llm
        self._searching = SearchingModel(llm, search, settings)
        self._quoted_chars = settings.prompt_chars
        self._clock = clock
        self._named = NamedModels(llm)

    async def answer(self, content: bytes, wishes: Wishes) -> ASGIApp:
        body = decoded(Body, content)
        name = check(body)
        request, tool = chat_request(body, self._quoted_chars), search_wanted(body)
        card = await self._named.find(name)
        check_abilities(card, name, "chat")
        if request.tools:
            check_ability(card, "tools")
        # Clients ask for thoughts as a matter of course; alone of all dialects, this one does not refuse them.
        think = request.think if not request.think or await self._named.thinks(card) else None
        asked = request.model_copy(update={"model": card.full_name, "think": think, **wishes})
        writer = MessageAnswer(name, prompt_tokens(request), Stamps(self._clock))
        if tool is None:
            return await answered(self._llm.chat(asked), writer, bool(body.stream))
        stream = self._searching.chat(asked, tool)
        return await answered(stream, writer, True) if body.stream else await _whole(stream, writer)

    async def count(self, content: bytes) -> Response:
        body = decoded(Body, content)
        name = check(body, needs_limit=False)
        request = chat_request(body, self._quoted_chars)
        await self._named.find(name)
        return as_json({"input_tokens": prompt_tokens(request)})


async def _whole(stream: Stream[Chunk], writer: MessageAnswer) -> Response:
    """An answer with searches in one piece; where in it they were is kept."""
    async with aclosing(stream) as chunks:
        parts = [chunk async for chunk in chunks]
    return as_json(writer.of_parts(parts), headers=told_of(parts[0]))


def _refusal(status: int, text: str) -> Response:
    return as_json(anthropic_error(status, text), status)
