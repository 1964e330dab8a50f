"""Leaving model servers in peace that fail, and single models of theirs; and noticing that they are well again."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from cachetools import LRUCache

from greenroom.clock import Clock
from greenroom.errors import GreenroomError, NoUpstream, Overloaded, UpstreamFailed, UpstreamRefused, UpstreamSilent
from greenroom.patience import Breaker

_LONGEST_REST_S = 300.0
"""Servers may ask for longer pauses; they are tried all the same after so long."""

_REMEMBERED = 1000

_OF_THE_SERVER = (NoUpstream, UpstreamRefused)
"""What says something of the whole server: it is not there, or does not take the key. All else is about one model."""

_OF_A_MODEL = (UpstreamFailed, UpstreamSilent, Overloaded)


class Breakers:
    """Two breakers for each call: that of the server, and that of the model. After a rest one call at a time tries.

    A server that says how long it wants to be left alone (`retry_after_s`) is left alone so long, up to five minutes.
    One that is only busy is asked on, as long as it answers somebody.
    """

    def __init__(self, clock: Clock, failures: int, rest_s: float) -> None:
        self._clock, self._failures, self._rest_s = clock, failures, rest_s
        self._failing: LRUCache[str, _Failing] = LRUCache(_REMEMBERED)
        self._answering: Counter[str] = Counter()

    def check(self, server: str, model: str) -> None:
        """Raises: what was wrong the last time, with `retry_after_s`, while nobody shall ask."""
        for failing in self._of(server, model):
            failing.check()

    @contextmanager
    def watching(self, server: str, model: str) -> Iterator["Call"]:
        """Ask a model; what goes wrong inside counts. Raises: the same as `check`; whatever is raised inside."""
        self.check(server, model)
        call = Call(server, self._of(server, model), self._answering)
        try:
            yield call
        except GreenroomError as exc:
            call.end()
            self._note(server, model, exc)
            raise
        else:
            for failing in self._of(server, model):
                failing.breaker.answered()
        finally:
            call.end()

    def trouble_of(self, server: str) -> str:
        """Why a server is left in peace; empty when it is not."""
        failing = self._failing.get(server)
        return failing.cause.detail if failing and failing.breaker.has_opened else ""

    def figures(self) -> dict[str, float]:
        """How many servers and models are left in peace now."""
        return {"llm_breakers_open": float(sum(f.breaker.has_opened for f in self._failing.values()))}

    def _note(self, server: str, model: str, exc: GreenroomError) -> None:
        if self._answering[server] and _may_be_busy(exc):
            return
        if isinstance(exc, _OF_THE_SERVER):
            self._failed(server, exc)
        elif isinstance(exc, _OF_A_MODEL):
            self._failed(f"{server}/{model}", exc)

    def _failed(self, name: str, exc: GreenroomError) -> None:
        if name not in self._failing:
            self._failing[name] = _Failing(Breaker(name, self._clock, self._failures, self._rest_s), exc)
        self._failing[name].failed(exc)

    def _of(self, server: str, model: str) -> list["_Failing"]:
        names = (server, f"{server}/{model}") if self._failing else ()
        return [self._failing[name] for name in names if name in self._failing]


def _may_be_busy(exc: GreenroomError) -> bool:
    """Whether it may only be slow to take calls, or says that it has too many and not when it will have fewer."""
    if isinstance(exc, NoUpstream):
        return isinstance(exc.__cause__, TimeoutError)
    return isinstance(exc, Overloaded) and not exc.extra.get("retry_after_s")


class Call:
    """One call under the eyes of its breakers. Its first token ends a rest; but failures are forgotten only when a
    whole answer has come, so that a model which always breaks off in the middle is noticed too."""

    def __init__(self, server: str, failing: list["_Failing"], answering: Counter[str]) -> None:
        self._server, self._answering = server, answering
        self._answers = False
        self._tries = [one for one in failing if one.breaker.has_opened]
        for one in self._tries:
            one.on_trial = True

    def answers(self) -> None:
        """Note that something has come."""
        if self._answers:
            return
        self._answers = True
        self._answering[self._server] += 1
        for one in self._tries:
            one.breaker.answered()

    def end(self) -> None:
        """Let others try, if this call was the trial."""
        if self._answers:
            self._answering[self._server] -= 1
            self._answers = False
        for one in self._tries:
            one.on_trial = False
        self._tries = []


class _Failing:
    """A breaker, and what went wrong the last time."""

    def __init__(self, breaker: Breaker, cause: GreenroomError) -> None:
        self.breaker, self.cause = breaker, cause
        self.on_trial = False

    def check(self) -> None:
        left_s = self.breaker.rests_for_s or (1.0 if self.on_trial and self.breaker.has_opened else 0.0)
        if left_s:
            raise type(self.cause)(f"{self.cause.detail} (it is asked again in {left_s:.0f} s)", retry_after_s=left_s)

    def failed(self, exc: GreenroomError) -> None:
        self.cause = exc
        self.breaker.failed()
        if pause_s := exc.extra.get("retry_after_s"):
            self.breaker.rest(min(pause_s, _LONGEST_REST_S))
