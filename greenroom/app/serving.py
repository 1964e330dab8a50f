"""A house over HTTP: one service at the root, or all of them under their names, with page and dialects."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.responses import JSONResponse

from greenroom.app.served import AT_ROOT, SERVED, property_of
from greenroom.wire import serve_port
from greenroom.wire.access import open_to
from greenroom.wire.application import add_vital_signs, application, prometheus, wants_prometheus
from greenroom.wire.server import refuse_other_methods

if TYPE_CHECKING:
    from greenroom.app.house import House


def application_of(house: "House") -> FastAPI:
    """The application of an open house."""
    has_gateway = "llm" in house.here
    gates = house.gateway.gates if has_gateway else []
    app = application(f"Greenroom {house.only or ''}".strip(), house.settings.wire, [house.settings.host], *gates)
    _serve_at_root(house, app)
    if has_gateway:
        admissions = house.admissions
        app.router.routes.extend(house.gateway.routes(house.llm, house.web_search, admissions.owners, admissions.costs))
    for name in house.here:
        router = APIRouter(prefix="" if house.only else f"/{name}", tags=[name])
        _serve(house, name, router)
        app.include_router(router)
    if house.only is None:
        _add_whole(house, app)
    if "web" in house.here:
        house.service("web").mount(app)
    if has_gateway:
        app.router.routes.sort(key=house.gateway.is_seldom_asked)
    return app


def _serve(house: "House", name: str, router: APIRouter) -> None:
    for port in SERVED[name]:
        serve_port(router, port, getattr(house, property_of(port)), house.admissions.to(name, port))
    service, metrics = house.service(name), house.metrics[name]
    counting = house.gateway.figures if name == "llm" else [service.figures] if hasattr(service, "figures") else []
    for figures in counting:
        metrics.offer(figures)
    add_vital_signs(router, service.ping, house.healths.checks[name], metrics)


def _serve_at_root(house: "House", app: FastAPI) -> None:
    router = APIRouter()
    ports = [(name, port) for name in house.here for port in AT_ROOT.get(name, ())]
    for name, port in ports:
        router.tags = [name]
        serve_port(router, port, getattr(house, property_of(port)), house.admissions.at_root(port))
    app.include_router(router)
    app.router.routes.extend(refuse_other_methods(port for _, port in ports))


def _add_whole(house: "House", app: FastAPI) -> None:
    """Health and metrics of the whole house."""
    whole = house.healths.whole()

    @app.get("/health", tags=["house"], operation_id="house.health")
    @open_to("everybody")
    async def tell_health() -> Response:
        """How all services are. 503 when one that a turn needs is unhealthy."""
        found = await whole.check()
        status = 503 if found.status == "unhealthy" else 200
        return Response(found.model_dump_json(), status, media_type="application/json")

    @app.get("/metrics", tags=["house"], operation_id="house.metrics")
    @open_to("everybody")
    async def tell_metrics(request: Request, format: str = "") -> Response:  # noqa: A002 - the contract's name
        """What all services count."""
        if wants_prometheus(request, format):
            return prometheus(house.instruments.as_prometheus())
        return JSONResponse({name: m.as_json() for name, m in house.metrics.items()})
