"""A verb of a port carries its route; `wire` makes server and client from it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_MARK = "__greenroom_route__"


@dataclass(frozen=True, slots=True)
class Route:
    """Where a verb is found. `repeatable` says that a second call does no harm, so that it may be retried."""

    method: str
    path: str
    repeatable: bool
    status: int = 200


def at(route: str, *, repeatable: bool | None = None, status: int = 200) -> Callable[[F], F]:
    """Give a verb of a port its route: `@at("GET /turns/{id}")`. GET, PUT and DELETE are repeatable unless said."""
    method, _, path = route.partition(" ")
    if repeatable is None:
        repeatable = method in {"GET", "PUT", "DELETE"}

    def mark(verb: F) -> F:
        setattr(verb, _MARK, Route(method, path, repeatable, status))
        return verb

    return mark


def routes(port: type) -> dict[str, Route]:
    """The verbs of a port with their routes, in the order in which they are written."""
    found: dict[str, Route] = {}
    for kind in reversed(port.__mro__):
        found |= {name: getattr(verb, _MARK) for name, verb in vars(kind).items() if hasattr(verb, _MARK)}
    return found
