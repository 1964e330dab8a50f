"""The dialects of outsiders: below which paths they are spoken, and how each of them says no before it is asked.

What is spoken there is the business of the service that answers.
"""

from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Scope

from greenroom.errors import GreenroomError
from greenroom.wire.problem import MEDIA_TYPE, problem_response

OLLAMA, _OPENAI = "/api/", "/v1/"
DIALECTS = (OLLAMA, _OPENAI)

_TYPES = {400: "invalid_request_error", 404: "not_found_error"}
_NOT_THERE = {404: "page not found", 405: "method not allowed"}


def openai_error(status: int, text: str) -> dict[str, Any]:
    """The body of an error, as OpenAI's clients read it and Ollama fills it in."""
    return {"error": {"message": text, "type": _TYPES.get(status, "api_error"), "param": None, "code": None}}


def refusal_in_dialect(path: str, status: int, text: str) -> Response | None:
    """The answer to a request that reaches no endpoint, where a dialect is spoken at `path`.

    Of paths and methods that are not there Ollama says so in plain text, in words of its own.
    """
    if path.startswith(_OPENAI):
        return JSONResponse(openai_error(status, _NOT_THERE.get(status, text)), status)
    if path.startswith(OLLAMA):
        if status in _NOT_THERE:
            return PlainTextResponse(f"{status} {_NOT_THERE[status]}", status)
        return JSONResponse({"error": text}, status)
    return None


def error_response(scope: Scope, error: GreenroomError) -> Response:
    """The answer to a request that failed at a route of ours, in the words of the dialect that is spoken at its path.

    Who accepts problem details gets those everywhere: our own clients do, and so meet the same class of error.
    """
    path: str = scope["path"]
    if MEDIA_TYPE in Headers(scope=scope).get("accept", ""):
        return problem_response(error)
    if path.startswith(_OPENAI):
        return JSONResponse(openai_error(error.status, error.detail), error.status)
    if path.startswith(OLLAMA):
        return JSONResponse({"error": error.detail}, error.status)
    return problem_response(error)
