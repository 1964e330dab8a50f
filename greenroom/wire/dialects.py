"""The dialects of outsiders: below which paths they are spoken, and how each of them says no before it is asked.

What is spoken there is the business of the service that answers.
"""

import secrets
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Scope

from greenroom.errors import GreenroomError
from greenroom.wire.problem import MEDIA_TYPE, problem_response, retry_after

OLLAMA, _OPENAI, _ANTHROPIC = "/api/", "/v1/", "/v1/messages"
DIALECTS = (OLLAMA, _OPENAI)

FORMS = "/v1/audio/"
"""Where bodies are forms with files, as OpenAI's clients send sound."""

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
_TYPES_OF_ANTHROPIC = {
    **_TYPES,
    402: "billing_error",
    413: "request_too_large",
    503: "overloaded_error",
    529: "overloaded_error",
}
_NOT_THERE = {404: "page not found", 405: "method not allowed"}


def openai_error(status: int, text: str) -> dict[str, Any]:
    """The body of an error, as OpenAI's clients read it and Ollama fills it in."""
    return {"error": {"message": text, "type": _TYPES.get(status, "api_error"), "param": None, "code": None}}


def anthropic_error(status: int, text: str) -> dict[str, Any]:
    """The body of an error, as Anthropic's clients read it."""
    kind = _TYPES_OF_ANTHROPIC.get(status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": text}, "request_id": f"req_{secrets.token_hex(12)}"}


def refusal_in_dialect(path: str, status: int, text: str) -> Response | None:
    """The answer to a request that reaches no endpoint, where a dialect is spoken at `path`.

    Of paths and methods that are not there Ollama says so in plain text, in words of its own.
    """
    if path.startswith(OLLAMA) and status in _NOT_THERE:
        return PlainTextResponse(f"{status} {_NOT_THERE[status]}", status)
    return _in_dialect(path, status, _NOT_THERE.get(status, text))


def error_response(scope: Scope, error: GreenroomError) -> Response:
    """The answer to a request that failed at a route of ours, in the words of the dialect that is spoken at its path.

    Who accepts problem details gets those everywhere: our own clients do, and so meet the same class of error.
    """
    if MEDIA_TYPE in Headers(scope=scope).get("accept", ""):
        return problem_response(error)
    in_dialect = _in_dialect(scope["path"], error.status, error.detail)
    if in_dialect is None:
        return problem_response(error)
    in_dialect.headers.update(retry_after(error))
    return in_dialect


def _in_dialect(path: str, status: int, text: str) -> Response | None:
    if path == _ANTHROPIC or path.startswith(f"{_ANTHROPIC}/"):
        return JSONResponse(anthropic_error(status, text), status)
    if path.startswith(_OPENAI):
        return JSONResponse(openai_error(status, text), status)
    return JSONResponse({"error": text}, status) if path.startswith(OLLAMA) else None
