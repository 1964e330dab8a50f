"""Every setting: its name, type, default, unit and one line of help. Nothing else reads the environment.

Sources, the strongest first: command line, environment (`GREENROOM_LLM__OLLAMA_URL`), the names of older programs
(`OLLAMA_BASE_URL`), the same two kinds in `.env`, `greenroom.toml`, defaults. Secrets come from the environment or
`.env` alone; a file only names the variable.
"""

from greenroom.config.background import BackgroundSettings
from greenroom.config.cast import CharactersSettings, QualitySettings, TurnSettings
from greenroom.config.coordinator import CoordinatorSettings
from greenroom.config.crawler import CrawlerSettings
from greenroom.config.discord import BOT_TOKEN, DiscordSettings
from greenroom.config.knowledge import KnowledgeSettings
from greenroom.config.llm import CompatibleServer, EmbeddingSettings, LlmSettings, RoleSettings
from greenroom.config.money import Price
from greenroom.config.part import Backoff
from greenroom.config.response_cache import CacheSettings
from greenroom.config.routing import Policy, RoutingSettings
from greenroom.config.search import SearchSettings
from greenroom.config.services import DISCORD_PORTS, SERVICES, Peers, Ports
from greenroom.config.settings import SECRETS, SEED_NAMES, LogSettings, Settings, leaf_settings, value_of, variable_of
from greenroom.config.sources import Loaded, load
from greenroom.config.storage import StorageSettings
from greenroom.config.wire import WireSettings
from greenroom.config.world import WorldSettings

__all__ = [
    "BOT_TOKEN",
    "DISCORD_PORTS",
    "SECRETS",
    "SEED_NAMES",
    "SERVICES",
    "BackgroundSettings",
    "Backoff",
    "CacheSettings",
    "CharactersSettings",
    "CompatibleServer",
    "CoordinatorSettings",
    "CrawlerSettings",
    "DiscordSettings",
    "EmbeddingSettings",
    "KnowledgeSettings",
    "LlmSettings",
    "Loaded",
    "LogSettings",
    "Peers",
    "Policy",
    "Ports",
    "Price",
    "QualitySettings",
    "RoleSettings",
    "RoutingSettings",
    "SearchSettings",
    "Settings",
    "StorageSettings",
    "TurnSettings",
    "WireSettings",
    "WorldSettings",
    "leaf_settings",
    "load",
    "value_of",
    "variable_of",
]
