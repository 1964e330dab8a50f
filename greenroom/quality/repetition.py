"""Saying again what was said."""

from greenroom.model import Violation
from greenroom.quality.draft import Draft
from greenroom.quality.line import Line
from greenroom.quality.profile import Profile
from greenroom.text import jaccard

NEAR = 0.7
"""Trigram Jaccard from which two lines are one and the same; chat front ends warn at 0.6 and refuse at 0.7."""
GIVEN_BACK = 0.75
"""Share of a reply's runs of three words from which it says nothing but what was said just before."""
SHORTEST_REPEAT, SHORTEST_ECHO, SHORTEST_NEAR = 2, 4, 6
"""Words that a line needs to be called a repeat, an echo, or nearly the same; one may say "no" twice."""
_QUOTED_CHARACTERS = 120


def repeated(draft: Draft, profile: Profile) -> Violation | None:
    """A line of its own, again. One word may come twice, a catchphrase too, and an answer when one is asked again."""
    if len(draft.tokens) < SHORTEST_REPEAT or draft.text.strip().casefold() in profile.catchphrases:
        return None
    for line in reversed(draft.fresh_lines):
        if same(draft, line):
            return Violation(
                rule="repeated",
                severity="critical",
                detail=f"The character has said this already: {line.text[:80]!r}",
                advice=f'You said this before: "{_quoted(line)}" Do not repeat it; say something new.',
            )
    return None


def _quoted(line: Line) -> str:
    """Enough of a line to know it by: the model may not be shown as much of the conversation as we are."""
    return " ".join(line.text.split())[:_QUOTED_CHARACTERS].replace('"', "'")


def echo(draft: Draft, profile: Profile) -> Violation | None:
    """Somebody else's line, given back; of the line just before, also a part of it."""
    if len(draft.tokens) < SHORTEST_ECHO:
        return None
    for line in reversed(draft.lines):
        if not line.own and (same(draft, line) or (line is draft.answered and gives_back(draft, line))):
            return Violation(
                rule="repeated",
                severity="critical",
                detail=f"{line.author} said this, not the character: {line.text[:80]!r}",
                advice="Do not repeat what was said to you; answer it.",
            )
    return None


def gives_back(draft: Draft, line: Line) -> bool:
    """Whether a reply hardly says more than a part of a line."""
    if len(draft.tokens) < SHORTEST_NEAR:
        return False
    return len(draft.trigrams & line.trigrams) >= GIVEN_BACK * len(draft.trigrams)


def same(draft: Draft, line: Line) -> bool:
    """Whether two lines are one and the same but for a few words."""
    if draft.tokens == line.tokens:
        return True
    if min(len(draft.tokens), len(line.tokens)) < SHORTEST_NEAR:
        return False
    return jaccard(draft.trigrams, line.trigrams) >= NEAR
