"""An answer for which the model may search the web: it is asked again with what was found, until it has answered.

Each time it is asked is a call of its own to whoever counts and limits calls; the answer as a whole is not kept.
"""

import asyncio
from contextlib import aclosing

import structlog
from pydantic import JsonValue

from greenroom.config import SearchSettings
from greenroom.errors import OutOfTime, SearchFailed, UpstreamFailed
from greenroom.journey import remaining_s
from greenroom.llm.anthropic_answer import SearchPiece
from greenroom.llm.anthropic_search_tool import (
    NAME,
    Found,
    SearchTool,
    result_block,
    result_message,
    search_block,
    search_id,
)
from greenroom.model import ChatMessage, ChatRequest, Chunk, SearchRequest, Stream, ToolCall, ToolFunction, Usage
from greenroom.ports import Llm, WebSearch

_log = structlog.get_logger()

_CANDIDATES = 20
"""Results that are chosen from, where domains are limited: as many as a search gives."""
_QUERY_CHARS = 2000
_OF_ONE_CALL = {"cache": None, "key": None, "similarity": None}
"""What is true of one call of the model, and not of the whole answer."""


class SearchingModel:
    """A model, and the web for it."""

    def __init__(self, llm: Llm, search: WebSearch, settings: SearchSettings) -> None:
        self._llm = llm
        self._search = search
        self._settings = settings

    async def chat(self, request: ChatRequest, tool: SearchTool) -> Stream[Chunk]:
        """Continue a conversation. Between the model's words come the pieces of its searches.

        Whoever wants more searches than `tool` allows is told so once, and then asked without the tool. When the
        model also calls tools of the caller's, the answer ends with those calls.
        """
        searches, spent = _Searches(tool.max_uses), Usage(prompt_tokens=0, completion_tokens=0)
        while True:
            said = _Said(request)
            async with aclosing(self._llm.chat(request)) as chunks:
                async for chunk in chunks:
                    said.add(chunk)
                    yield chunk.model_copy(update={"tool_calls": (), "done": False, "usage": None, **_OF_ONE_CALL})
            spent = _sum(spent, said.end.usage)
            calls, results = said.searches if searches.allowed else {}, list[ChatMessage]()
            for search, arguments in calls.items():
                yield said.piece(search_block(search, arguments))
                found = await self._look_up(arguments, tool) if searches.one_more() else "max_uses_exceeded"
                yield said.piece(result_block(search, found))
                results.append(result_message(search, found, self._settings.prompt_chars))
            if said.others or not calls:
                yield said.ending(spent)
                return
            request = _continued(request, [said.message(), *results], may_search=searches.allowed)

    async def _look_up(self, arguments: dict[str, JsonValue], tool: SearchTool) -> Found:
        query = arguments.get("query")
        if not isinstance(query, str) or not query.strip():
            return "invalid_tool_input"
        if len(query.strip()) > _QUERY_CHARS:
            return "query_too_long"
        try:
            async with asyncio.timeout(remaining_s()):
                answer = await self._search.search(SearchRequest(query=query, max_results=_CANDIDATES))
        except SearchFailed as exc:
            _log.info("answered_without_search", detail=exc.detail)
            return "unavailable"
        except TimeoutError as exc:
            raise OutOfTime("the search was not done in the time allowed") from exc
        return tool.among(answer.results, self._settings.results)


class _Searches:
    """How many searches an answer has taken; after one that was too many no more are `allowed`."""

    def __init__(self, most: int) -> None:
        self._left = most

    @property
    def allowed(self) -> bool:
        return self._left >= 0

    def one_more(self) -> bool:
        self._left -= 1
        return self._left >= 0


class _Said:
    """What the model says when it is asked once: its words, calls of `others`' tools, arguments of searches by id."""

    def __init__(self, request: ChatRequest) -> None:
        self._request = request
        self.searches: dict[str, dict[str, JsonValue]] = {}
        self.others: list[ToolCall] = []
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self._last: Chunk | None = None

    def add(self, chunk: Chunk) -> None:
        self._last = chunk
        self._texts.append(chunk.text)
        self._thoughts.append(chunk.thinking)
        for call in chunk.tool_calls:
            if call.function.name == NAME:
                arguments = call.function.arguments
                self.searches[search_id(self._request, len(self.searches), arguments)] = arguments
            else:
                self.others.append(call)

    @property
    def end(self) -> Chunk:
        if self._last is None:
            raise UpstreamFailed
        return self._last

    def message(self) -> ChatMessage:
        thoughts = "".join(self._thoughts) or None
        calls = tuple(
            ToolCall(id=search, function=ToolFunction(name=NAME, arguments=arguments))
            for search, arguments in self.searches.items()
        )
        return ChatMessage(role="assistant", content="".join(self._texts), thinking=thoughts, tool_calls=calls)

    def piece(self, block: dict[str, JsonValue]) -> SearchPiece:
        return SearchPiece(model=self.end.model, block=block)

    def ending(self, spent: Usage) -> Chunk:
        nothing_new = {"text": "", "thinking": "", "logprobs": (), **_OF_ONE_CALL}
        ended = {"tool_calls": tuple(self.others), "usage": spent, "done": True}
        return self.end.model_copy(update={**nothing_new, **ended})


def _continued(request: ChatRequest, added: list[ChatMessage], *, may_search: bool) -> ChatRequest:
    tools = request.tools if may_search else tuple(tool for tool in request.tools if not _is_search(tool))
    return request.model_copy(update={"messages": (*request.messages, *added), "tools": tools})


def _is_search(tool: dict[str, JsonValue]) -> bool:
    function = tool["function"]
    return isinstance(function, dict) and function["name"] == NAME


def _sum(before: Usage, now: Usage | None) -> Usage:
    """The tokens of both; not known where those of one are not."""
    now = now or Usage()
    return Usage(
        prompt_tokens=_added(before.prompt_tokens, now.prompt_tokens),
        completion_tokens=_added(before.completion_tokens, now.completion_tokens),
    )


def _added(before: int | None, now: int | None) -> int | None:
    return None if before is None or now is None else before + now
