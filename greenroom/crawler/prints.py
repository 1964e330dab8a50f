"""Pages that say the same, in the same words or nearly: each is told by its sentences.

Two pages are nearly the same when they share nine tenths of their sentences, word for word. So pages made from one
template that say different things of different subjects stay two pages, and a page with another date in its foot does
not. The shared part is estimated from the smallest hashes of both. Source: Broder, "On the resemblance and containment
of documents" (1997), section 4.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from greenroom.text import sentences, words

_KEPT = 48
_LOOKED_UP = 6
"""Of two pages that share nine tenths, all of the smallest six differ in one case of a million."""
_SAME = 0.9
_FEWEST = 5
"""Pages with fewer sentences are the same only when all of them are."""


@dataclass(frozen=True, slots=True)
class Print:
    """What a page says: `exact` in its very words, `sketch` the smallest hashes of its sentences, in order."""

    exact: str
    sketch: tuple[int, ...]

    @staticmethod
    def of(text: str) -> "Print":
        """The print of a text."""
        said = {" ".join(words(sentence)) for sentence in sentences(text)} - {""}
        hashes = sorted(int.from_bytes(_digest(one, 6)) for one in said)
        return Print(_digest(" ".join(text.split()), 16).hex(), tuple(hashes[:_KEPT]) if len(hashes) >= _FEWEST else ())

    @property
    def written(self) -> str:
        """The sketch as it lies in the database."""
        return " ".join(f"{one:x}" for one in self.sketch)


def print_of(exact: str, written: str) -> Print:
    """A print from the database."""
    return Print(exact, tuple(int(one, 16) for one in written.split()))


class Prints:
    """The prints of the pages of a crawl whose texts are in the library."""

    def __init__(self, known: Iterable[tuple[str, Print]]) -> None:
        self._prints: dict[str, Print] = {}
        self._exact: dict[str, str] = {}
        self._near: defaultdict[int, set[str]] = defaultdict(set)
        for url, one in known:
            self.add(url, one)

    def add(self, url: str, one: Print) -> None:
        """Note what a page says, in place of what it said."""
        self.remove(url)
        self._prints[url] = one
        self._exact.setdefault(one.exact, url)
        for smallest in one.sketch[:_LOOKED_UP]:
            self._near[smallest].add(url)

    def remove(self, url: str) -> None:
        """Forget a page."""
        one = self._prints.pop(url, None)
        if one is None:
            return
        if self._exact.get(one.exact) == url:
            del self._exact[one.exact]
        for smallest in one.sketch[:_LOOKED_UP]:
            self._near[smallest].discard(url)

    def same_as(self, url: str, one: Print) -> str:
        """Another page that says the same, or nearly; empty when there is none."""
        exact = self._exact.get(one.exact, url)
        if exact != url:
            return exact
        candidates = set[str]().union(*(self._near.get(smallest, ()) for smallest in one.sketch[:_LOOKED_UP])) - {url}
        alike = [other for other in candidates if resemblance(self._prints[other].sketch, one.sketch) >= _SAME]
        return min(alike, default="")


def resemblance(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The part of all sentences of two pages that both have, 0-1, by their sketches."""
    smallest = sorted({*one, *other})[:_KEPT]
    return len({*one} & {*other} & {*smallest}) / len(smallest) if smallest else 0.0


def _digest(text: str, size: int) -> bytes:
    return blake2b(text.encode(), digest_size=size).digest()
