"""How long a character is seen to type."""

from greenroom.config import DiscordSettings


def typing_s(text: str, settings: DiscordSettings, spent_s: float = 0.0) -> float:
    """How many seconds more it takes a character to type a text, when `spent_s` went into it already."""
    if not settings.typing_words_per_s:
        return 0.0
    wanted = min(settings.typing_max_s, len(text.split()) / settings.typing_words_per_s)
    return max(0.0, wanted - spent_s)
