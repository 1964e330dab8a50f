"""What each service is made of, in one visible place; and the application that serves all of them, or one."""

import re
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
from fastapi import APIRouter, FastAPI, Request, Response
from pydantic import SecretStr
from starlette.middleware import Middleware
from starlette.responses import JSONResponse

from greenroom.clock import SYSTEM_CLOCK, Clock
from greenroom.config import BOT_TOKEN, SERVICES, Loaded
from greenroom.errors import ServiceAway
from greenroom.ids import RANDOM_IDS, Ids
from greenroom.journey import current_caller
from greenroom.model import Health
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
from greenroom.wire import Peer, client, measured, serve_port
from greenroom.wire.access import Decision, decisions, open_to
from greenroom.wire.application import add_vital_signs, application, prometheus, wants_prometheus
from greenroom.wire.guard import admission, admit_everybody, is_loopback
from greenroom.wire.health import Dependency, HealthCheck, Ping
from greenroom.wire.metrics import Instruments, Metrics
from greenroom.wire.owners import Owners
from greenroom.wire.ready import ReadyAnswers
from greenroom.wire.server import Admit, refuse_other_methods

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

_SERVED: Mapping[str, tuple[type, ...]] = {
    "llm": (Llm, Generator, ResponseCache, Routing, Keys),
    "characters": (Characters,),
    "retriever": (Retriever, Library),
    "crawler": (Crawler,),
    "quality": (Quality,),
    "tuning": (Tuning,),
    "router": (Router, Turns),
    "coordinator": (Coordinator,),
    "world": (World, Maintenance),
    "web": (),
    "discord": (Discord,),
}
"""The ports that each service serves, in the order in which services start: what others need comes first."""

_AT_ROOT: Mapping[str, tuple[type, ...]] = {
    "llm": (Complexity, WebSearch, Costs, Errands),
}
"""The ports whose paths outsiders know: served at the root in both deployments, with errors in Ollama's words."""


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
        self.here = tuple(name for name in _SERVED if only in {None, name})
        self.clock = clock
        self.decisions: tuple[Decision, ...] = ()
        """Who may use each route of the application, once there is one."""
        self._only = only
        self._ids = ids
        self._character = character
        self._name = "-".join(filter(None, (only, character)))
        self._tokens = loaded.secrets(f"{BOT_TOKEN}_")
        self._shares_folder = shares_folder
        self._loaded = loaded
        self._session: aiohttp.ClientSession | None = None
        self._peers: dict[str, Peer] = {}
        self._instruments = Instruments()
        self._metrics = {name: Metrics(name, self._instruments) for name in self.here}

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
        return self._port("llm", Llm, lambda: self._gateway.llm)

    @cached_property
    def keys(self) -> Keys:
        """Who may call models."""
        return self._port("llm", Keys, lambda: self._gateway.keys)

    @cached_property
    def costs(self) -> Costs:
        """What model calls cost."""
        return self._port("llm", Costs, lambda: self._gateway.costs)

    @cached_property
    def generator(self) -> Generator:
        """One prompt, one answer."""
        return self._port("llm", Generator, lambda: self._gateway.generator)

    @cached_property
    def errands(self) -> Errands:
        """What a log says, and scripts."""
        return self._port("llm", Errands, lambda: self._gateway.errands)

    @cached_property
    def response_cache(self) -> ResponseCache:
        """The answers that are kept."""
        return self._port("llm", ResponseCache, lambda: self._gateway.response_cache)

    @cached_property
    def complexity(self) -> Complexity:
        """How hard a request is, and which way it would go."""
        return self._port("llm", Complexity, lambda: self._gateway.complexity)

    @cached_property
    def routing(self) -> Routing:
        """What the gateway knows of hard and easy."""
        return self._port("llm", Routing, lambda: self._gateway.routing)

    @cached_property
    def web_search(self) -> WebSearch:
        """What the web says."""
        return self._port("llm", WebSearch, lambda: self._gateway.web_search)

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
    def _gateway(self) -> "Gateway":
        from greenroom.gateway import Gateway

        return Gateway(self._loaded, self.database, self.clock, self._metrics["llm"].counter("replay"))

    @property
    def _llm(self) -> "LlmService":
        return self._gateway.service

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
        return ChromaIndex(url, self._client_session) if url else FaissIndex()

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
            self._people_wait,
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

        return TuningService(self.database, self.turns, self.routing, self.clock, self._people_wait)

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
            self._people_wait,
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
        asked = [name for name in _SERVED if name not in {"router", "web"} and (name != "discord" or self._has_door)]
        health = {name: self._health_of(name) for name in asked}
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
        return WebService(backstage, self._owners(), self.settings.data_dir)

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

        return BackgroundWork(self.database, self.settings.background, self.clock, self._owner, self._people_wait)

    def _people_wait(self) -> bool:
        return "router" in self.here and self._router.is_answering

    @property
    def _owner(self) -> str:
        """Who can have only one process at a time: the next one of this name goes on with what this one left undone."""
        return f"{socket.gethostname()}:{self.settings.data_dir}:{self._only or 'up'}"

    def needs(self, service: str) -> dict[str, Dependency]:
        """What a service needs, for its health."""
        database = Dependency(self.database.ping)

        def peers(vital: str = "", useful: str = "") -> dict[str, Dependency]:
            names = [(n, True) for n in vital.split()] + [(n, False) for n in useful.split()]
            return {name: Dependency(self._ping_of(name), is_vital) for name, is_vital in names}

        needs: dict[str, Callable[[], dict[str, Dependency]]] = {
            "llm": lambda: self._gateway.needs(),
            "characters": lambda: {"database": database},
            "retriever": lambda: {"database": database, **peers("characters", "llm")},
            "crawler": lambda: {"database": database, **peers("retriever")},
            "quality": lambda: {
                "database": Dependency(self.database.ping, vital=False),
                **peers("characters", "llm tuning"),
            },
            "tuning": lambda: {"database": database, **peers(useful="router llm")},
            "router": lambda: {"database": database, **peers("characters llm quality", "retriever tuning")},
            "coordinator": lambda: {"database": database, **peers("router characters", "llm")},
            "world": lambda: {
                "database": database,
                "background": Dependency(self.background.ping, vital=False),
                **peers(useful="router characters retriever llm"),
            },
            "web": lambda: peers("router characters", "llm tuning quality coordinator crawler world"),
            "discord": lambda: {
                "database": database,
                "discord": Dependency(self._discord.ping),
                **peers("router characters", "tuning coordinator"),
            },
        }
        return needs[service]()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Open what is here in the order in which it is needed, and close it in reverse.

        Raises: CannotStart, when another process has the data folder; DatabaseIsNewer; Unavailable.
        """
        async with AsyncExitStack() as stack:
            if not self._shares_folder:
                stack.enter_context(own_folder(self.settings.data_dir, self._name or "up"))
            self._session = await stack.enter_async_context(_session())
            if any(name in self.here for name in _KEEP_TABLES):
                await stack.enter_async_context(self.database)
            for name in self.here:
                for part in self._parts(name):
                    if isinstance(part, AbstractAsyncContextManager):
                        await stack.enter_async_context(part)
            if any(name in self.here for name in _WORK_IN_BACKGROUND):
                await stack.enter_async_context(self.background)  # last: what it does needs all of the others
            yield

    def interrupt(self) -> None:
        """End the turns that are under way here; for a house that is about to close."""
        if "router" in self.here:
            self._router.interrupt()

    def _service(self, name: str) -> Any:
        return getattr(self, f"_{name}")

    def _parts(self, name: str) -> Sequence[Any]:
        """A service between what it stands on and what is folded around it, in the order in which they are opened."""
        if name == "llm":
            return self._gateway.parts
        if name == "retriever":
            return [self._library, self._retriever]
        if name == "router":
            return [self._router, self._upkeep]
        return [self._service(name)]

    def _port(self, service: str, port: type[P], build: Callable[[], P]) -> P:
        if service in self.here:
            return measured(port, build(), self._metrics[service])
        return client(port, self._peer(service))

    def _peer(self, service: str) -> Peer:
        if service not in self._peers:
            self._peers[service] = self._new_peer(service)
        return self._peers[service]

    def _new_peer(self, service: str) -> Peer:
        url = getattr(self.settings.peers, service) or f"http://127.0.0.1:{getattr(self.settings.ports, service)}"
        return Peer(service, url, self._client_session, self.settings.wire)

    def _client_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise ServiceAway("the house is not open")
        return self._session

    def _ping_of(self, service: str) -> Any:
        return self._service(service).ping if service in self.here else self._peer(service).ping

    # Serving ----------------------------------------------------------------------------------------------------

    @property
    def ready(self) -> ReadyAnswers | None:
        """What can be answered at once, before the application."""
        return self._gateway.replays if "llm" in self.here else None

    def application(self) -> FastAPI:
        """One service at the root, or all of them under their names, with page and dialects. For an open house."""
        title = f"Greenroom {self._only or ''}".strip()
        app = application(title, self.settings.wire, [self.settings.host], *self._gates())
        self._serve_at_root(app)
        if "llm" in self.here:
            routes = self._gateway.routes(self.llm, self.web_search, self._owners(), self._admit_to_costs)
            app.router.routes.extend(routes)
        for name in self.here:
            router = APIRouter(prefix="" if self._only else f"/{name}", tags=[name])
            self._serve(name, router)
            app.include_router(router)
        if self._only is None:
            self._add_whole(app)
        if "web" in self.here:
            self._web.mount(app)
        if "llm" in self.here:
            app.router.routes.sort(key=self._gateway.is_seldom_asked)
        self.decisions = tuple(decisions(app.routes))
        return app

    def _gates(self) -> list[Middleware]:
        return self._gateway.gates if "llm" in self.here else []

    def _owners(self, *more: SecretStr) -> Owners:
        """Those who show the admin token, or one `more`; and those at this machine, where the settings let them."""
        from_loopback = self.settings.llm.manage_from_loopback and is_loopback(self.settings.host)
        return Owners(self.settings.wire.admin_token, *more, from_loopback=from_loopback)

    def _admission(self, service: str, port: type) -> Admit:
        """Who may use a port: the other services; some only the owner; a gateway that wants keys, nobody without."""
        token = self.settings.wire.service_token
        if port in {Keys, Maintenance}:
            return self._admit_owner
        if service == "llm" and self.settings.llm.keys_required and not token.get_secret_value():
            strangers = Owners(self.settings.wire.admin_token, from_loopback=False)
            return open_to("owner")(lambda request: strangers.admit(request.scope))
        return admission(token)

    @open_to("owner")
    def _admit_owner(self, request: Request) -> None:
        self._owners(self.settings.wire.service_token).admit(request.scope)

    @open_to("caller or owner")
    def _admit_to_costs(self, request: Request) -> None:
        """Let owners in, and those with a key: they see their own."""
        if not current_caller():
            self._admit_owner(request)

    def _serve(self, name: str, router: APIRouter) -> None:
        for port in _SERVED[name]:
            serve_port(router, port, getattr(self, _property_of(port)), self._admission(name, port))
        service, metrics = self._service(name), self._metrics[name]
        counting = self._gateway.figures if name == "llm" else [service.figures] if hasattr(service, "figures") else []
        for figures in counting:
            metrics.offer(figures)
        add_vital_signs(router, service.ping, self._checks[name], metrics)

    def _serve_at_root(self, app: FastAPI) -> None:
        router = APIRouter()
        ports = [(name, port) for name in self.here for port in _AT_ROOT.get(name, ())]
        for name, port in ports:
            router.tags = [name]
            admit = self._admit_to_costs if port is Costs else admit_everybody
            serve_port(router, port, getattr(self, _property_of(port)), admit)
        app.include_router(router)
        app.router.routes.extend(refuse_other_methods(port for _, port in ports))

    @cached_property
    def _checks(self) -> dict[str, HealthCheck]:
        return {name: HealthCheck(name, self.needs(name), self.clock) for name in self.here}

    def _health_of(self, name: str) -> Callable[[], Any]:
        """What asks a service how it is: here, its own check; far away, its route."""
        if name in self.here:
            return lambda: self._checks[name].check()
        return self._peer(name).health

    def _add_whole(self, app: FastAPI) -> None:
        """Health and metrics of the whole house."""
        needs = {name: Dependency(_standing(self._health_of(name)), name not in _CAN_DO_WITHOUT) for name in self.here}
        whole = HealthCheck("greenroom", needs, self.clock)

        @app.get("/health", tags=["house"], operation_id="house.health")
        @open_to("everybody")
        async def tell_health() -> Response:
            """How all services are. 503 when one that a turn needs is unhealthy."""
            found = await whole.check()
            status = 503 if found.status == "unhealthy" else 200
            return Response(found.model_dump_json(), status, media_type="application/json")

        @app.get("/metrics", tags=["house"], operation_id="house.metrics")
        @open_to("everybody")
        async def tell_metrics(request: Request, format: str = "") -> Response:  # noqa: A002 - the contract's name
            """What all services count."""
            if wants_prometheus(request, format):
                return prometheus(self._instruments.as_prometheus())
            return JSONResponse({name: m.as_json() for name, m in self._metrics.items()})


def _session() -> aiohttp.ClientSession:
    """Connections to other services: as many as there are calls, for a turn that waits for its model must not keep
    others from asking; and idle for a shorter time than uvicorn's five seconds, so that none closes as it is taken."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=3), trust_env=False)


def _property_of(port: type) -> str:
    """The name under which the house has a port: `response_cache` for `ResponseCache`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", port.__name__).casefold()


_KEEP_TABLES = (
    "llm",
    "characters",
    "retriever",
    "crawler",
    "quality",
    "tuning",
    "router",
    "coordinator",
    "world",
    "discord",
)

_WORK_IN_BACKGROUND = ("crawler", "world")

_CAN_DO_WITHOUT = frozenset({"retriever", "crawler", "tuning", "coordinator", "world", "discord"})


def _standing(ask: Callable[[], Any]) -> Ping:
    """A ping that raises what is wrong with a service."""

    async def ping() -> None:
        health: Health = await ask()
        if health.status == "unhealthy":
            raise ServiceAway("; ".join(f"{n}: {d.detail}" for n, d in health.dependencies.items() if d.detail))

    return ping


assert set(_SERVED) == set(SERVICES)
