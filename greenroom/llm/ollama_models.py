"""Ollama's routes that ask about models, or for vectors: show, ps, embed, embeddings.

Source: ollama/ollama v0.33, server/routes.go: the order of the checks, and the words of the errors.
"""

from typing import Any

from starlette.responses import Response

from greenroom.clock import Clock
from greenroom.errors import BadRequest, TooLarge, UnknownModel
from greenroom.llm import ollama_answer as answers
from greenroom.llm.asked import NamedModels, decoded
from greenroom.llm.dialect import as_json
from greenroom.llm.ollama_request import (
    EmbedBody,
    EmbeddingsBody,
    ShowBody,
    embed_request,
    show_request,
    texts_to_embed,
)
from greenroom.model import ModelRef, Nothing, Texts, Vectors
from greenroom.ports import Llm

_NUMBERS = 4_000_000
"""The most numbers that one answer may have; about 120 MB of memory while it is written."""

_USUAL_DIMENSIONS = 512


class Asking:
    """Answers what is asked about models."""

    def __init__(self, llm: Llm) -> None:
        self._llm = llm

    async def show(self, content: bytes, *, basename: bool = False) -> Response:
        """Answer /api/show. With `basename` the name that was asked for stands in the answer once more."""
        asked = show_request(decoded(ShowBody, content))
        try:
            found = answers.shown(await self._llm.show(asked))
        except UnknownModel as exc:
            raise UnknownModel(f"model '{asked.model}' not found") from exc
        if basename:
            found["model_info"] |= {"general.basename": asked.model}
        return as_json(found)

    async def ps(self, content: bytes) -> Response:
        """Answer /api/ps."""
        models = (await self._llm.loaded(Nothing())).models
        return as_json({"models": [answers.running(model) for model in models]})


class Embedding:
    """Answers what is asked for vectors."""

    def __init__(self, llm: Llm, clock: Clock) -> None:
        self._llm = llm
        self._named = NamedModels(llm)
        self._clock = clock

    async def embed(self, content: bytes) -> Response:
        """Answer /api/embed."""
        body = decoded(EmbedBody, content)
        texts = texts_to_embed(body.input)
        if not (body.model or "").strip():
            raise UnknownModel("model '' not found")
        began_s = self._clock.monotonic_s()
        vectors = await self._vectors(embed_request(body, texts))
        took_ns = round((self._clock.monotonic_s() - began_s) * 1e9)
        figures = {
            "total_duration": vectors.total_ns or took_ns,
            "load_duration": vectors.load_ns,
            "prompt_eval_count": vectors.prompt_tokens,
        }
        told = {name: figure for name, figure in figures.items() if figure and texts}
        return as_json({"model": body.model, "embeddings": vectors.vectors, **told})

    async def embeddings(self, content: bytes) -> Response:
        """Answer /api/embeddings, which takes one text, and leaves its vector as the model made it."""
        body = decoded(EmbeddingsBody, content)
        if not (body.model or "").strip():
            raise BadRequest("model is required")
        asked = EmbedBody(model=body.model, keep_alive=body.keep_alive, options=body.options)
        texts = embed_request(asked, (body.prompt,) if body.prompt else ())
        vectors = await self._vectors(texts.model_copy(update={"as_made": True}))
        row: Any = vectors.vectors[0] if vectors.vectors else ()
        return as_json({"embedding": row})

    async def _vectors(self, texts: Texts) -> Vectors:
        if len(texts.texts) * (texts.dimensions or _USUAL_DIMENSIONS) > _NUMBERS:
            raise TooLarge(
                f"these are more than {_NUMBERS} numbers at once; send fewer texts, or ask for fewer dimensions"
            )
        full_name = await self._named.full_name(texts.model)
        try:
            if texts.texts:
                return await self._llm.embed(texts.model_copy(update={"model": full_name}))
            await self._llm.show(ModelRef(model=texts.model))
        except UnknownModel as exc:
            raise UnknownModel(f'model "{texts.model}" not found, try pulling it first') from exc
        return Vectors(model=texts.model, vectors=())
