"""Vectors for the library, by the model that the house embeds with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from cachetools import LRUCache

from greenroom.errors import GreenroomError, UpstreamFailed
from greenroom.model import Nothing, Texts
from greenroom.ports import Llm
from greenroom.retriever.rows import Matrix
from greenroom.retriever.vectors import Vector

AT_ONCE = 64
"""Texts of one call: others who want vectors wait no longer than for these."""
_QUERIES = 512


@dataclass(frozen=True, slots=True)
class Ahead:
    """Vectors of texts, made before it is certain which are wanted.

    `asked` is the model that was asked for them (empty means the house's own), `made_by` the one that made them.
    """

    asked: str
    made_by: str
    vectors: Mapping[str, Vector]


class Embedding:
    """Asks the gateway for vectors."""

    def __init__(self, llm: Llm) -> None:
        self._llm = llm
        self._queries: LRUCache[tuple[str, str], Vector] = LRUCache(_QUERIES)

    async def role(self) -> str:
        """The model that the house embeds with now; empty when there is none."""
        return (await self._llm.models(Nothing())).roles.get("embedding", "")

    async def of_query(self, query: str, embedder: str) -> Vector:
        """The vector of what is looked for. Raises: all that `Llm.embed` does."""
        key = query, embedder
        if key not in self._queries:
            made = await self._llm.embed(Texts(texts=(query,), model=embedder, role="embedding"))
            self._queries[key] = np.array(made.vectors[0], np.float32)
        return self._queries[key]

    async def of(self, texts: Sequence[str], embedder: str = "") -> tuple[str, Matrix]:
        """The model, and a vector for each text; behind all that people wait for.

        An empty name means the house's own. Raises: all that `Llm.embed` does.
        """
        name, rows = embedder, []
        for start in range(0, len(texts), AT_ONCE):
            some = tuple(texts[start : start + AT_ONCE])
            made = await self._llm.embed(Texts(texts=some, model=name, role="embedding", background=True))
            name = made.model
            rows.append(np.array(made.vectors, np.float32))
        if len({matrix.shape[1] for matrix in rows}) > 1:
            raise UpstreamFailed(f"{name} gives vectors of several lengths")
        return name, np.concatenate(rows)

    async def ahead(self, texts: Sequence[str], embedder: str) -> Ahead:
        """Make vectors that will be wanted; raises as `as_before` does."""
        made_by, rows = await self.as_before(texts, embedder)
        return Ahead(embedder, made_by, dict(zip(texts, rows, strict=True)))

    async def going_on(self, texts: Sequence[str], embedder: str, ahead: Ahead | None) -> tuple[str, Matrix]:
        """Like `as_before`; what was made ahead for the same model is not made again."""
        if ahead is None or embedder not in {ahead.asked, ahead.made_by}:
            return await self.as_before(texts, embedder)
        vectors = dict(ahead.vectors)
        if lacking := [text for text in dict.fromkeys(texts) if text not in vectors]:
            _, rows = await self.of(lacking, ahead.made_by)
            vectors |= zip(lacking, rows, strict=True)
        return ahead.made_by, np.stack([vectors[text] for text in texts])

    async def as_before(self, texts: Sequence[str], embedder: str) -> tuple[str, Matrix]:
        """Like `of`, by the model that the library has vectors of; by the house's own, when that one is gone."""
        if not embedder:
            return await self.of(texts)
        try:
            return await self.of(texts, embedder)
        except GreenroomError:
            if await self.role() in {"", embedder}:
                raise
            return await self.of(texts)
