"""All settings as one tree, and how each is named."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import Field, SecretStr, field_validator
from pydantic.fields import FieldInfo

from greenroom.config.background import BackgroundSettings
from greenroom.config.cast import CharactersSettings, QualitySettings, TurnSettings
from greenroom.config.coordinator import CoordinatorSettings
from greenroom.config.crawler import CrawlerSettings
from greenroom.config.discord import BOT_TOKEN, DiscordSettings
from greenroom.config.knowledge import KnowledgeSettings
from greenroom.config.llm import LlmSettings
from greenroom.config.part import Part
from greenroom.config.services import Peers, Ports
from greenroom.config.storage import StorageSettings
from greenroom.config.wire import WireSettings
from greenroom.config.world import WorldSettings

SEED_NAMES = {
    "OLLAMA_BASE_URL": "llm.ollama_url",
    "OLLAMA_MODEL": "llm.generation.model",
    "REDIS_URL": "storage.cache_url",
    "DATABASE_URL": "storage.database_url",
    "CHROMA_URL": "storage.chroma_url",
    "MAX_CONCURRENT_REQUESTS": "llm.connections",
    "REQUEST_TIMEOUT": "llm.between_tokens_s",
    "LLM_SERVICE_PORT": "ports.llm",
    "LLM_RESPONSE_CACHE_TTL": "llm.cache.redis_s",
    "CACHE_MAX_SIZE": "llm.cache.memory_entries",
    BOT_TOKEN: "discord.bot_token",
}
"""Variables of older programs that mean one of our settings."""


PREFIX = "GREENROOM_"


class LogSettings(Part):
    """What is written to the log."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is written.")
    format: Literal["console", "json"] = Field("console", description="For people, or for programs.")


class Settings(Part):
    """All settings, frozen once they are loaded."""

    host: str = Field("127.0.0.1", min_length=1, description="Address to bind; loopback unless told otherwise.")
    port: int = Field(5732, ge=0, le=65535, description="Port of `greenroom up`.")
    data_dir: Path = Field(Path("data"), description="The one folder that everything is kept in.")
    ports: Ports = Field(Ports(), description="Ports of services that run alone.")
    peers: Peers = Field(Peers(), description="Addresses of services that run alone.")
    wire: WireSettings = Field(WireSettings(), description="HTTP between services and from outside.")
    storage: StorageSettings = Field(StorageSettings(), description="Database and cache.")
    llm: LlmSettings = Field(LlmSettings(), description="Models.")
    characters: CharactersSettings = Field(CharactersSettings(), description="The cast.")
    quality: QualitySettings = Field(QualitySettings(), description="Quality control.")
    knowledge: KnowledgeSettings = Field(KnowledgeSettings(), description="What characters know.")
    crawler: CrawlerSettings = Field(CrawlerSettings(), description="What is read elsewhere for the library.")
    turn: TurnSettings = Field(TurnSettings(), description="The turn.")
    coordinator: CoordinatorSettings = Field(CoordinatorSettings(), description="Who speaks unasked, and when.")
    world: WorldSettings = Field(WorldSettings(), description="The world beside the conversation.")
    background: BackgroundSettings = Field(BackgroundSettings(), description="Work in the background.")
    discord: DiscordSettings = Field(DiscordSettings(), description="The door to Discord.")
    log: LogSettings = Field(LogSettings(), description="Logs.")

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()


def is_part(kind: Any) -> bool:
    """Whether a type is a part of the settings, rather than a value."""
    return isinstance(kind, type) and issubclass(kind, Part)


def leaf_settings(part: type[Part] = Settings, before: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every setting with its dotted path, in the order in which they are written."""
    for name, field in part.model_fields.items():
        if is_part(field.annotation):
            yield from leaf_settings(cast("type[Part]", field.annotation), f"{before}{name}.")
        else:
            yield before + name, field


def variable_of(path: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + path.replace(".", "__").upper()


def value_of(settings: Settings, path: str) -> Any:
    """The value of a setting by its dotted path."""
    value: Any = settings
    for name in path.split("."):
        value = getattr(value, name)
    return value


SECRETS = frozenset(path for path, field in leaf_settings() if field.annotation is SecretStr)
"""Settings that must not stand in a file, and are never shown."""
