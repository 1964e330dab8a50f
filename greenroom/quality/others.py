"""Speaking and deciding for others: their lines, their deeds."""

import re

from greenroom.model import Violation
from greenroom.quality.draft import Draft
from greenroom.quality.profile import Profile
from greenroom.quality.scene import is_somebody_else, is_strange_full_name

_SPEECH = (
    "said|says|asked|asks|replied|replies|answered|answers|whispered|whispers|shouted|shouts|muttered|mutters|"
    "exclaimed|exclaims|cried|cries|added|adds|yelled|yells|responded|responds|murmured|murmurs|sighed|laughed"
)
_UNDECIDED = frozenset({"is", "was", "has", "does", "as", "this", "its", "his", "yes", "always", "needs", "hands"})
_PAST = (
    "began|felt|took|gave|ran|sat|stood|went|came|fell|let|put|got|made|turned|held|shook|left|kept|bent|rose|threw|"
    "drew|drank|ate|hit|woke|wept|spoke|thought|knew|saw|found|bit|broke|shut|slid|crept|spun|swung|lay|grew|led"
)
_NAME = r"([A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+){0,2})"
_QUOTE = r"[\"“][^\"“”\n]{8,}[\"”]"
_DEED = rf"((?:[a-z]+ly\s+)?(?:[a-z]{{3,}}(?:s|ed)|{_PAST}))\b"
_LABEL = re.compile(
    r"^[ \t>*_]{0,8}([A-Z][\w.'’-]{1,30}(?: [A-Z][\w.'’-]{1,30}){0,3})[ \t*_]{0,4}:[ \t*_]", re.MULTILINE
)
_TOLD = re.compile(rf"(?:^|[.!?*)\n]\s{{0,4}}){_NAME}\s+(?:\w+ly\s+)?(?:{_SPEECH})\b[^.!?\n\"“]{{0,40}}{_QUOTE}")
_TAGGED = re.compile(
    rf"[\"“][^\"“”\n]{{2,}}[,.!?…][\"”]\s{{0,4}}(?:{_NAME}\s+(?:\w+ly\s+)?(?:{_SPEECH})|(?:{_SPEECH})\s+{_NAME})\b"
)
_FULL_NAME_ACTS = re.compile(rf"([A-Z][\w'’-]+\s+[A-Z][\w'’-]+)\s+{_DEED}")
_GENERIC = frozenset({"user", "human", "you", "assistant", "narrator", "everyone"})


def speaking_for_others(draft: Draft, profile: Profile) -> Violation | None:
    """Another's name before a line, another's words in quotation marks, another's deeds in stage directions."""
    found = _labelled(draft) or _transcript(draft, profile) or _quoted(draft, profile) or _moved(draft, profile)
    if found is None:
        return None
    return Violation(
        rule="speaking_for_others",
        severity="critical",
        detail=f"This is not the character's to say or do: {found.strip()[:80]!r}",
        advice=f"Write only what {draft.character.name} says and does; let the others speak for themselves.",
    )


def _labelled(draft: Draft) -> str | None:
    found = re.search(
        rf"^[ \t>*_\[<\"“]{{0,8}}(?:{draft.their_names})[ \t*_\]>]{{0,6}}(?:\([^()\n]{{0,80}}\)[ \t*_]{{0,4}})?[:：]"
        rf"|^[ \t]*<(?:{draft.their_names})>",
        draft.text,
        re.IGNORECASE | re.MULTILINE,
    )
    return found[0] if found else None


def _transcript(draft: Draft, profile: Profile) -> str | None:
    labels = [m[1] for m in _LABEL.finditer(draft.text)]
    mine = {name.casefold() for name in draft.mine}
    strangers = {label for label in labels if label.casefold() not in mine}
    own = sum(label not in strangers for label in labels)
    told = next((s for s in strangers if s.casefold() in _GENERIC or is_somebody_else(s, draft, profile)), None)
    if told or len(strangers) > 1 or (own and strangers) or own > 1:
        return told or ", ".join(labels)
    return None


def _quoted(draft: Draft, profile: Profile) -> str | None:
    for pattern in (_TOLD, _TAGGED):
        for found in pattern.finditer(draft.text):
            name = next(filter(None, found.groups()))
            if is_somebody_else(name, draft, profile) or (pattern is _TAGGED and is_strange_full_name(name, draft)):
                return found[0]
    return None


def _moved(draft: Draft, profile: Profile) -> str | None:
    deed = re.compile(rf"(?:^|[.;!?]\s+)(?:then\s+)?(?:{draft.their_names})\s+{_DEED}")
    for action in draft.actions:
        found = deed.search(action)
        if found and found[1] not in _UNDECIDED:
            return action
        full_name = _FULL_NAME_ACTS.match(action)
        if full_name and is_somebody_else(full_name[1], draft, profile):
            return action
    return None
