"""OpenAI's `POST /v1/audio/transcriptions`: sound is passed on to the server that has the model, and its answer back.

Neither is read, kept or logged. The sound is in memory until the answer is over.
Source: the OpenAI API reference; ollama/ollama v0.33, docs/openai.md.
"""

from contextlib import AsyncExitStack, aclosing

import msgspec
import structlog
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from greenroom.errors import BadRequest, UnknownModel
from greenroom.llm.dialect import Endpoint, as_json, told
from greenroom.llm.forms import Form
from greenroom.llm.hearing import Hears
from greenroom.llm.safe_names import check_name
from greenroom.llm.upstream import Answer
from greenroom.wire.dialects import FORMS, openai_error

_EVENTS, _JSON = "text/event-stream", "application/json"

_log = structlog.get_logger()


def transcription_routes(hearing: Hears) -> list[BaseRoute]:
    """The route; it must stand before the one that answers 404 for all others below /v1/."""
    endpoint = _FormEndpoint({"POST"}, _Transcriptions(hearing).answer, _refusal)
    return [Route(f"{FORMS}transcriptions", endpoint, include_in_schema=False)]


class _FormEndpoint(Endpoint):
    """A path that takes forms: `answer` also gets the content type, which says where their fields begin."""

    async def _asked(self, content: bytes, scope: Scope) -> ASGIApp:
        return await self._answer(content, Headers(scope=scope).get("content-type", ""))


class _Transcriptions:
    """What is asked of the model, and what it says."""

    def __init__(self, hearing: Hears) -> None:
        self._hearing = hearing

    async def answer(self, content: bytes, content_type: str) -> ASGIApp:
        form = Form.read(content, content_type)
        name = form.text("model")
        if not name:
            raise BadRequest("model is required")
        check_name(name)
        if not form.has_file("file"):
            raise BadRequest("file is required")
        async with AsyncExitStack() as stack:
            try:
                answer = await stack.enter_async_context(self._hearing.transcribing(form))
            except UnknownModel as exc:
                raise UnknownModel(f"model '{name}' not found") from exc
            if answer.content_type.startswith(_EVENTS):
                return _Events(answer, stack.pop_all())
            # Whatever else the server calls it: it may not become a page of ours.
            kind = _JSON if answer.content_type.startswith(_JSON) else "text/plain"
            return Response(await answer.whole(), media_type=kind)


class _Events:
    """A stream of events as it comes; an error inside it is its last one."""

    def __init__(self, answer: Answer, open_: AsyncExitStack) -> None:
        self._answer, self._open = answer, open_

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", _EVENTS.encode())]})
        try:
            async with self._open, aclosing(self._answer.pieces()) as pieces:
                async for piece in pieces:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        except Exception as exc:
            _log.warning("answer_cut_off", path=scope["path"])
            event = b"\n\ndata: " + msgspec.json.encode(openai_error(*told(exc))) + b"\n\n"
            await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _refusal(status: int, text: str) -> Response:
    return as_json(openai_error(status, text), status)
