"""Who else there is: everybody in the scene, and whoever the sheet or the conversation names."""

from greenroom.quality.draft import Draft
from greenroom.quality.names import forms
from greenroom.quality.profile import Profile


def is_somebody_else(name: str, draft: Draft, profile: Profile) -> bool:
    """Whether a name, written with capitals, means another than the character."""
    folded = name.casefold()
    if folded in {n.casefold() for n in draft.mine}:
        return False
    if folded in {n.casefold() for n in draft.theirs}:
        return True
    return not _has_part_of_mine(name, draft) and _is_named(name, draft, profile)


def is_strange_full_name(name: str, draft: Draft) -> bool:
    """Whether a name of two words or more has nothing of the character's own."""
    return " " in name and not _has_part_of_mine(name, draft)


def _has_part_of_mine(name: str, draft: Draft) -> bool:
    own_parts = {form.casefold() for n in draft.character.names for form in forms(n)}
    return bool(own_parts & {part.casefold() for part in (name, *name.split())})


def _is_named(name: str, draft: Draft, profile: Profile) -> bool:
    texts = (profile.about, profile.spoken, *(line.text for line in draft.lines))
    return any(name in text for text in texts)
