"""Which words of a query are looked up, and when they are counted anew."""

from greenroom.retriever.frequency import Extent, Frequency, telling
from greenroom.retriever.narrowing import Numbers
from greenroom.retriever.rows import count_more
from greenroom.retriever.words import Terms, WordsOf, words_for
from greenroom.storage.database import Database

THOUSAND = Extent(chunks=1000, searched=1000, newest=5000)


async def put(database: Database, *bodies: str, first: int) -> None:
    rows = [WordsOf(first + n, "town", 1, [], [], body.split()) for n, body in enumerate(bodies)]
    async with database.write() as connection:
        await words_for(connection.dialect.name).add(connection, rows)


async def counted(database: Database, frequency: Frequency, extent: Extent, *wanted: str) -> dict[str, int]:
    return await database.look(lambda c: frequency.of(c, wanted, extent))


async def test_words_are_counted_and_the_counts_kept_until_much_was_written(database: Database) -> None:
    frequency = Frequency()
    await put(database, "clam beer", "clam", first=1)
    assert await counted(database, frequency, THOUSAND, "clam", "beer", "kraken") == {"clam": 2, "beer": 1}
    await put(database, "clam kraken", first=3)
    hardly = Extent(1000, 1000, newest=5010)
    assert await counted(database, frequency, hardly, "clam", "kraken") == {"clam": 2}
    much = Extent(1000, 1000, newest=5011)
    assert await counted(database, frequency, much, "clam", "kraken") == {"clam": 3, "kraken": 1}


async def test_words_that_were_counted_ahead_are_not_asked_for_until_much_was_written(database: Database) -> None:
    frequency = Frequency()
    await put(database, "clam beer", "clam", first=1)
    frequency.keep({"clam": 7}, newest=5000)
    assert await counted(database, frequency, THOUSAND, "clam", "beer", "kraken") == {"clam": 7, "beer": 1}
    assert await counted(database, frequency, Extent(1000, 1000, newest=5011), "clam") == {"clam": 2}


async def test_counts_are_known_once_all_of_them_were_made_and_until_much_was_written(database: Database) -> None:
    frequency = Frequency()
    await put(database, "clam beer", "clam", first=1)
    await counted(database, frequency, THOUSAND, "clam", "kraken")
    assert frequency.known(["clam", "kraken"], THOUSAND) == {"clam": 2}
    assert frequency.known(["clam", "beer"], THOUSAND) is None
    assert frequency.known(["clam"], Extent(1000, 1000, newest=5011)) is None


async def test_what_a_chunk_says_is_read_back_as_it_was_put(database: Database) -> None:
    said: Terms = (["l'eau", "lamp"], ["back\\slash"], ["clam", "clam", "ærø"])
    async with database.write() as connection:
        await words_for(connection.dialect.name).add(connection, [WordsOf(7, "town", 1, *said)])
    found = await database.look(lambda c: words_for(c.dialect.name).said(c, [7, 8]))
    assert {chunk: tuple(map(sorted, parts)) for chunk, parts in found.items()} == {7: tuple(map(sorted, said))}


async def test_a_word_of_what_went_before_says_less_than_one_of_the_text_itself(database: Database) -> None:
    others = [WordsOf(number, "town", 1, [], [], ["beer"]) for number in range(3, 9)]
    async with database.write() as connection:
        words = words_for(connection.dialect.name)
        await words.add(connection, [WordsOf(1, "town", 1, [], ["clam"], []), WordsOf(2, "town", 1, [], [], ["clam"])])
        await count_more(connection, 8, await words.add(connection, others) + 4)
    found = await database.look(lambda c: words_for(c.dialect.name).search(c, ["clam"], [], Numbers(), 10))
    assert list(found) == [2, 1]
    assert found[1] < 0.7 * found[2]


def test_words_in_half_of_the_library_are_looked_up_only_when_there_are_no_others() -> None:
    assert telling({"the": 501, "clam": 3}, THOUSAND) == ["clam"]
    assert telling({"the": 501}, THOUSAND) == ["the"]
    assert telling({}, THOUSAND) == []


def test_the_commonest_words_are_not_looked_up_where_the_rarer_ones_have_hits_enough() -> None:
    large = Extent(100_000, 100_000, newest=1)
    common = {"say": 20_000, "town": 5000, "clam": 900, "kraken": 2}
    assert telling(common, large) == ["kraken", "clam", "town"]
    assert telling({"say": 20_000, "town": 15_000}, large) == ["town", "say"]
    a_small_shelf_of_it = Extent(100_000, 500, newest=1)
    assert telling(common, a_small_shelf_of_it) == ["kraken", "clam", "town", "say"]
