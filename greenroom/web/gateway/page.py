"""The page, put together: its head, the gate, and the cards behind it."""

from nicegui import ui
from starlette.types import Scope

from greenroom.web.backstage import Backstage
from greenroom.web.gate import Gate
from greenroom.web.gateway.answers import AnswersCard
from greenroom.web.gateway.costs import costs_card
from greenroom.web.gateway.keys import KeysCard
from greenroom.web.gateway.learning import learning_card
from greenroom.web.gateway.line import line_card
from greenroom.web.gateway.models import models_card
from greenroom.web.gateway.searches import searches_card
from greenroom.web.gateway.way import WayCard
from greenroom.web.look import box, dress, link, text
from greenroom.web.notices import Notices
from greenroom.wire.owners import Owners


def build_gateway(backstage: Backstage, owners: Owners, scope: Scope) -> None:
    """Draw the page for one browser; `scope` is the request that opened it."""
    dress("desk.css")
    notices = Notices(ui.context.client)
    with box("g-page"):
        with box("g-top", "header"):
            text("Greenroom", "g-brand", "h1")
            text("Gateway", "g-here", "span")
            link("The room", "/", "g-link", "to-room")
        with box("g-desk", "main", "gateway"):
            desk = box("g-cards")
    with desk:
        Gate(owners, lambda: _enter(backstage, notices, desk)).approach(scope)


def _enter(backstage: Backstage, notices: Notices, desk: ui.element) -> None:
    with desk:
        models_card(backstage.llm)
        AnswersCard(backstage.response_cache, notices)
        WayCard(backstage.complexity, notices)
        learning_card(backstage.routing)
        searches_card(backstage.web_search)
        line_card(backstage.router)
        KeysCard(backstage.keys, notices)
        costs_card(backstage.costs)
