"""What chunks say is read once, and before it is asked for where there is room."""

from collections.abc import Mapping

import pytest
from sqlalchemy import Connection

from greenroom.model import CollectionRef, Document, DocumentRefs, Documents, SemanticSearch
from greenroom.retriever import library, sayings
from greenroom.retriever.frequency import Frequency
from greenroom.retriever.sayings import Sayings
from greenroom.retriever.store import Store
from greenroom.retriever.words import words_for
from greenroom.storage.database import Database
from tests.retriever.conftest import Knowing, Open
from tests.waiting import until

PAGES = tuple(Document(id=str(n), title=f"Page {n}", text=f"Common words, and word{n} alone.") for n in range(6))


async def put(known: Knowing, *pages: Document) -> None:
    await known.library.put(Documents(collection="town", documents=pages))


def looking_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows each time that a library looks how large it is."""
    looks: list[int] = []
    extent = Store.extent

    async def looking(self: Store) -> tuple[int, int]:
        looks.append(len(looks))
        return await extent(self)

    monkeypatch.setattr(Store, "extent", looking)
    return looks


async def read(database: Database, kept: Sayings, *numbers: int) -> list[int]:
    return list(await database.look(lambda connection: kept.of(connection, numbers)))


async def test_what_was_read_is_not_read_again(knowing: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    async with knowing() as known:
        await put(known, *PAGES)
        numbers = await known.library.store.numbers()
        words = type(words_for("postgresql" if not known.database.is_file else "sqlite"))
        said = words.said

        def noting(self: object, connection: Connection, chunks: list[int]) -> object:
            asked.extend(chunks)
            return said(self, connection, chunks)  # type: ignore[arg-type]

        monkeypatch.setattr(words, "said", noting)
        kept = Sayings()
        assert await read(known.database, kept, *numbers[:2]) == numbers[:2]
        assert await read(known.database, kept, numbers[2], numbers[0]) == [numbers[2], numbers[0]]
    assert asked == numbers[:3]


async def test_what_chunks_say_is_known_once_all_of_them_were_read(knowing: Open) -> None:
    async with knowing() as known:
        await put(known, *PAGES[:3])
        first, second, third = await known.library.store.numbers()
        kept = Sayings()
        await read(known.database, kept, first, third)
        assert list(kept.known([third, first]) or ()) == [third, first]
        assert kept.known([first, second]) is None
        kept.forget([first])
        assert kept.known([first]) is None


async def test_a_chunk_comes_with_what_is_shown_of_it_and_its_document(knowing: Open) -> None:
    page = Document(
        id="mill",
        title="The mill",
        text="It grinds barley.",
        source="the town's wiki",
        url="https://town.example/mill",
        licence="CC BY-SA",
        metadata={"state": "ruin"},
    )
    async with knowing() as known:
        await put(known, page)
        numbers = await known.library.store.numbers()
        [one] = (await known.library.said(numbers)).values()
    assert (one.number, one.ordinal, one.collection, one.text) == (numbers[0], 0, "town", "It grinds barley.")
    of = one.origin
    assert (of.id, of.title, of.speaker, of.source) == ("mill", "The mill", "", "the town's wiki")
    assert (of.url, of.licence, of.facts) == ("https://town.example/mill", "CC BY-SA", {"state": "ruin"})


async def test_what_has_much_beside_its_text_is_read_each_time_and_not_kept(knowing: Open) -> None:
    laden = Document(id="ship", text="The ship carries much.", metadata={"cargo": ["barley"] * 1000})
    async with knowing() as known:
        await put(known, PAGES[0], laden)
        first, second = await known.library.store.numbers()
        for _ in range(2):
            assert await read(known.database, known.library.sayings, first, second) == [first, second]
            assert len(known.library.sayings) == 1
        found = (await known.retriever.semantic_search(SemanticSearch(query="ship"))).results[0]
    assert found.metadata["cargo"] == ["barley"] * 1000


async def test_a_library_that_is_not_kept_is_searched_all_the_same(
    knowing: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = SemanticSearch(query="common word3")
    async with knowing() as known:
        await put(known, *PAGES)
        kept = (await known.retriever.semantic_search(wanted)).results
        monkeypatch.setattr(sayings, "ROOM", 0)
        known.library.sayings.keep_only([])
        assert (await known.retriever.semantic_search(wanted)).results == kept
        assert len(known.library.sayings) == 0
    assert kept[0].content == PAGES[3].text


async def test_what_is_gone_says_nothing(knowing: Open) -> None:
    async with knowing() as known:
        await put(known, *PAGES[:2])
        first, second = await known.library.store.numbers()
        assert await read(known.database, Sayings(), second, 10_000, first) == [second, first]


async def test_what_is_kept_is_begun_anew_when_it_is_full(knowing: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sayings, "ROOM", 3)
    async with knowing() as known:
        await put(known, *PAGES)
        numbers, kept = await known.library.store.numbers(), Sayings()
        for number in numbers[:3]:
            await read(known.database, kept, number)
        assert len(kept) == 3
        assert await read(known.database, kept, numbers[3], numbers[0]) == [numbers[3], numbers[0]]
        assert len(kept) == 0


async def test_what_was_taken_out_is_forgotten_at_once(knowing: Open) -> None:
    async with knowing() as known:
        await put(known, *PAGES[:3])
        first, second, _ = numbers = await known.library.store.numbers()
        await read(known.database, known.library.sayings, *numbers)
        await known.library.remove(DocumentRefs(collection="town", ids=("0",)))
        assert list(await known.database.look(lambda c: known.library.sayings.of(c, [first, second]))) == [second]
        await put(known, PAGES[1].model_copy(update={"text": "It says something else."}))
        assert await read(known.database, known.library.sayings, second) == []


@pytest.fixture
def counted_ahead(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, int]]:
    """How common words were found to be each time that a library was read ahead."""
    counted: list[Mapping[str, int]] = []
    monkeypatch.setattr(Frequency, "keep", lambda _, counts, newest: counted.append(counts))
    return counted


async def test_a_library_is_read_at_the_start_and_its_words_are_counted_as_the_database_does(
    knowing: Open, counted_ahead: list[Mapping[str, int]]
) -> None:
    async with knowing() as known:
        await put(known, *PAGES)
    counted_ahead.clear()
    async with knowing() as known:
        await until(lambda: bool(counted_ahead))
        assert len(known.library.sayings) == len(PAGES)
        [ahead] = counted_ahead
        terms = [*ahead, "kraken"]
        counted = await known.database.look(lambda c: words_for(c.dialect.name).counts(c, terms))
        assert {term: count for term, count in counted.items() if count} == ahead
        assert ahead["common"] == ahead["page"] == len(PAGES)


async def test_where_there_are_too_many_words_for_the_room_none_is_counted_by_what_was_read(
    knowing: Open, counted_ahead: list[Mapping[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with knowing() as known:
        await put(known, *PAGES)
    counted_ahead.clear()
    monkeypatch.setattr(sayings, "_MOST_TERMS", 5)
    monkeypatch.setattr(library, "_READ_AT_ONCE", 2)
    async with knowing(check_every_s=0.02) as known:
        looks = looking_at(monkeypatch)
        await until(lambda: len(looks) > 2)
        assert len(known.library.sayings) == 0
    assert counted_ahead == []


async def test_what_another_process_puts_in_and_takes_out_is_followed(knowing: Open) -> None:
    async with knowing(check_every_s=0.02) as known, knowing() as other:
        await put(other, *PAGES)
        await until(lambda: len(known.library.sayings) == len(PAGES))
        await other.library.drop(CollectionRef(collection="town"))
        await until(lambda: len(known.library.sayings) == 0)
        await put(other, *PAGES[:2])
        await until(lambda: len(known.library.sayings) == 2)


async def test_a_library_without_room_is_read_when_it_is_asked_for(
    knowing: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "ROOM", 5)
    async with knowing() as known:
        await put(known, *PAGES)
    looks = looking_at(monkeypatch)
    async with knowing(check_every_s=0.02) as known:
        await until(lambda: len(looks) > 2)
        assert len(known.library.sayings) == 0
        numbers = await known.library.store.numbers()
        assert await read(known.database, known.library.sayings, numbers[-1]) == [numbers[-1]]
        assert len(known.library.sayings) == 1
