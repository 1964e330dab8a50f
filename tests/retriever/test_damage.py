"""A full disk and damaged files: what was said to be kept is found, and what is damaged is not."""

import asyncio
import random
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, text, update

from greenroom.clock import SYSTEM_CLOCK
from greenroom.config import KnowledgeSettings
from greenroom.errors import GreenroomError, StorageFull
from greenroom.model import Document, Documents, Nothing, SemanticSearch
from greenroom.retriever.library import LibraryService
from greenroom.retriever.tables import chunk_vectors
from greenroom.retriever.vectors import FaissIndex
from greenroom.storage.database import Database
from greenroom.testing import FixedCast, ScriptedModel
from tests.retriever.conftest import EMBEDDER, Open, service_over
from tests.sizes import sized

WORDS = (
    *("anchor", "barley", "candle", "dune", "ember", "fjord", "gale", "harbour", "inlet", "jetty"),
    *("kelp", "lantern", "mast", "nettle", "oar", "pier", "quay", "reef"),
)


def document(number: int) -> Document:
    drawn = random.Random(number)
    return Document(id=str(number), title=f"Page {number}", text=" ".join(drawn.choices(WORDS, k=12)) + f" n{number}.")


async def test_a_full_disk_is_said_and_what_was_kept_is_found(tmp_path: Path) -> None:
    async with Database(f"sqlite:///{tmp_path / 'greenroom.db'}") as database:
        async with database.write() as connection:
            pages = (await connection.execute(text("PRAGMA page_count"))).scalar_one()
            await connection.execute(text(f"PRAGMA max_page_count = {pages + 60}"))
        async with opened(database) as library:
            kept: list[int] = []
            with pytest.raises(StorageFull):
                await put_all(library, range(1000), kept)
            [town] = (await library.stats(Nothing())).collections
            assert (town.documents, town.vectors, town.ready) == (len(kept), len(kept), True)
            retriever = service_over(database, library, FixedCast())
            [last] = (await retriever.semantic_search(SemanticSearch(query=f"n{kept[-1]}"))).results[:1]
            assert last.metadata["document_id"] == str(kept[-1])
        async with database.read() as connection:
            assert (await connection.execute(text("PRAGMA integrity_check"))).scalar_one() == "ok"


async def put_all(library: LibraryService, numbers: Iterable[int], kept: list[int]) -> None:
    for number in numbers:
        await library.put(Documents(collection="town", documents=(document(number),)))
        kept.append(number)


async def test_damaged_vectors_are_seen_at_the_start_and_made_anew(knowing: Open, database: Database) -> None:
    async with knowing() as known:
        await known.library.put(Documents(collection="town", documents=tuple(map(document, range(20)))))
    async with database.write() as connection:
        first, second, third, *_ = (await connection.execute(select(chunk_vectors.c.chunk))).scalars()
        for chunk, vector in ((first, b"\x00" * 7), (second, np.full(64, np.nan, "<f4").tobytes()), (third, b"")):
            damaged = update(chunk_vectors).where(chunk_vectors.c.chunk == chunk).values(vector=vector)
            await connection.execute(damaged)
    async with knowing() as known, asyncio.timeout(60):
        while not all(  # noqa: ASYNC110
            c.ready and c.vectors == 20 for c in (await known.library.stats(Nothing())).collections
        ):
            await asyncio.sleep(0.01)
        vectors: list[int] = []
        async for numbers, matrix in known.library.store.vectors("town", EMBEDDER.full_name, vectors):
            assert len(numbers) == len(matrix) == 20
        assert vectors == []


async def test_flipped_pages_raise_what_was_foreseen_or_nothing(tmp_path: Path) -> None:
    file = tmp_path / "greenroom.db"
    async with Database(f"sqlite:///{file}") as database, opened(database) as library:
        await library.put(Documents(collection="town", documents=tuple(map(document, range(40)))))
    whole = file.read_bytes()
    for seed in range(sized(6, 1000)):
        drawn = random.Random(seed)
        flipped = bytearray(whole)
        at = drawn.randrange(1, len(whole) // 4096) * 4096
        flipped[at : at + 4096] = bytes(byte ^ 0xFF for byte in flipped[at : at + 4096])
        file.write_bytes(flipped)
        try:
            async with Database(f"sqlite:///{file}") as database, opened(database) as library:
                retriever = service_over(database, library, FixedCast())
                found = (await retriever.semantic_search(SemanticSearch(query="barley harbour"))).results
                assert all(isinstance(passage.metadata["document_id"], str) for passage in found)
        except GreenroomError:
            continue


async def test_without_its_wal_a_library_is_smaller_and_whole(tmp_path: Path) -> None:
    """What stood in the lost file is gone; of the rest, words, vectors and figures agree, and it takes documents."""
    file, copy = tmp_path / "greenroom.db", tmp_path / "copy.db"
    async with Database(f"sqlite:///{file}") as database, opened(database) as library:
        await library.put(Documents(collection="town", documents=tuple(map(document, range(20)))))
    async with Database(f"sqlite:///{file}") as database, opened(database) as library:
        await library.put(Documents(collection="town", documents=tuple(map(document, range(20, 40)))))
        copy.write_bytes(file.read_bytes())
    async with Database(f"sqlite:///{copy}") as database, opened(database) as library:
        await library.put(Documents(collection="town", documents=(document(99),)))
        [town] = (await library.stats(Nothing())).collections
        assert town.documents == town.chunks == town.vectors
        assert town.documents < 41
        retriever = service_over(database, library, FixedCast())
        [found] = (await retriever.semantic_search(SemanticSearch(query="n99"))).results[:1]
        assert found.metadata["document_id"] == "99"
        assert (await retriever.semantic_search(SemanticSearch(query="n39"))).results == ()


async def test_both_databases_find_the_same(tmp_path: Path, postgresql_url: str) -> None:
    found = []
    for url in (f"sqlite:///{tmp_path / 'greenroom.db'}", postgresql_url):
        async with Database(url) as database, opened(database) as library:
            pages = tuple(map(document, range(300)))
            await library.put(Documents(collection="town", documents=pages[:150]))
            await library.put(Documents(collection="town", documents=pages[100:]))
            retriever = service_over(database, library, FixedCast())
            queries = [" ".join(random.Random(seed).sample(WORDS, 3)) for seed in range(25)]
            answers = [(await retriever.semantic_search(SemanticSearch(query=query))).results for query in queries]
            found.append([[(passage.id, passage.relevance_score) for passage in answer] for answer in answers])
    assert found[0] == found[1]


def opened(database: Database) -> LibraryService:
    settings = KnowledgeSettings(vector_s=60.0, check_every_s=60.0)
    return LibraryService(database, FaissIndex(), ScriptedModel(card=EMBEDDER), settings, SYSTEM_CLOCK)
