"""Regular expressions from strangers: a text that fits one, and whether a text fits, in bounded time.

Python's own matcher can take exponential time on a hostile expression and cannot be interrupted. This one follows all
ways at once over sets of positions. It reads what JSON schemas use: no references to groups, no looking behind.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from random import Random
from string import ascii_letters, digits
from typing import Any

from greenroom.errors import Unsupported

_LONGEST = 500
_STEPS = 200_000
_POOL = ascii_letters + digits + " -_.,:;!?@#$%&*+=/()'\"<>[]{}|~^`\\\n\té☃"
_CATEGORIES: dict[str, Callable[[str], bool]] = {
    "CATEGORY_DIGIT": str.isdecimal,
    "CATEGORY_NOT_DIGIT": lambda c: not c.isdecimal(),
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_NOT_SPACE": lambda c: not c.isspace(),
    "CATEGORY_WORD": lambda c: c.isalnum() or c == "_",
    "CATEGORY_NOT_WORD": lambda c: not (c.isalnum() or c == "_"),
}
_REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}
_ONE_CHARACTER = {"LITERAL", "NOT_LITERAL", "ANY", "IN"}

Node = tuple[str, Any]


class Pattern:
    """An expression, as it stands in a JSON schema (found anywhere in the text unless anchored).

    Raises: Unsupported, when it is malformed, too long, or of a kind that is not read here.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        if len(source) > _LONGEST:
            raise Unsupported(f"a pattern of {len(source)} characters; at most {_LONGEST} are read")
        self._nodes = self._read()
        self._steps = 0

    def _read(self) -> list[Node]:
        # Python's parser of expressions has no public name; Hypothesis and rstr lean on the same module.
        parse = import_module("re._parser").parse
        try:
            tree = parse(self.source)
        except (re.error, RecursionError, OverflowError) as exc:
            raise Unsupported(f"the pattern {self.source!r} cannot be read: {exc}") from exc
        if tree.state.flags & ~re.UNICODE:
            raise Unsupported(f"the pattern {self.source!r} sets flags")
        return self._plain(tree)

    def _plain(self, tree: Iterable[Any]) -> list[Node]:
        return [self._plain_node(str(op), argument) for op, argument in tree]

    def _plain_node(self, op: str, argument: Any) -> Node:
        if op in _REPEATS:
            lowest, highest, inner = argument
            return "REPEAT", (lowest, min(highest, 1 << 30), self._plain(inner))
        if op == "BRANCH":
            return op, [self._plain(way) for way in argument[1]]
        if op == "SUBPATTERN":
            return "GROUP", self._plain(argument[3])
        if op == "ATOMIC_GROUP":
            return "GROUP", self._plain(argument)
        if op in {"ASSERT", "ASSERT_NOT"} and argument[0] == 1:
            return op, self._plain(argument[1])
        if op == "IN":
            return op, [(str(kind), str(value) if str(kind) == "CATEGORY" else value) for kind, value in argument]
        if op == "AT":
            return op, str(argument)
        if op in _ONE_CHARACTER:
            return op, argument
        raise Unsupported(f"the pattern {self.source!r} uses {op.lower()}, which is not read here")

    def sample(self, random: Random, more: int = 2, longest: int = 10_000) -> str:
        """Write a text along the expression, repeating open repetitions at most `more` times beyond their least.

        Looking ahead is not heeded in writing, so the text may not fit. Raises: Unsupported, past `longest`.
        """
        written: list[str] = []
        self._steps = 0
        self._write(self._nodes, random, more, longest, written)
        return "".join(written)

    def _write(self, nodes: Sequence[Node], random: Random, more: int, longest: int, written: list[str]) -> None:
        for op, argument in nodes:
            self._steps += 1
            if len(written) > longest or self._steps > _STEPS:
                raise Unsupported(f"the pattern {self.source!r} asks for more than {longest} characters")
            if op == "REPEAT":
                lowest, highest, inner = argument
                for _ in range(random.randint(lowest, min(highest, lowest + more))):
                    self._write(inner, random, more, longest, written)
            elif op == "BRANCH":
                self._write(random.choice(argument), random, more, longest, written)
            elif op == "GROUP":
                self._write(argument, random, more, longest, written)
            elif op in _ONE_CHARACTER:
                written.append(_some_character(op, argument, random))

    def fits(self, text: str) -> bool:
        """Whether the expression is found in the text. Raises: Unsupported, when telling would take too long."""
        self._steps = 0
        return bool(self._ends(self._nodes, text, set(range(len(text) + 1))))

    def _ends(self, nodes: Sequence[Node], text: str, starts: set[int]) -> set[int]:
        """All positions at which the nodes can end when they begin at one of `starts`."""
        for op, argument in nodes:
            self._steps += len(starts) + 1
            if self._steps > _STEPS:
                raise Unsupported(f"the pattern {self.source!r} takes too long to check")
            starts = self._step(op, argument, text, starts)
            if not starts:
                break
        return starts

    def _step(self, op: str, argument: Any, text: str, starts: set[int]) -> set[int]:
        if op in _ONE_CHARACTER:
            return {at + 1 for at in starts if at < len(text) and _accepts(op, argument, text[at])}
        if op == "AT":
            return {at for at in starts if _stands(argument, text, at)}
        if op == "GROUP":
            return self._ends(argument, text, starts)
        if op == "BRANCH":
            return set().union(*(self._ends(way, text, starts) for way in argument))
        if op == "REPEAT":
            lowest, highest, inner = argument
            return self._repeated(lowest, highest, inner, text, starts)
        return {at for at in starts if bool(self._ends(argument, text, {at})) == (op == "ASSERT")}

    def _repeated(self, lowest: int, highest: int, inner: list[Node], text: str, starts: set[int]) -> set[int]:
        here = starts
        for _ in range(min(lowest, len(text) + 1)):
            here = self._ends(inner, text, here)
        reached, frontier, rounds = set(here), here, lowest
        while frontier and rounds < highest:
            frontier = self._ends(inner, text, frontier) - reached
            reached |= frontier
            rounds += 1
        return reached


def _accepts(op: str, argument: Any, character: str) -> bool:
    if op == "ANY":
        return character != "\n"
    if op == "LITERAL":
        return bool(ord(character) == argument)
    if op == "NOT_LITERAL":
        return bool(ord(character) != argument)
    negated = bool(argument[0][0] == "NEGATE")
    return negated != any(_in_set(kind, value, character) for kind, value in argument)


def _in_set(kind: str, value: Any, character: str) -> bool:
    if kind == "LITERAL":
        return bool(ord(character) == value)
    if kind == "RANGE":
        return bool(value[0] <= ord(character) <= value[1])
    return kind == "CATEGORY" and _CATEGORIES[value](character)


def _stands(where: str, text: str, at: int) -> bool:
    if where.startswith("AT_BEGINNING"):
        return at == 0
    if where == "AT_END":
        return at == len(text) or (at == len(text) - 1 and text[at] == "\n")
    if where == "AT_END_STRING":
        return at == len(text)
    word = _CATEGORIES["CATEGORY_WORD"]
    boundary = (at > 0 and word(text[at - 1])) != (at < len(text) and word(text[at]))
    return boundary == (where == "AT_BOUNDARY")


def _some_character(op: str, argument: Any, random: Random) -> str:
    if op == "LITERAL":
        return chr(argument)
    if op == "ANY":
        return random.choice(ascii_letters + digits)
    if op == "IN" and argument[0][0] != "NEGATE":
        kind, value = random.choice(argument)
        if kind == "LITERAL":
            return chr(value)
        argument = [(kind, value)]
        if kind == "RANGE" and not any(value[0] <= ord(character) <= value[1] for character in _POOL):
            return chr(value[0])
    fitting = [character for character in _POOL if _accepts(op, argument, character)]
    if not fitting:
        raise Unsupported("the pattern asks for a character that is not known here")
    return random.choice(fitting)
