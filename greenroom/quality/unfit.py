"""Words that hurt. In fiction people insult and threaten each other; only slurs and calls to self-harm end a check.

The lists are short on purpose: `quality.unfit_words` in the settings adds what an owner wants kept out.
"""

import re

from greenroom.model import Violation
from greenroom.quality.draft import Draft

_SLURS = (
    "nigger", "niggers", "nigga", "niggas", "faggot", "faggots", "kike", "kikes", "spic", "spics",
    "tranny", "trannies", "gook", "gooks", "wetback", "wetbacks",
)  # fmt: skip
_CALLS = re.compile(
    r"\b(?:kill|hang|shoot|cut) (?:your ?self|yourselves|urself)\b|\bkys\b"
    r"|\byou should (?:just )?(?:die|commit suicide)\b"
)
_LEET = str.maketrans("0134578@$", "oieastbas")
_SEPARATED = re.compile(r"\b(?:\w[.\-_*~ ]){2,30}\w\b")

PROFANITY = frozenset(
    """
    ass asshole bastard bitch bitches bullshit crap cunt damn dick dumbass fuck fucked fucker fucking motherfucker
    piss prick pussy shit shitty slut twat wanker whore
    """.split()  # noqa: SIM905 - a list of one word a line would hide the rest of the file
)
INSULTS = frozenset(
    """
    cretin disgusting filth freak idiot idiots imbecile loser losers moron morons pathetic pig retard retarded scum
    stupid trash ugly vermin worthless
    """.split()  # noqa: SIM905 - a list of one word a line would hide the rest of the file
)
THREAT = re.compile(
    r"\bi(?:['’]ll| will|['’]m going to|['’]m gonna| am going to) "
    r"(?:kill|murder|hurt|destroy|beat|strangle|stab|shoot|burn|crush|end) (?:you|him|her|them|your)\b",
    re.IGNORECASE,
)


class Unfit:
    """The words that end a check: our own few, and those of the settings."""

    def __init__(self, words: tuple[str, ...]) -> None:
        listed = "|".join(re.escape(fold(w)) for w in (*_SLURS, *words) if w.strip())
        self._pattern = re.compile(rf"(?<!\w)(?:{listed})(?!\w)")

    def toxicity(self, draft: Draft) -> Violation | None:
        """A slur, a call to self-harm, or a word that the settings keep out; also in l33t and s.p.a.c.e.d out."""
        folded = fold(draft.text)
        if not (self._pattern.search(folded) or _CALLS.search(folded)):
            return None
        return Violation(
            rule="toxicity",
            severity="critical",
            detail="The reply has a word that nobody here says.",
            advice="Say it without slurs and without wishing anybody harm.",
        )


def fold(text: str) -> str:
    """Lower case, digits and signs that stand for letters read as these, spaced-out words closed up."""
    return _SEPARATED.sub(lambda m: re.sub(r"[.\-_*~ ]", "", m[0]), text.casefold().translate(_LEET))
