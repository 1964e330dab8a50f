"""The numbers of a text with what they count, and the days and times that it names."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from greenroom.llm.similar.lexicon.grammar import AUXILIARIES, CONNECTIVES
from greenroom.llm.similar.lexicon.listing import listed
from greenroom.llm.similar.lexicon.times import (
    AFTERNOONS,
    AMBIGUOUS_MOMENTS,
    BEFORE_A_MOMENT,
    BEFORE_A_SPAN,
    CARDINALS,
    MOMENTS,
    ORDINAL_ENDINGS,
    ORDINALS,
    SCALES,
    SPANS,
    UNITS,
)
from greenroom.llm.similar.tokens import Token

Quantity = tuple[float, str]
"""A value, and what is counted: a unit of `UNITS`, `clock` (minutes after midnight), `o'clock`, `th`, or nothing."""

_NOT_BEFORE_ONE = frozenset(
    listed("""
the this that which no any every each some another last first second only good best
""")
)


@dataclass
class Quantities:
    """What was found, in order, and which tokens it was made of."""

    values: list[Quantity] = field(default_factory=list)
    moments: set[str] = field(default_factory=set)
    used: set[int] = field(default_factory=set)


def quantities(tokens: Sequence[Token]) -> Quantities:
    """Read the numbers and moments of a text: `3pm` is 900 minutes, `two weeks` are 14 days."""
    found = Quantities()
    words = [token.word for token in tokens]
    at = 0
    while at < len(words):
        if _is_moment(tokens, at):
            found.moments.add(MOMENTS.get(words[at]) or AMBIGUOUS_MOMENTS.get(words[at], words[at]))
            found.used.add(at)
        elif ":" in words[at]:
            found.values.append(_from_clock(words, at))
            found.used |= {at, at + 1} if words[at + 1 : at + 2] in (["am"], ["pm"]) else {at}
        elif (read := _number(words, at)) is not None:
            value, after = read
            quantity, after = _with_unit(words, value, at, after)
            found.values.append(quantity)
            found.used |= set(range(at - _has_sign_before(words, at), after))
            at = after
            continue
        at += 1
    return _on_the_clock(found)


def _number(words: Sequence[str], at: int) -> tuple[float, int] | None:
    """A number that begins here, and where it ends."""
    if words[at] in ORDINALS:
        return float(ORDINALS[words[at]]), at
    value, after = _simple(words, at)
    if value is None:
        return None
    while after < len(words):
        if words[after] in SCALES:
            value, after = value * SCALES[words[after]], after + 1
            continue
        joins = after + 1 if words[after] == "and" and words[after - 1] in SCALES else after
        more, end = _simple(words, joins) if joins < len(words) else (None, joins)
        if more is None or words[at][0].isdigit() or not 0 < more < _last_scale(words[after - 1]):
            break
        value, after = value + more, end
    return value, after


def _last_scale(word: str) -> float:
    return 10 if CARDINALS.get(word, 0) >= 20 else SCALES.get(word, 0)


def _simple(words: Sequence[str], at: int) -> tuple[float | None, int]:
    word = words[at]
    if word[0].isdigit() and ":" not in word:
        return _from_figures(word), at + 1
    if word == "one":
        before = words[at - 1] if at else ""
        after = words[at + 1] if at + 1 < len(words) else ""
        counts = after and after not in CONNECTIVES | AUXILIARIES and before not in _NOT_BEFORE_ONE
        return (1.0, at + 1) if counts else (None, at)
    return (float(CARDINALS[word]), at + 1) if word in CARDINALS else (None, at)


def _from_figures(word: str) -> float:
    groups = word.split(",")
    thousands = len(groups) > 1 and all(len(group.split(".")[0]) == 3 for group in groups[1:])
    whole, *rest = (word.replace(",", "") if thousands else word.replace(",", ".")).split(".")
    return float(f"{whole}.{''.join(rest)}" if rest else whole)


def _has_sign_before(words: Sequence[str], at: int) -> bool:
    """Whether the unit stands before the number, as one sign: `£5`."""
    return at > 0 and not words[at - 1].isalpha() and words[at - 1] in UNITS


def _from_clock(words: Sequence[str], at: int) -> Quantity:
    hours, minutes = (int(part) for part in words[at].split(":"))
    if words[at + 1 : at + 2] in (["am"], ["pm"]):
        hours = hours % 12 + 12 * (words[at + 1] == "pm")
    return float(60 * hours + minutes), "clock"


def _with_unit(words: Sequence[str], value: float, at: int, after: int) -> tuple[Quantity, int]:
    before, follows = words[at - 1] if at else "", words[after] if after < len(words) else ""
    if words[at] in ORDINALS:
        return (value, "th"), at + 1
    if follows in ORDINAL_ENDINGS:
        return (value, "th"), after + 1
    if follows in {"am", "pm"} and value <= 12:
        return (60 * (value % 12) + 720 * (follows == "pm"), "clock"), after + 1
    if follows == "oclock":
        return (value, "o'clock"), after + 1
    unit, factor = UNITS[before] if _has_sign_before(words, at) else ("", 1.0)
    if not unit and follows in UNITS:
        (unit, factor), after = UNITS[follows], after + 1
    return (round(value * factor, 9), unit), after


def _on_the_clock(found: Quantities) -> Quantities:
    """Hours with the part of the day that is named somewhere else: `3 o'clock tomorrow afternoon`."""
    for place, (value, unit) in enumerate(found.values):
        if unit == "o'clock" and found.moments & (AFTERNOONS | {"morning"}):
            late = bool(found.moments & AFTERNOONS)
            found.values[place] = (60 * (value % 12) + 720 * late, "clock")
            found.moments -= {"morning", "afternoon"}
    return found


def _is_moment(tokens: Sequence[Token], at: int) -> bool:
    word = tokens[at].word
    if word in MOMENTS or (word in SPANS and at > 0 and tokens[at - 1].word in BEFORE_A_SPAN):
        return True
    if word not in AMBIGUOUS_MOMENTS:
        return False
    beside = {tokens[place].word for place in (at - 1, at + 1) if 0 <= place < len(tokens)}
    numbered = any(word[0].isdigit() or word in ORDINAL_ENDINGS for word in beside)
    return tokens[at].capital or numbered or (at > 0 and tokens[at - 1].word in BEFORE_A_MOMENT)
