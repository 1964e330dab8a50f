"""The page, put together: its head, the gate, and the desk behind it."""

from nicegui import app, ui
from starlette.types import Scope

from greenroom.web.backstage import Backstage
from greenroom.web.gate import Gate
from greenroom.web.look import box, dress, link, text
from greenroom.web.notices import Notices
from greenroom.web.person import Person
from greenroom.web.world.desk import Desk
from greenroom.wire.owners import Owners


def build_world(backstage: Backstage, owners: Owners, scope: Scope) -> None:
    """Draw the page for one browser; `scope` is the request that opened it.

    It is the owner's: what was said in private stands here with everything else.
    """
    dress("desk.css", "world.css")
    notices, person = Notices(ui.context.client), Person(app.storage.browser["id"], app.storage.user)
    with box("g-page"):
        with box("g-top", "header"):
            text("Greenroom", "g-brand", "h1")
            text("World", "g-here", "span")
            link("The room", "/", "g-link", "to-room")
        with box("g-desk", "main", "world"):
            desk = box("g-world")
    with desk:
        Gate(owners, lambda: _enter(backstage, person, notices, desk)).approach(scope)


def _enter(backstage: Backstage, person: Person, notices: Notices, desk: ui.element) -> None:
    with desk:
        Desk(backstage, person, notices)
