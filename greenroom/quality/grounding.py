"""Does the line keep to what is known? Invention only lowers the score, for these are tales; it never fails a line."""

import re

from greenroom.quality.component import Component, Evidence, Features, clamp, share
from greenroom.quality.draft import Draft
from greenroom.quality.phrases import BORROWED_AUTHORITY
from greenroom.quality.profile import Profile
from greenroom.text import content_words, words

_NAME = re.compile(r"(?<=[a-z,;]\s)(?:[A-Z][a-z]{2,}(?:\s+[A-Z][a-z]{2,}){0,3})")
_NUMBER = re.compile(r"\b\d[\d.,]*\b")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_WORLD_NAMES = 3


def measure(evidence: Evidence) -> Features:
    """Names, numbers and claims without a source; support by the sheet, the passages and the conversation."""
    draft, profile = evidence.draft, evidence.profile
    known = _known_words(draft, profile)
    names = {found.casefold() for found in _NAME.findall(draft.spoken)}
    strange = [name for name in names if not any(word in known for word in words(name))]
    numbers = [n for n in _NUMBER.findall(draft.spoken) if n.strip(".,") not in known]
    topics = draft.topics
    return {
        "unknown_names": clamp(len(strange) / 3),
        "unknown_numbers": clamp(len(numbers) / 2),
        "unknown_years": float(any(y not in known for y in _YEAR.findall(draft.spoken))),
        "false_claims": clamp(len(BORROWED_AUTHORITY.findall(draft.spoken))),
        "another_world": float(len(strange) >= _WORLD_NAMES and 2 * len(strange) > len(names)),
        "from_the_sheet": share(len(topics & (profile.topics | profile.own_topics)), len(topics)),
        "from_the_passages": share(len(topics & _topics(draft.passages)), len(topics)),
    }


COMPONENT = Component(
    name="anti_hallucination",
    measure=measure,
    advice={
        "unknown_names": "Use only names that occur in the sheet, the lore or the conversation.",
        "unknown_numbers": "Leave out numbers that nobody mentioned.",
        "unknown_years": "Leave out dates that nobody mentioned.",
        "false_claims": "Do not appeal to sources, studies or earlier talks that do not exist.",
        "another_world": "Stay in the character's own world.",
    },
    faults={
        "false_claims": "unfounded_claim",
        "another_world": "another_world",
    },
)


def _known_words(draft: Draft, profile: Profile) -> set[str]:
    known = {word for text in (*draft.passages, *draft.theirs, *draft.mine) for word in words(text)}
    return known.union(profile.known_words, *(line.tokens for line in draft.lines))


def _topics(texts: tuple[str, ...]) -> set[str]:
    return {word for text in texts for word in content_words(text)}
