"""A port as routes of FastAPI, so that OpenAPI comes for nothing."""

import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, JsonValue, RootModel, TypeAdapter, ValidationError, create_model
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from greenroom.errors import BadRequest
from greenroom.journey import allow, due_in
from greenroom.wire.access import access_of, open_to
from greenroom.wire.dialects import error_response
from greenroom.wire.event_stream import MEDIA_TYPE, EventStream
from greenroom.wire.presence import CallerGone, while_present
from greenroom.wire.problem import invalid_input
from greenroom.wire.verbs import Verb, verbs

DEADLINE_HEADER = "greenroom-deadline-ms"
_CLIENT_CLOSED_REQUEST = 499

Admit = Callable[[Request], None]
"""Lets a request in, or raises Unauthorized. It says whom it lets in, with `open_to`."""


def serve_port(router: APIRouter, port: type, implementation: object, admit: Admit) -> None:
    """Give `router` a route for every verb of `port`, answered by `implementation`."""
    for verb in verbs(port):
        _add(router, verb, getattr(implementation, verb.name), admit)


def refuse_other_methods(ports: Iterable[type]) -> list[BaseRoute]:
    """Routes that answer 405 at the paths of `ports`: behind the ports' own, before any that take all paths."""
    methods: dict[str, set[str]] = {}
    for port in ports:
        for verb in verbs(port):
            methods.setdefault(verb.route.path, set()).add(verb.route.method)
    return [Route(path, _Refusing(there), include_in_schema=False) for path, there in methods.items()]


@open_to("everybody")
class _Refusing:
    """An endpoint that refuses every method. `there` are those that the path has."""

    def __init__(self, there: set[str]) -> None:
        self._there = ", ".join(sorted(there))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = error_response(scope, BadRequest(f"method not allowed; this path has {self._there}"))
        response.status_code = 405
        response.headers["Allow"] = self._there
        await response(scope, receive, send)


def _add(router: APIRouter, verb: Verb, act: Callable[[Any], Any], admit: Admit) -> None:
    router.add_api_route(
        verb.route.path,
        _endpoint(verb, act, admit),
        methods=[verb.route.method],
        status_code=verb.route.status,
        name=verb.name,
        operation_id=f"{verb.port}.{verb.name}",
        summary=verb.help.strip().partition("\n")[0],
        description=inspect.cleandoc(verb.help),
        response_model=None if verb.streams else verb.returns,
        responses=_stream_schema(verb) if verb.streams else None,
    )


def _stream_schema(verb: Verb) -> dict[int | str, dict[str, Any]]:
    schema = TypeAdapter(verb.returns).json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {200: {"description": "One event per item", "content": {MEDIA_TYPE: {"schema": schema}}}}


def _endpoint(verb: Verb, act: Callable[[Any], Any], admit: Admit) -> Callable[..., Any]:
    async def endpoint(request: Request, **given: Any) -> Response:
        admit(request)
        value = _value(verb, given)
        if verb.streams:
            return EventStream(_with_deadline(act(value), _deadline_s(request)))
        try:
            async with due_in(_deadline_s(request)):
                result = await while_present(request.receive, lambda: act(value))
        except CallerGone:
            return Response(status_code=_CLIENT_CLOSED_REQUEST)
        return Response(result.model_dump_json(), verb.route.status, media_type="application/json")

    endpoint.__signature__ = inspect.Signature(_parameters(verb))  # type: ignore[attr-defined]
    return open_to(access_of(admit))(endpoint)


def _parameters(verb: Verb) -> list[inspect.Parameter]:
    def parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)

    found = [parameter("request", Request)]
    for name in verb.path_fields:
        field = verb.takes.model_fields[name]
        found.append(parameter(name, Annotated[field.annotation, *field.metadata] if field.metadata else str))
    body = _body(verb)
    if body is not None:
        found.append(
            parameter("rest", Annotated[body, Query()]) if verb.in_query else parameter("rest", body, _empty(body))
        )
    return found


def _empty(body: Any) -> Any:
    """What no body means: the same as `{}`, where that is allowed."""
    try:
        return body()
    except ValidationError:
        return inspect.Parameter.empty


def _body(verb: Verb) -> Any:
    """The type of what travels beside the path, or None when nothing does."""
    if issubclass(verb.takes, RootModel) or not verb.path_fields:
        return verb.takes if verb.takes.model_fields else None
    if verb.takes.model_config.get("extra") == "allow":
        return dict[str, JsonValue]
    if not verb.other_fields:
        return None
    fields: dict[str, Any] = {
        n: (f.annotation, f) for n, f in verb.takes.model_fields.items() if n in verb.other_fields
    }
    return create_model(f"{verb.takes.__name__}Body", **fields)


def _value(verb: Verb, given: dict[str, Any]) -> BaseModel:
    rest = given.pop("rest", None)
    if isinstance(rest, verb.takes):
        return rest
    fields = rest if isinstance(rest, dict) else rest.model_dump(exclude_unset=True) if rest is not None else {}
    try:
        return verb.takes.model_validate({**fields, **given})
    except ValidationError as exc:
        raise invalid_input(exc.errors(include_url=False)) from exc


def _deadline_s(request: Request) -> float | None:
    header = request.headers.get(DEADLINE_HEADER, "")
    return int(header) / 1000 if header.isascii() and header.isdigit() and len(header) <= 12 else None


async def _with_deadline(stream: Any, seconds: float | None) -> Any:
    """The stream, run with the caller's deadline in force."""
    with allow(seconds):
        try:
            async for item in stream:
                yield item
        finally:
            await stream.aclose()
