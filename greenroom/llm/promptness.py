"""How promptly each model has begun to answer, as one figure that people can read."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from cachetools import LRUCache

from greenroom.errors import BadRequest, NotFound
from greenroom.llm.tally import Tallied

_CALLS, _MODELS = 100, 1000
_SATISFIED_S = 1.0
"""A second is the longest wait that does not break a train of thought. Source: Nielsen, Usability Engineering, 5.5."""


class Promptness:
    """The waits of the last hundred calls of each model since the start."""

    def __init__(self) -> None:
        self._waits: LRUCache[str, deque[float | None]] = LRUCache(_MODELS)

    @contextmanager
    def watching(self, model: str, counting: Tallied) -> Iterator[None]:
        """Take in the call that happens inside. What the caller did wrong, or left too early, says nothing."""
        failed = False
        try:
            yield
        except Exception as exc:
            failed = not isinstance(exc, BadRequest | NotFound)
            raise
        finally:
            if failed or counting.waited_s is not None:
                self._note(model, None if failed else counting.waited_s)

    def score(self, model: str) -> float | None:
        """100 when all were satisfied, 0 when none; who waits up to four times as long counts half. None: no call yet.

        `model` is a full name. A call that fails satisfies nobody.

        Source: Apdex Technical Specification 1.1, sections 2 and 3, with T = 1 s; as a percentage.
        """
        waits = self._waits.get(model)
        return 100 * sum(map(_satisfaction, waits)) / len(waits) if waits else None

    def _note(self, model: str, wait_s: float | None) -> None:
        if model not in self._waits:
            self._waits[model] = deque(maxlen=_CALLS)
        self._waits[model].append(wait_s)


def _satisfaction(wait_s: float | None) -> float:
    if wait_s is None or wait_s > 4 * _SATISFIED_S:
        return 0.0
    return 1.0 if wait_s <= _SATISFIED_S else 0.5
