"""A model that says what it is told to say."""

import asyncio
from collections import deque
from collections.abc import Callable

from greenroom.errors import UnknownModel
from greenroom.model import (
    ChatRequest,
    Chunk,
    GenerateRequest,
    LoadedModel,
    LoadedModels,
    ModelCard,
    ModelDetails,
    ModelRef,
    Models,
    Nothing,
    ProviderHealth,
    Stream,
    Texts,
    Usage,
    Vectors,
)
from greenroom.testing.bag_of_words import bag_of_words

Piece = str | Chunk | Exception | asyncio.Event
"""A part of a reply: text, a whole chunk, an error to raise, or a gate at which to wait until it is set."""

_DIMENSIONS = 64


class ScriptedModel:
    """An `Llm` whose replies are queued, each as its pieces; one call of `enqueue` is one reply.

        model.enqueue("Hel", "lo")                     two chunks, then the end
        model.enqueue(Overloaded())                    fails before the first token
        model.enqueue("Hel", UpstreamFailed())         fails inside
        model.enqueue("Hel", gate, "lo")               waits in the middle until `gate.set()`

    With nothing queued it gives `answer`, a text or a function of the request; without one that is a mistake of the
    test. `requests` are all requests so far, `open_streams` those being answered, `left` those that were closed early.
    `details` and `in_memory` are what `show` and `loaded` give.
    """

    def __init__(
        self,
        answer: str | Callable[[ChatRequest | GenerateRequest], str] | None = None,
        *,
        card: ModelCard | None = None,
    ) -> None:
        self.card = card or ModelCard(name="model", provider="scripted")
        self.requests: list[ChatRequest | GenerateRequest] = []
        self.embedded: list[Texts] = []
        self.details: ModelDetails | None = None
        self.in_memory: tuple[LoadedModel, ...] = ()
        self.open_streams = 0
        self.left = 0
        self._answer = answer
        self._replies: deque[tuple[Piece, ...]] = deque()

    def enqueue(self, *pieces: Piece) -> None:
        """Add one reply."""
        self._replies.append(pieces)

    def chat(self, request: ChatRequest, /) -> Stream[Chunk]:
        """Give the next reply."""
        return self._say(request)

    def generate(self, request: GenerateRequest, /) -> Stream[Chunk]:
        """Give the next reply."""
        return self._say(request)

    async def embed(self, texts: Texts, /) -> Vectors:
        """Embed by the words in each text. Raises: UnknownModel, for any name but the card's."""
        self._check(texts.model)
        self.embedded.append(texts)
        dimensions = texts.dimensions or _DIMENSIONS
        vectors = tuple(bag_of_words(text, dimensions) for text in texts.texts)
        return Vectors(model=self.card.full_name, vectors=vectors)

    async def models(self, nothing: Nothing, /) -> Models:
        """List the one model, which every role uses."""
        roles = dict.fromkeys(("generation", "analysis", "maintenance", "embedding"), self.card.full_name)
        health = ProviderHealth(provider=self.card.provider, reachable=True)
        return Models(models=(self.card,), providers=(health,), roles=roles)

    async def show(self, which: ModelRef, /) -> ModelDetails:
        """Give `details`, or no more than the card. Raises: UnknownModel, for any name but the card's."""
        self._check(which.model)
        return self.details or ModelDetails(card=self.card)

    async def loaded(self, nothing: Nothing, /) -> LoadedModels:
        """Give `in_memory`."""
        return LoadedModels(models=self.in_memory)

    def _check(self, model: str) -> None:
        if model not in {"", self.card.name, self.card.full_name}:
            raise UnknownModel(f"unknown model {model!r}; known: {self.card.full_name!r}")

    async def _say(self, request: ChatRequest | GenerateRequest) -> Stream[Chunk]:
        self.requests.append(request)
        self.open_streams += 1
        try:
            ended = False
            for piece in self._next_reply(request):
                if isinstance(piece, Exception):
                    raise piece
                if isinstance(piece, asyncio.Event):
                    await piece.wait()
                    continue
                chunk = piece if isinstance(piece, Chunk) else Chunk(model=self.card.full_name, text=piece)
                ended = chunk.done
                yield chunk
            if not ended:
                usage = Usage(prompt_tokens=1, completion_tokens=1)
                yield Chunk(model=self.card.full_name, done=True, done_reason="stop", usage=usage)
        except (GeneratorExit, asyncio.CancelledError):
            self.left += 1
            raise
        finally:
            self.open_streams -= 1

    def _next_reply(self, request: ChatRequest | GenerateRequest) -> tuple[Piece, ...]:
        if self._replies:
            return self._replies.popleft()
        assert self._answer is not None, "the model was asked more often than replies were queued"
        return (self._answer if isinstance(self._answer, str) else self._answer(request),)
