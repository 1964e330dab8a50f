"""What is put into the library is found, and what is taken out is not; whatever happens in between."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from greenroom.errors import NotFound, NoUpstream
from greenroom.model import (
    CollectionRef,
    Document,
    DocumentPageRequest,
    DocumentRefs,
    Documents,
    ModelCard,
    Models,
    Nothing,
    Passage,
    SearchExtent,
    SemanticSearch,
    Texts,
    TurnId,
    Vectors,
)
from greenroom.ports import Library, Retriever
from greenroom.retriever.narrowing import Narrowing
from greenroom.retriever.store import Store
from greenroom.retriever.tables import chunk_vectors, chunks, documents
from greenroom.storage.database import Database
from greenroom.testing import ScriptedModel
from tests.conftest import Reach
from tests.retriever.conftest import EMBEDDER, Knowing, Open

LIGHTHOUSE = Document(
    id="https://wiki.test/lighthouse",
    title="The lighthouse",
    text="A keeper called Abner lives there. He paints ships. The lamp has been dark since the great storm.",
    url="https://wiki.test/lighthouse",
    licence="CC BY-SA 4.0",
    metadata={"season": 3, "tags": ["harbour", "people"]},
)
BAKERY = Document(id="bakery", title="The bakery", text="Odile bakes rye bread before dawn.", metadata={"season": 4})
SECRET = Document(id="cellar", title="The cellar", text="Abner hides his rum below the lamp.", known_to=("Odile",))


async def put(known: Knowing, *put: Document, collection: str = "town") -> None:
    await known.library.put(Documents(collection=collection, documents=put))


async def ask(retriever: Retriever, query: str, **asked: object) -> list[Passage]:
    search = SemanticSearch.model_validate({"query": query, "collections": ("town",), **asked})
    return list((await retriever.semantic_search(search)).results)


async def titles(known: Knowing, query: str, **asked: object) -> list[str]:
    return [passage.title for passage in await ask(known.retriever, query, **asked)]


async def test_what_was_put_is_found_with_its_source_and_reason(knowing: Open, reach: Reach) -> None:
    async with knowing() as known:
        library = await reach(Library, known.library)
        retriever = await reach(Retriever, known.retriever)
        indexed = await library.put(Documents(collection="town", documents=(LIGHTHOUSE, BAKERY)))
        assert (indexed.added, indexed.changed, indexed.chunks, indexed.embedder) == (2, 0, 2, "scripted/bag")

        found = await ask(retriever, "Who paints the ships?")

        assert found[0].title == "The lighthouse"
        assert found[0].source == found[0].url == "https://wiki.test/lighthouse"
        assert found[0].metadata["document_id"] == LIGHTHOUSE.id
        assert found[0].metadata["licence"] == "CC BY-SA 4.0"
        assert "2 of 2 words match ('paint', 'ship')" in found[0].reason
        assert 0.3 < found[0].relevance_score <= 1
        [town] = (await retriever.collections(Nothing())).collections
        assert (town.name, town.documents, town.chunks, town.vectors, town.ready) == ("town", 2, 2, 2, True)


async def test_what_says_the_same_is_left_alone_and_what_changed_is_replaced(knowing: Open) -> None:
    fetched = datetime(2026, 11, 21, tzinfo=UTC)
    async with knowing() as known:
        await put(known, LIGHTHOUSE, BAKERY)
        again = Documents(
            collection="town",
            documents=(
                LIGHTHOUSE.model_copy(update={"fetched_at": fetched}),
                BAKERY.model_copy(update={"text": "Odile sells figs now."}),
            ),
        )
        indexed = await known.library.put(again)
        assert (indexed.added, indexed.changed, indexed.unchanged) == (0, 1, 1)
        assert await titles(known, "figs") == ["The bakery"]
        assert await titles(known, "rye bread") == []
        page = await known.library.documents(DocumentPageRequest(collection="town"))
        assert [entry.fetched_at for entry in page.documents] == [fetched, None]


async def test_what_was_taken_out_is_gone_from_every_index(knowing: Open, database: Database) -> None:
    async with knowing() as known:
        await put(known, LIGHTHOUSE, BAKERY)
        removed = await known.library.remove(DocumentRefs(collection="town", ids=(LIGHTHOUSE.id, "never there")))
        assert removed.removed == 1
        assert await titles(known, "Abner and his lighthouse") == []
        assert (await known.library.drop(CollectionRef(collection="town"))).removed == 1
        async with database.read() as connection:
            for table in (documents, chunks, chunk_vectors):
                assert (await connection.execute(select(func.count()).select_from(table))).scalar_one() == 0
            assert (await connection.execute(text("SELECT count(*) FROM chunk_words"))).scalar_one() == 0
        assert (await known.retriever.collections(Nothing())).collections == ()
        with pytest.raises(NotFound, match="no collection 'town'"):
            await titles(known, "Abner")


async def test_memories_are_taken_out_by_the_turns_that_they_were_made_of(knowing: Open, reach: Reach) -> None:
    turns = [["one"], ["one", "two"], ["three"]]
    memories = [
        Document(id=str(n), text=f"Ann told Abner about kraken {n}.", metadata={"turn_ids": list(of)})
        for n, of in enumerate(turns)
    ]
    async with knowing() as known:
        await put(known, *memories)
        library = await reach(Library, known.library)
        assert (await library.remove(DocumentRefs(collection="town", turn_ids=(TurnId("none"),)))).removed == 0
        assert (await library.remove(DocumentRefs(collection="else", turn_ids=(TurnId("two"),)))).removed == 0
        assert (await library.remove(DocumentRefs(collection="town", turn_ids=(TurnId("two"),)))).removed == 1
        assert (await library.remove(DocumentRefs(collection="town", turn_ids=(TurnId("one"),)))).removed == 1
        left = await library.documents(DocumentPageRequest(collection="town"))
        assert [entry.id for entry in left.documents] == ["2"]


async def test_a_restart_makes_the_index_anew_out_of_the_database(knowing: Open) -> None:
    async with knowing() as known:
        await put(known, LIGHTHOUSE, BAKERY)
    async with knowing() as known:
        await ready(known)
        assert (await ask(known.retriever, "the keeper's ships"))[0].reason.count("in meaning") == 1


async def test_an_index_that_says_otherwise_than_the_database_is_not_searched_and_made_anew(knowing: Open) -> None:
    async with knowing() as known:
        await put(known, LIGHTHOUSE)
        await known.index.drop("town", "scripted/bag")
        found = await ask(known.retriever, "the keeper's ships")
        assert "in meaning" not in found[0].reason
        await ready(known)
        assert "in meaning" in (await ask(known.retriever, "the keeper's ships"))[0].reason


async def test_a_write_that_fails_leaves_neither_row_nor_vector(knowing: Open, database: Database) -> None:
    async with knowing() as known:
        await put(known, LIGHTHOUSE)
        before = await known.library.store.stamps("scripted/bag")
        async with database.write() as connection:
            await connection.execute(text("ALTER TABLE document_facts RENAME TO elsewhere"))
        with pytest.raises(Exception, match="refused"):
            await put(known, BAKERY)
        async with database.write() as connection:
            await connection.execute(text("ALTER TABLE elsewhere RENAME TO document_facts"))
        assert await known.library.store.stamps("scripted/bag") == before
        assert await titles(known, "rye bread at the bakery") == []
        assert await known.library.is_ready("town", "scripted/bag", before)


async def test_without_an_embedder_nothing_is_put_and_words_still_find(knowing: Open) -> None:
    llm = Away(card=EMBEDDER)
    async with knowing(llm=llm) as known:
        await put(known, LIGHTHOUSE)
        llm.away = True
        with pytest.raises(NoUpstream):
            await put(known, BAKERY)
        assert await titles(known, "Abner's ships") == ["The lighthouse"]
        assert len((await known.library.documents(DocumentPageRequest(collection="town"))).documents) == 1


async def test_another_embedder_takes_over_once_it_has_embedded_everything(knowing: Open, database: Database) -> None:
    async with knowing() as known:
        await put(known, LIGHTHOUSE, BAKERY)
    newer = TwoModels()
    async with knowing(llm=newer, check_every_s=0.05) as known:
        async with asyncio.timeout(60):
            while (await known.retriever.collections(Nothing())).embedder != "scripted/newer":
                assert await titles(known, "Abner's ships") == ["The lighthouse"]
                await asyncio.sleep(0.01)
        assert "in meaning" in (await ask(known.retriever, "Abner's ships"))[0].reason
        await put(known, BAKERY.model_copy(update={"id": "second", "title": "Second bakery"}))
    assert set(await Store(database, known.library._clock).stamps("scripted/bag")) == set()


async def test_a_line_is_found_by_what_was_said_before_it(knowing: Open) -> None:
    lines = [("Abner", "Did you ever see the kraken?"), ("Odile", "Once, off the northern reef."), ("Abner", "Lucky.")]
    said = [Document(id=str(n), title="8 May", text=t, metadata={"speaker": who}) for n, (who, t) in enumerate(lines)]
    async with knowing() as known:
        await put(known, *said[:1])
        await put(known, *said[1:])
        found = await ask(known.retriever, "Has Odile seen the kraken?")
        assert found[0].content == "Once, off the northern reef."


async def test_only_those_who_may_know_find_it(knowing: Open) -> None:
    async with knowing() as known:
        await put(known, LIGHTHOUSE, SECRET)
        assert "The cellar" in await titles(known, "Where is Abner's rum?", character="Odile")
        assert "The cellar" not in await titles(known, "Where is Abner's rum?", character="Stranger")
        assert "The cellar" in await titles(known, "Where is Abner's rum?")
        _, cellar = (await known.library.documents(DocumentPageRequest(collection="town"))).documents
        assert cellar.known_to == ("odile",)


async def test_who_may_know_what_is_looked_up_without_going_through_all_there_is(tmp_path: Path) -> None:
    async with Database(f"sqlite:///{tmp_path / 'greenroom.db'}") as database, database.read() as connection:
        steps = list[str]()
        for secret, values in Narrowing("brian", hearers=("peter",), world="den").secrets():
            plan = await connection.execute(text("EXPLAIN QUERY PLAN " + secret), values)
            steps += [step.detail for step in plan]
    assert [step for step in steps if step.startswith("SCAN ")] == ["SCAN d USING INDEX documents_restricted"]


async def test_filters_are_values_of_the_metadata(knowing: Open) -> None:
    async with knowing() as known:
        await put(known, LIGHTHOUSE, BAKERY)
        query = "the lighthouse and the bakery"
        assert await titles(known, query, filters={"season": 4}) == ["The bakery"]
        assert set(await titles(known, query, filters={"season": [3, 4]})) == {"The lighthouse", "The bakery"}
        assert await titles(known, query, filters={"tags": "harbour"}) == ["The lighthouse"]
        assert await titles(known, query, filters={"season": "4"}) == []
        assert await titles(known, query, filters={"season' OR 1=1 --": 4}) == []


async def test_a_floor_keeps_out_what_is_barely_related(knowing: Open) -> None:
    async with knowing() as known:
        await put(known, LIGHTHOUSE, BAKERY)
        extent = SearchExtent(max_results=1, min_relevance=0.99)
        assert await titles(known, "bread", search_settings=extent) == []
        assert len(await titles(known, "bread ships", search_settings=SearchExtent(max_results=1))) == 1


async def test_what_is_asked_is_never_a_command_of_the_database(knowing: Open) -> None:
    async with knowing() as known:
        await put(known, LIGHTHOUSE)
        for query in (
            '" OR *',
            "NEAR(a b)",
            "shelf : 1",
            "-lamp",
            "a & ! b",
            "'); DROP TABLE chunks; --",
            "lamp's\\",
        ):
            await ask(known.retriever, query)
        assert await titles(known, "lamp") == ["The lighthouse"]


async def ready(known: Knowing) -> None:
    async with asyncio.timeout(60):
        while not all(c.ready for c in (await known.retriever.collections(Nothing())).collections):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class Away(ScriptedModel):
    """A model that can be taken away."""

    away = False

    async def embed(self, texts: Texts, /) -> Vectors:
        if self.away:
            raise NoUpstream("nobody embeds")
        return await super().embed(texts)


class TwoModels(ScriptedModel):
    """A house that embeds with another model now, and still has the one before."""

    def __init__(self) -> None:
        super().__init__(card=ModelCard(name="newer", provider="scripted"))
        self._before = ScriptedModel(card=EMBEDDER)

    async def embed(self, texts: Texts, /) -> Vectors:
        known_before = texts.model == EMBEDDER.full_name
        return await (self._before.embed(texts) if known_before else super().embed(texts))

    async def models(self, nothing: Nothing, /) -> Models:
        return await super().models(nothing)
