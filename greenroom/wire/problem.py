"""Errors as RFC 9457 problem details, and back as the same class."""

import math
import re
from typing import Any

from pydantic_core import ErrorDetails, to_jsonable_python
from starlette.responses import JSONResponse

from greenroom.errors import GreenroomError, InvalidInput, every_error
from greenroom.journey import current_trace

MEDIA_TYPE = "application/problem+json"
_PREFIX = "urn:greenroom:"


def problem(error: GreenroomError) -> dict[str, Any]:
    """The problem details of an error."""
    return {
        "type": _PREFIX + _dashed(type(error).__name__),
        "title": _dashed(type(error).__name__).replace("-", " ").capitalize(),
        "status": error.status,
        "detail": error.detail,
        "retryable": error.retryable,
        "trace_id": current_trace().trace_id,
        **({"extra": to_jsonable_python(error.extra)} if error.extra else {}),
    }


def problem_response(error: GreenroomError) -> JSONResponse:
    """The HTTP answer for an error."""
    asks = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
    return JSONResponse(problem(error), error.status, {**asks, **retry_after(error)}, MEDIA_TYPE)


def retry_after(error: Exception) -> dict[str, str]:
    """The header that says when to come back, where the error does. Source: RFC 9110, section 10.2.3."""
    seconds = error.extra.get("retry_after_s") if isinstance(error, GreenroomError) else None
    return {"Retry-After": str(math.ceil(seconds))} if seconds else {}


def error_of(body: Any, status: int, whose: str) -> GreenroomError:
    """The error that a peer's answer stands for; one that is not of ours becomes a plain GreenroomError."""
    if isinstance(body, dict):
        kind = _KINDS().get(str(body.get("type", "")).removeprefix(_PREFIX))
        extra = body.get("extra")
        if kind is not None:
            return kind(str(body.get("detail", "")), **(extra if isinstance(extra, dict) else {}))
    return GreenroomError(f"{whose} answered with status {status}")


def invalid_input(errors: list[ErrorDetails] | list[Any]) -> InvalidInput:
    """A validation failure in words that name each field."""
    fields = [_fault(e) for e in errors[:20]]
    return InvalidInput("; ".join(f"{f['field']}: {f['problem']}" for f in fields), fields=fields)


def _fault(error: Any) -> dict[str, str]:
    if error["type"] == "json_invalid":
        where, why = error["loc"][-1], error.get("ctx", {}).get("error", "")
        return {"field": "body", "problem": f"this is not JSON: {why} (at character {where})"}
    return {"field": _field(error["loc"]), "problem": error["msg"]}


def _field(location: tuple[int | str, ...]) -> str:
    parts = [str(p) for p in location if p not in {"body", "query", "path"}]
    return ".".join(parts) or "body"


def _dashed(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def _KINDS() -> dict[str, type[GreenroomError]]:  # noqa: N802
    return {_dashed(name): kind for name, kind in every_error().items()}
