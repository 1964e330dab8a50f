"""How much of a JSON schema is read, checked before anything is done with it. Schemas come from strangers."""

from typing import Any
from urllib.parse import unquote

from greenroom.errors import Unsupported

_MOST_NODES = 5_000
_DEEPEST = 60
_HEAVIEST = 2_000
_IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")


def check_limits(schema: Any) -> None:
    """Refuse what could take unbounded time or room. Raises: Unsupported, naming why."""
    references = _references(schema)
    weights: dict[str, int] = {}
    for reference in references:
        _weight_of(schema, reference, weights, ())
    _weight(schema, schema, weights, ())


def target_of(root: Any, reference: Any) -> Any:
    """The part of the schema that a reference means. Raises: Unsupported, when it is not in this schema."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        raise Unsupported(f"the reference {reference!r} points out of the schema; only its own parts are read")
    pointer = unquote(reference[1:])
    if pointer and not pointer.startswith("/"):
        return _anchored(root, pointer, reference)
    found = root
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            raise Unsupported(f"the reference {reference!r} leads nowhere inside this schema")
    return found


def _anchored(root: Any, name: str, reference: str) -> Any:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict) and name in (node.get("$anchor"), node.get("$dynamicAnchor")):
            return node
        waiting.extend(node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
    raise Unsupported(f"the reference {reference!r} leads nowhere inside this schema")


def _references(schema: Any) -> set[str]:
    """Every `$ref` of the schema. Raises: Unsupported, when the schema is too large, too deep, or points outside."""
    found: set[str] = set()
    waiting, nodes = [(schema, 0)], 0
    while waiting:
        node, depth = waiting.pop()
        nodes += 1
        if nodes > _MOST_NODES or depth > _DEEPEST:
            raise Unsupported(f"the schema is too large; at most {_MOST_NODES} parts, {_DEEPEST} deep, are read")
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                found.add(node["$ref"])
            waiting.extend((value, depth + 1) for value in node.values())
        elif isinstance(node, list):
            waiting.extend((value, depth + 1) for value in node)
    return found


def _weight(root: Any, node: Any, weights: dict[str, int], path: tuple[str, ...]) -> int:
    """How many schemas one value must be held against: doubling references would make it grow without bound."""
    if not isinstance(node, dict):
        return 1
    total = 1
    for keyword in _IN_PLACE:
        inner = node.get(keyword, ())
        for part in inner if isinstance(inner, list) else [inner]:
            total += _weight(root, part, weights, path)
    if isinstance(node.get("$ref"), str):
        total += _weight_of(root, node["$ref"], weights, path)
    if total > _HEAVIEST:
        raise Unsupported("the schema's alternatives multiply beyond what is tried")
    return total


def _weight_of(root: Any, reference: str, weights: dict[str, int], path: tuple[str, ...]) -> int:
    if reference in path:
        raise Unsupported(f"the reference {reference!r} leads back to itself without end")
    if reference not in weights:
        weights[reference] = _weight(root, target_of(root, reference), weights, (*path, reference))
    return weights[reference]
