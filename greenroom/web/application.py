"""NiceGUI with our pages, as an application; who imports this imports NiceGUI, for half a second."""

from pathlib import Path

from fastapi import FastAPI, Request
from nicegui import app as nicegui_app
from nicegui import ui
from nicegui.storage import Storage

from greenroom.web.backstage import Backstage
from greenroom.web.gateway.page import build_gateway
from greenroom.web.page import build
from greenroom.web.paths import GATEWAY, PAGE, WORLD
from greenroom.web.world.page import build_world
from greenroom.wire.owners import Owners

_RECONNECT_S = 20.0
"""For so long a page that lost its connection keeps its state, and a reply that is being written goes on."""

_YEAR_S = 365 * 24 * 3600


def pages(backstage: Backstage, owners: Owners, folder: Path, secret: str) -> FastAPI:
    """An application of the pages; NiceGUI keeps its files in `folder`."""
    app = FastAPI(openapi_url=None)
    Storage.path = folder
    nicegui_app.middleware_stack = None  # an earlier application of this process may have used it
    nicegui_app.user_middleware.clear()

    @ui.page(PAGE)
    def room(line: str = "") -> None:
        build(backstage, line)

    @ui.page(GATEWAY, title="Greenroom: gateway")
    def gateway(request: Request) -> None:
        build_gateway(backstage, owners, request.scope)

    @ui.page(WORLD, title="Greenroom: world")
    def world(request: Request) -> None:
        build_world(backstage, owners, request.scope)

    ui.run_with(
        app,
        title="Greenroom",
        favicon="🎭",
        dark=None,
        language="en-US",
        tailwind=False,
        binding_refresh_interval=None,
        reconnect_timeout=_RECONNECT_S,
        storage_secret=secret,
        session_middleware_kwargs={"session_cookie": "greenroom", "max_age": _YEAR_S, "same_site": "lax"},
        show_welcome_message=False,
    )
    return app
