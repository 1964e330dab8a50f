"""Following the log of turns for ever: page after page, and with patience while it is away."""

from collections.abc import Awaitable, Callable

import structlog

from greenroom.clock import Clock
from greenroom.config import Backoff
from greenroom.errors import GreenroomError

_LOOK_EVERY_S = 1.0
_WHILE_AWAY = Backoff(base_s=1.0, factor=2.0, max_s=30.0)
_FAILURES_COUNTED = 10

log = structlog.get_logger(__name__)


async def follow_for_ever(read_page: Callable[[], Awaitable[bool]], clock: Clock, who: str) -> None:
    """Read page after page; `read_page` returns whether there is probably more, and keeps its own cursor.

    What it raises is logged once, and it is tried again more and more seldom. `who` names the follower in the log.
    """
    failures = 0
    while True:
        try:
            pause_s = 0.0 if await read_page() else _LOOK_EVERY_S
            if failures:
                log.info("follow_resumed", follower=who)
            failures = 0
        except Exception as exc:
            failures = min(failures + 1, _FAILURES_COUNTED)
            if failures == 1:
                _report(who, exc)
            pause_s = _WHILE_AWAY.pause_s(failures)
        await clock.sleep(pause_s)


def _report(who: str, exc: Exception) -> None:
    """Log it: in one line what was foreseen, with its traceback what was not."""
    if isinstance(exc, GreenroomError):
        log.warning("follow_failed", follower=who, error=type(exc).__name__, detail=exc.detail)
    else:
        log.error("follow_failed", follower=who, exc_info=exc)
