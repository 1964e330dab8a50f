"""Does the line make one want to answer?"""

import re
from collections.abc import Iterable

from greenroom.quality.component import Component, Evidence, Features, clamp, share
from greenroom.quality.draft import Draft
from greenroom.quality.length import brevity, excess

LONG_WORD = 7
USUAL_LONG_WORDS = 0.15
"""The share of words of seven letters or more in plain talk."""
_YOU = frozenset({"you", "your", "you're", "yours"})
_STRETCHED = re.compile(r"([a-z])\1{2,}", re.IGNORECASE)
_COMPARED = re.compile(r"\b(?:like (?:a|an|the|that time)|as if|as \w+ as|than a)\b", re.IGNORECASE)
_EXAGGERATED = re.compile(
    r"\b(?:ever|never|always|every(?:one|body|thing)?|worst|best|greatest|million|billion|thousand|million|forever|totally|"
    r"absolutely|literally|insane|ridiculous|freakin['g]?)\b",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(r"(?:,|\b(?:the|a|an|and|or|of|to|with|for|my|your))\s*$", re.IGNORECASE)


def measure(evidence: Evidence) -> Features:
    """Questions, turns to the other, colour, play; and what tires."""
    draft, profile = evidence.draft, evidence.profile
    return {
        "asks": float("?" in draft.spoken),
        "turns_to_you": clamp(8 * share(sum(t in _YOU for t in draft.tokens), len(draft.tokens))),
        "varied": share(len(set(draft.tokens)), len(draft.tokens)),
        "stiff": clamp(_long_words(draft.tokens) - _usual_long_words(evidence), 0, 1),
        "plays": clamp(_playfulness(draft) / 3),
        "acts": float(bool(draft.actions)),
        "too_brief": brevity(draft, profile),
        "too_long": excess(draft, profile),
        "stale": clamp(draft.said_before / 0.4 - 0.75),
        "breaks_off": float(bool(_UNFINISHED.search(draft.text))),
    }


COMPONENT = Component(
    name="engagement",
    measure=measure,
    advice={
        "stiff": "Use plainer words.",
        "too_brief": "Say a little more.",
        "too_long": "Be much briefer.",
        "stale": "Bring something new.",
        "breaks_off": "Finish your last sentence.",
    },
    faults={
        "too_long": "too_long",
        "breaks_off": "unfinished",
    },
)


def _long_words(tokens: Iterable[str]) -> float:
    tokens = list(tokens)
    return share(sum(len(t) >= LONG_WORD for t in tokens), len(tokens))


def _usual_long_words(evidence: Evidence) -> float:
    counts = evidence.profile.voice.words
    usual = share(sum(n for word, n in counts.of.items() if len(word) >= LONG_WORD), counts.total)
    return max(USUAL_LONG_WORDS, usual)


def _playfulness(draft: Draft) -> int:
    shouted = any(t.isupper() and len(t) > 2 for t in draft.spoken.split())
    return (
        int("!" in draft.spoken)
        + int(shouted)
        + len(_EXAGGERATED.findall(draft.spoken)[:3])
        + sum(bool(p.search(draft.spoken)) for p in (_STRETCHED, _COMPARED))
    )
