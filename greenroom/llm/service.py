"""Every model call goes through here: which model answers, how it samples, and how its server is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Self, TypeVar, get_args

import structlog

from greenroom.clock import Clock
from greenroom.config import LlmSettings
from greenroom.errors import GreenroomError, NotFound, OutOfTime, Unavailable, UpstreamFailed
from greenroom.following import for_ever
from greenroom.llm.choice import Choice
from greenroom.llm.fallbacks import Fallbacks
from greenroom.llm.forms import Form
from greenroom.llm.lookout import SOON_S, Look, Lookout
from greenroom.llm.servers import Servers
from greenroom.llm.upstream import Answer
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
    them from its first token to its last; when that one fails in between, the stream fails.
    """

    def __init__(self, settings: LlmSettings, providers: dict[str, Llm], clock: Clock) -> None:
        self._settings = settings
        self._providers = providers
        self._clock = clock
        self._lookout = Lookout(providers, clock, settings.check_every_s)
        self._choice = Choice(settings, providers, self._lookout)
        self._servers = Servers(settings, providers, clock, self._lookout)
        self._fallbacks = Fallbacks(settings.stand_ins, self._choice)
        self._listed, self._listed_of = Models(models=(), providers=()), dict[str, tuple[Look, str]]()
        self._resources = AsyncExitStack()
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Open the providers, and begin to look after them."""
        async with AsyncExitStack() as stack:
            for provider in self._providers.values():
                if isinstance(provider, AbstractAsyncContextManager):
                    await stack.enter_async_context(provider)
            self._resources = stack.pop_all()
        self._watch = asyncio.create_task(
            for_ever(self._look, self._clock, "llm.lookout"), name="llm looks at its providers"
        )
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
        """Embed each text with the model that is named, or that of the settings. No other may stand in: the vectors of
        two models mean nothing to each other."""
        return await self._servers.embed(await self._choice.of_embedding(texts.model), texts)

    @asynccontextmanager
    async def transcribing(self, form: Form, /) -> AsyncIterator[Answer]:
        """Write down what is spoken, by the model that stands in the form; none stands in for another."""
        async with self._servers.transcribing(await self._choice.of(form.text("model"), None), form) as answer:
            yield answer

    async def full_name(self, model: str) -> str:
        """The full name of the model that a name means now. Raises: UnknownModel, NoUpstream."""
        return "/".join(await self._choice.of(model, None))

    async def models(self, nothing: Nothing, /) -> Models:
        """List what can be asked; what is older than two seconds is looked at again."""
        looks = await self._lookout.everywhere(SOON_S)
        now = {name: (look, self._servers.trouble_of(name)) for name, look in looks.items()}
        if now != self._listed_of:
            self._listed = Models(
                models=self._choice.offered(looks),
                away=tuple(card for look in looks.values() if not look.reachable for card in look.cards),
                providers=tuple(_health(name, look, trouble) for name, (look, trouble) in now.items()),
                roles=await self._roles(),
            )
            self._listed_of = now
        return self._listed

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
        name, model = await self._fallbacks.meant(request)
        card = await self._choice.card((name, model)) or ModelCard(name=model, provider=name)
        full_name, options = card.full_name, self._options(request.options, request.role)
        if request.model == full_name and options is request.options:
            return card, request
        return card, request.model_copy(update={"model": full_name, "options": options})

    async def digest(self, model: str, /) -> str:
        """The digest that a model has now, by its full name; not older than two seconds. Empty when it has none."""
        provider, _, name = model.partition("/")
        card = await self._choice.card((provider, name), SOON_S)
        return card.digest if card else ""

    def promptness(self, model: str) -> float | None:
        """How promptly a model has answered so far, 0–100, by its full name; None before its first call."""
        return self._servers.promptness.score(model)

    def look_again(self, provider: str) -> None:
        """Forget what was seen at a provider: its models have changed."""
        self._lookout.doubt(provider)

    async def ping(self) -> None:
        """Raise what a character's next line would meet: NoUpstream, UnknownModel."""
        await self._choice.of_role("generation")

    def figures(self) -> dict[str, float]:
        """What is counted of each provider, and who is served and waits there now."""
        return self._servers.figures() | self._fallbacks.figures() | self._lookout.figures()

    async def queue(self) -> str:
        """How long the lines before the servers are, in words. Raises: Overloaded, where somebody is turned away."""
        return self._servers.check_lines()

    def _answer(self, request: R, verb: Callable[[Llm, R], Stream[Chunk]]) -> Stream[Chunk]:
        options = self._options(request.options, request.role)
        complete = request if options is request.options else request.model_copy(update={"options": options})
        return self._fallbacks.answer(request, lambda chosen: self._servers.answer(chosen, complete, verb))

    async def _loaded(self, name: str) -> LoadedModels:
        try:
            return await self._providers[name].loaded(Nothing())
        except GreenroomError as exc:
            _log.info("provider does not say what is loaded", provider=name, detail=exc.detail)
            self._doubt(name, exc)
            return LoadedModels(models=())

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

    async def _look(self) -> None:
        await self._lookout.everywhere(self._settings.check_every_s / 2)
        await self._lookout.next_round()


def _health(name: str, look: Look, trouble: str) -> ProviderHealth:
    """A server may be there and of no use, as with a key that it does not take."""
    if not look.reachable:
        return ProviderHealth(provider=name, reachable=False, detail=look.detail)
    return ProviderHealth(provider=name, reachable=not trouble, detail=trouble or look.detail)


def _stays_until(model: LoadedModel) -> float:
    return model.expires_at.timestamp() if model.expires_at else 0.0
