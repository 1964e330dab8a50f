"""Every setting: its name, type, default, unit and one line of help. Nothing else reads the environment.

Sources, the strongest first: command line, environment (`GREENROOM_LLM__OLLAMA_URL`), the names of older programs
(`OLLAMA_BASE_URL`), the same two kinds in `.env`, `greenroom.toml`, defaults. Secrets come from the environment or
`.env` alone; a file only names the variable.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_origin

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo

from greenroom.errors import WrongSetting
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
    "LLM_RESPONSE_CACHE_TTL": "llm.cache.redis_s",
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
        pause = min(self.max_s, self.base_s * self.factor ** min(failures - 1, 60))
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
    max_api_body_bytes: int = Field(
        64_000_000, ge=1_000, description="Largest body on /api/* and of an uploaded card; pictures travel inside."
    )
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


class CacheSettings(_Part):
    """Answers that are kept, in three tiers."""

    sampled: bool = Field(
        False, description="Keep also what was sampled freely: temperature above 0, and no seed. A request may differ."
    )
    memory_bytes: int = Field(64_000_000, ge=0, description="Budget of the tier in memory.")
    memory_s: float = Field(60.0, gt=0, description="How long it keeps an answer, in seconds.")
    redis_s: float = Field(3600.0, gt=0, description="How long the Redis server of `storage.cache_url` keeps one.")
    sqlite_bytes: int = Field(
        10_000_000_000, ge=0, description="Budget of the file `responses.db` in the data folder; 0 for no file."
    )
    sqlite_s: float = Field(30 * 86_400.0, gt=0, description="How long the file keeps an answer, in seconds.")
    entry_bytes: int = Field(1_000_000, ge=1_000, description="An answer that takes more than this is not kept.")


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
    cache: CacheSettings = Field(CacheSettings(), description="Answers that are kept.")
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
    history_messages: int = Field(
        50, ge=0, le=500, description="Lines of the conversation that the model sees, at most."
    )
    prompt_tokens: int = Field(
        3500,
        ge=500,
        description="Longest prompt; the earliest lines are left out. With the reply it must fit the model.",
    )
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


PREFIX = "GREENROOM_"
TOML_FILE = "greenroom.toml"
DOTENV_FILE = ".env"

Given = dict[str, tuple[Any, str]]
"""What the sources say: a setting's dotted path, its value, and where it was found."""


@dataclass(frozen=True)
class Loaded:
    """Settings in force. `origin` maps the dotted path of each that is not a default to where it came from."""

    settings: Settings
    origin: dict[str, str]
    environment: Mapping[str, str] = dataclass_field(repr=False)

    def secret(self, variable: str) -> SecretStr:
        """The value of an environment variable that a setting names; empty when there is none."""
        return SecretStr(self.environment.get(variable, "") if variable else "")


def load(
    overrides: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Loaded:
    """Read all sources once. `overrides` are dotted paths from the command line; `folder` holds the two files.

    Raises: WrongSetting, naming the setting, its value and what is allowed.
    """
    folder = folder or Path.cwd()
    environ = dict(os.environ if environment is None else environment)
    dotenv = _from_dotenv(folder / DOTENV_FILE)
    given: Given = {}
    for source in (
        _from_toml(folder / TOML_FILE),
        _from_seed_names(dotenv, DOTENV_FILE),
        _from_variables(dotenv, DOTENV_FILE),
        _from_seed_names(environ, "environment"),
        _from_variables(environ, "environment"),
        {path: (value, "command line") for path, value in (overrides or {}).items()},
    ):
        given |= source
    return Loaded(_validated(given), {path: origin for path, (_, origin) in given.items()}, {**dotenv, **environ})


def _from_dotenv(file: Path) -> dict[str, str]:
    try:
        return {name: value for name, value in dotenv_values(file).items() if value is not None}
    except (UnicodeDecodeError, OSError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8"  # its text may be secret
        raise WrongSetting(f"{file} cannot be read: {reason}") from None


def _from_toml(file: Path) -> Given:
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as exc:
        raise WrongSetting(f"{file} cannot be read: {exc}") from exc
    given = {path: (value, TOML_FILE) for path, value in _leaves(tree, Settings)}
    for path in given:
        if path in SECRETS:
            raise WrongSetting(f"{path} is a secret and does not belong into {TOML_FILE}; set {variable_of(path)}")
    return given


def _from_variables(variables: Mapping[str, str], origin: str) -> Given:
    known = {variable_of(path): path for path, _ in leaf_settings()}
    given: Given = {}
    for name, value in variables.items():
        if not name.upper().startswith(PREFIX):
            continue
        path = known.get(name.upper()) or _inside_table(name)
        if path is None:
            near = get_close_matches(name.upper(), known, 1)
            raise WrongSetting(f"unknown setting {name} ({origin})" + (f"; did you mean {near[0]}?" if near else ""))
        given[path] = (_read(value, path), f"{origin}: {name}")
    return given


def _from_seed_names(variables: Mapping[str, str], origin: str) -> Given:
    return {
        path: (_read(variables[name], path), f"{origin}: {name}")
        for name, path in SEED_NAMES.items()
        if variables.get(name)
    }


def _inside_table(name: str) -> str | None:
    """A setting inside the table of compatible servers: GREENROOM_LLM__COMPATIBLE__OPENROUTER__BASE_URL."""
    parts = name[len(PREFIX) :].casefold().split("__")
    return ".".join(parts) if parts[:2] == ["llm", "compatible"] and len(parts) == 4 else None


def _read(text: str, path: str) -> Any:
    """A variable's text; lists are written with commas."""
    field = dict(leaf_settings()).get(path)
    listed = path.endswith(".models") or (field is not None and get_origin(field.annotation) is tuple)
    return [part.strip() for part in text.split(",") if part.strip()] if listed else text


def _validated(given: Given) -> Settings:
    tree: dict[str, Any] = Settings().model_dump()  # whole, so that one value of a part leaves the others as they are
    for path, (value, _) in given.items():
        *parents, last = path.split(".")
        branch: Any = tree
        for parent in parents:
            branch = branch.setdefault(parent, {}) if isinstance(branch, dict) else branch
        if isinstance(branch, dict):  # else the part itself was given as something that it cannot be
            branch[last] = value
    try:
        return Settings.model_validate(tree)
    except ValidationError as exc:
        raise WrongSetting("\n".join(_complaint(error, given) for error in exc.errors())) from exc


def _complaint(error: Any, given: Given) -> str:
    path = ".".join(str(part) for part in error["loc"])
    origin = next((o for p, (_, o) in given.items() if p == path or p.startswith(path + ".")), "")
    if error["type"] == "extra_forbidden":
        near = get_close_matches(path, [p for p, _ in leaf_settings()], 1)
        return f"unknown setting {path} ({origin or TOML_FILE})" + (f"; did you mean {near[0]}?" if near else "")
    value = "(hidden)" if path in SECRETS else repr(error.get("input"))
    return f"{path} = {value}: {error['msg']}" + (f" ({origin})" if origin else "")


def _leaves(tree: Mapping[str, Any], part: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """The values of a tree with their dotted paths, as deep as our settings go."""
    for name, value in tree.items():
        inner = part.model_fields[name].annotation if _is_part(part) and name in part.model_fields else None
        if isinstance(value, dict) and (_is_part(inner) or (before, name) == ("llm.", "compatible") or inner is None):
            yield from _leaves(value, inner, f"{before}{name}.")
        else:
            yield before + name, value


def _is_part(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, _Part)


def leaf_settings(part: type[_Part] = Settings, before: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every setting with its dotted path, in the order in which they are written."""
    for name, field in part.model_fields.items():
        if _is_part(field.annotation):
            yield from leaf_settings(cast("type[_Part]", field.annotation), f"{before}{name}.")
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
