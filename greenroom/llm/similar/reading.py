"""What a guard needs to know of one prompt, found out once."""

import re
from dataclasses import dataclass
from functools import cached_property

from greenroom.llm.similar.language import language_of
from greenroom.llm.similar.lexicon.grammar import (
    ARTICLES,
    AUXILIARIES,
    CONNECTIVES,
    DIRECTIONS,
    MODALS,
    NEAR_NEGATIONS,
    NEGATIONS,
    SCOPES,
)
from greenroom.llm.similar.lexicon.spellings import COMPARATIVES, SUPERLATIVES
from greenroom.llm.similar.lexicon.synonyms import CANONICAL, LONGEST_PHRASE
from greenroom.llm.similar.lexicon.wishes import LANGUAGES
from greenroom.llm.similar.quantities import Quantities, quantities
from greenroom.llm.similar.tokens import Token, framed, spoken, tokens

_LITERALS = re.compile(
    r"```.*?```|`[^`]+`|\"[^\"]+\"|(?<!\w)'[^']{2,}'(?!\w)|https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.\w+"
    r"|(?<!\w)(?:[A-Za-z]:)?[\\/][\w.\\/-]+|\b\w+_\w+\b|\b[a-z]+[A-Z]\w*\b|\b\w+\(\)|\b\w+\.\w{2,4}\b(?!\.)|(?<!\S)--?[a-z][\w-]*",
    re.DOTALL,
)
_IN_A_PHRASE = ARTICLES | {"my", "your", "his", "her", "our", "their", "and", "this", "that"}
SMALL_NAMES = frozenset({"IT", "US", "WHO"})
"""Names that are small words when they are not in capitals."""
_MEASURED = frozenset({"much", "many", "long", "often", "far", "old"})
_HOLDS_TOGETHER = ARTICLES | AUXILIARIES | CONNECTIVES | MODALS | NEGATIONS
LONGEST = 1000
"""Characters of the longest prompt that is compared with others."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word that carries meaning: as written, its stem, what stands for its synonyms, where it stands and after which
    preposition."""

    written: str
    stem: str
    meaning: str
    place: int
    direction: str


class Reading:
    """One prompt, read. Everything is worked out when it is first asked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def spoken(self) -> str:
        """The text in one typography, without courtesies."""
        return spoken(self.text)

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """Its words."""
        return tokens(framed(self.spoken))

    @cached_property
    def said(self) -> tuple[str, ...]:
        """Its words in one spelling, without articles: equal for two prompts that differ in nothing but typing."""
        names = SMALL_NAMES if not self._is_shouted else frozenset[str]()
        return tuple(
            token.written if token.written in names else token.word
            for token in self.tokens
            if token.word not in ARTICLES
        )

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """What stands in quotes, and what is no word: addresses, paths, names in code. Sorted."""
        return tuple(sorted(found.strip("\"'`.,?!") for found in _LITERALS.findall(self.spoken)))

    @cached_property
    def quantities(self) -> Quantities:
        """Numbers and moments."""
        return quantities(self.tokens)

    @cached_property
    def signs(self) -> tuple[str, ...]:
        """What is neither word nor number, nor the unit of one: `+`, `<`, `-`."""
        tokens = enumerate(self.tokens)
        return tuple(t.word for place, t in tokens if not t.word[0].isalnum() and not self._counts(place))

    @cached_property
    def words(self) -> frozenset[str]:
        """All words."""
        return frozenset(token.word for token in self.tokens)

    @cached_property
    def names(self) -> frozenset[str]:
        """Words that are written as names, in lower case."""
        return frozenset(
            token.word for place, token in enumerate(self.tokens) if self._is_name(token) and not self._counts(place)
        )

    @cached_property
    def language(self) -> str:
        """The language, `?` and a script, or nothing when it cannot be told."""
        return language_of(self.text)

    @cached_property
    def negations(self) -> int:
        """How many words turn what is said into its opposite."""
        return sum(token.word in NEGATIONS or token.word in NEAR_NEGATIONS for token in self.tokens)

    @cached_property
    def content(self) -> tuple[Word, ...]:
        """The words that carry meaning and are looked at by no other guard."""
        found: list[Word] = []
        direction, place = "", 0
        while place < len(self.tokens):
            token = self.tokens[place]
            meaning, length = self._meaning(place)
            if length == 1 and (self._counts(place) or self._measures(place) or self._is_grammar(token)):
                direction = DIRECTIONS.get(token.word, direction if token.word in _IN_A_PHRASE else "")
            else:
                found.append(Word(token.written, token.stem, meaning, place, direction))
            place += length
        return tuple(found)

    def _meaning(self, place: int) -> tuple[str, int]:
        stems = [token.stem for token in self.tokens[place : place + LONGEST_PHRASE]]
        for length in range(len(stems), 1, -1):
            if (phrase := "_".join(stems[:length])) in CANONICAL:
                return CANONICAL[phrase], length
        return CANONICAL.get(stems[0], stems[0]), 1

    @cached_property
    def scopes(self) -> frozenset[str]:
        """How much of something is meant, or which of several."""
        return frozenset(
            scope
            for place, token in enumerate(self.tokens)
            if (scope := _scope_of(token.word)) and not self._measures(place) and not self._counts(place)
        )

    def _measures(self, place: int) -> bool:
        """Whether a word belongs to `how`: `how long`. Then it is part of what kind of question it is."""
        return self.tokens[place].word in _MEASURED and place > 0 and self.tokens[place - 1].word == "how"

    def _is_grammar(self, token: Token) -> bool:
        word = token.word
        if token.stem == "tak" and "long" in self.words:  # `how long does it take`
            return True
        return word in _HOLDS_TOGETHER or word in DIRECTIONS or word in SCOPES or not word[0].isalnum()

    def _is_name(self, token: Token) -> bool:
        if token.word in LANGUAGES:
            return True
        initials = token.written.isupper() and len(token.written) > 1 and not self._is_shouted
        inner = any(letter.isupper() for letter in token.written[1:]) and not token.written.isupper()
        small = token.word in _HOLDS_TOGETHER and token.written not in SMALL_NAMES
        return (token.capital or initials or inner) and not small

    @cached_property
    def _is_shouted(self) -> bool:
        letters = [letter for letter in self.spoken if letter.isalpha()]
        return sum(letter.isupper() for letter in letters) > 0.6 * len(letters)

    def _counts(self, place: int) -> bool:
        return place in self.quantities.used


def _scope_of(word: str) -> str:
    degree = "more" if word in COMPARATIVES else "most" if word in SUPERLATIVES else ""
    return SCOPES.get(word, degree)
