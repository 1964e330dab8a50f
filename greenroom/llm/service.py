"""Every model call goes through here: which model answers, how it samples, and how its server is."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from typing import Self, TypeVar, get_args

import structlog

from greenroom.clock import Clock
from greenroom.config import LlmSettings
from greenroom.errors import GreenroomError, NotFound, OutOfTime, Unavailable, UpstreamFailed
from greenroom.llm.choice import Choice
from greenroom.llm.lookout import SOON_S, Lookout
from greenroom.llm.names import find_among
from greenroom.llm.tally import Tally, tallied
from greenroom.model import (
    ChatRequest,
    Chunk,
    GenerateRequest,
    LoadedModel,
    LoadedModels,
    ModelCard,
    ModelDetails,
    ModelRef,
    Models,
    Nothing,
    Options,
    ProviderHealth,
    RoleName,
    Stream,
    Texts,
    Vectors,
)
from greenroom.ports import Llm

R = TypeVar("R", ChatRequest, GenerateRequest)

_log = structlog.get_logger()


class LlmService:
    """An `Llm` over several others. Entering it opens the providers that need it, and keeps an eye on all of them.

    `providers` by name: `ollama`, `understudy`, and the names of compatible servers. A request is answered by one of
    them from its first token to its last; when that one fails, the stream fails.
    """

    def __init__(self, settings: LlmSettings, providers: dict[str, Llm], clock: Clock) -> None:
        self._settings = settings
        self._providers = providers
        self._clock = clock
        self._lookout = Lookout(providers, clock, settings.check_every_s)
        self._choice = Choice(settings, providers, self._lookout)
        self._tallies = {name: Tally() for name in providers}
        self._resources = AsyncExitStack()
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Open the providers, and begin to look after them."""
        async with AsyncExitStack() as stack:
            for provider in self._providers.values():
                if isinstance(provider, AbstractAsyncContextManager):
                    await stack.enter_async_context(provider)
            self._resources = stack.pop_all()
        self._watch = asyncio.create_task(self._keep_looking(), name="llm looks at its providers")
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop looking, and close the providers."""
        assert self._watch is not None
        self._watch.cancel()
        await asyncio.wait([self._watch])
        await self._resources.aclose()

    def chat(self, request: ChatRequest, /) -> Stream[Chunk]:
        """Continue a conversation."""
        return self._answer(request, lambda provider, asked: provider.chat(asked))

    def generate(self, request: GenerateRequest, /) -> Stream[Chunk]:
        """Complete a prompt."""
        return self._answer(request, lambda provider, asked: provider.generate(asked))

    async def embed(self, texts: Texts, /) -> Vectors:
        """Embed each text with the model that is named, or that of the settings."""
        name, model = await self._choice.of_embedding(texts.model)
        with tallied(self._tallies[name], self._clock):
            try:
                vectors = await self._providers[name].embed(texts.model_copy(update={"model": model}))
            except GreenroomError as exc:
                self._doubt(name, exc)
                raise
        return vectors.model_copy(update={"model": f"{name}/{model}"})

    async def models(self, nothing: Nothing, /) -> Models:
        """List what can be asked; what is older than two seconds is looked at again."""
        looks = await self._lookout.everywhere(SOON_S)
        health = [ProviderHealth(provider=n, reachable=look.reachable, detail=look.detail) for n, look in looks.items()]
        return Models(models=self._choice.offered(looks), providers=tuple(health), roles=await self._roles())

    async def show(self, which: ModelRef, /) -> ModelDetails:
        """Describe the model that a request with this name would be answered by."""
        name, model = await self._choice.of(which.model, None)
        try:
            return await self._providers[name].show(which.model_copy(update={"model": model}))
        except GreenroomError as exc:
            self._doubt(name, exc)
            raise

    async def loaded(self, nothing: Nothing, /) -> LoadedModels:
        """List the models that are in memory, of all servers that answer."""
        looks = await self._lookout.everywhere(SOON_S)
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(self._loaded(name)) for name, look in looks.items() if look.reachable]
        models = [model for answer in asked for model in answer.result().models]
        return LoadedModels(models=tuple(sorted(models, key=_stays_until, reverse=True)))

    async def meant(self, request: R, /) -> tuple[ModelCard, R]:
        """The model that will answer, and the request with that model's full name and complete options."""
        name, model = await self._choice.of(request.model, request.role)
        card = await self._card(name, model) or ModelCard(name=model, provider=name)
        complete = {"model": card.full_name, "options": self._options(request.options, request.role)}
        return card, request.model_copy(update=complete)

    async def digest(self, model: str, /) -> str:
        """The digest that a model has now, by its full name; not older than two seconds. Empty when it has none."""
        provider, _, name = model.partition("/")
        card = await self._card(provider, name, SOON_S)
        return card.digest if card else ""

    def look_again(self, provider: str) -> None:
        """Forget what was seen at a provider: its models have changed."""
        self._lookout.doubt(provider)

    async def ping(self) -> None:
        """Raise what a character's next line would meet: NoUpstream, UnknownModel."""
        await self._choice.of_role("generation")

    def figures(self) -> dict[str, float]:
        """Requests, failures, requests left early, tokens and seconds to the first token, for each provider."""
        return {k: v for name, tally in self._tallies.items() for k, v in tally.figures(name).items()}

    async def _answer(self, request: R, verb: Callable[[Llm, R], Stream[Chunk]]) -> Stream[Chunk]:
        name, model = await self._choice.of(request.model, request.role)
        asked = request.model_copy(update={"model": model, "options": self._options(request.options, request.role)})
        full_name = f"{name}/{model}"
        with tallied(self._tallies[name], self._clock) as counting:
            try:
                async with aclosing(verb(self._providers[name], asked)) as chunks:
                    async for chunk in chunks:
                        counting.note(chunk)
                        yield chunk if chunk.model == full_name else chunk.model_copy(update={"model": full_name})
                        if chunk.done:
                            return
                raise UpstreamFailed(f"{full_name} ended without saying that it was done")
            except GreenroomError as exc:
                self._doubt(name, exc)
                raise

    async def _loaded(self, name: str) -> LoadedModels:
        try:
            return await self._providers[name].loaded(Nothing())
        except GreenroomError as exc:
            _log.info("provider does not say what is loaded", provider=name, detail=exc.detail)
            self._doubt(name, exc)
            return LoadedModels(models=())

    async def _card(self, provider: str, model: str, no_older_than_s: float | None = None) -> ModelCard | None:
        """What is known of a model; a server may have one that it does not list."""
        look = await self._lookout.at(provider, no_older_than_s)
        return find_among(look.cards, f"{provider}/{model}", [provider])

    def _options(self, given: Options, role: RoleName | None) -> Options:
        return given.over(getattr(self._settings, role).options) if role else given

    def _doubt(self, name: str, exc: GreenroomError) -> None:
        if isinstance(exc, Unavailable | UpstreamFailed | OutOfTime):
            self._lookout.doubt(name)

    async def _roles(self) -> dict[str, str]:
        """The model of each role now; a role that has none is left out, and `providers` says why."""
        roles = {}
        for role in get_args(RoleName):
            try:
                roles[role] = "/".join(await self._choice.of_role(role))
            except (Unavailable, NotFound):
                continue
        try:
            roles["embedding"] = "/".join(await self._choice.of_embedding(""))
        except (Unavailable, NotFound):
            return roles
        return roles

    async def _keep_looking(self) -> None:
        while True:
            try:
                await self._lookout.everywhere(self._settings.check_every_s / 2)
            except Exception:
                _log.exception("looking at the model servers failed")
            await self._lookout.next_round()


def _stays_until(model: LoadedModel) -> float:
    return model.expires_at.timestamp() if model.expires_at else 0.0
