"""Settings of the gateway: model servers, roles, how long they may take."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from greenroom.config.money import Price
from greenroom.config.part import Part
from greenroom.config.response_cache import CacheSettings
from greenroom.config.routing import RoutingSettings
from greenroom.config.search import SearchSettings
from greenroom.model import Options
from greenroom.text import without_secrets

_LIMIT = r"^\s*\S.*=\s*[1-9]\d{0,5}\s*$"
_RULE = r"^[^>]*\w[^>]*(>[^>]*\w[^>]*)+$"


class RoleSettings(Part):
    """The model of one role, and how it samples."""

    model: str = Field("", description="`provider/model`, a name for the default provider, or empty to choose one.")
    temperature: float = Field(0.7, ge=0, description="How freely the model samples.")
    num_predict: int = Field(4000, ge=1, description="Longest completion, in tokens.")

    @property
    def options(self) -> Options:
        """The same as options of a request."""
        return Options(temperature=self.temperature, num_predict=self.num_predict)


class EmbeddingSettings(Part):
    """The model of the embedding role."""

    model: str = Field(
        "",
        description="`provider/model`; empty takes `minilm` when it was added, else `understudy/hash`, which needs no "
        "model.",
    )


class CompatibleServer(Part):
    """A server that speaks OpenAI's API."""

    base_url: str = Field(description="Up to and including /v1.")
    api_key_env: str = Field("", description="The environment variable that holds the key.")
    models: tuple[str, ...] = Field((), description="Models to offer; empty asks the server.")

    @field_validator("base_url")
    @classmethod
    def _without_secrets(cls, address: str) -> str:
        if without_secrets(address) != address:
            raise ValueError("must have no password and no query; name the variable of the key in api_key_env")
        return address


class LlmSettings(Part):
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
    prices: dict[str, Price] = Field(
        {}, description="What models cost, by pattern of `provider/model`; goes before the price list and all rules."
    )
    cache: CacheSettings = Field(CacheSettings(), description="Answers that are kept.")
    routing: RoutingSettings = Field(RoutingSettings(), description="Which model `auto` means.")
    search: SearchSettings = Field(SearchSettings(), description="Web search.")
    manage_from_loopback: bool = Field(
        True,
        description="Whether programs on this machine may pull, copy and delete models, make API keys, see all costs "
        "and the page of the gateway without `wire.admin_token`, while `host` is loopback.",
    )
    keys_required: bool = Field(
        False, description="Whether the gateway answers only callers with an API key, on this machine too."
    )
    first_token_s: float = Field(300.0, gt=0, description="Longest wait for the first token; models load slowly.")
    between_tokens_s: float = Field(30.0, gt=0, description="Longest silence inside an answer.")
    connections: int = Field(10, ge=1, description="Calls to one model server at a time; more wait.")
    model_connections: tuple[Annotated[str, Field(pattern=_LIMIT)], ...] = Field(
        (), description="Calls to single models at a time: `ollama/llama3:70b = 1`."
    )
    queue: int = Field(512, ge=0, description="Calls that may wait for one model server; others are turned away.")
    fallbacks: tuple[Annotated[str, Field(pattern=_RULE)], ...] = Field(
        (),
        description="Who answers in whose place, when that one cannot: `ollama/llama3:70b > cloud/small > understudy`. "
        "In the first place stands a model, or a role.",
    )
    breaker_failures: int = Field(5, ge=1, description="Failures in a row after which a model is left in peace.")
    breaker_rest_s: float = Field(15.0, gt=0, description="For how long, in seconds; then one call tries.")
    check_every_s: float = Field(30.0, gt=0, description="How often model servers are looked at, in seconds.")
    understudy_words_per_s: float = Field(40.0, ge=0, description="Pace of the understudy; 0 is as fast as it can.")

    @property
    def places(self) -> dict[str, int]:
        """How many calls single models take at a time, by their names."""
        split = (limit.rpartition("=") for limit in self.model_connections)
        return {name.strip(): int(number) for name, _, number in split}

    @property
    def stand_ins(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The rules of `fallbacks`: a model or a role, and who answers in its place, in order."""
        rules = [[name.strip() for name in rule.split(">")] for rule in self.fallbacks]
        return tuple((first, tuple(others)) for first, *others in rules)
