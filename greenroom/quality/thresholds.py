"""How good a draft must be: a bar for each character and stage of a conversation, which follows the scores it meets."""

from collections.abc import Iterable
from dataclasses import dataclass

from greenroom.config import QualitySettings
from greenroom.model import AnalyzeRequest, Bar, ConversationState

HIGHEST = 95.0


@dataclass(frozen=True)
class Judged:
    """The first draft of a turn that broke no hard rule: its score, and where it was said."""

    character: str
    state: ConversationState
    score: float


def state_of(settings: QualitySettings, messages: int) -> ConversationState:
    """How far a conversation of so many messages has come."""
    if messages >= settings.hot_after:
        return "hot"
    return "warm" if messages >= settings.warm_after else "cold"


def starting(settings: QualitySettings, state: ConversationState) -> float:
    """Where the bar of a stage begins."""
    return {"cold": settings.cold, "warm": settings.warm, "hot": settings.hot}[state]


def moved(bar: Bar, score: float, settings: QualitySettings) -> Bar:
    """The bar after one more draft: a little up when it passed, much down when it did not.

    In the long run a share of `reject_rate` fails, however the scores drift; unless the bar would have to leave its
    reach, which it says. Source: Gibbs and Candès 2021, "Adaptive Conformal Inference Under Distribution Shift",
    equation 2, for a quantile of scores.
    """
    wanted = bar.threshold + settings.bar_step * (settings.reject_rate - (score < bar.threshold))
    low, high = (
        max(0.0, bar.starting - settings.bar_reach),
        min(max(HIGHEST, bar.starting), bar.starting + settings.bar_reach),
    )
    return bar.model_copy(
        update={
            "threshold": max(low, min(high, wanted)),
            "drafts": bar.drafts + 1,
            "clamped": not low < wanted < high and settings.bar_step > 0,
        }
    )


class Bars:
    """The bars in force. Where none was moved yet, the settings say where it stands."""

    def __init__(self, settings: QualitySettings) -> None:
        self._settings = settings
        self._bars: dict[tuple[str, ConversationState], Bar] = {}

    def take(self, bars: Iterable[Bar]) -> None:
        """Have these in force."""
        self._bars |= {(bar.character, bar.state): bar for bar in bars}

    def all(self) -> tuple[Bar, ...]:
        """Those that were moved, by character."""
        return tuple(self._bars[key] for key in sorted(self._bars))

    def of(self, character: str, state: ConversationState) -> Bar:
        """The bar of a character at a stage."""
        known = self._bars.get((character, state))
        if known:
            return known
        start = starting(self._settings, state)
        return Bar(character=character, state=state, threshold=start, starting=start)

    def needed(self, character: str, request: AnalyzeRequest) -> float:
        """The score that a reply must reach, 0–100. Nobody asked for an organic one; it must be a little better."""
        bar = self.of(character, state_of(self._settings, len(request.conversation_history)))
        more = self._settings.organic_penalty if request.message_type == "organic" else 0.0
        return round(min(100.0, bar.threshold + more), 2)
