"""`Complexity`, the port: what would become of a request, without asking any model."""

from greenroom.config import RoutingSettings
from greenroom.llm.routing.complexity import scored
from greenroom.model import ComplexityRequest, Decision, Level, Way


class Judging:
    """Judges requests by their text: how hard they are, and which way that means."""

    def __init__(self, settings: RoutingSettings) -> None:
        self._settings = settings

    async def analyze(self, request: ComplexityRequest, /) -> Decision:
        """Judge the last thing that a person said, or the prompt."""
        found = scored(request.text, request.characters_before)
        level = self._level(found.score)
        way, degraded = self._way(request, level)
        return Decision(
            complexity=level,
            score=round(found.score, 4),
            reasons=found.reasons,
            route=way,
            model=request.model if way == "as named" else "",
            degraded=degraded,
        )

    def _level(self, score: float) -> Level:
        if score >= self._settings.high_from:
            return "high"
        return "medium" if score >= self._settings.medium_from else "low"

    def _way(self, request: ComplexityRequest, level: Level) -> tuple[Way, tuple[str, ...]]:
        if request.model != "auto":
            return "as named", ()
        degraded = ["no web search"] if level != "low" else []
        if level == "high" and self._settings.cloud:
            return "cloud", tuple(degraded)
        return "local", tuple(degraded + (["no cloud model is set"] if level == "high" else []))
