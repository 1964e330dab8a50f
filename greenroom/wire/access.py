"""Who may use a route: said where the route is made, and looked at before anything is served."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, NamedTuple, TypeVar

from starlette.routing import BaseRoute

from greenroom.errors import CannotStart

T = TypeVar("T")

Access = Literal["everybody", "caller", "service", "owner", "caller or owner"]
"""Who may use a route. `caller`: an outsider, with an API key of ours where the settings demand one. `service`:
whoever shows the service token, where one is set. `owner`: as `wire.owners` tells them."""

_MARK = "__greenroom_access__"


class Decision(NamedTuple):
    """Who may use a path with these methods; none stand for all."""

    access: Access
    methods: tuple[str, ...]
    path: str


def open_to(access: Access) -> Callable[[T], T]:
    """Say who may use a route: of its endpoint, of what admits to it, or of the route itself."""

    def mark(what: T) -> T:
        setattr(what, _MARK, access)
        return what

    return mark


def access_of(what: Any) -> Access:
    """Who was said to be allowed. Raises: CannotStart, when nothing was said."""
    for part in (what, getattr(what, "endpoint", None)):
        if access := getattr(part, _MARK, None):
            return access  # type: ignore[no-any-return]
    raise CannotStart(f"nothing says who may use {getattr(what, 'path', what)!r}; see greenroom/wire/access.py")


def decisions(routes: Iterable[BaseRoute]) -> Iterator[Decision]:
    """All routes in the order in which they are tried. Raises: CannotStart, for one that says nothing."""
    for route in routes:
        included = getattr(route, "original_router", None)  # how FastAPI keeps the routes of an included router
        if included is not None:
            yield from decisions(included.routes)
        else:
            methods: Iterable[str] = getattr(getattr(route, "endpoint", None), "methods", ())
            methods = getattr(route, "methods", None) or methods
            yield Decision(access_of(route), tuple(sorted(methods)), getattr(route, "path", ""))
