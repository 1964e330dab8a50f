"""Embeddings are computed once."""

from greenroom.llm.remembered import RememberedEmbeddings
from greenroom.model import Texts
from greenroom.ports import Llm
from greenroom.storage.cache import MemoryCache
from greenroom.storage.redis_cache import RedisCache
from greenroom.testing import FrozenClock, ScriptedModel
from tests.conftest import Reach


async def test_a_text_is_embedded_once_and_its_vector_stays_the_same(reach: Reach) -> None:
    model = ScriptedModel()
    remembered = RememberedEmbeddings(model, MemoryCache(1_000_000, FrozenClock()))
    llm = await reach(Llm, remembered)
    first = await llm.embed(Texts(texts=("beer", "novel", "beer")))
    second = await llm.embed(Texts(texts=("novel", "beer", "ray gun")))
    assert second.vectors[:2] == (first.vectors[1], first.vectors[0])
    assert first.vectors[0] == first.vectors[2]
    assert [t.texts for t in model.embedded] == [("beer", "novel"), ("ray gun",)]
    assert remembered.figures() == {"embeddings_remembered_total": 3.0, "embeddings_computed_total": 3.0}


async def test_other_dimensions_are_another_vector() -> None:
    model = ScriptedModel()
    llm = RememberedEmbeddings(model, MemoryCache(1_000_000, FrozenClock()))
    for dimensions in (8, 16, 8):
        (vector,) = (await llm.embed(Texts(texts=("beer",), dimensions=dimensions))).vectors
        assert len(vector) == dimensions
    assert len(model.embedded) == 2


async def test_no_texts_are_no_vectors() -> None:
    llm = RememberedEmbeddings(ScriptedModel(), MemoryCache(1_000_000, FrozenClock()))
    assert (await llm.embed(Texts(texts=()))).vectors == ()


async def test_two_processes_share_what_redis_remembers(redis_url: str) -> None:
    models = ScriptedModel(), ScriptedModel()
    for model in models:
        async with RedisCache(redis_url, FrozenClock(), "test-remembered") as cache:
            await RememberedEmbeddings(model, cache).embed(Texts(texts=("shared",)))
    assert [len(model.embedded) for model in models] == [1, 0]
