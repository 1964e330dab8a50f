"""Whom a message on Discord speaks to. It knows nothing of Discord but ids."""

import re
from collections.abc import Iterable, Mapping, Sequence

from greenroom.model import Character, CharacterId
from greenroom.text import mentions, plain

_OPENS = r"(?:^|[\n,;:.!?—–…\"“(-])\s*(?:(?:hey|hi|hello|yo|oi|ok|okay|so|well|and|but|oh)[\s,]+)?@?"
_CLOSES = r"\s*(?:$|[\n,;:.!?—–…\"”)-])"
_OF_SOMEBODY = re.compile(r"(?<=\w)['’](?=\w)")
"""In "Peter's car", which is no call to Peter."""


def addressee(
    text: str,
    reply_to: CharacterId | None,
    mentioned: Sequence[CharacterId],
    cast: Iterable[Character],
) -> CharacterId | None:
    """The character that a message speaks to; None leaves the floor open.

    What counts, the strongest first: a reply to one of its lines; an @mention, the first of several; a name or alias
    by which one is called ("Brian, …", "hey Brian!", "…, Brian?"), the first of several; a name that merely stands
    there as a whole word, if no other of the cast is named.
    """
    if reply_to is not None:
        return reply_to
    if mentioned:
        return mentioned[0]
    text = _OF_SOMEBODY.sub("_", plain(text))
    named = {character.id: found for character in cast if (found := mentions(text, character.names))}
    return _called(text, named) or (next(iter(named)) if len(named) == 1 else None)


def _called(text: str, named: Mapping[CharacterId, Sequence[str]]) -> CharacterId | None:
    places = {who: _place(text, names) for who, names in named.items()}
    called = {who: place for who, place in places.items() if place is not None}
    return min(called, key=lambda who: called[who]) if called else None


def _place(text: str, names: Sequence[str]) -> int | None:
    """Where one of the names is first set off, as one does who calls somebody."""
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    found = re.search(rf"{_OPENS}(?P<name>{either}){_CLOSES}|@(?P<tagged>{either})(?!\w)", text, re.IGNORECASE)
    return found.start() if found else None
