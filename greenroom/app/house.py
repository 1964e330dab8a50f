"""What each service is made of, in one visible place."""

import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import FastAPI

from greenroom.app.admission import Admissions
from greenroom.app.healths import Healths
from greenroom.app.peers import Peers
from greenroom.app.served import SERVED
from greenroom.app.serving import application_of
from greenroom.clock import SYSTEM_CLOCK, Clock
from greenroom.config import BOT_TOKEN, Loaded
from greenroom.ids import RANDOM_IDS, Ids
from greenroom.lane import Lane
from greenroom.ports import (
    Characters,
    Complexity,
    Coordinator,
    Costs,
    Crawler,
    Discord,
    Errands,
    Generator,
    Keys,
    Library,
    Llm,
    Maintenance,
    Quality,
    ResponseCache,
    Retriever,
    Router,
    Routing,
    Tuning,
    Turns,
    WebSearch,
    World,
)
from greenroom.storage.database import Database
from greenroom.storage.folder import own_folder
from greenroom.wire import client, measured
from greenroom.wire.access import Decision, decisions
from greenroom.wire.metrics import Instruments, Metrics
from greenroom.wire.ready import ReadyAnswers

if TYPE_CHECKING:
    from greenroom.background import BackgroundWork
    from greenroom.characters.service import CharactersService
    from greenroom.coordinator.service import CoordinatorService
    from greenroom.crawler.service import CrawlerService
    from greenroom.discord.service import DiscordService
    from greenroom.gateway import Gateway
    from greenroom.llm.service import LlmService
    from greenroom.quality.service import QualityService
    from greenroom.retriever.library import LibraryService
    from greenroom.retriever.service import RetrieverService
    from greenroom.retriever.vectors import VectorIndex
    from greenroom.router.log import TurnLog
    from greenroom.router.service import RouterService
    from greenroom.router.upkeep import Upkeep
    from greenroom.tuning.service import TuningService
    from greenroom.world.service import WorldService

P = TypeVar("P")

_WORK_IN_BACKGROUND = frozenset({"crawler", "world"})


class House:
    """All services, each here or far away. `only` names the one that is here; None means that all are. One that
    `shares_folder` is one of several, for which somebody else keeps the data folder. A door to Discord may be for one
    `character` alone.

    A property per port gives callers a service without telling where it is. Nothing is opened before `open`.
    """

    def __init__(
        self,
        loaded: Loaded,
        only: str | None = None,
        *,
        shares_folder: bool = False,
        character: str | None = None,
        clock: Clock = SYSTEM_CLOCK,
        ids: Ids = RANDOM_IDS,
    ) -> None:
        self.settings = loaded.settings
        self.here = tuple(name for name in SERVED if only in {None, name})
        self.clock = clock
        self.decisions: tuple[Decision, ...] = ()
        """Who may use each route of the application, once there is one."""
        self.only = only
        self._ids = ids
        self._character = character
        self._name = "-".join(filter(None, (only, character)))
        self._tokens = loaded.secrets(f"{BOT_TOKEN}_")
        self._shares_folder = shares_folder
        self._loaded = loaded
        self.peers = Peers(self.settings)
        self.admissions = Admissions(self.settings)
        self.healths = Healths(self)
        self.instruments = Instruments()
        self.metrics = {name: Metrics(name, self.instruments) for name in self.here}

    # Ports, in travel order -------------------------------------------------------------------------------------

    @cached_property
    def router(self) -> Router:
        """The turn."""
        return self._port("router", Router, lambda: self._router)

    @cached_property
    def turns(self) -> Turns:
        """The log of turns."""
        return self._port("router", Turns, lambda: self._turn_log)

    @cached_property
    def characters(self) -> Characters:
        """Who the characters are."""
        return self._port("characters", Characters, lambda: self._characters)

    @cached_property
    def retriever(self) -> Retriever:
        """What they know."""
        return self._port("retriever", Retriever, lambda: self._retriever)

    @cached_property
    def llm(self) -> Llm:
        """Every model call."""
        return self._port("llm", Llm, lambda: self.gateway.llm)

    @cached_property
    def keys(self) -> Keys:
        """Who may call models."""
        return self._port("llm", Keys, lambda: self.gateway.keys)

    @cached_property
    def costs(self) -> Costs:
        """What model calls cost."""
        return self._port("llm", Costs, lambda: self.gateway.costs)

    @cached_property
    def generator(self) -> Generator:
        """One prompt, one answer."""
        return self._port("llm", Generator, lambda: self.gateway.generator)

    @cached_property
    def errands(self) -> Errands:
        """What a log says, and scripts."""
        return self._port("llm", Errands, lambda: self.gateway.errands)

    @cached_property
    def response_cache(self) -> ResponseCache:
        """The answers that are kept."""
        return self._port("llm", ResponseCache, lambda: self.gateway.response_cache)

    @cached_property
    def complexity(self) -> Complexity:
        """How hard a request is, and which way it would go."""
        return self._port("llm", Complexity, lambda: self.gateway.complexity)

    @cached_property
    def routing(self) -> Routing:
        """What the gateway knows of hard and easy."""
        return self._port("llm", Routing, lambda: self.gateway.routing)

    @cached_property
    def web_search(self) -> WebSearch:
        """What the web says."""
        return self._port("llm", WebSearch, lambda: self.gateway.web_search)

    @cached_property
    def library(self) -> Library:
        """What the house has been told to know."""
        return self._port("retriever", Library, lambda: self._library)

    @cached_property
    def crawler(self) -> Crawler:
        """What is read elsewhere for the library."""
        return self._port("crawler", Crawler, lambda: self._crawler)

    @cached_property
    def quality(self) -> Quality:
        """Whether a draft is good enough."""
        return self._port("quality", Quality, lambda: self._quality)

    @cached_property
    def coordinator(self) -> Coordinator:
        """Who speaks next."""
        return self._port("coordinator", Coordinator, lambda: self._coordinator)

    @cached_property
    def tuning(self) -> Tuning:
        """Ratings, and what is learnt from them."""
        return self._port("tuning", Tuning, lambda: self._tuning)

    @cached_property
    def world(self) -> World:
        """What there is beside the conversation."""
        return self._port("world", World, lambda: self._world)

    @cached_property
    def maintenance(self) -> Maintenance:
        """What is done later."""
        return self._port("world", Maintenance, lambda: self.background)

    @cached_property
    def discord(self) -> Discord:
        """The door to Discord."""
        return self._port("discord", Discord, lambda: self._discord)

    # Services that are here: each is imported where it is made, since who serves one need not import all ----------

    @cached_property
    def gateway(self) -> "Gateway":
        """The parts of the service `llm`, where it is here."""
        from greenroom.gateway import Gateway

        return Gateway(self._loaded, self.database, self.clock, self.metrics["llm"].counter("replay"))

    @property
    def _llm(self) -> "LlmService":
        return self.gateway.service

    @cached_property
    def _characters(self) -> "CharactersService":
        from greenroom.characters.service import CharactersService

        return CharactersService(self.settings.characters, self.database, self.clock)

    @cached_property
    def _retriever(self) -> "RetrieverService":
        from greenroom.retriever.reranking import Reranker
        from greenroom.retriever.search import Search
        from greenroom.retriever.service import RetrieverService

        knowledge = self.settings.knowledge
        reranker = Reranker(self.llm, knowledge.rerank_within_s) if knowledge.rerank else None
        search = Search(self.database, self._library, knowledge.vector_s, reranker)
        return RetrieverService(self.characters, self._library, search, knowledge, self.clock)

    @cached_property
    def _library(self) -> "LibraryService":
        from greenroom.retriever.library import LibraryService

        return LibraryService(self.database, self._index, self.llm, self.settings.knowledge, self.clock)

    @property
    def _index(self) -> "VectorIndex":
        from greenroom.retriever.chroma import ChromaIndex
        from greenroom.retriever.vectors import FaissIndex

        url = self.settings.storage.chroma_url.get_secret_value()
        return ChromaIndex(url, self.peers.session) if url else FaissIndex()

    @cached_property
    def _crawler(self) -> "CrawlerService":
        from greenroom.crawler.service import CrawlerService

        settings = self.settings.crawler
        return CrawlerService(self.library, self.database, self.background, settings, self.clock)

    @cached_property
    def _quality(self) -> "QualityService":
        from greenroom.quality.service import QualityService

        settings = self.settings.quality
        return QualityService(
            settings,
            self.characters,
            self.llm,
            self.turns,
            self.tuning,
            self.database,
            self.clock,
            self.lane,
        )

    @cached_property
    def _coordinator(self) -> "CoordinatorService":
        from greenroom.coordinator.service import CoordinatorService

        settings = self.settings.coordinator
        return CoordinatorService(
            self.router, self.turns, self.characters, self.llm, self.database, settings, self.clock
        )

    @cached_property
    def _tuning(self) -> "TuningService":
        from greenroom.tuning.service import TuningService

        return TuningService(self.database, self.turns, self.routing, self.clock, self.lane)

    @cached_property
    def _world(self) -> "WorldService":
        from greenroom.world.service import WorldService

        return WorldService(
            self.database,
            self.turns,
            self.characters,
            self.llm,
            self.library,
            self.background,
            self.settings.world,
            self.clock,
            self.lane,
        )

    @cached_property
    def _turn_log(self) -> "TurnLog":
        from greenroom.router.log import TurnLog

        return TurnLog(self.database, self.clock, self._owner, self.settings.turn.deadline_s, self._ids)

    @cached_property
    def _router(self) -> "RouterService":
        from greenroom.router.service import RouterService
        from greenroom.router.turn import Company

        panel = self.world.panel if self.settings.world.enabled else None
        company = Company(self.characters, self.retriever, self.llm, self.quality, self.tuning, panel)
        asked = [name for name in SERVED if name not in {"router", "web"} and (name != "discord" or self._has_door)]
        health = {name: self.healths.of(name) for name in asked}
        return RouterService(company, self.settings.turn, self._turn_log, self.database, self.clock, health)

    @property
    def _has_door(self) -> bool:
        """Whether there is a door to Discord as far as we know: here, or where its address or a token is set."""
        is_set = self.settings.peers.discord or self.settings.discord.bot_token.get_secret_value() or self._tokens
        return "discord" in self.here or bool(is_set)

    @cached_property
    def _upkeep(self) -> "Upkeep":
        from greenroom.router.upkeep import Upkeep

        log = self._turn_log
        settings = self.settings.turn
        return Upkeep(log.forgetting, self.response_cache, self.routing, self.database, settings, self.clock)

    @cached_property
    def _web(self) -> Any:
        from greenroom.web.backstage import Backstage
        from greenroom.web.service import WebService

        backstage = Backstage(
            self.router,
            self.turns,
            self.characters,
            self.tuning,
            self.quality,
            self.coordinator,
            self.llm,
            self.response_cache,
            self.complexity,
            self.routing,
            self.web_search,
            self.costs,
            self.keys,
            self.crawler,
            self.world,
            self.maintenance,
            self.clock,
        )
        return WebService(backstage, self.admissions.owners, self.settings.data_dir)

    @cached_property
    def _discord(self) -> "DiscordService":
        from greenroom.discord.service import DiscordService

        return DiscordService(
            self.router,
            self.turns,
            self.characters,
            self.tuning,
            self.coordinator,
            self.database,
            self.settings.discord,
            self._tokens,
            self.clock,
            self._character,
            self.settings.turn.retention_days,
        )

    # What they stand on -----------------------------------------------------------------------------------------

    @cached_property
    def database(self) -> Database:
        """The tables of the services that are here. Alone, a service has a SQLite file of its own."""
        url = self.settings.storage.database_url.get_secret_value()
        return Database(url or f"sqlite:///{self.settings.data_dir / (self._name or 'greenroom')}.db")

    @cached_property
    def background(self) -> "BackgroundWork":
        """What is done later, once each."""
        from greenroom.background import BackgroundWork

        return BackgroundWork(self.database, self.settings.background, self.clock, self._owner, self.lane)

    @cached_property
    def lane(self) -> Lane | None:
        """Where a process that answers people does what nobody waits for; None in others."""
        return Lane(lambda: self._router.answering_s, self.clock) if "router" in self.here else None

    @property
    def _owner(self) -> str:
        """Who can have only one process at a time: the next one of this name goes on with what this one left undone."""
        return f"{socket.gethostname()}:{self.settings.data_dir}:{self.only or 'up'}"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Open what is here in the order in which it is needed, and close it in reverse.

        Raises: CannotStart, when another process has the data folder; DatabaseIsNewer; Unavailable.
        """
        async with AsyncExitStack() as stack:
            if not self._shares_folder:
                stack.enter_context(own_folder(self.settings.data_dir, self._name or "up"))
            await stack.enter_async_context(self.peers)
            if self.here != ("web",):  # which has no tables
                await stack.enter_async_context(self.database)
            for name in self.here:
                for part in self._parts(name):
                    if isinstance(part, AbstractAsyncContextManager):
                        await stack.enter_async_context(part)
            if not _WORK_IN_BACKGROUND.isdisjoint(self.here):
                await stack.enter_async_context(self.background)  # last: what it does needs all of the others
            yield

    def interrupt(self) -> None:
        """End the turns that are under way here; for a house that is about to close."""
        if "router" in self.here:
            self._router.interrupt()

    @property
    def ready(self) -> ReadyAnswers | None:
        """What can be answered at once, before the application."""
        return self.gateway.replays if "llm" in self.here else None

    def application(self) -> FastAPI:
        """What serves this house over HTTP, once it is open."""
        app = application_of(self)
        self.decisions = tuple(decisions(app.routes))
        return app

    def service(self, name: str) -> Any:
        """A service that is here, by its name."""
        return getattr(self, f"_{name}")

    def _parts(self, name: str) -> Sequence[Any]:
        """A service between what it stands on and what is folded around it, in the order in which they are opened."""
        if name == "llm":
            return self.gateway.parts
        if name == "retriever":
            return [self._library, self._retriever]
        if name == "router":
            return [self._router, self._upkeep]
        return [self.service(name)]

    def _port(self, service: str, port: type[P], build: Callable[[], P]) -> P:
        if service in self.here:
            return measured(port, build(), self.metrics[service])
        return client(port, self.peers.of(service))
