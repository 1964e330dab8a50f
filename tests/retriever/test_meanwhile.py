"""What is put into the library while a search is under way."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

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


@dataclass(frozen=True)
class Overtaken(Narrowing):
    """One after whose looking something is done."""

    afterwards: Callable[[], object] = lambda: None

    def numbers(self, connection: Connection) -> Numbers:
        found = super().numbers(connection)
        self.afterwards()
        return found


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


async def test_a_secret_that_is_put_in_just_before_the_words_are_looked_up_is_not_found_by_them(tmp_path: Path) -> None:
    loop, settings = asyncio.get_running_loop(), KnowledgeSettings(vector_s=60.0)

    def tell_a_secret() -> None:
        secret = Document(id="2", title="Mill", text="The mill hides a barrel.", known_to=("peter",))
        put = library.put(Documents(collection="town", documents=(secret,)))
        asyncio.run_coroutine_threadsafe(put, loop).result(60)

    # Only SQLite's searches have a thread, in which can be waited for this.
    async with (
        Database(f"sqlite:///{tmp_path / 'greenroom.db'}") as database,
        LibraryService(database, FaissIndex(), ScriptedModel(card=EMBEDDER), settings, SYSTEM_CLOCK) as library,
    ):
        mill = Document(id="1", title="Mill", text="The mill grinds barley.")
        await library.put(Documents(collection="town", documents=(mill,)))
        search = Search(database, library, settings.vector_s)
        overtaken = Overtaken("brian", afterwards=tell_a_secret)
        found = await search.find(Query.of("mill barrel"), (), overtaken, Bounds(5, 0.0))
        assert [passage.content for passage in found.passages] == ["The mill grinds barley."]
        assert found.cut == ()


async def test_what_another_process_writes_anew_is_shown_as_it_is_then(database: Database) -> None:
    model, settings = ScriptedModel(card=EMBEDDER), KnowledgeSettings(vector_s=60.0)
    async with (
        LibraryService(database, FaissIndex(), model, settings, SYSTEM_CLOCK) as library,
        LibraryService(database, FaissIndex(), model, settings, SYSTEM_CLOCK) as other,
    ):
        mill = Document(id="1", title="Mill", text="The mill grinds barley.", url="https://town.example/mill")
        await library.put(Documents(collection="town", documents=(mill,)))
        search = Search(database, library, settings.vector_s)
        wanted = Query.of("mill barley"), (), Narrowing("brian"), Bounds(5, 0.0)
        assert [passage.url for passage in (await search.find(*wanted)).passages] == ["https://town.example/mill"]
        moved = mill.model_copy(update={"url": "https://town.example/old-mill", "metadata": {"state": "ruin"}})
        await other.put(Documents(collection="town", documents=(moved,)))
        [found] = (await search.find(*wanted)).passages
        assert (found.url, found.metadata["state"]) == ("https://town.example/old-mill", "ruin")
