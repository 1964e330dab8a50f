"""Which way a request would go."""

from nicegui import ui

from greenroom.model import ComplexityRequest, Decision
from greenroom.ports import Complexity
from greenroom.web.figures import bar, facts
from greenroom.web.look import box, button, text
from greenroom.web.notices import Notices

_LONGEST = 4000
_LEVELS = {"low": "easy", "medium": "neither easy nor hard", "high": "hard"}


class WayCard:
    """A field for a request; below it what the model `auto` would make of it. No model is asked."""

    def __init__(self, complexity: Complexity, notices: Notices) -> None:
        self._complexity = complexity
        judge = notices.guarded(self._judge)
        with box("g-card", "section", "card-way") as frame:
            frame.props["aria-label"] = "Which way"
            text("Which way", tag="h2")
            text("What would “auto” do with a request? Try one; nobody answers it.", "g-dim")
            self._field = ui.input(placeholder="Prove that there are infinitely many primes").props("dense outlined")
            self._field.props["maxlength"] = _LONGEST
            self._field.props["aria-label"] = "A request"
            self._field.props["data-testid"] = "try"
            self._field.on("keydown.enter", judge)
            button("Which way?", judge, testid="judge")
            self._outcome = box("g-card-body", testid="decision")

    async def _judge(self) -> None:
        prompt = str(self._field.value or self._field.props["placeholder"])
        decision = await self._complexity.analyze(ComplexityRequest(prompt=prompt))
        self._outcome.clear()
        with self._outcome:
            _draw(decision)


def _draw(decision: Decision) -> None:
    text(f"It is {_LEVELS[decision.complexity]}: {decision.score:.2f} of 1.", "g-strong")
    bar(decision.score)
    facts({"Way": decision.route, "Model": decision.model, "Because": "; ".join(decision.reasons)})
    for lack in decision.degraded:
        text(f"Not as it should be: {lack}", "g-violation")
