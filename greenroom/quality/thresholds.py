"""How good a draft must be: the further a conversation has come, the better."""

from typing import Literal

from greenroom.config import QualitySettings
from greenroom.model import AnalyzeRequest

State = Literal["cold", "warm", "hot"]


def state_of(settings: QualitySettings, messages: int) -> State:
    """How far a conversation of so many messages has come."""
    if messages >= settings.hot_after:
        return "hot"
    return "warm" if messages >= settings.warm_after else "cold"


def threshold(settings: QualitySettings, request: AnalyzeRequest) -> float:
    """The score that a reply must reach, 0–100. Nobody asked for an organic reply, so it must be a little better."""
    by_state = {"cold": settings.cold, "warm": settings.warm, "hot": settings.hot}
    needed = by_state[state_of(settings, len(request.conversation_history))]
    return min(100.0, needed + (settings.organic_penalty if request.message_type == "organic" else 0))
