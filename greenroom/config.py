"""Every setting: its name, type, default, unit and one line of help. Nothing else reads the environment.

Sources, the strongest first: command line, environment (`GREENROOM_LLM__OLLAMA_URL`), the names of older programs
(`OLLAMA_BASE_URL`), the same two kinds in `.env`, `greenroom.toml`, defaults. Secrets come from the environment or
`.env` alone; a file only names the variable.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from greenroom.model import Options

SERVICES = ("llm", "quality", "tuning", "router", "characters", "retriever", "web")
"""The services that this version has; each can run alone."""

PORTS = {
    "llm": 6001,
    "coordinator": 6002,
    "quality": 6003,
    "tuning": 6004,
    "router": 6005,
    "characters": 6006,
    "retriever": 6007,
    "world": 6008,
    "crawler": 6009,
    "web": 6010,
}

SEED_NAMES = {
    "OLLAMA_BASE_URL": "llm.ollama_url",
    "OLLAMA_MODEL": "llm.generation.model",
    "REDIS_URL": "storage.cache_url",
    "DATABASE_URL": "storage.database_url",
    "MAX_CONCURRENT_REQUESTS": "llm.connections",
    "REQUEST_TIMEOUT": "llm.between_tokens_s",
    "LLM_SERVICE_PORT": "ports.llm",
}
"""Variables of older programs that mean one of our settings."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Backoff(_Part):
    """How often and after which pauses a failing service is tried again."""

    attempts: int = Field(3, ge=1, le=100, description="Tries in all, the first one included.")
    base_s: float = Field(0.5, ge=0, description="Pause before the second try, in seconds.")
    factor: float = Field(1.5, ge=1, description="By how much each pause is longer than the one before.")
    max_s: float = Field(5.0, ge=0, description="The longest pause, in seconds.")
    jitter: bool = Field(False, description="Vary the pauses at random, so that many callers do not return at once.")

    def pause_s(self, failures: int, chance: float = 1.0) -> float:
        """Pause after so many failures. `chance` 0–1 is drawn by the caller; it counts only with jitter."""
        pause = min(self.max_s, self.base_s * self.factor ** (failures - 1))
        return pause * (0.5 + chance / 2) if self.jitter else pause


class Ports(_Part):
    """The port of each service when it runs alone (`greenroom serve`)."""

    llm: int = Field(6001, ge=0, le=65535, description="Model calls.")
    quality: int = Field(6003, ge=0, le=65535, description="Quality control.")
    tuning: int = Field(6004, ge=0, le=65535, description="Ratings and guidance.")
    router: int = Field(6005, ge=0, le=65535, description="Turns.")
    characters: int = Field(6006, ge=0, le=65535, description="Characters.")
    retriever: int = Field(6007, ge=0, le=65535, description="Lore.")
    web: int = Field(6010, ge=0, le=65535, description="The page.")


class Peers(_Part):
    """Where the other services are when each runs alone; empty means this machine and the service's own port."""

    llm: str = Field("", description="Base URL of llm.")
    quality: str = Field("", description="Base URL of quality.")
    tuning: str = Field("", description="Base URL of tuning.")
    router: str = Field("", description="Base URL of router.")
    characters: str = Field("", description="Base URL of characters.")
    retriever: str = Field("", description="Base URL of retriever.")


class WireSettings(_Part):
    """What crosses HTTP between services, and from outside."""

    service_token: SecretStr = Field(
        SecretStr(""), description="Token that services show each other; empty asks for none. Environment only."
    )
    max_body_bytes: int = Field(2_000_000, ge=1_000, description="Largest body that a service route accepts.")
    max_api_body_bytes: int = Field(64_000_000, ge=1_000, description="Largest body on /api/*; pictures travel inside.")
    allowed_hosts: tuple[str, ...] = Field(
        (), description="Host names by which this machine may be called, beside loopback and the bound address."
    )
    allowed_origins: tuple[str, ...] = Field((), description="Origins whose pages may call, beside our own.")
    connect_s: float = Field(3.0, gt=0, description="Longest wait for a connection to another service.")
    call_s: float = Field(340.0, gt=0, description="Longest wait for an answer where no deadline travels along.")
    service_call: Backoff = Field(Backoff(), description="Retries of calls between services.")
    breaker_failures: int = Field(5, ge=1, description="Failures in a row after which a service is left in peace.")
    breaker_rest_s: float = Field(15.0, gt=0, description="For how long, in seconds.")


class StorageSettings(_Part):
    """Where things are kept."""

    database_url: SecretStr = Field(
        SecretStr(""), description="postgresql://… for PostgreSQL; empty keeps a SQLite file in the data folder."
    )
    cache_url: SecretStr = Field(
        SecretStr(""), description="redis://… for Redis, Valkey or KeyDB; empty keeps it in memory."
    )
    cache_bytes: int = Field(64_000_000, ge=0, description="Budget of the cache in memory.")


class RoleSettings(_Part):
    """The model of one role, and how it samples."""

    model: str = Field("", description="`provider/model`, a name for the default provider, or empty to choose one.")
    temperature: float = Field(0.7, ge=0, description="How freely the model samples.")
    num_predict: int = Field(4000, ge=1, description="Longest completion, in tokens.")

    @property
    def options(self) -> Options:
        """The same as options of a request."""
        return Options(temperature=self.temperature, num_predict=self.num_predict)


class EmbeddingSettings(_Part):
    """The model of the embedding role."""

    model: str = Field("understudy/hash", description="`provider/model`; the hashing embedder needs no model.")


class CompatibleServer(_Part):
    """A server that speaks OpenAI's API."""

    base_url: str = Field(description="Up to and including /v1.")
    api_key_env: str = Field("", description="The environment variable that holds the key.")
    models: tuple[str, ...] = Field((), description="Models to offer; empty asks the server.")


class LlmSettings(_Part):
    """Model servers and roles."""

    ollama_url: str = Field("http://127.0.0.1:11434", description="Where Ollama answers; empty for none.")
    compatible: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")], CompatibleServer] = Field(
        {}, description="OpenAI-compatible servers by name."
    )
    understudy: Literal["auto", "always", "never"] = Field(
        "auto", description="Whether the built-in understudy stands in: when no model server answers, always, or never."
    )
    generation: RoleSettings = Field(RoleSettings(), description="Writes the characters' lines.")
    analysis: RoleSettings = Field(RoleSettings(temperature=0.3, num_predict=2000), description="Reads turns.")
    maintenance: RoleSettings = Field(RoleSettings(temperature=0.2, num_predict=1500), description="Writes notes.")
    embedding: EmbeddingSettings = Field(EmbeddingSettings(), description="Turns texts into vectors.")
    first_token_s: float = Field(300.0, gt=0, description="Longest wait for the first token; models load slowly.")
    between_tokens_s: float = Field(30.0, gt=0, description="Longest silence inside an answer.")
    connections: int = Field(10, ge=1, description="Calls to one model server at a time; more wait.")
    check_every_s: float = Field(30.0, gt=0, description="How often model servers are looked at, in seconds.")
    understudy_words_per_s: float = Field(40.0, ge=0, description="Pace of the understudy; 0 is as fast as it can.")


class CharactersSettings(_Part):
    """Where the cast comes from."""

    cast: str = Field("family-guy", description="A cast that ships, by name, or the path of a folder of TOML files.")
    reload_s: float = Field(1.0, gt=0, description="How soon a changed file is noticed.")


class QualitySettings(_Part):
    """Weights and thresholds of quality control."""

    authenticity: float = Field(25, ge=0, description="Weight of sounding like the character.")
    conversation_flow: float = Field(30, ge=0, description="Weight of following from what was said.")
    engagement: float = Field(20, ge=0, description="Weight of inviting an answer.")
    anti_hallucination: float = Field(20, ge=0, description="Weight of keeping to what is known.")
    anti_toxicity: float = Field(5, ge=0, description="Weight of being fit for company.")
    cold: float = Field(30, ge=0, le=100, description="Threshold of a conversation that begins.")
    warm: float = Field(60, ge=0, le=100, description="Threshold from `warm_after` messages on.")
    hot: float = Field(75, ge=0, le=100, description="Threshold from `hot_after` messages on.")
    warm_after: int = Field(7, ge=0, description="Messages from which a conversation is warm.")
    hot_after: int = Field(21, ge=0, description="Messages from which a conversation is hot.")
    organic_penalty: float = Field(2, ge=0, description="Added to the threshold of an unprompted reply.")
    unfit_words: tuple[str, ...] = Field((), description="Further words that no character may say.")


class TurnSettings(_Part):
    """How long and how often a turn tries."""

    max_attempts: int = Field(10, ge=1, le=10, description="Drafts in all.")
    deadline_s: float = Field(330.0, gt=0, description="A turn ends by then, whatever happens.")
    retry_within_s: float = Field(45.0, ge=0, description="No further draft is begun after this time.")
    floor: float = Field(20.0, ge=0, le=100, description="Score below which a reply is never sent.")
    history_messages: int = Field(40, ge=0, le=500, description="Lines of the conversation that the model sees.")
    backoff: Backoff = Field(
        Backoff(attempts=10, base_s=1.0, factor=2.0, max_s=30.0, jitter=True),
        description="Pauses while a service fails (a failed quality check is tried again at once).",
    )
    max_waiting: int = Field(50, ge=1, description="Turns of one channel that may wait for their place.")


class LogSettings(_Part):
    """What is written to the log."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is written.")
    format: Literal["console", "json"] = Field("console", description="For people, or for programs.")


class Settings(_Part):
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
    turn: TurnSettings = Field(TurnSettings(), description="The turn.")
    log: LogSettings = Field(LogSettings(), description="Logs.")

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()
