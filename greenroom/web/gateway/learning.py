"""What counts as hard, and what that was learnt from."""

from greenroom.model import Nothing, RoutingState
from greenroom.ports import Routing
from greenroom.web.card import Card
from greenroom.web.figures import count, facts
from greenroom.web.look import text


def learning_card(routing: Routing) -> None:
    """Where hard begins now, and how well the scores do on what they were not learnt from."""
    Card("Hard and easy", "card-learning", lambda: routing.state(Nothing()), _draw)


def _draw(routing: RoutingState) -> None:
    facts({"In between from": f"{routing.medium_from:.2f}", "Hard from": f"{routing.high_from:.2f}"})
    source = f"the last {count(routing.requests, 'request')}" if routing.from_traffic else "the settings"
    text(f"These scores come from {source}.", "g-dim")
    if routing.held_out is None:
        text(f"Nothing is learnt yet; {count(routing.outcomes, 'answer')} can be learnt from.", "g-dim")
    else:
        better = "" if routing.held_out_before is None else f", {routing.held_out_before:.0%} before learning"
        text(f"Learnt from {count(routing.learnt_from, 'answer')}.", "g-dim")
        text(f"Of two others it tells the harder one in {routing.held_out:.0%} of cases{better}.", "g-dim")
    if routing.lost:
        text(f"{count(routing.lost, 'record')} could not be written down.", "g-problem")
