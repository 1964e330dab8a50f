"""How long the reply is, by the character's own measure."""

import math

from greenroom.quality.component import clamp
from greenroom.quality.draft import Draft
from greenroom.quality.profile import Profile

ENOUGH_LINES = 5
"""From so many lines on, what the character does counts, and no longer only what the sheet allows."""


def known_lengths(draft: Draft, profile: Profile) -> list[int]:
    """The lengths of the character's lines in the sheet and the conversation, in words."""
    return [*profile.voice.lengths, *(len(line.tokens) for line in draft.own_lines)]


def limit(draft: Draft, profile: Profile) -> float:
    """Words that the character hardly ever exceeds: half more than its longest line, at least its typical length."""
    lengths, speaking = known_lengths(draft, profile), draft.sheet.speaking
    if len(lengths) < ENOUGH_LINES:
        return float(speaking.words_max)
    return min(speaking.words_max, max(1.5 * max(lengths), speaking.words_typical))


def excess(draft: Draft, profile: Profile) -> float:
    """How far the reply is over the limit: 0 within it, 1 at twice the limit, at most 2."""
    return clamp(math.log2(max(1, len(draft.tokens)) / limit(draft, profile)), 0, 2)


def brevity(draft: Draft, profile: Profile) -> float:
    """How much shorter the reply is than the character's lines are, 0–1."""
    lengths = known_lengths(draft, profile)
    typical = sorted(lengths)[len(lengths) // 2] if len(lengths) >= ENOUGH_LINES else draft.sheet.speaking.words_typical
    return clamp(1 - 2 * len(draft.tokens) / max(1, min(typical, 20)))
