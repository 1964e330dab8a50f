"""Who answers in whose place: the next model of a rule, as long as nothing was passed on to the reader."""

from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress
from typing import TypeVar

import structlog

from greenroom.errors import (
    GreenroomError,
    NotFound,
    NoUpstream,
    Unavailable,
    UnknownModel,
    Unsupported,
    UpstreamFailed,
    UpstreamSilent,
)
from greenroom.llm.choice import Choice, Chosen
from greenroom.llm.names import may_mean
from greenroom.model import ChatRequest, Chunk, GenerateRequest, ModelCard, Stream

R = TypeVar("R", ChatRequest, GenerateRequest)

Rules = Sequence[tuple[str, tuple[str, ...]]]
"""A model or a role, and who may answer in its place, in order. The first rule that fits a request holds."""

_log = structlog.get_logger()

_MAY_BE_ANOTHERS = (Unavailable, UpstreamFailed, UpstreamSilent)
"""What is wrong with a server, or too much for it. What is wrong with the request is wrong everywhere."""


class Fallbacks:
    """Gives a request to the model that is meant, and to those of its rule when that one cannot answer."""

    def __init__(self, rules: Rules, choice: Choice) -> None:
        self._rules, self._choice = rules, choice
        self._given = 0

    def figures(self) -> dict[str, float]:
        """How many answers were given in another's place."""
        return {"llm_fallbacks": float(self._given)}

    async def answer(self, request: R, ask: Callable[[Chosen], Stream[Chunk]]) -> Stream[Chunk]:
        """The answer of the first who can. Its first chunk says in `instead_of` who could not, and why.

        Raises: what the model that was meant raised, when nobody else could either.
        """
        failures: list[tuple[str, GreenroomError]] = []
        for name in (request.model, *await self._others(request)):
            begun = False
            try:
                chosen = await self._choice.of(name, request.role)
                if failures:
                    _check_abilities(await self._choice.card(chosen), request)
                async with aclosing(ask(chosen)) as chunks:
                    async for chunk in chunks:
                        first, begun = not begun, True
                        yield self._told(chunk, failures) if first and failures else chunk
                return
            except GreenroomError as exc:
                if begun or not await self._another_may_do(exc, name, bool(failures)):
                    raise
                failures.append((name or str(request.role), exc))
        raise _as_one(failures)

    async def meant(self, request: ChatRequest | GenerateRequest) -> Chosen:
        """The model that a request is for. One that is away is still meant, so that what it said before is found; for
        one that never answered, it is the first in its place that can be asked. Raises: UnknownModel; NoUpstream."""
        try:
            return await self._choice.of(request.model, request.role)
        except (NoUpstream, UnknownModel):
            if known := await self._choice.remembered(request.model or self._choice.set_for(request.role)):
                return known
            for name in await self._others(request):
                with suppress(NoUpstream, UnknownModel):
                    return await self._choice.of(name, request.role)
            raise

    def _told(self, first: Chunk, failures: list[tuple[str, GreenroomError]]) -> Chunk:
        self._given += 1
        _log.info("another_answers", model=first.model, instead_of={name: exc.detail for name, exc in failures})
        return first.model_copy(update={"instead_of": tuple(f"{name}: {type(exc).__name__}" for name, exc in failures)})

    async def _others(self, request: ChatRequest | GenerateRequest) -> tuple[str, ...]:
        meant = await self._full_name(request) if self._rules else ""
        for first, others in self._rules:
            if first == request.role or may_mean(first, meant, self._choice.providers):
                return others
        return ()

    async def _full_name(self, request: ChatRequest | GenerateRequest) -> str:
        try:
            return "/".join(await self._choice.of(request.model, request.role))
        except GreenroomError:
            return request.model or self._choice.set_for(request.role)

    async def _another_may_do(self, exc: GreenroomError, name: str, stands_in: bool) -> bool:
        if isinstance(exc, _MAY_BE_ANOTHERS) or (stands_in and isinstance(exc, NotFound | Unsupported)):
            return True
        return isinstance(exc, UnknownModel) and await self._choice.may_be_away(name)


def _check_abilities(card: ModelCard | None, request: ChatRequest | GenerateRequest) -> None:
    """Raises: Unsupported, when the model is known not to be able to do what is asked."""
    lacking = [ability for ability in _needs(request) if card is not None and ability in card.lacks]
    if lacking:
        raise Unsupported(f"the model does not support {' and '.join(lacking)}")


def _needs(request: ChatRequest | GenerateRequest) -> list[str]:
    if isinstance(request, ChatRequest):
        tools, images = bool(request.tools), any(message.images for message in request.messages)
    else:
        tools, images = False, bool(request.images)
    needs = {"tools": tools, "vision": images, "format": request.format is not None}
    return [ability for ability, is_needed in needs.items() if is_needed]


def _as_one(failures: list[tuple[str, GreenroomError]]) -> GreenroomError:
    (_, error), *others = failures
    if not others:
        return error
    details = "; ".join(f"{name}: {exc.detail}" for name, exc in others)
    return type(error)(f"{error.detail}; in its place {details}", **error.extra)
