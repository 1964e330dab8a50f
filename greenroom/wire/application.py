"""The FastAPI application around the ports: how errors are answered, and what stands before every route."""

import math
import re
from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, PlainTextResponse

from greenroom import __version__
from greenroom.config import WireSettings
from greenroom.errors import BadRequest, GreenroomError, NotFound
from greenroom.wire.access import open_to
from greenroom.wire.dialects import DIALECTS, error_response, refusal_in_dialect
from greenroom.wire.event_stream import as_ours
from greenroom.wire.guard import AllowedCallers, JsonBodies, Limit, LimitedBodies, TraceEachRequest
from greenroom.wire.health import HealthCheck, Ping
from greenroom.wire.metrics import Metrics
from greenroom.wire.problem import invalid_input, problem_response
from greenroom.wire.protocol import BODY_S

_PASSED_ON = "/api/blobs/"
"""Files that models are made of: gigabytes, passed on piece by piece. Nothing at these paths may read a body whole."""

_NO_TELEMETRY = {"tracing": False, "metrics": False, "logs": False}
"""FastAPI's own looks with each request whether somebody has set OpenTelemetry up; the house counts for itself."""

_UPLOADS = re.compile(r"(/characters/import|/_nicegui/client/[^/]+/upload/\d+)$")
"""Where card files come in: over the API, and from the page, whose upload route NiceGUI gives."""


def application(title: str, settings: WireSettings, hosts: Iterable[str], *gates: Middleware) -> FastAPI:
    """An application without routes; its documentation at `/docs` needs nothing from outside.

    `hosts` are the names under which it may be called, beside loopback. `gates` stand right before the routes.
    """
    app = FastAPIOffline(
        title=title, version=__version__, redoc_url=None, middleware=list(gates), telemetry=_NO_TELEMETRY
    )
    for documentation in app.routes:
        open_to("everybody")(documentation)
    app.add_exception_handler(GreenroomError, _own)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(StarletteHTTPException, _plain)
    app.add_exception_handler(Exception, _unforeseen)
    app.add_middleware(JsonBodies)
    app.add_middleware(LimitedBodies, limit_of=_limits(settings), patience_s=BODY_S)
    app.add_middleware(
        AllowedCallers,
        hosts=frozenset(h.casefold() for h in (*hosts, *settings.allowed_hosts)),
        origins=frozenset(settings.allowed_origins),
    )
    app.add_middleware(TraceEachRequest)
    return app


def add_vital_signs(router: APIRouter, ping: Ping, health: HealthCheck, metrics: Metrics) -> None:
    """Give a service `GET /live`, `GET /health` and `GET /metrics`."""

    @router.get("/live", name="live", operation_id=f"{metrics.service}.live", status_code=204)
    @open_to("everybody")
    async def tell_life() -> Response:
        """Whether the service itself works; it asks no other service, so that two may ask each other."""
        await ping()
        return Response(status_code=204)

    @router.get("/health", name="health", operation_id=f"{metrics.service}.health")
    @open_to("everybody")
    async def tell_health() -> Response:
        """How the service is, and each thing that it needs. 503 when it is unhealthy."""
        found = await health.check()
        return Response(
            found.model_dump_json(), 503 if found.status == "unhealthy" else 200, media_type="application/json"
        )

    @router.get("/metrics", name="metrics", operation_id=f"{metrics.service}.metrics")
    @open_to("everybody")
    async def tell_metrics(request: Request, format: str = "") -> Response:  # noqa: A002 - the contract's name
        """What the service counts: JSON, or Prometheus text on request."""
        if wants_prometheus(request, format):
            return prometheus(metrics.as_prometheus())
        return JSONResponse(metrics.as_json())


def wants_prometheus(request: Request, format_: str) -> bool:
    """Whether the figures are asked for as Prometheus text."""
    return format_ == "prometheus" or "text/plain" in request.headers.get("accept", "")


def prometheus(text: str) -> Response:
    """Figures as Prometheus reads them. Source: Prometheus text exposition format 0.0.4."""
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


def _limits(settings: WireSettings) -> Any:
    def limit_of(path: str) -> Limit:
        if path.startswith(_PASSED_ON):
            return Limit(math.inf, "")
        if path.startswith(DIALECTS) or _UPLOADS.search(path):
            return Limit(settings.max_api_body_bytes, "wire.max_api_body_bytes")
        return Limit(settings.max_body_bytes, "wire.max_body_bytes")

    return limit_of


async def _own(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, GreenroomError)
    return error_response(request.scope, exc)


async def _invalid(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    return error_response(request.scope, invalid_input(list(exc.errors())))


async def _plain(request: Request, exc: Exception) -> Response:
    """What Starlette and FastAPI refuse by themselves. FastAPI wraps what our body limit raises; unwrap it."""
    assert isinstance(exc, HTTPException | StarletteHTTPException)
    if isinstance(exc.__cause__, GreenroomError):
        return error_response(request.scope, exc.__cause__)
    in_dialect = refusal_in_dialect(request.url.path, exc.status_code, str(exc.detail))
    if in_dialect is not None:
        return in_dialect
    kind = {404: NotFound}.get(exc.status_code, BadRequest)
    response = problem_response(kind(f"{request.method} {request.url.path}: {exc.detail}"))
    response.status_code = exc.status_code
    return response


async def _unforeseen(request: Request, exc: Exception) -> Response:
    return error_response(request.scope, as_ours(exc))
