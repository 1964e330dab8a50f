"""What is folded around the models: the same port around another one, of which each fold changes a part."""

from greenroom.model import (
    ChatRequest,
    Chunk,
    GenerateRequest,
    LoadedModels,
    ModelDetails,
    ModelRef,
    Models,
    Nothing,
    Stream,
    Texts,
    Vectors,
)
from greenroom.ports import Llm


class Fold:
    """An `Llm` around another: what a fold does not change itself passes through, as do all errors."""

    def __init__(self, llm: Llm) -> None:
        self._llm = llm

    def chat(self, request: ChatRequest, /) -> Stream[Chunk]:
        """Continue a conversation."""
        return self._llm.chat(request)

    def generate(self, request: GenerateRequest, /) -> Stream[Chunk]:
        """Complete a prompt."""
        return self._llm.generate(request)

    async def embed(self, texts: Texts, /) -> Vectors:
        """Embed each text."""
        return await self._llm.embed(texts)

    async def models(self, nothing: Nothing, /) -> Models:
        """List what can be asked."""
        return await self._llm.models(nothing)

    async def show(self, which: ModelRef, /) -> ModelDetails:
        """Describe a model."""
        return await self._llm.show(which)

    async def loaded(self, nothing: Nothing, /) -> LoadedModels:
        """List the models that are in memory."""
        return await self._llm.loaded(nothing)
