"""Embeddings that are computed once: the same port, with a cache in front of what computes."""

import hashlib
from array import array

from greenroom.llm.fold import Fold
from greenroom.model import (
    Nothing,
    Texts,
    Vectors,
)
from greenroom.ports import Llm
from greenroom.storage.cache import Cache

_KEPT_S = 7 * 24 * 3600.0


class RememberedEmbeddings(Fold):
    """An `Llm` that remembers each text's vector by model, text and what changes it; all else passes through.

    A text's vector does not change while its model does not, so that a hit is as good as the computation.
    """

    def __init__(self, llm: Llm, cache: Cache) -> None:
        super().__init__(llm)
        self._cache = cache
        self._hits = self._misses = 0

    async def embed(self, texts: Texts, /) -> Vectors:
        """Embed each text that is not remembered; `prompt_tokens` counts those only."""
        model = texts.model or (await self._llm.models(Nothing())).roles.get("embedding", "")
        asked_for = texts.model_dump_json(include={"dimensions", "truncate", "as_made", "options"}, exclude_none=True)
        keys = [_key(model, asked_for, text) for text in texts.texts]
        known = {key: await self._cache.get(key) for key in dict.fromkeys(keys)}
        missing = {key: text for key, text in zip(keys, texts.texts, strict=True) if known[key] is None}
        self._hits += len(keys) - len(missing)
        self._misses += len(missing)
        if not missing:
            return Vectors(model=model, vectors=tuple(_read(known[key]) for key in keys), prompt_tokens=0)
        asked = texts.model_copy(update={"texts": tuple(missing.values()), "model": model})
        found = await self._llm.embed(asked)
        for key, vector in zip(missing, found.vectors, strict=True):
            known[key] = content = array("d", vector).tobytes()
            await self._cache.set(key, content, _KEPT_S)
        return found.model_copy(update={"vectors": tuple(_read(known[key]) for key in keys)})

    def figures(self) -> dict[str, float]:
        """How often a text was remembered; for metrics."""
        return {"embeddings_remembered_total": float(self._hits), "embeddings_computed_total": float(self._misses)}


def _key(model: str, asked_for: str, text: str) -> str:
    return "embedding:" + hashlib.sha256(f"{model}\0{asked_for}\0{text}".encode()).hexdigest()


def _read(content: bytes | None) -> tuple[float, ...]:
    assert content is not None
    return tuple(array("d", content))
