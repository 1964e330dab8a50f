"""What is put into the library while a search is under way."""

from collections.abc import Awaitable, Callable

from greenroom.clock import SYSTEM_CLOCK
from greenroom.config import KnowledgeSettings
from greenroom.model import Document, Documents
from greenroom.retriever.library import LibraryService
from greenroom.retriever.narrowing import Narrowing, Numbers
from greenroom.retriever.query import Bounds, Query
from greenroom.retriever.search import Search
from greenroom.retriever.vectors import FaissIndex, Near, Vector
from greenroom.storage.database import Database
from greenroom.testing import ScriptedModel
from tests.retriever.conftest import EMBEDDER


class BusyIndex(FaissIndex):
    """One in which something is done just before each search."""

    def __init__(self, before: Callable[[], Awaitable[object]]) -> None:
        super().__init__()
        self._before = before

    async def search(self, collection: str, embedder: str, vector: Vector, most: int, allowed: Numbers) -> list[Near]:
        await self._before()
        return await super().search(collection, embedder, vector, most, allowed)


async def test_a_secret_that_is_put_in_during_a_search_is_not_found_by_it(database: Database) -> None:
    async def tell_a_secret() -> object:
        secret = Document(id="2", title="Mill", text="The mill hides a barrel.", known_to=("peter",))
        return await library.put(Documents(collection="town", documents=(secret,)))

    model, settings = ScriptedModel(card=EMBEDDER), KnowledgeSettings(vector_s=60.0)
    index = BusyIndex(tell_a_secret)
    async with LibraryService(database, index, model, settings, SYSTEM_CLOCK) as library:
        mill = Document(id="1", title="Mill", text="The mill grinds barley.")
        await library.put(Documents(collection="town", documents=(mill,)))
        search = Search(database, library, settings.vector_s)
        found = await search.find(Query.of("mill barrel"), (), Narrowing("brian"), Bounds(5, 0.0))
        assert [passage.content for passage in found.passages] == ["The mill grinds barley."]
        assert found.cut == ()
        found = await search.find(Query.of("mill barrel"), (), Narrowing("peter"), Bounds(5, 0.0))
        assert len(found.passages) == 2
