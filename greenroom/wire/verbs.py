"""Reading a port: what each verb takes and returns."""

import re
import typing
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter

from greenroom.at import Route, routes

_FIELD = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Verb:
    """One verb of a port. `takes` is its value, `returns` what comes back (of a stream: each item)."""

    port: str
    name: str
    route: Route
    takes: type[BaseModel]
    returns: Any
    streams: bool
    help: str

    @property
    def path_fields(self) -> tuple[str, ...]:
        """The fields of the value that stand in the path."""
        return tuple(_FIELD.findall(self.route.path))

    @property
    def other_fields(self) -> tuple[str, ...]:
        """The fields of the value that travel in the query or the body."""
        return tuple(name for name in self.takes.model_fields if name not in self.path_fields)

    @property
    def in_query(self) -> bool:
        """Whether the other fields travel in the query."""
        return self.route.method in {"GET", "DELETE"}

    def adapter(self) -> TypeAdapter[Any]:
        """What turns JSON into the returned value."""
        return TypeAdapter(self.returns)


def verbs(port: type) -> Iterator[Verb]:
    """All verbs of a port, in the order in which they are written."""
    for name, route in routes(port).items():
        function = getattr(port, name)
        hints = typing.get_type_hints(function, include_extras=True)
        returns = hints.pop("return")
        (takes,) = hints.values()
        streams = typing.get_origin(returns) is AsyncGenerator
        yield Verb(
            port=port.__name__,
            name=name,
            route=route,
            takes=takes,
            returns=typing.get_args(returns)[0] if streams else returns,
            streams=streams,
            help=function.__doc__ or "",
        )
