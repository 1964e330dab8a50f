"""Requests that leave the model open, and get one: the same port, folded around the models that can be named."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeVar

from greenroom.config import Policy
from greenroom.llm.fold import Fold
from greenroom.llm.routing.comparing import MOST_CHARACTERS, Comparing
from greenroom.llm.routing.looking_up import LookUp, may_look_up
from greenroom.llm.routing.policies import Policies
from greenroom.llm.routing.service import Routes
from greenroom.model import (
    AUTO,
    ChatRequest,
    Chunk,
    ComplexityRequest,
    GenerateRequest,
    ModelDetails,
    ModelRef,
    Models,
    Nothing,
    Stream,
)
from greenroom.ports import Llm

R = TypeVar("R", ChatRequest, GenerateRequest)


class Routed(Fold):
    """An `Llm` that knows `auto` and the other policies as models. A request that names any other passes through."""

    def __init__(self, llm: Llm, routes: Routes, policies: Policies, look_up: LookUp, comparing: Comparing) -> None:
        super().__init__(llm)
        self._routes = routes
        self._policies = policies
        self._look_up = look_up
        self._comparing = comparing
        self._listed, self._listed_of = Models(models=()), Models(models=())

    def chat(self, request: ChatRequest, /) -> Stream[Chunk]:
        """Continue a conversation."""
        policy = self._policies.of(request.model, request.role)
        if policy is None:
            return self._llm.chat(request)
        return self._answer(policy, request, _question(request), self._llm.chat)

    def generate(self, request: GenerateRequest, /) -> Stream[Chunk]:
        """Complete a prompt."""
        policy = self._policies.of(request.model, request.role)
        if policy is None:
            return self._llm.generate(request)
        return self._answer(policy, request, _question_of_prompt(request), self._llm.generate)

    async def models(self, nothing: Nothing, /) -> Models:
        """List what can be asked, the policies last. While nothing changes it is the same list."""
        found = await self._llm.models(nothing)
        if found is not self._listed_of:
            cards = (*found.models, *self._policies.cards())
            self._listed = found.model_copy(update={"models": cards, "auto_lacks": await self._routes.lacks()})
            self._listed_of = found
        return self._listed

    async def show(self, which: ModelRef, /) -> ModelDetails:
        """Describe a model; of a policy, what its models can do together."""
        policy = self._policies.named(which.model)
        return await self._llm.show(which) if policy is None else await self._routes.describe(policy, which.model)

    async def _answer(
        self, policy: Policy, request: R, question: ComplexityRequest, ask: Callable[[R], Stream[Chunk]]
    ) -> AsyncGenerator[Chunk, None]:
        decision = await self._routes.take(policy, question, may_search=may_look_up(request))
        asked = request.model_copy(update={"model": decision.model})
        if decision.route.startswith("search"):
            asked, decision = await self._look_up.into(asked, decision)
        is_drawn, said = self._comparing.draws(request), ""
        async with aclosing(ask(asked)) as chunks:
            told = False
            async for chunk in chunks:
                if not told and chunk.instead_of:
                    self._routes.note_failure(decision, question, chunk.instead_of[0])
                if is_drawn:
                    said = (said + chunk.text)[: MOST_CHARACTERS + 1]
                    if chunk.done and chunk.model == decision.model:
                        self._comparing.later(policy, asked, question, decision, said)
                yield chunk if told else chunk.model_copy(update={"route": decision})
                told = True


def _question(request: ChatRequest) -> ComplexityRequest:
    return ComplexityRequest.model_construct(
        model=AUTO,
        messages=request.messages,
        tools=request.tools,
        think=request.think,
        format=request.format,
        options=request.options,
    )


def _question_of_prompt(request: GenerateRequest) -> ComplexityRequest:
    return ComplexityRequest.model_construct(
        model=AUTO,
        prompt=request.prompt,
        system=request.system,
        images=request.images,
        think=request.think,
        format=request.format,
        options=request.options,
    )
