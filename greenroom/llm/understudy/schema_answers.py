"""Values that a JSON schema accepts, without a model: for `format` when the understudy answers.

The understudy's sentences are put where a schema wants text. Every answer is checked by the `jsonschema` package
before it leaves. Looked at first: jsf (opens foreign `$ref`s over the network, leaves out `not`, `if`, `uniqueItems`)
and hypothesis-jsonschema (a test tool, not deterministic by seed); neither bounds a hostile schema.
"""

import math
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import islice
from random import Random
from typing import Any, cast

from jsonschema import Draft202012Validator, ValidationError, validators
from jsonschema.exceptions import SchemaError
from jsonschema.protocols import Validator
from pydantic import JsonValue
from referencing import Registry
from referencing.exceptions import Unresolvable

from greenroom.errors import InvalidInput, Unsupported
from greenroom.llm.understudy.patterns import Pattern
from greenroom.llm.understudy.schema_limits import check_limits, target_of
from greenroom.llm.understudy.schema_merging import merged
from greenroom.llm.understudy.schema_scalars import FORMATS, Impossible, Number, fitted

Say = Callable[[str], str]
"""Gives the text for a field by its name ("" at the root): one or more sentences."""

_VALUES = 3_000
_LONGEST_TEXT = 10_000
_TRIES = 6
_RICH_DEPTH = 3
_DEEPEST = 24
_ALTERNATIVES = ("anyOf", "oneOf")
_KIND_BY_KEYWORD = (
    ("object", ("properties", "required", "additionalProperties", "minProperties", "patternProperties")),
    ("array", ("items", "prefixItems", "minItems", "contains", "uniqueItems")),
    ("number", ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum")),
)


def answer(schema: JsonValue, say: Say, seed: int) -> JsonValue:
    """Make a value that the schema accepts; the same for the same arguments.

    Raises: InvalidInput, when it is not a JSON schema; Unsupported, when no value was found, or the schema asks for
    too much (its size, depth, or the value's), or for what is not known here (a `$ref` to another document).
    """
    if not isinstance(schema, dict | bool):
        raise InvalidInput(f"format must be 'json' or a JSON schema, not {type(schema).__name__}")
    check_limits(schema)
    try:
        return _Answer(schema, say, seed).make()
    except Impossible as exc:
        raise Unsupported(f"no value was found that this schema accepts: {exc}") from exc
    except (SchemaError, re.error) as exc:
        raise InvalidInput(f"format is not a valid JSON schema: {getattr(exc, 'message', exc)}") from exc
    except Unresolvable as exc:
        raise Unsupported(f"the reference {exc.ref!r} leads nowhere inside this schema") from exc
    except (RecursionError, OverflowError) as exc:
        raise Unsupported("the schema refers to itself without end, or its numbers are too large") from exc


class _Answer:
    """One answer in the making: the schema, and how much has been spent on it."""

    def __init__(self, schema: dict[str, Any] | bool, say: Say, seed: int) -> None:
        self.schema = schema
        self.say = say
        self.random = Random(seed)
        self.left = _VALUES

    def make(self) -> JsonValue:
        """The whole value, checked. Raises: Impossible."""
        if isinstance(self.schema, dict):
            type(self.validator).check_schema(self.schema)
        return cast("JsonValue", self.value(self.schema, "", 0))

    @cached_property
    def validator(self) -> Validator:
        """Judges by the dialect that the schema names, with bounded patterns, and never fetches anything."""
        dialect = validators.validator_for(self.schema, default=Draft202012Validator)
        extend: Any = validators.extend  # its stub has no types
        bounded = extend(dialect, {"pattern": _pattern, "patternProperties": _pattern_properties})
        return cast("Validator", bounded(self.schema, registry=Registry()))

    def accepts(self, value: Any, schema: Any) -> bool:
        """Whether the value fits this part of the schema."""
        self.spend()
        return self.validator.evolve(schema=schema).is_valid(value)

    def spend(self) -> None:
        """Count one step of work. Raises: Unsupported, when there have been too many."""
        self.left -= 1
        if self.left < 0:
            raise Unsupported(f"the schema asks for more than {_VALUES} values, or for too many tries")

    def value(self, schema: Any, field: str, depth: int) -> Any:
        """A value for this part of the schema. Raises: Impossible."""
        self.spend()
        if schema is False:
            raise Impossible(f"nothing is allowed at {field or 'the root'!r}")
        if depth > _DEEPEST:
            raise Impossible(f"it nests more than {_DEEPEST} levels")
        part = {} if schema is True else schema
        for candidate in islice(self._candidates(part, field, depth), 4 * _TRIES):
            if self.accepts(candidate, part):
                return candidate
        raise Impossible(f"{field or 'the root'!r} contradicts itself, or is too particular")

    def _candidates(self, part: dict[str, Any], field: str, depth: int) -> Iterator[Any]:
        tries = 1 if depth > _RICH_DEPTH else _TRIES
        for turn in range(tries):
            for plain in self._ways(part, depth, turn):
                try:
                    yield self._plain(plain, field, depth, turn)
                except Impossible:
                    continue

    def _ways(self, part: dict[str, Any], depth: int, turn: int) -> Iterator[dict[str, Any]]:
        """The part without references and alternatives: one after the other of what it could mean."""
        part = self._without_references(part)
        for keyword in _ALTERNATIVES:
            if options := part.get(keyword):
                rest = {key: value for key, value in part.items() if key != keyword}
                for option in self._ordered(options, depth, turn):
                    yield from self._ways(merged(rest, option), depth, turn)
                return
        if "if" in part:
            rest = {key: value for key, value in part.items() if key not in {"if", "then", "else"}}
            yield from self._ways(merged(merged(rest, part["if"]), part.get("then", True)), depth, turn)
            yield from self._ways(merged(rest, part.get("else", True)), depth, turn)
            return
        yield part

    def _without_references(self, part: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in part or "allOf" in part:
            self.spend()
            rest = {key: value for key, value in part.items() if key not in {"$ref", "allOf"}}
            for other in part.get("allOf", ()):
                rest = merged(rest, other)
            if "$ref" in part:
                rest = merged(rest, target_of(self.schema, part["$ref"]))
            part = rest
        return part

    def _ordered(self, options: list[Any], depth: int, turn: int) -> list[Any]:
        """Alternatives, the promising first: deep down those that end, elsewhere any but nothing."""
        turned = options[turn % len(options) :] + options[: turn % len(options)]
        if depth > _RICH_DEPTH:
            return sorted(turned, key=lambda option: "$ref" in str(option))
        return sorted(turned, key=lambda option: isinstance(option, dict) and option.get("type") == "null")

    def _plain(self, part: dict[str, Any], field: str, depth: int, turn: int) -> Any:
        if part.get("not") is True or part.get("impossible"):
            raise Impossible(f"nothing is allowed at {field or 'the root'!r}")
        if "const" in part:
            return part["const"]
        if "enum" in part:
            return self._chosen(part, field)
        kind = self._kind(part, turn)
        if kind == "object":
            return self._object(part, depth, turn)
        if kind == "array":
            return self._array(part, field, depth, turn)
        if kind == "string":
            return self._text(part, field, turn)
        if kind in {"integer", "number"}:
            return Number(part, whole=kind == "integer").value(self.random, varied=turn < _TRIES - 1)
        return None if kind == "null" else (self.random.random() < 0.5)

    def _chosen(self, part: dict[str, Any], field: str) -> Any:
        fitting = [value for value in part["enum"] if self.accepts(value, part)]
        if not fitting:
            raise Impossible(f"no value of the enum at {field or 'the root'!r} fits")
        return self.random.choice(fitting)

    def _kind(self, part: dict[str, Any], turn: int) -> str:
        kinds = part.get("type")
        if isinstance(kinds, str):
            return kinds
        if kinds is not None:
            if not kinds:
                raise Impossible("its types exclude each other")
            wanted = [kind for kind in kinds if kind != "null"] or ["null"]
            return str([*wanted, *({"null"} & set(kinds) - set(wanted))][turn % len(kinds)])
        named = (kind for kind, keywords in _KIND_BY_KEYWORD if any(keyword in part for keyword in keywords))
        first = next(named, "string")
        return (first, first, "integer", "boolean", "null", "object")[turn] if "not" in part else first

    def _object(self, part: dict[str, Any], depth: int, turn: int) -> dict[str, Any]:
        rich = turn % 2 == 0 and depth <= _RICH_DEPTH
        known: dict[str, Any] = part.get("properties", {})
        names = dict.fromkeys([*known, *part.get("required", ())] if rich else part.get("required", ()))
        part = self._with_dependents(part, names)
        known = part.get("properties", {})
        made: dict[str, Any] = {}
        required = set(part.get("required", ()))
        most = part.get("maxProperties", math.inf)
        for name in sorted(names, key=lambda name: name not in required):
            if name not in required and len(made) >= most:
                continue
            try:
                made[name] = self.value(self._property(part, name), name, depth + 1)
            except Impossible:
                if name in required:
                    raise
        self._fill(part, made, depth)
        order = {name: place for place, name in enumerate(known)}
        return dict(sorted(made.items(), key=lambda item: order.get(item[0], len(order))))

    def _with_dependents(self, part: dict[str, Any], names: dict[str, None]) -> dict[str, Any]:
        for name, others in part.get("dependentRequired", {}).items():
            if name in names:
                names.update(dict.fromkeys(others))
        for name, schema in part.get("dependentSchemas", {}).items():
            if name in names:
                part = self._without_references(merged(part, schema))
                names.update(dict.fromkeys(part.get("required", ())))
        return part

    def _property(self, part: dict[str, Any], name: str) -> Any:
        """The schema that a property of this name must fit."""
        schema: Any = True
        hit = False
        if name in part.get("properties", {}):
            schema, hit = part["properties"][name], True
        for source, other in part.get("patternProperties", {}).items():
            if Pattern(source).fits(name):
                schema, hit = merged({} if schema is True else schema, other), True
        return schema if hit else part.get("additionalProperties", part.get("unevaluatedProperties", True))

    def _fill(self, part: dict[str, Any], made: dict[str, Any], depth: int) -> None:
        """Add properties of invented names until there are enough."""
        for number in range(4 * part.get("minProperties", 0)):
            if len(made) >= part["minProperties"]:
                return
            name = self._name(part, number)
            if name not in made:
                made[name] = self.value(self._property(part, name), name, depth + 1)

    def _name(self, part: dict[str, Any], number: int) -> str:
        sources = list(part.get("patternProperties", {}))
        if part.get("additionalProperties") is False and sources:
            return Pattern(sources[number % len(sources)]).sample(self.random, longest=_LONGEST_TEXT)
        unused = [name for name in part.get("properties", {}) if name not in part.get("required", ())]
        if number < len(unused):
            return str(unused[number])
        if isinstance(rule := part.get("propertyNames"), dict):
            return str(self.value({"type": "string", **rule}, f"name{number}", _RICH_DEPTH + 1))
        return f"field{number}"

    def _array(self, part: dict[str, Any], field: str, depth: int, turn: int) -> list[Any]:
        first, rest = _item_schemas(part)
        least = max(part.get("minItems", 0), part.get("minContains", 1) if "contains" in part else 0)
        wanted = least if depth > _RICH_DEPTH or turn % 2 else max(least, len(first), 2)
        wanted = min(wanted, part.get("maxItems", math.inf))
        if rest is False:
            wanted = min(wanted, max(len(first), least))
        items: list[Any] = []
        for place in range(int(wanted)):
            item = first[place] if place < len(first) else rest
            if "contains" in part and place >= len(first):
                item = merged({} if item is True else item, part["contains"])
            items.append(self._item(item, field, depth, items if part.get("uniqueItems") else []))
        return items

    def _item(self, schema: Any, field: str, depth: int, taken: list[Any]) -> Any:
        for _ in range(4 * _TRIES):
            made = self.value(schema, _singular(field), depth + 1)
            if made not in taken:
                return made
            if isinstance(schema, dict) and "enum" in schema:
                schema = {**schema, "enum": [value for value in schema["enum"] if value not in taken]}
            elif (other := self._next_to(made, schema, taken)) is not None:
                return other
        raise Impossible(f"the items of {field or 'the root'!r} cannot all be different")

    def _next_to(self, made: Any, schema: Any, taken: list[Any]) -> Any:
        """A text or number close to `made` that is not taken, or None."""
        if isinstance(made, str):
            return other if self.accepts(other := f"{made} {len(taken) + 1}", schema) else None
        if isinstance(made, bool) or not isinstance(made, int | float):
            return None
        numbers = [value for value in taken if isinstance(value, int | float)]
        near = (value for step in range(1, len(numbers) + 2) for value in (min(numbers) - step, max(numbers) + step))
        return next((value for value in near if self.accepts(value, schema)), None)

    def _text(self, part: dict[str, Any], field: str, turn: int) -> str:
        least, most = part.get("minLength", 0), part.get("maxLength", _LONGEST_TEXT)
        if least > _LONGEST_TEXT:
            raise Unsupported(f"the schema asks for a text of {least} characters; at most {_LONGEST_TEXT} are written")
        if source := part.get("pattern"):
            return self._patterned(Pattern(source), least, most, part)
        if write := FORMATS.get(part.get("format", "")):
            return write(self.random)
        said = self.say(field if turn == 0 else f"{field} {turn}").strip()
        return fitted(said, least, most)

    def _patterned(self, pattern: Pattern, least: int, most: int, part: dict[str, Any]) -> str:
        for attempt in range(40):
            self.spend()
            text = pattern.sample(self.random, more=max(2, least * (attempt % 3)), longest=_LONGEST_TEXT)
            if attempt % 4 == 3:
                text += "a" * (least - len(text))
            if least <= len(text) <= most and self.accepts(text, part):
                return text
        raise Impossible(f"no text was found for the pattern {pattern.source!r}")


def _item_schemas(part: dict[str, Any]) -> tuple[list[Any], Any]:
    """The schemas of the first items, and of all further ones; in the words of old and new drafts."""
    if isinstance(part.get("items"), list):
        return part["items"], part.get("additionalItems", True)
    return part.get("prefixItems", []), part.get("items", True)


def _singular(field: str) -> str:
    return field[:-1] if field.endswith("s") and not field.endswith("ss") else field


def _pattern(_validator: Validator, source: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not Pattern(source).fits(instance):
        yield ValidationError(f"{instance!r} does not match {source!r}")


def _pattern_properties(validator: Any, sources: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    for source, schema in sources.items():
        pattern = Pattern(source)
        for name, value in instance.items():
            if pattern.fits(name):
                yield from validator.descend(value, schema, path=name, schema_path=source)
