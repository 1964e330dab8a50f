"""Below a receipt: who should have spoken in place of the one who did, so that turn-taking learns it."""

from collections.abc import Awaitable, Callable, Iterable

from greenroom.model import Character, SpeakerCorrection, Turn, WeightsReport
from greenroom.ports import Coordinator
from greenroom.web.look import box, button, text
from greenroom.web.notices import Notices


class Correction:
    """A row of names; who is pressed should have spoken."""

    def __init__(self, coordinator: Coordinator, notices: Notices) -> None:
        self._coordinator = coordinator
        self._notices = notices

    def draw(self, turn: Turn, cast: Iterable[Character]) -> None:
        """Offer the others, and nobody."""
        text("Who should have spoken here?", tag="h3")
        with box("g-row g-wrap", testid="should"):
            for other in cast:
                if other.id != turn.character:
                    button(other.name, self._keep(turn, other.name), "g-quiet", f"should-{other.id}")
            button("Nobody", self._keep(turn, None), "g-quiet", "should-nobody")
        self._kept = text("", "g-dim", testid="should-kept")
        self._kept.props["role"] = "status"

    def _keep(self, turn: Turn, should: str | None) -> Callable[[], Awaitable[None]]:
        async def keep() -> None:
            report = await self._coordinator.correct(SpeakerCorrection(turn_id=turn.id, should=should))
            self._kept.set_text(f"Noted: {should or 'nobody'} should have spoken. {_so_far(report)}")

        return self._notices.guarded(keep)


def _so_far(report: WeightsReport) -> str:
    if report.in_force.corrections:
        return f"Who speaks follows {report.in_force.corrections} such corrections."
    if report.corrections < report.needed:
        return f"There are {report.corrections}; from {report.needed} on, who speaks follows them."
    return f"There are {report.corrections}, but who speaks would not be chosen better by them, so nothing changes."
