"""Who calls, by the key that a request shows, and how much they may ask in a minute."""

from fnmatch import fnmatchcase

from starlette.types import ASGIApp, Receive, Scope, Send

from greenroom.clock import Clock
from greenroom.errors import Forbidden, GreenroomError, TooOften, Unauthorized
from greenroom.journey import called_by
from greenroom.llm.money.keys import Held, KeyRing
from greenroom.llm.money.pace import Pace
from greenroom.llm.money.shared_pace import SharedPaces
from greenroom.model import AUTO
from greenroom.wire.dialects import DIALECTS, error_response
from greenroom.wire.owners import Owners

_KEY_HEADERS = frozenset({b"authorization", b"x-api-key", b"api-key"})
"""Where clients show their keys: most as a bearer, those of Anthropic and of Azure in headers of their own."""

_OWN_RULES = frozenset({"/api/stats", "/api/stats.csv"})
"""Paths that let owners in by rules of their own: those at this machine may be among them."""


class Callers:
    """Knows the callers of requests, without asking anybody; but for how much a key has taken in other processes.

    That is asked of `shared`, where there is such a server, and only for keys that have a limit. Where keys are
    `required`, a request without one is refused, from this machine too; but `owners` may show their token instead. Else
    a key that is not ours counts as none: clients of OpenAI always send one.
    """

    def __init__(
        self, ring: KeyRing, owners: Owners, clock: Clock, *, required: bool, shared: SharedPaces | None = None
    ) -> None:
        self._ring = ring
        self._owners = owners
        self._clock = clock
        self._required = required
        self._shared = shared

    def of(self, scope: Scope) -> str:
        """The id of the key that a request shows, in any header that clients use; empty when it comes without.

        Raises: Unauthorized, for a key that was revoked, and for none of ours where one is required.
        """
        for name, value in scope["headers"]:
            if name in _KEY_HEADERS and (held := self._ring.known(_shown(name, value.decode("latin-1")))):
                return held.key.id
        if self._required and scope["path"] not in _OWN_RULES:
            self._admit_owner(scope)
        return ""

    async def admit(self, caller: str, model: str = "", tokens: int = 0) -> float:
        """Let one request of a caller in, and count it; returns the time, for `settle`.

        `tokens` are those that its prompt takes, about. Raises: TooOften; Forbidden, for a model that is not the key's.
        """
        now_s = self._clock.monotonic_s()
        held = self._ring.of(caller)
        if held is not None:
            check_model(held, model)
            _take(held, tokens, now_s)
            if self._shared is not None:
                await self._take_from_all(self._shared, held, tokens, now_s)
        return now_s

    def welcomes(self, caller: str) -> bool:
        """Count one request that is answered at once and takes no tokens; or say that it has to come the whole way."""
        held = self._ring.of(caller)
        if held is None:
            return not caller
        if held.key.revoked_at is not None or (self._shared is not None and held.requests is not None):
            return False
        try:
            _take(held, 0, self._clock.monotonic_s())
        except TooOften:
            return False
        return True

    def settle(self, caller: str, reckoned: int, used: int, admitted_at_s: float) -> None:
        """Say how many tokens a request took after all."""
        held = self._ring.of(caller)
        if held is None or held.tokens is None or used == reckoned:
            return
        now_s = self._clock.monotonic_s()
        if used < reckoned:
            held.tokens.give_back(reckoned - used, admitted_at_s)
        else:
            held.tokens.take(used - reckoned, now_s)
        if self._shared is not None:
            self._shared.settle(f"{caller}:tokens", used - reckoned, now_s - admitted_at_s if used < reckoned else 0.0)

    async def _take_from_all(self, shared: SharedPaces, held: Held, tokens: int, now_s: float) -> None:
        """Take in the name of all processes. What another limit refuses after it is given back."""
        taken: list[tuple[str, int]] = []
        for what, limit, amount in _limits(held, tokens):
            if wait_s := await shared.wait_s(f"{held.key.id}:{what}", limit, amount):
                for name, before in taken:
                    shared.settle(name, -before, 0.0)
                _give_back(held, tokens, now_s)
                raise _too_often(held, what, limit, wait_s)
            taken.append((f"{held.key.id}:{what}", amount))

    def held(self, caller: str) -> Held | None:
        """The key of a caller."""
        return self._ring.of(caller)

    def _admit_owner(self, scope: Scope) -> None:
        try:
            self._owners.admit(scope)
        except GreenroomError as exc:
            raise Unauthorized("an API key is needed here: `greenroom keys add NAME` makes one") from exc


class KnowCallers:
    """Finds out who calls wherever outsiders' dialects are spoken, before anything else is done; or answers 401."""

    def __init__(self, app: ASGIApp, callers: Callers) -> None:
        self._app = app
        self._callers = callers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let everything behind this know the caller."""
        if scope["type"] != "http" or not scope["path"].startswith(DIALECTS):
            await self._app(scope, receive, send)
            return
        try:
            caller = self._callers.of(scope)
        except Unauthorized as exc:
            await error_response(scope, exc)(scope, receive, send)
            return
        with called_by(caller):
            await self._app(scope, receive, send)


def _shown(header: bytes, value: str) -> str:
    """The key in a header; empty when that says something else."""
    if header != b"authorization":
        return value
    scheme, _, bearer = value.partition(" ")
    return bearer.strip() if scheme.casefold() == "bearer" else ""


def check_model(held: Held, model: str) -> None:
    """Raises: Forbidden, when a key is not for this model. Where the model is still to be chosen, it is asked again."""
    patterns, provider = held.key.models, model.partition("/")[0]
    if not patterns or provider in {model, AUTO}:
        return
    if not any(fnmatchcase(model, pattern) for pattern in patterns):
        raise Forbidden(f"the key {held.key.name!r} is not for {model!r}; it is for {', '.join(patterns)}")


def _limits(held: Held, tokens: int) -> list[tuple[str, int, int]]:
    """What a key limits: its name, how much of it in a minute, and how much of it one request takes."""
    key = held.key
    limits = (("requests", key.requests_per_minute, 1), ("tokens", key.tokens_per_minute, tokens))
    return [(what, limit, amount) for what, limit, amount in limits if limit]


def _take(held: Held, tokens: int, now_s: float) -> None:
    for what, limit, amount in _limits(held, tokens):
        if wait_s := _paces(held)[what].wait_s(amount, now_s):
            raise _too_often(held, what, limit, wait_s)
    for what, _, amount in _limits(held, tokens):
        _paces(held)[what].take(amount, now_s)


def _give_back(held: Held, tokens: int, taken_at_s: float) -> None:
    for what, _, amount in _limits(held, tokens):
        _paces(held)[what].give_back(amount, taken_at_s)


def _paces(held: Held) -> dict[str, Pace]:
    return {what: pace for what, pace in (("requests", held.requests), ("tokens", held.tokens)) if pace is not None}


def _too_often(held: Held, what: str, limit: int, wait_s: float) -> TooOften:
    return TooOften(
        f"the key {held.key.name!r} allows {limit} {what} a minute; try again in {wait_s:.0f} s",
        retry_after_s=round(wait_s, 3),
    )
