"""Who is speaking? Not a program, not somebody else, and not to itself."""

import re

from greenroom.model import Violation
from greenroom.quality.draft import QUOTED, Draft
from greenroom.quality.phrases import AGREEMENT, ASKED_FOR_A_NAME, HELP_DESK, OUT_OF_CHARACTER
from greenroom.quality.profile import Profile
from greenroom.quality.scene import is_somebody_else, is_strange_full_name

_LIST = re.compile(r"^[ \t]*(?:\d{1,2}[.)]|[-*•])[ \t]+\S", re.MULTILINE)
_HEADED = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+\S|(?:\d{1,2}[.)]|[-*•])?[ \t]*\*\*[^*\n]{2,60}\*\*)", re.MULTILINE)
_INTRODUCED = re.compile(
    r"\W*(?:(?i:my name(?:['’]s| is)|i am|(?:it['’]?s|it is|this is) (?:only )?me,?|the name['’]?s))\s+"
    r"([A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+){0,2})(?<!['’]s)"
)


def breaking_character(draft: Draft, profile: Profile) -> Violation | None:
    """Talk about being a program or a part in a play, or the manner of a help desk. A machine may know what it is."""
    if draft.sheet.is_machine:
        return None
    found = next((m[0] for m in OUT_OF_CHARACTER.finditer(draft.text) if m[0].casefold() not in profile.said), None)
    found = found or _seen_from_outside(draft)
    phrases = clerk_phrases(draft, profile)
    if found is None and len(phrases) + list_marks(draft) < 2:
        return None
    return Violation(
        rule="breaking_character",
        severity="critical",
        detail=f"This is not the character speaking: {(found or phrases[0] if found or phrases else 'a list')[:80]!r}",
        advice=f"You are {draft.character.name} and nobody else; never speak as an assistant, a program or an author.",
    )


def clerk_phrases(draft: Draft, profile: Profile) -> list[str]:
    """Different phrases of a help desk that the character's own lines do not have."""
    found = {m[0].strip().casefold() for m in HELP_DESK.finditer(draft.text)}
    return sorted(phrase for phrase in found if phrase not in profile.said)


def list_marks(draft: Draft) -> int:
    """0–2: one for a list of two entries or more, one for bold headings."""
    return int(len(_LIST.findall(draft.text)) >= 2) + int(len(_HEADED.findall(draft.text)) >= 2)


def mistaken_identity(draft: Draft, profile: Profile) -> Violation | None:
    """The reply introduces the character as somebody else of the scene, or of whom the sheet or the scene speaks."""
    found = _INTRODUCED.match(draft.spoken.lstrip())
    if found is None or not _is_taken_for(found[1], draft, profile):
        return None
    return Violation(
        rule="mistaken_identity",
        severity="critical",
        detail=f"The character takes itself for {found[1]!r}.",
        advice=f"Remember that you are {draft.character.name}.",
    )


def _is_taken_for(name: str, draft: Draft, profile: Profile) -> bool:
    """Whether this is another's name. Who was asked for a name may well give one that is in no sheet."""
    if _asked_for_the_name(draft):
        return name.casefold() in {n.casefold() for n in draft.theirs}
    return is_somebody_else(name, draft, profile) or is_strange_full_name(name, draft)


def answering_itself(draft: Draft, profile: Profile) -> Violation | None:
    """The reply speaks to the character itself as if it were another, or answers the character's own question."""
    found = None if _asked_for_the_name(draft) else addressed_to_itself(draft)
    last = draft.answered
    own_question = bool(last and last.own and last.text.rstrip().endswith("?") and AGREEMENT.match(draft.spoken))
    if not (found or own_question):
        return None
    return Violation(
        rule="answering_itself",
        severity="critical",
        detail="The character talks to itself." if found else "The character answers its own question.",
        advice=f"Speak as {draft.character.name} to the others; do not address or answer yourself.",
    )


def addressed_to_itself(draft: Draft) -> str | None:
    """The character's own name as one calls it: `Peter, come here`, `do you hear me, Peter?`."""
    spoken, me = QUOTED.sub(" ", draft.spoken), draft.my_name
    found = re.search(
        rf"(?:^|[.!?…]\s+)\W*(?:{me}),\s+(?:[a-z]|I\b)"
        rf"|(?<!\bme)(?<!\bi am)(?<!\bi'm)(?<!\bname)(?<!\bcalled),\s+(?:{me})\s*(?:[?!]|\.(?:\s|$))",
        spoken.strip(),
    )
    return found[0] if found else None


def _asked_for_the_name(draft: Draft) -> bool:
    return bool(draft.answered and ASKED_FOR_A_NAME.search(draft.answered.text))


def _seen_from_outside(draft: Draft) -> str | None:
    found = re.search(
        rf"\b(?:{draft.my_name}) would (?:probably |likely |then |surely )?"
        r"(?:say|reply|respond|react|answer|do|be|feel)\b",
        draft.spoken,
    )
    return found[0] if found else None
