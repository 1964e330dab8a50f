"""How a name looks in a sentence: one to four words with a capital, and small words between them."""

import re

_WORD = r"(?:[A-ZÀ-ÖØ-Þ][\w’'-]*\w|Dr\.|Mrs?\.|Ms\.|[A-Z])"
_LITTLE = r"(?:of the|of|de la|de|van der|van|von|del|al|the)"
NAME = rf"(?:[Tt]he\s+)?{_WORD}(?:\s+(?:{_LITTLE}\s+)?{_WORD}){{0,3}}"
"""A pattern for a name, with or without an article."""

_NO_NAME = frozenset(
    """
    i i'm i've i'll i'd it it's he she they we you that this there here what who why how when where the a an and but
    or so my your his her our their its not no yes well oh hey ok okay please thanks thank sorry monday tuesday
    wednesday thursday friday saturday sunday january february march april may june july august september october
    november december today tomorrow yesterday god christmas everything everyone everybody nobody somebody something
    nothing someone all some every each many most people one two let's lets if then also maybe just now don't can't
    isn't didn't won't these those tell look listen guess remember english french german spanish at in on for with
    from to by of as is was are do did does have has had go come give take yeah ignore write add create forget
    system assistant user sounds looks seems feels smells tastes got gotta hold wait stop keep want hope love hate
    like good great nice sure fine
    """.split()  # noqa: SIM905 - a list of one word a line would hide the rest of the file
)


def is_name(text: str) -> bool:
    """Whether a text that looks like a name can be one: it is no common word at the beginning of a sentence."""
    bare = re.sub(r"^the\s+", "", text.strip(), flags=re.IGNORECASE)
    return bool(re.fullmatch(NAME, bare)) and bare.split()[0].casefold() not in _NO_NAME


def with_article(what: str) -> str:
    """A thing as one of its kind: a bar, an inn."""
    return f"{'an' if what[0].casefold() in 'aeiou' else 'a'} {what}"
