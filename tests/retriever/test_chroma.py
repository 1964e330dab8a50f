"""Vectors on a Chroma server: found as in memory, never served when they say otherwise than the database."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

import aiohttp
import numpy as np
import pytest
from aiohttp import web
from numpy.typing import NDArray
from yarl import URL

from greenroom.clock import SYSTEM_CLOCK
from greenroom.config import KnowledgeSettings
from greenroom.errors import WrongSetting
from greenroom.model import Document, DocumentRefs, Documents, Nothing, SearchExtent, SemanticSearch, Texts, Vectors
from greenroom.retriever.chroma import ChromaIndex
from greenroom.retriever.library import LibraryService
from greenroom.retriever.service import RetrieverService
from greenroom.retriever.vectors import FaissIndex, VectorIndex
from greenroom.storage.database import Database
from greenroom.testing import FixedCast, ScriptedModel
from tests.retriever.conftest import EMBEDDER, service_over
from tests.servers import free_port
from tests.sizes import sized

LAMP = Document(id="lamp", title="The lamp", text="The lamp of the lighthouse has been dark for years.")
BREAD = Document(id="bread", title="Bread", text="Odile bakes rye bread before dawn.", metadata={"season": 4})
RUM = Document(id="rum", title="Rum", text="Abner hides his rum below the lamp.", known_to=("Odile",))
BY_MEANING = "in meaning"


@dataclass
class House:
    """A library whose vectors are on a server."""

    library: LibraryService
    retriever: RetrieverService
    index: VectorIndex

    async def put(self, *put: Document) -> None:
        await self.library.put(Documents(collection="town", documents=put))

    async def reasons(self, query: str, **asked: object) -> dict[str, str]:
        """Why each document was found, by its title."""
        search = SemanticSearch.model_validate({"query": query, **asked})
        return {found.title: found.reason for found in (await self.retriever.semantic_search(search)).results}

    async def ready(self) -> None:
        async with asyncio.timeout(60):
            while not all(c.ready for c in (await self.retriever.collections(Nothing())).collections):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


Open = Callable[[str], AbstractAsyncContextManager[House]]


@pytest.fixture
def house(tmp_path: Path) -> Open:
    """`async with house(url) as it`: the house, with the same database each time."""

    @asynccontextmanager
    async def opened(url: str) -> AsyncIterator[House]:
        async with aiohttp.ClientSession() as session, Database(f"sqlite:///{tmp_path / 'greenroom.db'}") as database:
            index = ChromaIndex(url, lambda: session)
            async with library_over(database, index) as library:
                yield House(library, service_over(database, library, FixedCast()), index)

    return opened


@pytest.mark.chroma
async def test_what_is_put_is_found_by_its_vector_and_still_after_a_restart(house: Open, chroma_url: str) -> None:
    async with house(chroma_url) as it:
        await it.put(LAMP, BREAD)
        assert BY_MEANING in (await it.reasons("the lamp"))["The lamp"]
        assert "Chroma at 127.0.0.1" in (await it.retriever.collections(Nothing())).index
        await it.put(BREAD.model_copy(update={"text": "Odile sells figs."}))
        await it.library.remove(DocumentRefs(collection="town", ids=("lamp",)))
        assert BY_MEANING in (await it.reasons("figs"))["Bread"]
        held = await it.index.stamp("town", EMBEDDER.full_name)
    async with house(chroma_url) as it:
        assert await it.index.stamp("town", EMBEDDER.full_name) == held
        assert BY_MEANING in (await it.reasons("figs"))["Bread"]


@pytest.mark.chroma
async def test_what_was_changed_while_the_server_was_away_is_not_served_but_made_anew(
    house: Open, chroma_url: str
) -> None:
    async with house(chroma_url) as it:
        await it.put(LAMP, BREAD)
    async with house(f"http://127.0.0.1:{free_port()}") as it:
        await it.put(BREAD.model_copy(update={"text": "Odile sells figs."}))
        assert BY_MEANING not in (await it.reasons("figs"))["Bread"]
    async with house(chroma_url) as it:
        await it.put(LAMP.model_copy(update={"text": "The lamp shines again."}))
        await it.ready()
        assert BY_MEANING in (await it.reasons("figs"))["Bread"]
        assert BY_MEANING in (await it.reasons("shines"))["The lamp"]


@pytest.mark.chroma
async def test_a_server_that_was_emptied_is_filled_again(house: Open, chroma_url: str) -> None:
    async with house(chroma_url) as it, aiohttp.ClientSession() as session:
        await it.put(LAMP, BREAD)
        shelves = URL(chroma_url).with_path("/api/v2/tenants/default_tenant/databases/default_database/collections")
        async with session.get(shelves) as answer:
            of_this_house = [one for one in await answer.json() if one["name"].startswith(URL(chroma_url).path[1:])]
        for one in of_this_house:
            (await session.delete(shelves / one["name"])).close()
        assert BY_MEANING not in (await it.reasons("the lamp"))["The lamp"]
        await it.ready()
        assert BY_MEANING in (await it.reasons("the lamp"))["The lamp"]


@pytest.mark.chroma
async def test_filters_and_secrets_hold_on_the_server(house: Open, chroma_url: str) -> None:
    async with house(chroma_url) as it:
        await it.put(LAMP, BREAD, RUM)
        everything = "lamp lighthouse bread rum"
        assert set(await it.reasons(everything)) == {"The lamp", "Bread", "Rum"}
        assert set(await it.reasons(everything, character="Stranger")) == {"The lamp", "Bread"}
        assert set(await it.reasons(everything, filters={"season": 4})) == {"Bread"}
        assert await it.reasons(everything, filters={"season": 5}) == {}


@pytest.mark.chroma
async def test_all_stores_give_the_same_first_ten(tmp_path: Path, postgresql_url: str, chroma_url: str) -> None:
    """10,000 texts with `TESTS_AT_FULL_SIZE`. The vectors are such that hardly two of them are equally near."""
    drawn = random.Random(7)
    words = ["".join(drawn.choices("bdfgklmnprst", k=2)) + drawn.choice("aeiou") + str(n) for n in range(2000)]
    said = [" ".join(drawn.choices(words, k=30)) for _ in range(sized(400, 10_000))]
    queries = [" ".join(drawn.sample(drawn.choice(said).split(), 4)) for _ in range(sized(20, 100))]
    sqlite = f"sqlite:///{tmp_path / 'faiss.db'}"
    async with aiohttp.ClientSession() as session:
        chroma = ChromaIndex(chroma_url, lambda: session)
        in_memory = await first_tens(sqlite, FaissIndex(), said, queries)
        assert await first_tens(postgresql_url, FaissIndex(), said, queries) == in_memory
        assert await first_tens(f"sqlite:///{tmp_path / 'chroma.db'}", chroma, said, queries) == in_memory


async def first_tens(url: str, index: VectorIndex, said: list[str], queries: list[str]) -> list[list[str]]:
    async with Database(url) as database, library_over(database, index, Scattered(card=EMBEDDER)) as library:
        for start in range(0, len(said), 500):
            page = [Document(id=str(start + n), text=text) for n, text in enumerate(said[start : start + 500])]
            await library.put(Documents(collection="town", documents=tuple(page)))
        house = House(library, service_over(database, library, FixedCast()), index)
        await house.ready()
        tens = []
        for query in queries:
            search = SemanticSearch(query=query, search_settings=SearchExtent(max_results=10))
            tens.append([found.id for found in (await house.retriever.semantic_search(search)).results])
    return tens


@pytest.mark.parametrize("version", ["0.6.3", "1.0.0", "1.5.8", "something else"])
async def test_a_server_that_is_too_old_is_refused(house: Open, version: str) -> None:
    """Those of 1.5.8 call themselves 1.0.0 as those of 1.5.9 do, but do not describe what came with 1.5.9."""
    with pytest.raises(WrongSetting, match=r"storage\.chroma_url.*1\.5\.9 or newer"):
        async with answering({"/api/v2/version": version, "/openapi.json": {"components": {}}}) as url, house(url):
            pass


async def test_a_newer_server_is_welcome(house: Open) -> None:
    async with answering({"/api/v2/version": "1.6.0"}) as url, house(url) as it:
        assert await it.reasons("the lamp") == {}


async def test_without_the_server_words_find(house: Open) -> None:
    async with answering({"/api/v2/version": "1.6.0"}) as url, house(url) as it:
        await it.put(LAMP)
        assert BY_MEANING not in (await it.reasons("the lamp"))["The lamp"]
        assert not (await it.retriever.collections(Nothing())).collections[0].ready


@asynccontextmanager
async def answering(answers: dict[str, object]) -> AsyncIterator[str]:
    """A server that gives these answers, and to everything else says that it is broken."""

    async def answer(request: web.Request) -> web.Response:
        known = request.path in answers
        return web.json_response(answers.get(request.path), status=200 if known else 500)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def library_over(database: Database, index: VectorIndex, llm: ScriptedModel | None = None) -> LibraryService:
    settings = KnowledgeSettings(vector_s=60.0, check_every_s=60.0)
    return LibraryService(database, index, llm or ScriptedModel(card=EMBEDDER), settings, SYSTEM_CLOCK)


class Scattered(ScriptedModel):
    """Each word has a direction of its own, and a text the mean of those of its words."""

    async def embed(self, texts: Texts, /) -> Vectors:
        rows = [np.sum([direction_of(word) for word in text.split()], axis=0) for text in texts.texts]
        units = [row / np.linalg.norm(row) for row in rows]
        return Vectors(model=self.card.full_name, vectors=tuple(tuple(unit.tolist()) for unit in units))


@cache
def direction_of(word: str) -> NDArray[np.float64]:
    return np.random.default_rng(crc32(word.encode())).normal(size=64)
