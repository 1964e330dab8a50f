"""Who is spoken to: a message may name a character, at its start or anywhere in it."""

from collections.abc import Iterable

from greenroom.model import Character
from greenroom.text import mentions


def addressee(text: str, cast: Iterable[Character]) -> Character | None:
    """The character that the text speaks to; None when it names nobody.

    An `@name` counts most, then a name at the start, then the name that comes first.
    """
    places = [(_place(text, character), character) for character in cast]
    named = [(place, character) for place, character in places if place is not None]
    return min(named, key=lambda pair: pair[0])[1] if named else None


def _place(text: str, character: Character) -> tuple[int, int] | None:
    """How strongly the text speaks to the character, the strongest lowest: the kind of naming, and where it stands."""
    folded = text.casefold()
    places = []
    for name in mentions(text, character.names):
        at = folded.find("@" + name.casefold())
        places.append((0, at) if at >= 0 else (1, _first(folded, name)))
    return min(places, default=None)


def _first(folded: str, name: str) -> int:
    """Where the name stands first as a whole word."""
    at = folded.find(name.casefold())
    while at >= 0 and not mentions(folded[max(0, at - 1) : at + len(name) + 1], (name,)):
        at = folded.find(name.casefold(), at + 1)
    return at
