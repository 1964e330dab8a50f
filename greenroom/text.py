"""Reading plain text: words, sentences, overlap. Nothing here knows of characters or models."""

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CREDENTIALS = re.compile(r"(?<=//)[^/@\s]*@|^[^/@\s]+@")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)*]*\s+(?=\S)|\n+")
_FENCE = re.compile(r"^```\w*|```$")
_INVISIBLE = dict.fromkeys([0x00AD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF])

COMMON_WORDS = frozenset(
    """
    a about after again all also am an and any are as at be because been before being but by can could did do
    does doing don't down for from get go got had has have having he her here hers him his how i i'm if in
    into is it it's its just know let like me more most my no not now of off oh on one only or our out over
    own really right said say she should so some such than that that's the their them then there these they
    thing things think this those through to too under up us very was way we well were what what's when where
    which while who whom why will with would yeah yes you you're your
    """.split()  # noqa: SIM905 - a list of one word a line would hide the rest of the file
)
"""English words that say little about a topic."""


def plain(text: str) -> str:
    """The text as it is read: compatibility forms folded, invisible characters gone (Unicode NFKC)."""
    return unicodedata.normalize("NFKC", text).translate(_INVISIBLE)


def without_fence(text: str) -> str:
    """What stands in a fence of Markdown, which models like to put around JSON; other text as it is."""
    return _FENCE.sub("", text.strip()).strip()


def without_secrets(address: str) -> str:
    """An address as it may be shown: without the name and password before the host, and without the query."""
    return _CREDENTIALS.sub("", address).partition("?")[0]


def words(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return _WORD.findall(same_letters(text))


def same_letters(text: str) -> str:
    """A text in the letters of its `words`: in lower case, and with one kind of apostrophe."""
    return text.casefold().replace("’", "'")


def content_words(text: str) -> list[str]:
    """The words that carry a topic."""
    return [w for w in words(text) if w not in COMMON_WORDS and (len(w) > 1 or w.isdigit())]


def sentences(text: str) -> list[str]:
    """The sentences of a text, without the white space around them."""
    return [s.strip() for s in _SENTENCE_END.split(text) if s.strip()]


def shingles(tokens: list[str], size: int) -> set[tuple[str, ...]]:
    """All runs of `size` tokens; a shorter list is one run."""
    if len(tokens) <= size:
        return {tuple(tokens)} if tokens else set()
    return {tuple(tokens[i : i + size]) for i in range(len(tokens) - size + 1)}


def jaccard(a: set[tuple[str, ...]], b: set[tuple[str, ...]]) -> float:
    """Shared part of two sets, 0–1."""
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared) if shared else 0.0


def mentions(text: str, names: Iterable[str]) -> list[str]:
    """Those of the names that stand in the text as whole words, case aside."""
    folded = text.casefold()
    return [n for n in names if n and re.search(rf"(?<!\w){re.escape(n.casefold())}(?!\w)", folded)]


def fill(text: str, values: dict[str, str]) -> str:
    """Put values in place of card macros such as `{{char}}`, in one pass: a value is never read as a macro itself."""
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda m: values.get(m[1].casefold(), m[0]), text)
