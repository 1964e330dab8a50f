"""How rough is the line? Rough talk is legal in fiction and lowers the score a little."""

from greenroom.quality.component import Component, Evidence, Features, clamp
from greenroom.quality.unfit import INSULTS, PROFANITY, THREAT, fold
from greenroom.text import words


def measure(evidence: Evidence) -> Features:
    """Swearing, insults and threats, against the length of the line and what the character's own lines have of them."""
    draft, mine = evidence.draft, evidence.profile.voice.words.of
    found = words(fold(draft.text))
    tens = max(1.0, len(found) / 10)
    return {
        "swears": clamp(sum(w in PROFANITY and w not in mine for w in found) / tens, 0, 3),
        "insults": clamp(sum(w in INSULTS and w not in mine for w in found) / tens, 0, 3),
        "threatens": float(bool(THREAT.search(draft.text))),
    }


COMPONENT = Component(
    name="anti_toxicity",
    measure=measure,
    advice={"swears": "Swear less.", "insults": "Insult less.", "threatens": "Do not threaten anybody."},
    faults={
        "swears": "rough",
        "insults": "rough",
        "threatens": "rough",
    },
)
