from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenroom.config import KnowledgeSettings
from greenroom.errors import UnknownCharacter
from greenroom.model import Lore, Passage, RetrieveRequest, Sheet, SheetChange
from greenroom.ports import Retriever
from greenroom.retriever.library import LibraryService
from greenroom.retriever.own_lore import FLOOR
from greenroom.retriever.search import Search
from greenroom.retriever.service import RetrieverService
from greenroom.retriever.vectors import FaissIndex
from greenroom.storage.database import Database
from greenroom.testing import FixedCast, FrozenClock, ScriptedModel
from tests.conftest import Reach
from tests.retriever.sheets import CLAM, PETER, VOW

Knowing = Callable[..., Awaitable[Retriever]]


def knower(cast: FixedCast, folder: Path) -> RetrieverService:
    """A retriever whose library is empty and shall not be asked."""
    database = Database(f"sqlite:///{folder / 'never.db'}")
    library = LibraryService(database, FaissIndex(), ScriptedModel(), KnowledgeSettings(), FrozenClock())
    return RetrieverService(cast, library, Search(database, library, vector_s=1.0), KnowledgeSettings(), FrozenClock())


@pytest.fixture
def knowing(reach: Reach, tmp_path: Path) -> Knowing:
    """A retriever for a cast of the given sheets, once by direct call, once over HTTP."""

    async def of(*sheets: Sheet) -> Retriever:
        return await reach(Retriever, knower(FixedCast(*sheets), tmp_path))

    return of


async def ask(retriever: Retriever, query: str, *recent: str, character: str = "Peter", most: int = 4) -> list[Passage]:
    request = RetrieveRequest(character=character, query=query, recent=recent, max_results=most)
    return list((await retriever.retrieve(request)).results)


async def found(retriever: Retriever, query: str, *recent: str) -> list[str]:
    """Titles, without those that always come."""
    return [p.title for p in await ask(retriever, query, *recent) if p.title != VOW.title]


async def test_what_is_spoken_of_comes_with_its_source_and_reason(knowing: Knowing) -> None:
    retriever = await knowing(PETER)

    _, clam = await ask(retriever, "Shall we have a beer at the clam?")

    assert clam.title == "The Drunken Clam"
    assert clam.content == CLAM.text
    assert clam.source == "Peter's sheet"
    assert clam.reason == "speaks of 'clam'; 1 of 3 words match ('clam')"
    assert 0.5 < clam.relevance_score <= 1


async def test_an_unknown_character_is_said_to_be_unknown(knowing: Knowing) -> None:
    retriever = await knowing(PETER)

    with pytest.raises(UnknownCharacter):
        await ask(retriever, "Hello?", character="petra")


async def test_small_talk_finds_nothing_but_what_is_always_in_mind(knowing: Knowing) -> None:
    retriever = await knowing(PETER)

    assert [p.title for p in await ask(retriever, "So, how are you today, Peter Griffin?")] == [VOW.title]
    assert [p.title for p in await ask(retriever, "")] == [VOW.title]


async def test_constant_entries_come_first_and_do_not_use_up_the_places(knowing: Knowing) -> None:
    results = await ask(await knowing(PETER), "Tell me of the clam and your job", most=1)

    assert [p.title for p in results] == [VOW.title, CLAM.title]
    assert results[0].reason == "always in mind"


async def test_constant_entries_are_capped(knowing: Knowing) -> None:
    lore = tuple(Lore(title=f"rule {n}", text=f"{n} " + "word " * 99, constant=True) for n in range(50))

    results = await ask(await knowing(Sheet(name="Rulebook", lore=lore)), "Hi", character="Rulebook")

    assert [p.title for p in results] == [f"rule {n}" for n in range(6)]


async def test_other_forms_of_a_word_are_found(knowing: Knowing) -> None:
    retriever = await knowing(PETER)

    assert await found(retriever, "Who won when you fought those chickens?") == ["The giant chicken"]
    assert await found(retriever, "Is this Ernie's coupon?") == ["The giant chicken"]


async def test_the_newest_line_counts_more_than_the_lines_before(knowing: Knowing) -> None:
    retriever = await knowing(PETER)

    assert await found(retriever, "And Ernie?", "Last night at the clam…") == ["The giant chicken", "The Drunken Clam"]
    assert await found(retriever, "And the clam?", "Ernie again…") == ["The Drunken Clam", "The giant chicken"]


async def test_lines_long_past_are_forgotten(knowing: Knowing) -> None:
    retriever = await knowing(PETER)

    assert await found(retriever, "And then?", "We met at the clam.", "a", "b", "c") == ["The Drunken Clam"]
    assert await found(retriever, "And then?", "We met at the clam.", "a", "b", "c", "d") == []


async def test_the_characters_own_name_is_no_topic(knowing: Knowing) -> None:
    lore = (Lore(title="Peter", keys=("peter", "Peter Griffin"), text="Peter was born in Mexico."),)
    retriever = await knowing(PETER.model_copy(update={"lore": lore}))

    assert await found(retriever, "Peter! Peter Griffin!") == []
    assert await found(retriever, "Peter, were you born in Mexico?") == ["Peter"]


async def test_a_page_of_its_own_is_named_as_the_source(knowing: Knowing) -> None:
    page = CLAM.model_copy(update={"source": "family-guy/lore/drunken-clam.md"})
    retriever = await knowing(PETER.model_copy(update={"lore": (page,)}))

    assert [p.source for p in await ask(retriever, "the clam")] == ["family-guy/lore/drunken-clam.md"]


async def test_a_key_counts_only_as_a_whole_word(knowing: Knowing) -> None:
    lore = (Lore(title="Feline", keys=("cat",), text="It sleeps all day."),)
    retriever = await knowing(Sheet(name="Peter", lore=lore))

    assert await found(retriever, "What a catastrophe") == []
    assert await found(retriever, "The CAT!") == ["Feline"]


async def test_a_word_that_all_lore_shares_is_not_enough(knowing: Knowing) -> None:
    lore = tuple(Lore(text=f"Quahog has a street number {n}, and so on and on.") for n in range(20))

    assert await found(await knowing(Sheet(name="Peter", lore=lore)), "Do you like Quahog?") == []


async def test_a_long_entry_is_cut_at_the_ends_of_sentences(knowing: Knowing, tmp_path: Path) -> None:
    text = " ".join(f"Sentence {n} tells of the lighthouse and the old keeper's many cats." for n in range(40))
    retriever = knower(FixedCast(Sheet(name="Peter", lore=(Lore(keys=("lighthouse",), text=text),))), tmp_path)

    results = await ask(retriever, "Tell me about the lighthouse", most=50)

    assert len(results) == 2, "one entry does not crowd out the others"
    assert all(p.content.startswith("Sentence") and p.content.endswith("cats.") for p in results)
    assert all(len(p.content.split()) <= 120 for p in results)


async def test_a_text_without_any_sentence_is_cut_too(knowing: Knowing) -> None:
    lore = (Lore(keys=("noise",), text=" ".join(f"bla{n}" for n in range(600))),)

    results = await ask(await knowing(Sheet(name="Peter", lore=lore)), "What noise?")

    assert {len(p.content.split()) for p in results} == {120}


async def test_macros_become_the_name(knowing: Knowing) -> None:
    _, chicken = await ask(await knowing(PETER), "Ernie?")

    assert "Since then Peter and a giant chicken" in chicken.content


async def test_ids_outlive_changes_of_the_rest_of_the_sheet(tmp_path: Path) -> None:
    cast = FixedCast(PETER)
    retriever = knower(cast, tmp_path)
    before = (await ask(retriever, "the clam"))[1]
    changed = PETER.model_copy(update={"lore": (Lore(text="Something new."), *PETER.lore), "prompt": "Be loud."})
    await cast.change(SheetChange(character="Peter", **changed.model_dump(mode="json", exclude={"name"}), name="Peter"))

    assert (await ask(retriever, "the clam"))[1].id == before.id
    assert await found(retriever, "something new") == [""]


async def test_an_entry_written_twice_comes_once(knowing: Knowing) -> None:
    retriever = await knowing(PETER.model_copy(update={"lore": (CLAM, CLAM)}))

    assert await found(retriever, "the clam") == [CLAM.title]


async def test_ties_keep_the_order_of_the_sheet(knowing: Knowing) -> None:
    lore = tuple(Lore(title=title, keys=("tide",), text="The same text.") for title in ("b", "a", "c"))

    assert await found(await knowing(Sheet(name="Peter", lore=lore)), "the tide") == ["b", "a", "c"]


async def test_a_character_without_lore_knows_nothing(knowing: Knowing) -> None:
    assert await ask(await knowing(Sheet(name="Peter")), "the clam") == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=60) | st.sampled_from(['" OR *', "NEAR(a b)", "text:clam", "-clam", "a^2", "'"]))
async def test_whatever_is_said_is_never_a_search_command(query: str, tmp_path: Path) -> None:
    for passage in await ask(knower(FixedCast(PETER), tmp_path), query, query):
        assert FLOOR <= passage.relevance_score <= 1


async def test_it_is_well_where_sqlite_can_index(tmp_path: Path) -> None:
    await knower(FixedCast(), tmp_path).ping()
