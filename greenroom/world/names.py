"""What things are called: when two names mean the same, and the ids that are made from names.

Two spellings are one name where they sound alike or differ by a slip of the pen; Berg and Borg are two. A part of a
name is enough for a character, as long as one character alone has it.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable
from functools import lru_cache

from greenroom.model import EntityType
from greenroom.text import plain, words

ARTICLES = frozenset({"the", "a", "an"})
_TITLES = frozenset(
    """
    captain dr doctor mr mrs ms miss sir lady lord king queen prince princess professor uncle aunt father mother sister
    brother sergeant officer mayor old little young granny grandpa
    """.split()  # noqa: SIM905 - a list of one word a line would hide the rest of the file
)
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"),
        (r"ck|q|x", "k"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"z", "s"),
        (r"y", "i"),
        (r"(?<=[bcdgkprt])h", ""),
        (r"(.)\1+", r"\1"),
        (r"(?<=\w{3})e\b", ""),
    )
)
_SLIPS_FROM = 7
"""Letters that a name must have before one letter more or less, or two that changed places, can be a slip."""
_ID_LENGTH = 80


@lru_cache(maxsize=10_000)
def key_of(name: str) -> str:
    """A name without what does not tell it from others: case, accents, articles, hyphens, the possessive."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", plain(name)) if not unicodedata.combining(c))
    parts = [re.sub(r"'s?$", "", word) for word in words(bare)]
    while len(parts) > 1 and parts[0] in ARTICLES:
        parts = parts[1:]
    return " ".join(parts)


def id_of(name: str) -> str:
    """The id of an entity that is called so; empty for a name without letters."""
    return key_of(name).replace(" ", "-")[:_ID_LENGTH]


def free_id(name: str, type_: EntityType, taken: Container[str]) -> str:
    """The id of a new entity that is called so. Another may have it: one of another kind, or that was renamed since."""
    id_ = id_of(name)
    while id_ in taken:
        id_ += f"-{type_}"
    return id_


class Names:
    """The names of a world's entities, each with whom it means."""

    def __init__(self) -> None:
        self._types: dict[str, EntityType] = {}
        self._by_key: dict[str, list[str]] = defaultdict(list)
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        self._by_part: dict[str, set[str]] = defaultdict(set)
        self._by_length: dict[int, dict[str, None]] = defaultdict(dict)
        self._keys: dict[str, set[str]] = defaultdict(set)

    def add(self, entity_id: str, type_: EntityType, names: Iterable[str]) -> None:
        """Note what an entity is called."""
        self._types[entity_id] = type_
        for key in filter(None, map(key_of, names)):
            if key in self._keys[entity_id]:
                continue
            self._keys[entity_id].add(key)
            self._by_key[key].append(entity_id)
            self._by_length[len(key)][key] = None
            self._by_sound[_sound(key)].append(entity_id)
            for part in _telling(key):
                self._by_part[part].add(entity_id)

    def remove(self, entity_id: str) -> None:
        """Forget what an entity is called."""
        for key in self._keys.pop(entity_id, set()):
            self._by_key[key].remove(entity_id)
            self._by_sound[_sound(key)].remove(entity_id)
            for part in _telling(key):
                self._by_part[part].discard(entity_id)

    def exactly(self, name: str) -> str | None:
        """Who is called just so."""
        return next(iter(self._by_key.get(key_of(name), ())), None)

    def find(self, name: str, type_: EntityType | None = None) -> str | None:
        """Whom a name means; of several, the one of the type that is meant, else the one that was first."""
        key = key_of(name)
        if not key:
            return None
        found = self._by_key.get(key) or self._by_sound.get(_sound(key)) or self._slips(key, type_)
        if found:
            return next((id_ for id_ in found if self._types[id_] == type_), found[0])
        return self._by_a_part(key) if type_ in {"character", None} else None

    def _slips(self, key: str, type_: EntityType | None) -> list[str]:
        if len(key) < _SLIPS_FROM:
            return []
        alike = (known for length in range(len(key) - 1, len(key) + 2) for known in self._by_length[length])
        near = [id_ for known in alike if _is_slip(known, key) for id_ in self._by_key[known]]
        return [id_ for id_ in near if type_ in {None, self._types[id_]}]

    def _by_a_part(self, key: str) -> str | None:
        parts = _telling(key)
        meant = {id_ for part in parts for id_ in self._by_part.get(part, ()) if self._types[id_] == "character"}
        fitting = [id_ for id_ in meant if any(_fits(parts, _telling(known)) for known in self._keys[id_])]
        clashing = [id_ for id_ in fitting if any(_clashes(parts, _telling(known)) for known in self._keys[id_])]
        left = sorted(set(fitting) - set(clashing))
        return left[0] if len(left) == 1 else None


def _telling(key: str) -> list[str]:
    """The parts of a name that tell who is meant: without titles."""
    return [part for part in key.split() if part not in _TITLES]


def _fits(parts: list[str], known: list[str]) -> bool:
    """Whether one is the beginning or the end of the other."""
    short, long = sorted((parts, known), key=len)
    return bool(short) and short in (long[: len(short)], long[-len(short) :])


def _clashes(parts: list[str], known: list[str]) -> bool:
    """Whether both are full names and not the same: Rosa Smith is not Rosa Delgado."""
    return len(parts) > 1 and len(known) > 1 and not _fits(parts, known)


@lru_cache(maxsize=10_000)
def _sound(key: str) -> str:
    sound = key.replace(" ", "")
    for pattern, heard in _SOUNDS:
        sound = pattern.sub(heard, sound)
    return sound


def _is_slip(known: str, key: str) -> bool:
    """Whether one letter is missing, or two neighbours changed places."""
    short, long = sorted((known, key), key=len)
    if len(long) - len(short) == 1:
        return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
    if len(short) != len(long):
        return False
    other = [i for i in range(len(short)) if short[i] != long[i]]
    if len(other) != 2 or other[1] - other[0] != 1:
        return False
    first, second = other
    return short[first] == long[second] and short[second] == long[first]
