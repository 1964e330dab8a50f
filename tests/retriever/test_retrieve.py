"""What a turn is given of the library: what bears on the moment, and nothing that the character may not know."""

import asyncio
from datetime import UTC, datetime

from pydantic import JsonValue

from greenroom.model import (
    ChatRequest,
    Document,
    Documents,
    KnowledgeRequest,
    Lore,
    Nothing,
    Passage,
    Passages,
    RetrieveRequest,
    Sheet,
    SheetChange,
)
from greenroom.retriever.cast_lore import CastLore
from greenroom.retriever.memories import remembered
from greenroom.retriever.rewriting import rewritten
from greenroom.router.service import RouterService
from greenroom.router.turn import Company
from greenroom.testing import FixedCast, FrozenClock, ScriptedModel
from tests.retriever.conftest import Knowing, Open, retriever_over
from tests.router.company import Stage, asking

PETER = Sheet(name="Peter", full_name="Peter Griffin", lore=(Lore(title="Beer", keys=("beer",), text="He likes it."),))
BRIAN = Sheet(name="Brian", full_name="Brian Griffin")
KEEPER = Document(
    id="keeper",
    title="Abner Quill",
    text="Abner Quill keeps the lighthouse of Gull Rock. He collects broken clocks.",
    url="https://wiki.test/abner",
)
REEF = Document(id="reef", title="The reef", text="The northern reef has sunk three ferries and one orchestra.")


async def ask(known: Knowing, query: str, *recent: str, **asked: object) -> Passages:
    request = {"character": "Peter", "query": query, "recent": recent, **asked}
    return await known.retriever.retrieve(RetrieveRequest.model_validate(request))


def titles(passages: tuple[Passage, ...]) -> list[str]:
    return [passage.title for passage in passages]


async def put(known: Knowing, *documents: Document) -> None:
    await known.library.put(Documents(collection="wiki", documents=documents))


async def test_the_library_answers_beside_the_sheet_with_link_and_reason(knowing: Open) -> None:
    async with knowing(PETER, BRIAN) as known:
        await put(known, KEEPER, REEF)
        found = await ask(known, "What does Abner Quill collect, beer?")
        told, own = sorted(found.results, key=lambda passage: passage.title)
        assert (told.title, own.title) == ("Abner Quill", "Beer")
        assert told.url == "https://wiki.test/abner"
        assert "words match" in told.reason


async def test_what_comes_near_and_is_left_out_says_why(knowing: Open) -> None:
    crowd = [Document(id=str(n), title=f"Ferry {n}", text=f"Ferry number {n} sank at the reef.") for n in range(8)]
    async with knowing(PETER) as known:
        others = [Document(id=f"other {n}", text=f"Somebody in house {n} mends nets.") for n in range(30)]
        await put(known, *crowd, *others)
        found = await ask(known, "Which ferry sank at the reef?", max_results=2)
        assert len(found.results) == 2
        assert {passage.reason for passage in found.cut} == {"no room: others bear on it more"}
        far = await ask(known, "Whose house is that?")
        assert far.results == ()
        assert all(passage.reason.startswith("below the floor") for passage in far.cut)


async def test_a_line_that_points_back_is_about_who_was_spoken_of(knowing: Open) -> None:
    async with knowing(PETER) as known:
        await put(known, KEEPER, REEF)
        assert titles((await ask(known, "And what does he collect?")).results) == []
        spoken = await ask(known, "And what does he collect?", "Did you meet Abner Quill?", "I did.")
        assert titles(spoken.results) == ["Abner Quill"]


def test_names_are_added_where_a_line_points_back_and_the_own_name_never() -> None:
    query = rewritten("Where does she live?", ["I saw Lois Pewterschmidt with Peter."], ["Peter"], {})
    assert query.text == "Where does she live? (Lois Pewterschmidt)"
    assert set(query.terms) == {"live", "loi", "pewterschmidt"}
    assert query.terms["live"] > query.terms["loi"]
    plain = rewritten("The lighthouse of Gull Rock burnt down", ["I saw Lois there."], ["Peter"], {})
    assert plain.text == "The lighthouse of Gull Rock burnt down"
    other = rewritten("Is Bri writing novels these days?", [], [], {"bri": ("Brian Griffin",)})
    assert {"brian", "griffin"} <= set(other.terms)


async def test_a_secret_is_told_to_nobody_who_does_not_know_it(knowing: Open) -> None:
    secret = KEEPER.model_copy(update={"known_to": ("brian",)})
    async with knowing(PETER, BRIAN) as known:
        await put(known, secret, REEF)
        assert "Abner Quill" in titles((await ask(known, "Abner Quill's clocks", character="Brian")).results)
        peters = await ask(known, "Abner Quill's clocks")
        assert "Abner Quill" not in titles((*peters.results, *peters.cut))


async def test_what_was_said_in_private_is_kept_from_company_that_does_not_know_it(knowing: Open) -> None:
    told = KEEPER.model_copy(update={"metadata": {"place": "private", "known_to": ["peter", "brian"]}})
    async with knowing(PETER, BRIAN) as known:
        await put(known, told)
        query = "Abner Quill's clocks"
        assert titles((await ask(known, query, place="private")).results) == ["Abner Quill"]
        assert titles((await ask(known, query, present=["peter", "brian"])).results) == ["Abner Quill"]
        for company in (await ask(known, query), await ask(known, query, present=["peter", "stewie"])):
            assert (company.results, company.cut) == ((), ())


async def test_pages_of_the_cast_are_in_the_library_and_follow_it(knowing: Open) -> None:
    page = Lore(title="The Clam", keys=("bar",), text="Horace pours the beer there.", source="cast/lore/clam.md")
    knows, other = Sheet(name="Ada", lore=(page,)), Sheet(name="Bob")
    async with knowing() as known:
        cast = FixedCast(knows, other)
        following = CastLore(cast, known.library, FrozenClock())
        await following.look()
        retriever = retriever_over(known, cast)
        about = KnowledgeRequest(character="Ada", query="Who pours at the Clam?")
        assert [p.title for p in (await retriever.character_knowledge(about)).results] == ["The Clam"]
        assert (await retriever.character_knowledge(about.model_copy(update={"character": "Bob"}))).results == ()
        changed = page.model_copy(update={"text": "The Clam has burnt down."})
        await cast.change(SheetChange(character="Ada", name="Ada", lore=[changed.model_dump()]))
        await following.look()
        [entry] = (await retriever.character_knowledge(about)).results
        assert entry.content == "The Clam has burnt down."
        await cast.change(SheetChange(character="Ada", name="Ada"))
        await following.look()
        assert [c.documents for c in (await retriever.collections(Nothing())).collections] == [0]


async def test_the_library_is_filled_while_the_service_runs(knowing: Open) -> None:
    page = Lore(title="The Clam", text="Horace pours the beer there.", source="cast/lore/clam.md")
    async with knowing(Sheet(name="Ada", lore=(page,))) as known, known.retriever, asyncio.timeout(60):
        while not (await known.library.store.hashes("cast lore", ["cast/lore/clam.md"])):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_pages_that_went_while_nobody_followed_are_taken_out_and_those_of_others_stay(knowing: Open) -> None:
    page = Lore(title="The Clam", text="Horace pours the beer there.", source="cast/lore/clam.md")
    async with knowing(Sheet(name="Ada", lore=(page,))) as known:
        await CastLore(FixedCast(Sheet(name="Ada", lore=(page,))), known.library, FrozenClock()).look()
        for collection in ("cast lore", "town lore"):
            await known.library.put(Documents(collection=collection, documents=(KEEPER,)))
        await CastLore(FixedCast(Sheet(name="Ada")), known.library, FrozenClock()).look()
        there = (await known.library.stats(Nothing())).collections
        assert {one.name: one.documents for one in there} == {"cast lore": 1, "town lore": 1}


async def test_what_one_character_knows_reaches_no_other_ones_prompt(knowing: Open) -> None:
    secret = KEEPER.model_copy(update={"known_to": ("brian",)})
    assert await who_is_shown(knowing, secret, {}) == {"brian"}
    assert await who_is_shown(knowing, secret, {"place": "scene", "present": ("peter", "brian")}) == {"brian"}


async def test_what_was_said_in_private_reaches_a_prompt_only_where_all_who_are_present_know_it(knowing: Open) -> None:
    told = KEEPER.model_copy(update={"metadata": {"place": "private", "known_to": ["peter", "brian"]}})
    assert await who_is_shown(knowing, told, {}) == set()
    assert await who_is_shown(knowing, told, {"place": "private"}) == {"peter", "brian"}
    assert await who_is_shown(knowing, told, {"place": "scene", "present": ("peter", "brian")}) == {"peter", "brian"}


async def who_is_shown(knowing: Open, document: Document, setting: dict[str, object]) -> set[str]:
    """The characters in whose prompt a document stands when they are asked of it there, in a turn."""
    async with knowing(PETER, BRIAN) as known:
        await put(known, document)
        stage = Stage(known.database, cast=FixedCast(PETER, BRIAN), model=ScriptedModel("Well, well."))
        company = Company(stage.cast, known.retriever, stage.model, stage.quality, stage.tuning)
        settings = stage.settings.model_copy(update={"lore_s": 60.0})
        router = RouterService(company, settings, stage.log(), known.database, stage.clock, {})
        shown = set()
        for who in ("peter", "brian"):
            await router.orchestrate(asking("Abner Quill's clocks?", character_name=who, channel_id=who, **setting))
            request = stage.model.requests[-1]
            assert isinstance(request, ChatRequest)
            if any("Abner Quill keeps" in message.content for message in request.messages):
                shown.add(who)
        return shown


async def test_of_the_notes_of_worlds_those_of_the_own_one_are_given(knowing: Open) -> None:
    def note(world: str) -> Document:
        text = f"Rosa the baker lives in the {world}."
        return Document(id=world, title="Rosa", text=text, metadata={"greenroom_world": world})

    async with knowing(PETER) as known:
        await put(known, note("valley"), note("harbour"), REEF)
        found = await ask(known, "Where does Rosa the baker live?", world_id="harbour")
        assert [passage.id for passage in found.results] == [p.id for p in found.results if "harbour" in p.content]
        assert found.results


def test_what_was_told_lately_and_what_matters_is_remembered_better() -> None:
    def memory(id_: str, told_at: str, importance: float) -> Passage:
        metadata: dict[str, JsonValue] = {"kind": "memory", "told_at": told_at, "importance": importance}
        return Passage(id=id_, content=id_, source="", relevance_score=0.8, metadata=metadata)

    lore = Passage(id="lore", content="", source="", relevance_score=0.75)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    old, fresh = "2025-03-01T00:00:00+00:00", "2026-02-28T23:00:00+00:00"
    told = [memory("faded", old, 0.1), memory("lately", fresh, 0.1), memory("matters", fresh, 1.0), lore]
    found = remembered([*told, memory("undated", "yesterday", 0.0)], now)
    assert [one.id for one in found] == ["matters", "lore", "lately", "faded", "undated"]
    assert all(one.relevance_score <= 0.8 for one in found)
