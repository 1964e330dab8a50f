"""What goes to a language model and what comes back, whoever serves it."""

from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, ConfigDict, Field, JsonValue, model_validator

from greenroom.model.decision import Decision
from greenroom.model.value import CharacterId, Moment, Value

RoleName = Literal["generation", "analysis", "maintenance"]
"""The jobs that a model is used for; each has its own model and settings. The fourth, `embedding`, has its own verb."""

STAND_IN = "understudy"
"""The provider that stands in where no model server answers. It is not a language model, and is named as what it is."""

MINILM_PROVIDER = "minilm"
"""The provider of the small embedding model that runs here, once it was added."""

IN_HOUSE = frozenset({STAND_IN, MINILM_PROVIDER})
"""The providers that are part of Greenroom: no model server need run for them."""
AUTO = "auto"
"""The name that leaves the model to the routing, and the provider of all names that do."""

ThinkLevel = bool | Literal["low", "medium", "high", "max"]

CacheControl = Literal["no-cache", "no-store"]
"""As in HTTP: do not answer from the cache, but keep the answer; or the other way round. Source: RFC 9111, 5.2.1."""

AnswerSource = Literal["memory", "redis", "sqlite", "similar", "coalesced", "miss"]
"""Where an answer comes from: a tier of the cache, the answer to a similar prompt, another's call that was under way,
or the model after all."""


_Whole = Annotated[int, Field(ge=-(2**63), lt=2**63)]
"""A whole number as model servers hold it."""


class Options(Value):
    """How to sample, in Ollama's names. Only what is set is sent; options not named here travel on untouched.

    `num_predict` (also accepted as `max_tokens`) counts tokens; `seed` makes a sampling repeatable.
    """

    model_config = ConfigDict(extra="allow")

    temperature: float | None = Field(None, ge=0)
    num_predict: _Whole | None = Field(None, validation_alias=AliasChoices("num_predict", "max_tokens"))
    top_p: float | None = Field(None, ge=0, le=1)
    top_k: _Whole | None = None
    min_p: float | None = Field(None, ge=0, le=1)
    repeat_penalty: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    seed: _Whole | None = None
    stop: tuple[str, ...] | None = None
    num_ctx: _Whole | None = None

    def given(self) -> dict[str, Any]:
        """Only the options that were set, by Ollama's names."""
        return {name: value for name, value in self if value is not None}

    def over(self, defaults: "Options") -> "Options":
        """These options, and the defaults for what they leave open."""
        return Options.model_validate({**defaults.given(), **self.given()})


class ToolFunction(Value):
    """The function that a model wants called, with its arguments as an object."""

    name: str
    arguments: dict[str, JsonValue] = {}
    index: int | None = None


class ToolCall(Value):
    """One wish of the model to have a tool called."""

    function: ToolFunction
    id: str | None = None


class ChatMessage(Value):
    """One message of a prompt. `images` are base64 without a data prefix."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str = ""
    thinking: str | None = None
    images: tuple[str, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_name: str | None = None
    tool_call_id: str | None = None


class _Request(Value):
    """What every request to a model may carry.

    `model` is `provider/model`, a plain name for the default provider, or empty for the model of the `role`.
    `format` is "json" or a JSON schema. `keep_alive` is a Go duration ("5m") or seconds. `character` says for whom
    the text is written, when it is. Without a `role` nothing is sampled but as the request and the model say.
    `use_cache` true wants the cache also where the model samples freely, false wants neither it nor another's call;
    None leaves it to the rules. Callers of different `namespace`s never get each other's answers. `similar` says
    whether the answer to the same question in other words will do; None leaves it to the settings. `caller` is the id
    of the API key that pays; the gateway writes it, whatever a request says.
    """

    model: str = ""
    role: RoleName | None = "generation"
    options: Options = Options()
    format: JsonValue = None
    think: ThinkLevel | None = None
    keep_alive: str | float | None = None
    truncate: bool | None = None
    shift: bool | None = None
    logprobs: bool = False
    top_logprobs: int = Field(0, ge=0, le=20)
    character: CharacterId | None = None
    use_cache: bool | None = None
    cache_control: CacheControl | None = None
    namespace: str = ""
    similar: bool | None = None
    caller: str = ""


class ChatRequest(_Request):
    """A conversation that the model is to continue."""

    messages: tuple[ChatMessage, ...] = Field(min_length=1)
    tools: tuple[dict[str, JsonValue], ...] = ()


class ComplexityRequest(Value):
    """A request to be judged and not answered: a prompt, or the messages of a conversation.

    Of the other fields count those that bear on which model can take it. `model` is `auto`, or the one that is meant.
    """

    prompt: str = ""
    messages: tuple[ChatMessage, ...] = ()
    model: str = AUTO
    system: str | None = None
    tools: tuple[dict[str, JsonValue], ...] = ()
    images: tuple[str, ...] = ()
    think: ThinkLevel | None = None
    format: JsonValue = None
    options: Options = Options()

    @property
    def text(self) -> str:
        """What is to be judged: the prompt, or what a person said last."""
        said = (message.content for message in reversed(self.messages) if message.role == "user")
        return self.prompt or next(said, self.messages[-1].content if self.messages else "")

    @property
    def characters_before(self) -> int:
        """How long the conversation is, beside what is to be judged."""
        return sum(len(message.content) for message in self.messages) - (0 if self.prompt else len(self.text))

    @model_validator(mode="after")
    def _has_something_to_judge(self) -> Self:
        if not self.prompt.strip() and not self.messages:
            raise ValueError("there is nothing to judge: give a prompt or messages")
        return self


class GenerateRequest(_Request):
    """A prompt that the model is to complete. `raw` sends it without the model's template.

    An empty prompt writes nothing: it loads the model, or takes it out of memory when `keep_alive` is 0.
    """

    prompt: str
    system: str | None = None
    template: str | None = None
    suffix: str | None = None
    images: tuple[str, ...] = ()
    context: tuple[int, ...] | None = None
    raw: bool = False


class Usage(Value):
    """What a completion took: tokens, and durations in nanoseconds as Ollama counts them; money in US dollars.

    An answer that the cache had costs nothing, and `saved_usd` is what it had cost. Unknown is None, not 0.
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_ns: int | None = None
    load_ns: int | None = None
    prompt_ns: int | None = None
    completion_ns: int | None = None
    cost_usd: float | None = Field(None, ge=0)
    saved_usd: float | None = Field(None, ge=0)


class Chunk(Value):
    """A piece of a completion as it comes. The last one of a stream, and only that, has `done` and may have `usage`.

    `model` is the name with its provider (`ollama/llama3:8b`), so that a reader always knows who is speaking.
    `logprobs` are as Ollama writes them, when they were asked for. The first chunk of a stream says in `cache` where
    the answer comes from, and in `key` by which key the cache knows it; None when the cache had no part in it. That of
    an answer to a similar prompt says in `similarity` how similar, -1 to 1. In `instead_of` it says which models were
    to answer and could not, each with why: `cloud/large: RateLimited`. In `route` it says how its model was chosen;
    None where the caller named it.
    """

    model: str
    text: str = ""
    thinking: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    done: bool = False
    done_reason: str | None = None
    usage: Usage | None = None
    context: tuple[int, ...] | None = None
    logprobs: tuple[dict[str, JsonValue], ...] = ()
    cache: AnswerSource | None = None
    instead_of: tuple[str, ...] = ()
    route: Decision | None = None
    key: str | None = None
    similarity: float | None = None

    @property
    def was_kept(self) -> bool:
        """Whether this was answered before, and nobody was asked now."""
        return self.cache not in {None, "miss", "coalesced"}


class Texts(Value):
    """Texts to embed. `model` empty means the model of the embedding role; `dimensions` cuts the vectors.

    A text that is too long for the model is cut, or refused without `truncate`. `options` and `keep_alive` are for
    servers that load models. `as_made` wants vectors of the length that the model gives them; only Ollama tells.
    Nobody waits for texts in the `background`: people go before them. The house itself names the `role` that it asks
    in; `caller` as in other requests.
    """

    texts: tuple[str, ...]
    model: str = ""
    dimensions: int | None = Field(None, ge=1)
    truncate: bool = True
    as_made: bool = False
    options: Options = Options()
    keep_alive: str | float | None = None
    background: bool = False
    role: Literal["embedding"] | None = None
    caller: str = ""


class Vectors(Value):
    """Embeddings, one row per text and in its order, each of length 1 (a text without words gives a row of zeros).

    Those that were wanted as the model makes them may have another length. Tokens, and durations in nanoseconds, are
    the server's own; None where it tells none.
    """

    model: str
    vectors: tuple[tuple[float, ...], ...]
    prompt_tokens: int | None = None
    total_ns: int | None = None
    load_ns: int | None = None


class ModelCard(Value):
    """One model that can be asked. `stand_in` marks the understudy, which is not a language model.

    `lacks` is what it is known not to be able to do, of `tools`, `vision` and `format`; many servers do not tell.
    `remote_model` and `remote_host` are where Ollama itself has it elsewhere, in its cloud.
    """

    name: str
    provider: str
    size_bytes: int = 0
    digest: str = ""
    modified_at: Moment | None = None
    details: dict[str, JsonValue] = {}
    capabilities: tuple[str, ...] = ("completion",)
    lacks: tuple[str, ...] = ()
    remote_model: str = ""
    remote_host: str = ""
    stand_in: bool = False

    @property
    def full_name(self) -> str:
        """The name that means this model wherever it is asked for: `provider/model`."""
        return f"{self.provider}/{self.name}"


class ModelRef(Value):
    """Which model is meant, by any name that a request may use.

    `verbose` asks for the long lists too, such as the tokenizer's; `system` and `options` stand in for the model's own
    where its server says how it would run.
    """

    model: str
    verbose: bool = False
    system: str | None = None
    options: Options = Options()


class ModelDetails(Value):
    """One model in full. What nobody tells is None.

    `context_tokens` is the longest prompt and reply together, `dimensions` the length of its vectors, `parameters` how
    many weights it has. `said` is all that its server says of it, as Ollama writes it; other servers leave it empty.
    """

    card: ModelCard
    context_tokens: int | None = None
    dimensions: int | None = None
    parameters: int | None = None
    said: dict[str, JsonValue] = {}


class LoadedModel(Value):
    """A model that is in memory now: how much of it on the graphics card, and until when. `said` as in details."""

    card: ModelCard
    vram_bytes: int = 0
    context_tokens: int | None = None
    expires_at: Moment | None = None
    said: dict[str, JsonValue] = {}


class LoadedModels(Value):
    """The models that are in memory now, of the servers that load models; the one that stays longest first."""

    models: tuple[LoadedModel, ...]


class ProviderHealth(Value):
    """How one provider is: whether it answers, and if not, what to do."""

    provider: str
    reachable: bool
    detail: str = ""


class Models(Value):
    """All models that can be asked now, how each provider is, and which model each role uses at this moment.

    `roles` maps generation, analysis, maintenance and embedding to a full name. `away` are the models of providers that
    do not answer now, as they were when they last did. `auto_lacks` is what requests for `auto` do without now.
    """

    models: tuple[ModelCard, ...]
    away: tuple[ModelCard, ...] = ()
    providers: tuple[ProviderHealth, ...] = ()
    roles: dict[str, str] = {}
    auto_lacks: tuple[str, ...] = ()

    @property
    def stand_in(self) -> bool:
        """Whether the understudy speaks the characters' lines at this moment."""
        speaking = self.roles.get("generation", "")
        return any(card.stand_in and card.full_name == speaking for card in self.models)

    @property
    def why_stand_in(self) -> str:
        """Why the understudy speaks, for people: what was found, and what to do about it."""
        answering = [p.provider for p in self.providers if p.reachable and p.provider not in IN_HOUSE]
        if not answering:
            return "no model server was found"
        if all(card.provider not in answering for card in self.models):
            return f"{' and '.join(answering)} has no model yet (`ollama pull llama3.2` gets one)"
        return "the settings ask for it"
