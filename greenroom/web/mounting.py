"""NiceGUI inside our application: only at the page's own paths, and with nothing from outside."""

from pathlib import Path

from fastapi import FastAPI, Request
from nicegui import app as nicegui_app
from nicegui import ui
from nicegui.storage import Storage
from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute, Match
from starlette.types import Message, Receive, Scope, Send

from greenroom.web.backstage import Backstage
from greenroom.web.gateway.page import build_gateway
from greenroom.web.page import build
from greenroom.web.world.page import build_world
from greenroom.wire.access import open_to
from greenroom.wire.owners import Owners

PAGE, GATEWAY, WORLD = "/", "/gateway", "/world"
_RECONNECT_S = 20.0
"""For so long a page that lost its connection keeps its state, and a reply that is being written goes on."""

_YEAR_S = 365 * 24 * 3600

_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Nothing from outside is loaded, whatever stands in a chat. NiceGUI's scripts are inline and compiled in place."""


def mount_page(app: FastAPI, backstage: Backstage, owners: Owners, folder: Path, secret: str) -> None:
    """Serve the pages on `app`; NiceGUI keeps its files in `folder`."""
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
    app.router.routes.append(_PagePaths(app.router.routes.pop()))


@open_to("everybody")
class _PagePaths(BaseRoute):
    """The mounted pages, narrowed down to its own paths, so that an unknown path stays the application's 404."""

    path = f"{PAGE}, {GATEWAY}, {WORLD}, /_nicegui/…, /_nicegui_ws/…"

    def __init__(self, mounted: BaseRoute) -> None:
        self._mounted = mounted

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match the pages and what NiceGUI serves for it."""
        path = scope.get("path", "")
        if path in {PAGE, GATEWAY, WORLD} or path.startswith(("/_nicegui/", "/_nicegui_ws/")):
            return self._mounted.matches(scope)
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and tell the browser to load nothing from elsewhere."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-security-policy"] = _POLICY
                headers["referrer-policy"] = "no-referrer"
                headers["x-content-type-options"] = "nosniff"
            await send(message)

        await self._mounted.handle(scope, receive, send_guarded)
