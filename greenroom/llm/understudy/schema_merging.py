"""What two JSON schemas ask for together, as one schema where that can be said simply."""

from collections.abc import Callable
from typing import Any

_Join = Callable[[Any, Any], Any]


def merged(first: Any, second: Any) -> dict[str, Any]:
    """One schema for what both accept. What cannot be joined keyword by keyword stays beside it in `allOf`."""
    if first is False or second is False:
        return {"impossible": True}
    if first is True or second is True:
        return dict(second if first is True else first) if (first, second) != (True, True) else {}
    whole = dict(first)
    left_over: dict[str, Any] = {}
    for keyword, wanted in second.items():
        if keyword not in whole or whole[keyword] == wanted:
            whole[keyword] = wanted
        elif join := _JOINS.get(keyword):
            whole[keyword] = join(whole[keyword], wanted)
        elif keyword in _LISTS:
            left_over[keyword] = wanted
    return _with_left_over(whole, left_over)


def _with_left_over(whole: dict[str, Any], left_over: dict[str, Any]) -> dict[str, Any]:
    """Alternatives that both bring: each of the first with each of the second, as far as that stays small."""
    for keyword, wanted in left_over.items():
        if keyword == "$ref":
            whole["allOf"] = [*whole.get("allOf", []), {"$ref": wanted}]
        elif keyword in {"anyOf", "oneOf"} and len(wanted) * len(whole[keyword]) <= 64:
            pairs = [merged(a, b) for a in whole[keyword] for b in wanted]
            whole[keyword] = [pair for pair in pairs if not pair.get("impossible")] or [False]
    return whole


def _types(first: Any, second: Any) -> list[str]:
    one, other = ([kind] if isinstance(kind, str) else list(kind) for kind in (first, second))
    both = [kind for kind in one if kind in other]
    if "integer" not in both and {"integer", "number"} <= {*one, *other} and ("integer" in one) != ("integer" in other):
        both.append("integer")
    return both


def _properties(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return {
        **first,
        **{name: merged(first[name], schema) if name in first else schema for name, schema in second.items()},
    }


_LISTS = {"anyOf", "oneOf", "$ref"}
_JOINS: dict[str, _Join] = {
    "type": _types,
    "enum": lambda a, b: [value for value in a if value in b],
    "required": lambda a, b: [*a, *(name for name in b if name not in a)],
    "properties": _properties,
    "patternProperties": _properties,
    "dependentSchemas": _properties,
    "items": lambda a, b: a if isinstance(b, list) else b if isinstance(a, list) else merged(a, b),
    "additionalProperties": lambda a, b: False if False in (a, b) else merged(a, b),
    "allOf": lambda a, b: [*a, *b],
    "not": lambda a, b: {"anyOf": [a, b]},
    "uniqueItems": lambda a, b: a or b,
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"), min),
}
