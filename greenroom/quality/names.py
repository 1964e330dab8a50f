"""The forms in which a name is used: `Peter Griffin` is also Peter, and Griffin where nobody else is."""

import re
from collections.abc import Iterable

_TITLES = frozenset(
    """
    aunt aunty brother captain colonel count countess doctor dr duke earl father general king lady lord madam major
    master miss mother mr mrs ms old prince princess professor queen saint sir sister st the uncle young
    """.split()  # noqa: SIM905 - a list of one word a line would hide the rest of the file
)
_SHORTEST_FORM = 3
_NOBODY = re.compile(r"(?!)")


def forms(name: str) -> set[str]:
    """The name, and those of its parts by which somebody is called."""
    parts = [p for p in name.split() if p.casefold().strip(".") not in _TITLES]
    ends = {parts[0], parts[-1]} if parts else set()
    return {name} | {p for p in ends if len(p) >= _SHORTEST_FORM and p[0].isalpha()}


def told_apart(own: Iterable[str], others: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The forms of one's own names and of the others', without those that could mean either."""
    mine = {form for name in own for form in forms(name)}
    theirs = {form for name in others for form in forms(name)}
    shared = {f.casefold() for f in mine} & {f.casefold() for f in theirs}
    return (
        frozenset(f for f in mine if f.casefold() not in shared),
        frozenset(f for f in theirs if f.casefold() not in shared),
    )


def alternation(names: Iterable[str]) -> str:
    """A pattern's part that matches any of the names, the longest first; nothing at all when there is none."""
    return "|".join(re.escape(n) for n in sorted(names, key=lambda n: (-len(n), n))) or _NOBODY.pattern
