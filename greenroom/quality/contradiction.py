"""A line against what is known: sheet, passages, its own lines. Only what contradicts something stated outright fails;
invention does not.

See `grounding` for what nobody knows: that only lowers the score.
"""

import re
from collections.abc import Iterator

from greenroom.model import Violation
from greenroom.quality.draft import QUOTED, Draft
from greenroom.quality.facts import Facts, facts_told, kin_named, stated_of_oneself
from greenroom.quality.figures import other_figures
from greenroom.quality.profile import Profile

_NOT_MEANT = re.compile(
    r"\b(?:if|late|former|ex|dead|imaginary|step|in[- ]law|used to|not|never|like a)\b", re.IGNORECASE
)


def contradiction(draft: Draft, profile: Profile) -> Violation | None:
    """What the character says of itself against its sheet, the passages and its own words; and figures against those of
    the passages."""
    spoken = QUOTED.sub(" ", draft.spoken)
    told = facts_told(draft.passages, draft.character.names)
    known = [profile.facts, told, *(line.facts for line in draft.own_lines)]
    found = next(_contradictions(spoken, known), None) or next(other_figures(spoken, draft.passages), None)
    if found is None:
        return None
    said, stated = found
    return Violation(
        rule="contradiction",
        severity="critical",
        detail=f"The reply says {said[:80]!r}, but it is known: {stated[:80]!r}.",
        advice=f"Keep to what is known of {draft.character.name}: {stated[:80]}.",
    )


def _contradictions(spoken: str, known: list[Facts]) -> Iterator[tuple[str, str]]:
    said = stated_of_oneself(spoken)
    for facts in known:
        for age, words in said.ages.items():
            if facts.ages and age not in facts.ages:
                yield words, next(iter(facts.ages.values()))
        for (thing, liked), words in said.tastes.items():
            if (thing, not liked) in facts.tastes and (thing, liked) not in facts.tastes:
                yield words, facts.tastes[thing, not liked]
        for kin, words in kin_named(spoken).items():
            if kin in facts.without and not _NOT_MEANT.search(spoken):
                yield words, f"no {kin}"
