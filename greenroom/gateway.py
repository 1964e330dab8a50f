"""The gateway, put together: the model servers inside, and what is folded around their calls, one around the other."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from greenroom.clock import Clock
from greenroom.config import Loaded
from greenroom.errors import NoUpstream
from greenroom.llm.anthropic_api import anthropic_routes
from greenroom.llm.cache.cached import CachedAnswers
from greenroom.llm.cache.keeper import CacheKeeper
from greenroom.llm.cache.replay import Replay, Replays
from greenroom.llm.cache.tiers import Tier, Tiers
from greenroom.llm.compatible import Compatible
from greenroom.llm.dialect import ModelEndpoint
from greenroom.llm.errands.service import ModelErrands
from greenroom.llm.minilm import MiniLM, shelf_of
from greenroom.llm.money.accounted import Accounted
from greenroom.llm.money.callers import KnowCallers
from greenroom.llm.money.office import Office
from greenroom.llm.money.paid import Paid
from greenroom.llm.money.stats_api import stats_routes
from greenroom.llm.ollama import Ollama
from greenroom.llm.ollama_api import ollama_routes
from greenroom.llm.ollama_management import management_routes
from greenroom.llm.ollama_search import search_routes
from greenroom.llm.openai_api import openai_routes
from greenroom.llm.remembered import RememberedEmbeddings
from greenroom.llm.responses_api import responses_routes
from greenroom.llm.routing.comparing import Comparing
from greenroom.llm.routing.journal import Journal
from greenroom.llm.routing.learning import Learning
from greenroom.llm.routing.looking_up import LookUp
from greenroom.llm.routing.policies import Policies
from greenroom.llm.routing.routed import Routed
from greenroom.llm.routing.service import Routes
from greenroom.llm.routing.ways import Ways
from greenroom.llm.search.engines import engines_of
from greenroom.llm.search.service import WebSearchService
from greenroom.llm.service import LlmService
from greenroom.llm.similar.ledger import Ledger
from greenroom.llm.similar.prompts import SimilarPrompts
from greenroom.llm.transcriptions import transcription_routes
from greenroom.llm.understudy import Understudy
from greenroom.llm.whole_answers import WholeAnswers
from greenroom.model import MINILM_PROVIDER, STAND_IN, Nothing
from greenroom.ports import (
    Costs,
    Keys,
    Llm,
    WebSearch,
)
from greenroom.storage.cache import Cache, MemoryCache
from greenroom.storage.database import Database
from greenroom.storage.disk_cache import DiskCache
from greenroom.storage.recalls import Recalls
from greenroom.wire.health import Dependency, Ping
from greenroom.wire.owners import Owners
from greenroom.wire.server import Admit

if TYPE_CHECKING:
    from greenroom.storage.redis_cache import RedisCache


class Gateway:
    """All parts of the service `llm`. Nothing is opened here: whoever has it opens its `parts`, in their order.

    `note_replay` is called for each answer that was sent again at once.
    """

    def __init__(self, loaded: Loaded, database: Database, clock: Clock, note_replay: Callable[[], None]) -> None:
        self._settings = loaded.settings
        self._loaded = loaded
        self._database = database
        self._clock = clock
        self._note_replay = note_replay

    @cached_property
    def keys(self) -> Keys:
        """Who may call models."""
        return self._office.key_keeper

    @cached_property
    def costs(self) -> Costs:
        """What model calls cost."""
        return self._office.bookkeeper

    @cached_property
    def errands(self) -> ModelErrands:
        """What a log says, and scripts."""
        return ModelErrands(self.llm, self._settings.llm)

    @cached_property
    def service(self) -> LlmService:
        """Choice of models, line, fallbacks, and the model servers behind them."""
        settings = self._settings.llm
        providers: dict[str, Llm] = {}
        if self._ollama is not None:
            providers[self._ollama.name] = self._ollama
        for name, server in settings.compatible.items():
            providers[name] = Compatible(name, server, settings, self._loaded.secret(server.api_key_env))
        providers[MINILM_PROVIDER] = MiniLM(shelf_of(self._settings.data_dir), self._clock)
        providers[STAND_IN] = Understudy(self._clock, settings.understudy_words_per_s)
        return LlmService(settings, providers, self._clock)

    @cached_property
    def _ollama(self) -> Ollama | None:
        return Ollama(self._settings.llm) if self._settings.llm.ollama_url else None

    @cached_property
    def _office(self) -> Office:
        owners = Owners(self._settings.wire.admin_token, from_loopback=False)
        return Office(self._settings.llm, self._database, owners, self._clock, self._redis)

    @cached_property
    def llm(self) -> Accounted:
        """Every model call: the books outermost, then routing, remembered vectors, and answers that are kept."""
        return self._office.accounted(self._routed)

    @cached_property
    def _remembered(self) -> RememberedEmbeddings:
        return RememberedEmbeddings(self._cached, self._cache)

    @cached_property
    def _routed(self) -> Routed:
        return Routed(self._remembered, self.complexity, self._policies, self._look_up, self._comparing)

    @cached_property
    def _comparing(self) -> Comparing:
        """What the other model would have said; behind the cache, whose answers are somebody's."""
        office, settings = self._office, self._settings.llm
        return Comparing(self._paid, self._ways, self.routing, office.budgets, office.prices, settings, self._clock)

    @cached_property
    def _ways(self) -> Ways:
        return Ways(self.service, self._clock, self._keyless())

    @cached_property
    def complexity(self) -> Routes:
        """How hard a request is, and which way it would go."""
        return Routes(self._policies, self._ways, self.routing, searches=self._look_up.is_on)

    @cached_property
    def _look_up(self) -> LookUp:
        return LookUp(self.web_search, self._settings.llm.search)

    @cached_property
    def routing(self) -> Learning:
        """What is learnt of the own traffic."""
        settings = self._settings.llm.routing
        return Learning(settings, Journal(self._database, self._clock, settings.window), self._clock)

    @cached_property
    def _policies(self) -> Policies:
        return Policies(self._settings.llm)

    def _keyless(self) -> dict[str, str]:
        """The servers whose key is to be in a variable that is not set, and that variable."""
        named = {name: server.api_key_env for name, server in self._settings.llm.compatible.items()}
        return {name: key for name, key in named.items() if key and not self._loaded.secret(key).get_secret_value()}

    @cached_property
    def _cached(self) -> CachedAnswers:
        settings = self._settings.llm.cache
        return CachedAnswers(self._paid, self._tiers, settings, self.replays.forget, self._similar, self._recalls)

    @cached_property
    def _paid(self) -> Paid:
        return self._office.paid(self.service)

    @cached_property
    def _similar(self) -> SimilarPrompts:
        return SimilarPrompts(self._paid, self._settings.llm.cache, Ledger(self._database, self._clock), self._clock)

    @cached_property
    def replays(self) -> Replays:
        """Answers that may be sent again at once."""
        memory = self._tiers.all[0]

        def count(replay: Replay) -> bool:
            if self._cached.kept.is_behind or not self.llm.replays(replay):
                return False
            memory.hits += 1
            self._note_replay()
            return True

        return Replays(self._clock, count)

    @cached_property
    def generator(self) -> WholeAnswers:
        """One prompt, one answer."""
        return WholeAnswers(self.llm, self._settings.llm, self._clock, self.service.promptness)

    @cached_property
    def response_cache(self) -> CacheKeeper:
        """The answers that are kept."""
        return CacheKeeper(self._cached, self._tiers, self._settings.data_dir / "backups", self._clock)

    @cached_property
    def web_search(self) -> WebSearchService:
        """What the web says."""
        settings = self._settings.llm.search
        engines = engines_of(settings, self._loaded.secret(settings.brave_key_env))
        return WebSearchService(settings, engines, self._cached, self._cache, self._clock)

    @cached_property
    def _tiers(self) -> Tiers:
        """Where answers are kept, the fastest first."""
        settings = self._settings.llm.cache
        memory = MemoryCache(settings.memory_bytes, self._clock, most=settings.memory_entries)
        tiers = [Tier("memory", memory, settings.memory_s)]
        if self._redis is not None:
            tiers.append(Tier("redis", self._redis, settings.redis_s))
        if settings.sqlite_bytes:
            path = self._settings.data_dir / "responses.db"
            file = DiskCache(path, settings.sqlite_bytes, self._clock, recalls=self._recalls)
            tiers.append(Tier("sqlite", file, settings.sqlite_s))
        return Tiers(tiers)

    @cached_property
    def _recalls(self) -> Recalls:
        """What tells the other workers that an answer may not be given any more."""
        return Recalls(self._settings.data_dir / "responses.recalls")

    @cached_property
    def _cache(self) -> Cache:
        """What may be forgotten: in this process, or on a server that several share."""
        return self._redis or MemoryCache(self._settings.storage.cache_bytes, self._clock)

    @cached_property
    def _redis(self) -> "RedisCache | None":
        url = self._settings.storage.cache_url.get_secret_value()
        if not url:
            return None
        from greenroom.storage.redis_cache import RedisCache  # its library is large, and few need it

        return RedisCache(url, self._clock, recalls=self._recalls)

    @property
    def parts(self) -> Sequence[Any]:
        """What is to be opened, the innermost first."""
        inner = [self._recalls, *(tier.cache for tier in self._tiers.all), self._office, self.service]
        return [*inner, self._similar, self._cached, self.web_search, self.routing, self._comparing]

    @property
    def figures(self) -> Sequence[Callable[[], dict[str, float]]]:
        """What counts something, for metrics."""
        counting = (self.service, self._remembered, self._cached, self._similar, self.web_search, self._office.books)
        return [part.figures for part in counting]

    @property
    def gates(self) -> list[Middleware]:
        """What every request passes on its way in."""
        return [Middleware(KnowCallers, callers=self._office.callers)]

    def routes(self, llm: Llm, web_search: WebSearch, owners: Owners, admit_to_costs: Admit) -> list[BaseRoute]:
        """The routes whose words outsiders dictate; those of a dialect end with one that takes all that is below it.

        `llm` and `web_search` are the ports as they are to be called; `owners` may manage models.
        """
        ollama, changed = self._ollama, partial(self.service.look_again, Ollama.name)
        return [
            *stats_routes(self._office.bookkeeper, admit_to_costs),
            *management_routes(ollama.upstream if ollama else None, owners, changed),
            *search_routes(web_search),
            *ollama_routes(llm, self._clock),
            *anthropic_routes(llm, web_search, self._settings.llm.search, self._clock),
            *responses_routes(llm, self._clock),
            *transcription_routes(self._office.hearing(self.service)),
            *openai_routes(llm, self._clock),
        ]

    @staticmethod
    def is_seldom_asked(route: BaseRoute) -> bool:
        """What routes are sorted by, since they are tried in order: those at which models are asked come first."""
        return not isinstance(getattr(route, "endpoint", None), ModelEndpoint)

    def needs(self) -> dict[str, Dependency]:
        """Each model server: the service can do without any one of them, but not without all."""

        def ping_of(provider: str) -> Ping:
            async def ping() -> None:
                known = {p.provider: p for p in (await self.service.models(Nothing())).providers}
                if provider in known and not known[provider].reachable:
                    raise NoUpstream(known[provider].detail)

            return ping

        servers = [*(["ollama"] if self._settings.llm.ollama_url else []), *self._settings.llm.compatible]
        own = {
            "model": Dependency(self.service.ping),
            "queue": Dependency(self.service.queue, vital=False),
            "database": Dependency(self._database.ping, vital=False),
            "cache": Dependency(self.response_cache.ping, vital=False),
        }
        if self._settings.llm.search.provider != "none":
            own["search"] = Dependency(self.web_search.ping, vital=False)
        return own | {s: Dependency(ping_of(s), vital=False) for s in servers}
