"""Model calls: as a stream, or whole."""

from typing import Protocol

from greenroom.at import at
from greenroom.model import (
    ChatRequest,
    Chunk,
    GenerateRequest,
    LoadedModels,
    ModelChoice,
    ModelDetails,
    ModelFitness,
    ModelRef,
    Models,
    Nothing,
    PromptToAnswer,
    Stream,
    Texts,
    Vectors,
    WholeAnswer,
)


class Llm(Protocol):
    """Every model call goes through here. Providers, and what is folded around them, are this same port."""

    @at("POST /chat/stream")
    def chat(self, request: ChatRequest, /) -> Stream[Chunk]:
        """Continue a conversation; the last chunk has `done`. Closing the stream cancels the model's work.

        Raises: UnknownModel, Unsupported, NoUpstream, UpstreamFailed, UpstreamSilent; also inside the stream.
        """
        ...

    @at("POST /generate/stream")
    def generate(self, request: GenerateRequest, /) -> Stream[Chunk]:
        """Complete a prompt; otherwise like `chat`."""
        ...

    @at("POST /embed", repeatable=True)
    async def embed(self, texts: Texts, /) -> Vectors:
        """Embed each text; rows in the order of the texts. Raises: UnknownModel, NoUpstream."""
        ...

    @at("GET /models")
    async def models(self, nothing: Nothing, /) -> Models:
        """List what can be asked, how the providers are, and which model each role uses now."""
        ...

    @at("POST /models/show", repeatable=True)
    async def show(self, which: ModelRef, /) -> ModelDetails:
        """Describe one model, as far as its server does. Raises: UnknownModel, NoUpstream."""
        ...

    @at("GET /models/loaded")
    async def loaded(self, nothing: Nothing, /) -> LoadedModels:
        """List the models that are in memory now. A server that is away has none; one that does not tell, neither."""
        ...


class Generator(Protocol):
    """One prompt, one answer, for programs that want no stream; and whether a model is fit for that."""

    @at("POST /generate")
    async def generate(self, request: PromptToAnswer, /) -> WholeAnswer:
        """Answer a prompt. Raises: all that `Llm.generate` does."""
        ...

    @at("POST /validate-model", repeatable=True)
    async def validate(self, which: ModelChoice, /) -> ModelFitness:
        """Tell whether a model can be asked, and how promptly it has answered so far."""
        ...

    @at("GET /validate-model")
    async def validated(self, which: ModelChoice, /) -> ModelFitness:
        """The same."""
        ...
