"""What can be seen of a text without a model: some twenty numbers, each 0–1, by name.

They tell how a text is built and never what it is about, so that they mean the same in every house. What a house asks
about is learnt from its own traffic.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable

from greenroom.text import sentences, words

FEATURES: dict[str, str] = {
    "length": "it is long",
    "sentence_length": "its sentences are long",
    "long_words": "it has long words",
    "repetition": "it comes back to the same terms",
    "digits": "much of it is digits",
    "numbers": "it has several numbers",
    "quantities": "it is about amounts and shares",
    "symbols": "it has many signs",
    "maths": "it has formulas",
    "code": "it has code",
    "negation": "it says what is not",
    "connectives": "it has conditions and reasons",
    "clauses": "its sentences have many parts",
    "limits": "it sets limits to the answer",
    "steps": "it has several steps",
    "work": "it asks for work, not for a fact",
    "questions": "it asks several things",
    "listed": "it has a list",
    "foreign": "it is in another script",
    "before": "much was said before",
    "pleasantry": "it is a pleasantry",
}
"""The features in their order, each with what it says in words when it counts."""

_MAX_CHARACTERS = 20_000
"""Of a longer text beginning and end are read: the question stands in one of them."""

_NEGATIONS = frozenset(
    ["cannot", "except", "neither", "never", "no", "nobody", "none", "nor", "not", "nothing", "unless", "without"]
)
_CONNECTIVES = frozenset(
    """
    although assume assuming because consequently despite either else given hence however if implies instead
    otherwise provided rather since so suppose than therefore though thus until when whenever where whereas
    whether while whose yet
    """.split()  # noqa: SIM905 - as in greenroom/text.py
)
_LIMITS = frozenset(
    """
    all always any both each equal every exactly exceed fewer least less limit maximum minimum more most must
    only precisely required should still total within
    """.split()  # noqa: SIM905
)
_STEPS = frozenset(
    """
    after afterwards again before finally first fourth last later next once remaining rest second step steps
    subsequently then third
    """.split()  # noqa: SIM905
)
_WORK = frozenset(
    """
    analyse analyze argue assess calculate compare compute consider contrast convert criticise criticize debug
    deduce define derive describe design determine develop diagnose discuss estimate evaluate examine explain find
    formulate implement infer integrate interpret justify optimise optimize plan predict prove rank reason refactor
    refute review rewrite show simplify solve summarise summarize synthesise synthesize translate verify
    """.split()  # noqa: SIM905
)
_QUANTITIES = frozenset(
    """
    average cost costs double dozen equal fraction half many much per percent quarter ratio spend spends split sum
    third thrice times total triple twice
    """.split()  # noqa: SIM905
)
_PLEASANTRIES = frozenset(
    """
    bye cheers evening good goodbye hello hey hi morning night ok okay please sorry sure thank thanks welcome
    """.split()  # noqa: SIM905
)

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_MATHS = re.compile(
    r"[=<>≤≥≠±×÷∑∫√∞∂∈∀∃→⇒↔∧∨¬⊃≡∙^]|\\[a-zA-Z]+|\d\s*[-+*/]\s*\d|\b[a-z]\([a-z0-9]\)|\b(?:[A-Z][a-z]?\d)+\b"
)
_CODE = re.compile(
    r"```|[;{}]\s*$|^[^\S\n]*(?:def|class|import|function|const|let|var|public|SELECT|#include)\b|=>|::|\w\(\)|</\w+>"
    r"|\bTraceback\b|^[^\S\n]+at \w+\.",
    re.MULTILINE,
)
_OPTION = re.compile(r"^[^\S\n]*(?:[A-Z]|\d{1,2}|[-*•])[.)]?\s", re.MULTILINE)


def features(text: str, characters_before: int = 0) -> dict[str, float]:
    """The features of a text in the order of `FEATURES`. `characters_before` is how long the conversation is so far."""
    text = bounded(text)
    tokens = words(text)
    counts = Counter(tokens)
    said = max(1, len(tokens))
    characters = max(1, len(text))

    def of(group: Iterable[str]) -> int:
        return sum(counts[word] for word in group)

    found = (
        _grown(len(tokens), 400),
        _grown(len(tokens) / max(1, len(sentences(text))), 60),
        _share(sum(len(word) >= 9 for word in tokens), said, 0.3),
        1 - len(counts) / said if tokens else 0.0,
        _share(sum(character.isdigit() for character in text), characters, 0.2),
        _grown(len(_NUMBER.findall(text)), 12),
        _grown(of(_QUANTITIES), 8),
        _share(sum(not (c.isalnum() or c.isspace() or c in ".,'’\"?!") for c in text), characters, 0.2),
        _grown(len(_MATHS.findall(text)), 12),
        _grown(len(_CODE.findall(text)), 8),
        _grown(of(_NEGATIONS) + sum(word.endswith(("n't", "n’t")) for word in tokens), 5),
        _grown(of(_CONNECTIVES), 10),
        _grown(text.count(","), 12),
        _grown(of(_LIMITS), 8),
        _grown(of(_STEPS), 8),
        _grown(of(_WORK), 4),
        _grown(text.count("?"), 5),
        _grown(len(_OPTION.findall(text)), 12),
        _share(sum(c.isalpha() and ord(c) > 0x24F for c in text), characters, 0.5),
        _grown(characters_before / 1000, 20),
        min(1.0, 2 * of(_PLEASANTRIES) / said),
    )
    return dict(zip(FEATURES, found, strict=True))


def bounded(text: str) -> str:
    """The text, or its beginning and its end when it is very long."""
    half = _MAX_CHARACTERS // 2
    return text if len(text) <= _MAX_CHARACTERS else f"{text[:half]}\n{text[-half:]}"


def _grown(count: float, much: float) -> float:
    """A count as 0–1: fast at first, and 1 from `much` on."""
    return min(1.0, math.log1p(count) / math.log1p(much))


def _share(count: int, of: int, much: float) -> float:
    """A share as 0–1: 1 from `much` on."""
    return min(1.0, count / of / much)
