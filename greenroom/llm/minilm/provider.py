"""The model as a provider: an `Llm` that only embeds, in a thread of its own."""

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NoReturn, Self, TypeVar

import numpy as np
from pydantic import JsonValue

from greenroom.clock import Clock
from greenroom.errors import InvalidInput, NoUpstream, StorageFailed, UnknownModel, Unsupported
from greenroom.llm.minilm.engine import AT_ONCE, Embedded, Engine
from greenroom.llm.minilm.recipe import MINILM
from greenroom.llm.minilm.shelf import CURE, Added, Shelf
from greenroom.llm.vectors import unit_rows
from greenroom.model import (
    MINILM_PROVIDER,
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
    Vectors,
)
from greenroom.processors import keep_to_second_half

T = TypeVar("T")

_NOT_ADDED = "not added; `greenroom models add minilm` does that"

_BEHIND = 2
"""Runs at a time of texts that nobody waits for, each with half of the processors."""
_ALIKE, _AS_GOOD_AS_NONE = 2, 40
"""Texts go together when none has more than twice the characters of another, and so many more."""
_CHARACTERS_AT_ONCE = 1600
"""Of a run, so that what is reckoned for it stays near the processor; longer texts go alone. Source: measured
2026-11-22, ms of a processor for a text: of 62 tokens 8.9 with four in a run and 9.6 with eight, of 160 tokens 27 with
one or two and 33 with eight; on a busy machine, two runs at a time, 10.9 instead of 13.4 and 23 instead of 30."""


class MiniLM:
    """Embeds with the model on the shelf. It is read at the first text, and again when another one was added.

    The second half of the processors works on it (at most four), on a few texts at a time, so that a long list keeps no
    short one waiting, and the loop none. Texts in the background have a way of their own, where the other half helps.
    """

    def __init__(self, shelf: Shelf, clock: Clock) -> None:
        self._shelf = shelf
        self._clock = clock
        self._threads = max(1, min(4, (os.cpu_count() or 1) // 2))
        self._thread = ThreadPoolExecutor(1, "minilm", keep_to_second_half)
        self._behind = ThreadPoolExecutor(_BEHIND, thread_name_prefix="minilm-behind")
        self._running: tuple[Added, Engine] | None = None

    async def __aenter__(self) -> Self:
        """There is nothing to open: the model is read when it is needed."""
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Let the texts under way end, and forget the others and the model."""
        for threads in (self._thread, self._behind):
            await asyncio.to_thread(threads.shutdown, wait=True, cancel_futures=True)
        self._running = None

    def chat(self, request: ChatRequest, /) -> NoReturn:
        """Refuse. Raises: Unsupported."""
        raise Unsupported(f'"{request.model}" does not support chat')

    async def generate(self, request: GenerateRequest, /) -> Stream[Chunk]:
        """Load the model, or forget it when `keep_alive` is 0. Raises: Unsupported, for a prompt."""
        if request.prompt:
            raise Unsupported(f'"{request.model}" does not support generate')
        _check_name(request.model)
        gone = request.keep_alive in {0, "0", "0s"}
        if gone:
            self._running = None
        else:
            await self._in_thread(self._read)
        yield Chunk(model=request.model, done=True, done_reason="unload" if gone else "load")

    async def embed(self, texts: Texts, /) -> Vectors:
        """Embed each text: 384 numbers, made from its first 256 tokens.

        Raises: UnknownModel, when it was not added; NoUpstream, when it is damaged; BadRequest, for a text that is
        too long, without `truncate`.
        """
        _check_name(texts.model)
        begun_s = self._clock.monotonic_s()
        running = self._running
        added, engine = await self._in_thread(self._read) if running is None else running
        read_s = self._clock.monotonic_s()
        rows = np.empty((len(texts.texts), added.dimensions), np.float32)
        batches = _batches(texts.texts)
        if texts.background:
            done = await asyncio.gather(*(self._embedded(engine, texts, batch) for batch in batches))
        else:
            done = [await self._embedded(engine, texts, batch) for batch in batches]
        for places, some in zip(batches, done, strict=True):
            rows[places] = some.rows
        return Vectors(
            model=self._card(added).full_name,
            vectors=unit_rows(rows.tolist(), texts.dimensions),
            prompt_tokens=sum(some.tokens for some in done),
            total_ns=_ns(self._clock.monotonic_s() - begun_s),
            load_ns=_ns(read_s - begun_s),
        )

    async def models(self, nothing: Nothing, /) -> Models:
        """List the model if it was added. Raises: NoUpstream, when it is damaged."""
        added = await self._added()
        detail = "a small model for vectors, run here" if added else _NOT_ADDED
        health = ProviderHealth(provider=MINILM_PROVIDER, reachable=True, detail=detail)
        return Models(models=(self._card(added),) if added else (), providers=(health,))

    async def show(self, which: ModelRef, /) -> ModelDetails:
        """Describe the model. Raises: UnknownModel; NoUpstream."""
        _check_name(which.model)
        added = await self._added()
        if added is None:
            raise UnknownModel(f"{MINILM_PROVIDER} is {_NOT_ADDED}")
        return ModelDetails(
            card=self._card(added),
            context_tokens=added.context_tokens,
            dimensions=added.dimensions,
            parameters=added.parameters,
        )

    async def loaded(self, nothing: Nothing, /) -> LoadedModels:
        """The model, once it has embedded something."""
        if self._running is None:
            return LoadedModels(models=())
        added, _ = self._running
        return LoadedModels(models=(LoadedModel(card=self._card(added), context_tokens=added.context_tokens),))

    async def _added(self) -> Added | None:
        try:
            added = await asyncio.to_thread(self._shelf.added)
        except StorageFailed as exc:
            raise NoUpstream(exc.detail) from exc
        if self._running and self._running[0] != added:
            self._running = None
        return added

    def _read(self) -> tuple[Added, Engine]:
        """The model, read from the shelf unless another text has had it read meanwhile."""
        if self._running is None:
            try:
                added = self._shelf.added()
                if added is None:
                    raise UnknownModel(f"{MINILM_PROVIDER} is {_NOT_ADDED}")
                self._shelf.check(added)
                self._running = added, Engine(self._shelf.graph, self._shelf.tokenizer, self._threads)
            except InvalidInput as exc:
                raise NoUpstream(f"{exc.detail}; {CURE}") from exc
            except StorageFailed as exc:
                raise NoUpstream(exc.detail) from exc
        return self._running

    async def _embedded(self, engine: Engine, texts: Texts, places: Sequence[int]) -> Embedded:
        some = [texts.texts[place] for place in places]
        threads = self._behind if texts.background else self._thread
        work = partial(engine.embed, some, truncate=texts.truncate)
        return await asyncio.get_running_loop().run_in_executor(threads, work)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _card(self, added: Added) -> ModelCard:
        details: dict[str, JsonValue] = {
            "family": "bert",
            "format": "onnx",
            "parameter_size": f"{added.parameters / 1e6:.1f}M",
            "quantization_level": added.quantization,
        }
        return ModelCard(
            name=added.name,
            provider=MINILM_PROVIDER,
            size_bytes=added.size_bytes,
            digest=added.sha256,
            modified_at=added.added_at,
            details=details,
            capabilities=("embedding",),
        )


def _check_name(asked: str) -> None:
    known = {"", MINILM.name, MINILM_PROVIDER, f"{MINILM_PROVIDER}/{MINILM.name}"}
    if asked.casefold().removesuffix(":latest") not in known:
        raise UnknownModel(f"unknown model {asked!r}; {MINILM_PROVIDER} knows {MINILM.name!r}")


def _batches(texts: Sequence[str]) -> list[list[int]]:
    """The places of the texts, a few at a time; those of like length together, since all are padded to the longest.

    Five short texts beside one of 256 tokens take five times as long as both by themselves.
    """
    batches: list[list[int]] = []
    for place in sorted(range(len(texts)), key=lambda place: len(texts[place])):
        batch = batches[-1] if batches else []
        if batch and _fits(len(texts[place]), len(texts[batch[0]]), len(batch)):
            batch.append(place)
        else:
            batches.append([place])
    return batches


def _fits(longest: int, shortest: int, others: int) -> bool:
    """Whether a text of so many characters may go with others, all of them as long as it once they are padded."""
    small = others < AT_ONCE and longest * (others + 1) <= _CHARACTERS_AT_ONCE
    return small and longest <= _ALIKE * shortest + _AS_GOOD_AS_NONE


def _ns(seconds: float) -> int:
    return max(0, int(seconds * 1e9))
