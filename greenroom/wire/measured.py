"""A port that counts what is asked of it, whether it is called directly or over HTTP."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, TypeVar

from greenroom.wire.metrics import Metrics
from greenroom.wire.verbs import Verb, verbs

P = TypeVar("P")


def measured(port: type[P], implementation: P, metrics: Metrics) -> P:
    """The same port; each verb's calls, failures and seconds go into `metrics`."""
    members = {verb.name: _verb(verb, getattr(implementation, verb.name), metrics) for verb in verbs(port)}
    kind: Any = type(f"Measured{port.__name__}", (), members)
    return kind()  # type: ignore[no-any-return]


def _verb(verb: Verb, act: Callable[[Any], Any], metrics: Metrics) -> Any:
    async def call(self: Any, value: Any, /) -> Any:
        with metrics.timing(verb.name):
            return await act(value)

    async def stream(self: Any, value: Any, /) -> AsyncGenerator[Any, None]:
        with metrics.timing(verb.name):
            async with aclosing(act(value)) as items:
                del value  # a stream lasts, and the question may be large
                async for item in items:
                    yield item

    stream.__name__ = call.__name__ = verb.name
    return stream if verb.streams else call
