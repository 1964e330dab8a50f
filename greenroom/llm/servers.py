"""Every call to a provider goes through here: its line, its breakers, and what is counted of it."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import TypeVar

from greenroom.clock import Clock
from greenroom.config import LlmSettings
from greenroom.errors import GreenroomError, OutOfTime, Overloaded, Unavailable, Unsupported, UpstreamFailed
from greenroom.llm.breakers import Breakers
from greenroom.llm.choice import Chosen
from greenroom.llm.forms import Form
from greenroom.llm.hearing import Hears
from greenroom.llm.line import Limits, Line
from greenroom.llm.lookout import Lookout
from greenroom.llm.names import folded, split
from greenroom.llm.promptness import Promptness
from greenroom.llm.tally import Tally, tallied
from greenroom.llm.upstream import Answer
from greenroom.model import IN_HOUSE, ChatRequest, Chunk, GenerateRequest, Stream, Texts, Vectors
from greenroom.ports import Llm

R = TypeVar("R", ChatRequest, GenerateRequest)

_CAN_HEAR = "ask a model for speech, such as whisper, of Ollama or of a server in the setting llm.compatible"

_BACKGROUND = frozenset({"analysis", "maintenance"})
"""Roles that nobody sits and waits for."""


class Servers:
    """The providers by name. `lookout` is told of each that has said something, and of each that a call failed at."""

    def __init__(self, settings: LlmSettings, providers: Mapping[str, Llm], clock: Clock, lookout: Lookout) -> None:
        self._providers, self._clock, self._lookout = providers, clock, lookout
        self._tallies = {name: Tally() for name in providers}
        self.promptness = Promptness()
        self._breakers = Breakers(clock, settings.breaker_failures, settings.breaker_rest_s)
        self._lines = {name: Line(name, _limits(name, settings, providers), clock) for name in providers}

    async def answer(self, chosen: Chosen, request: R, verb: Callable[[Llm, R], Stream[Chunk]]) -> Stream[Chunk]:
        """What a model answers to a request, in its full name. Raises: all that the provider does, and Overloaded."""
        name, model = chosen
        self._breakers.check(name, model)
        asked, full_name = request.model_copy(update={"model": model}), f"{name}/{model}"
        with tallied(self._tallies[name], self._clock) as counting, self.promptness.watching(full_name, counting):
            async with self._lines[name].place(folded(model), background=request.role in _BACKGROUND):
                with self._doubting(name), self._breakers.watching(name, model) as call:
                    async with aclosing(verb(self._providers[name], asked)) as chunks:
                        async for chunk in chunks:
                            call.answers()
                            self._lookout.heard(name)
                            counting.note(chunk)
                            yield chunk if chunk.model == full_name else chunk.model_copy(update={"model": full_name})
                            if chunk.done:
                                return
                    raise UpstreamFailed(f"{full_name} ended without saying that it was done")

    async def embed(self, chosen: Chosen, texts: Texts) -> Vectors:
        """The vectors that a model makes of texts."""
        name, model = chosen
        self._breakers.check(name, model)
        with tallied(self._tallies[name], self._clock):
            async with self._lines[name].place(folded(model), background=texts.background):
                with self._doubting(name), self._breakers.watching(name, model):
                    vectors = await self._providers[name].embed(texts.model_copy(update={"model": model}))
        return vectors.model_copy(update={"model": f"{name}/{model}"})

    @asynccontextmanager
    async def transcribing(self, chosen: Chosen, form: Form) -> AsyncIterator[Answer]:
        """What a model writes down of the sound in a form. Raises also: Unsupported, where the provider cannot hear."""
        name, model = chosen
        provider = self._providers[name]
        if not isinstance(provider, Hears):
            raise Unsupported(f"{name}/{model} cannot hear; {_CAN_HEAR}")
        self._breakers.check(name, model)
        with tallied(self._tallies[name], self._clock):
            async with self._lines[name].place(folded(model)):
                with self._doubting(name), self._breakers.watching(name, model) as call:
                    async with provider.transcribing(form.with_text("model", model)) as answer:
                        call.answers()
                        self._lookout.heard(name)
                        yield answer

    def trouble_of(self, name: str) -> str:
        """Why a provider is left in peace; empty when it is not."""
        return self._breakers.trouble_of(name)

    def check_lines(self) -> str:
        """How long the lines are, in words. Raises: Overloaded, where nobody else may wait."""
        for line in self._lines.values():
            try:
                line.check()
            except Overloaded as exc:
                raise Overloaded(f"{line.how_it_is()}; others are turned away") from exc
        return "; ".join(filter(None, (line.how_it_is() for line in self._lines.values())))

    def figures(self) -> dict[str, float]:
        """What is counted of each provider, and how its line is now."""
        found = self._breakers.figures()
        for name, tally in self._tallies.items():
            found |= tally.figures(name) | self._lines[name].figures()
        return found

    @contextmanager
    def _doubting(self, name: str) -> Iterator[None]:
        try:
            yield
        except GreenroomError as exc:
            if isinstance(exc, Unavailable | UpstreamFailed | OutOfTime):
                self._lookout.doubt(name)
            raise


def _limits(provider: str, settings: LlmSettings, providers: Mapping[str, Llm]) -> Limits:
    """What is inside this process takes any number of calls; each server takes what the settings say."""
    of_model = {}
    for name, number in settings.places.items():
        whose, model = split(name, providers)
        if whose in {"", provider}:
            of_model[folded(model)] = number
    connections = None if provider in IN_HOUSE else settings.connections
    return Limits(connections, of_model, settings.queue, settings.first_token_s)
