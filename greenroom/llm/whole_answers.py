"""The llm as the house's other programs know it: one prompt, one answer; and whether a model is fit for use."""

import hashlib
from collections.abc import Callable

from greenroom.clock import Clock
from greenroom.config import LlmSettings
from greenroom.errors import NotFound, OutOfTime, Unavailable, UpstreamFailed
from greenroom.llm.asked import NamedModels
from greenroom.llm.dialect import joined
from greenroom.model import (
    AnswerMetadata,
    GenerateRequest,
    ModelCard,
    ModelChoice,
    ModelFitness,
    ModelRef,
    Nothing,
    PromptToAnswer,
    WholeAnswer,
)
from greenroom.ports import Llm


class WholeAnswers:
    """A `Generator` over an `Llm`. `score` tells how promptly a model, by its full name, has answered so far."""

    def __init__(self, llm: Llm, settings: LlmSettings, clock: Clock, score: Callable[[str], float | None]) -> None:
        self._llm = llm
        self._named = NamedModels(llm)
        self._settings = settings
        self._clock = clock
        self._score = score

    async def generate(self, request: PromptToAnswer, /) -> WholeAnswer:
        """Answer a prompt with the model of the role `generation`, or the one that is named."""
        began_s = self._clock.monotonic_s()
        options = request.settings.over(self._settings.generation.options)
        asked = GenerateRequest(
            model=request.model,
            prompt=request.prompt,
            options=options,
            character=request.character_name,
            use_cache=request.use_cache,
        )
        answer = await joined(self._llm.generate(asked))
        return WholeAnswer(
            response=answer.text,
            model=answer.model,
            generation_time=self._clock.monotonic_s() - began_s,
            cache_hit=answer.was_kept,
            metadata=AnswerMetadata(
                temperature=options.temperature or 0.0,
                tokens_generated=answer.usage.completion_tokens if answer.usage else None,
                prompt_hash=hashlib.sha256(request.prompt.encode("utf-8", "replace")).hexdigest(),
                source=answer.cache,
            ),
        )

    async def validate(self, which: ModelChoice, /) -> ModelFitness:
        """Look whether a model can be asked. It costs no tokens: how it performs is known from the calls so far."""
        models = await self._llm.models(Nothing())
        name = which.model or models.roles.get("generation", "")
        try:
            card = await self._card(name)
        except (NotFound, Unavailable, UpstreamFailed, OutOfTime) as exc:
            return ModelFitness(
                model_available=False, model_name=name, last_validation=self._clock.now(), detail=exc.detail
            )
        return ModelFitness(
            model_available=True,
            model_name=card.full_name,
            model_size=_readable(card.size_bytes),
            performance_score=self._score(card.full_name),
            last_validation=self._clock.now(),
            detail=f"a stand-in, not a language model: {models.why_stand_in}" if card.stand_in else "",
        )

    async def validated(self, which: ModelChoice, /) -> ModelFitness:
        """The same for those who ask with GET."""
        return await self.validate(which)

    async def _card(self, name: str) -> ModelCard:
        if listed := await self._named.listed(name):
            return listed
        return (await self._llm.show(ModelRef(model=name))).card


def _readable(size_bytes: int) -> str | None:
    """A size in the units of `ollama list`, which are decimal; None for 0, which means unknown."""
    if size_bytes >= 10**9:
        return f"{size_bytes / 10**9:.1f}GB"
    return f"{size_bytes / 10**6:.0f}MB" if size_bytes else None
