"""What travels with every call: the trace that it belongs to, the deadline by which it must be done, and who calls.

All live in context variables, so that a local call carries them for nothing; `wire` puts the first two into headers.
"""

import asyncio
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from greenroom.errors import OutOfTime

_ZERO_TRACE, _ZERO_SPAN = "0" * 32, "0" * 16
_A_MOMENT_S = 0.05
_TRACEPARENT = re.compile(
    r"\s*(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(-.*)?\s*"
)


@dataclass(frozen=True, slots=True)
class Trace:
    """A W3C trace context. Source: https://www.w3.org/TR/trace-context/, section 3.2."""

    trace_id: str
    span_id: str
    sampled: bool = True

    @property
    def traceparent(self) -> str:
        """The header's value."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"

    def child(self) -> "Trace":
        """The same trace, one call further."""
        return Trace(self.trace_id, secrets.token_hex(8), self.sampled)


def new_trace() -> Trace:
    """A trace that begins here."""
    ids = secrets.token_hex(24)
    return Trace(ids[:32], ids[32:])


def read_traceparent(header: str | None) -> Trace | None:
    """The trace of a `traceparent` header, or None when the header is absent or malformed."""
    found = _TRACEPARENT.fullmatch(header or "")
    if found is None or found["version"] == "ff" or found["trace"] == _ZERO_TRACE or found["span"] == _ZERO_SPAN:
        return None
    return Trace(found["trace"], found["span"], bool(int(found["flags"], 16) & 1))


_trace: ContextVar[Trace | None] = ContextVar("greenroom_trace", default=None)
_deadline: ContextVar[float | None] = ContextVar("greenroom_deadline", default=None)
_caller: ContextVar[str] = ContextVar("greenroom_caller", default="")


def current_trace() -> Trace:
    """The trace of this call; a new one where none has begun."""
    trace = _trace.get()
    if trace is None:
        trace = new_trace()
        _trace.set(trace)
    return trace


@contextmanager
def tracing(trace: Trace) -> Iterator[Trace]:
    """Let everything inside belong to `trace`."""
    token = _trace.set(trace)
    try:
        yield trace
    finally:
        _trace.reset(token)


def remaining_s() -> float | None:
    """Seconds until this call's deadline (0 when it has passed), or None when there is none."""
    deadline = _deadline.get()
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def time_is_up(within_s: float = _A_MOMENT_S) -> bool:
    """Whether this call's deadline has passed; or nearly, since whoever set it may be a moment ahead of our clock."""
    left = remaining_s()
    return left is not None and left < within_s


@contextmanager
def allow(seconds: float | None) -> Iterator[None]:
    """Let everything inside know its deadline, unless an earlier one holds already. For streams, which look at it."""
    left = remaining_s()
    within = min((s for s in (seconds, left) if s is not None), default=None)
    if within is None:
        yield
        return
    before = _deadline.get()
    _deadline.set(time.monotonic() + within)
    try:
        yield
    finally:
        _deadline.set(before)  # a generator may be closed from another context, where a token would not fit


@contextmanager
def unhurried() -> Iterator[None]:
    """Let everything inside know no deadline: for work that is done for several callers, who each have their own."""
    before = _deadline.set(None)
    try:
        yield
    finally:
        _deadline.reset(before)


@asynccontextmanager
async def due_in(seconds: float | None) -> AsyncIterator[None]:
    """Give everything inside a deadline, unless an earlier one holds already; past it, raise OutOfTime.

    Not for use around a `yield` of a generator: the timeout would strike the reader. Streams check `remaining_s`.
    """
    with allow(seconds):
        within = remaining_s()
        try:
            async with asyncio.timeout(within) as scope:
                yield
        except TimeoutError as exc:
            if within is not None and scope.expired():
                raise OutOfTime(f"not done within {within:.1f} s") from exc
            raise


def current_caller() -> str:
    """The id of the API key that this call came with; empty when it came with none."""
    return _caller.get()


@contextmanager
def called_by(caller: str) -> Iterator[None]:
    """Let everything inside know who calls."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)
