"""Answers to prompts that ask the same in other words: when, from where, and what is learnt from them."""

import json
from pathlib import Path

import pytest

from greenroom.errors import NotFound, NoUpstream
from greenroom.llm.understudy import Understudy
from greenroom.model import (
    CacheClear,
    CacheEntryRef,
    ChatMessage,
    ChatRequest,
    GenerateRequest,
    Nothing,
    SimilarStats,
    Texts,
    Vectors,
)
from greenroom.ports import ResponseCache
from greenroom.storage.database import Database
from greenroom.testing import FrozenClock, ScriptedModel
from tests.conftest import Reach
from tests.llm.caching import SURE, generate
from tests.llm.reading import every
from tests.llm.similar.asking import OTHER, QUESTION, SAME, Asking, asking


async def test_the_same_question_in_other_words_gets_the_kept_answer(database: Database, tmp_path: Path) -> None:
    async with asking(database, tmp_path) as cache:
        first, second = await cache.ask(QUESTION), await cache.ask(SAME)
        assert (first.cache, second.cache, first.text) == ("miss", "similar", second.text)
        assert second.similarity is not None
        assert 0 < second.similarity <= 1
        assert first.key != second.key
        assert await cache.source(SAME) == "similar"
        assert await cache.source(QUESTION) == "memory"
        assert await cache.source(OTHER) == "miss"


async def test_nobody_gets_such_an_answer_who_did_not_ask_for_it(database: Database, tmp_path: Path) -> None:
    async with asking(database, tmp_path) as cache:
        await cache.ask(QUESTION)
        assert await cache.source(SAME, similar=None) == "miss"
        assert await cache.source(SAME.upper(), similar=False) == "miss"
        assert await cache.source(SAME.lower(), cache_control="no-cache") is None


async def test_the_setting_is_for_all_but_characters(database: Database, tmp_path: Path) -> None:
    async with asking(database, tmp_path, similar=True) as cache:
        for character in (None, "petra"):
            await cache.ask(QUESTION, similar=None, character=character)
        assert await cache.source(SAME, similar=None) == "similar"
        assert await cache.source(SAME.upper(), similar=False) == "miss"
        assert await cache.source(SAME, similar=None, character="petra") == "miss"


async def test_a_characters_conversation_has_it_where_it_is_asked_for(database: Database, tmp_path: Path) -> None:
    async with asking(database, tmp_path) as cache:
        await cache.ask(QUESTION, character="petra")
        assert await cache.source(SAME, character="petra") == "similar"


def conversation(*words: str, system: str = "You help.") -> ChatRequest:
    said = [ChatMessage(role="assistant" if n % 2 else "user", content=text) for n, text in enumerate(words)]
    messages = (ChatMessage(role="system", content=system), *said)
    return ChatRequest(messages=messages, options=SURE, role=None, similar=True)


async def test_all_but_the_last_words_has_to_be_the_same(database: Database, tmp_path: Path) -> None:
    async def source(request: ChatRequest) -> str | None:
        return (await every(cache.answers.chat(request)))[0].cache

    async with asking(database, tmp_path) as cache:
        await every(cache.answers.chat(conversation("Hello.", "Hi!", QUESTION)))
        assert await source(conversation("Hello.", "Hi!", SAME)) == "similar"
        assert await source(conversation("Hello!", "Hi!", SAME)) == "miss"
        assert await source(conversation("Hello.", "Hm?", SAME)) == "miss"
        assert await source(conversation("Hello.", "Hi!", SAME, system="You hinder.")) == "miss"
        assert await source(conversation("Hello.", "Hi!", SAME).model_copy(update={"format": "json"})) == "miss"
        assert await source(conversation("Hello.", "Hi!", SAME).model_copy(update={"namespace": "other"})) == "miss"


async def test_a_prompt_is_compared_too_unless_it_is_raw_or_has_pictures(database: Database, tmp_path: Path) -> None:
    async def source(request: GenerateRequest) -> str | None:
        return (await every(cache.answers.generate(request)))[0].cache

    async with asking(database, tmp_path) as cache:
        for more in ({}, {"raw": True}, {"images": ("aGk=",)}, {"suffix": "}"}):
            await every(cache.answers.generate(generate(QUESTION, similar=True, **more)))
            expected = "miss" if more else "similar"
            assert await source(generate(SAME, similar=True, **more)) == expected


async def test_long_prompts_are_not_compared(database: Database, tmp_path: Path) -> None:
    async with asking(database, tmp_path) as cache:
        long = "Consider " + "this and that " * 200
        await cache.ask(long)
        assert await cache.source(long.upper()) == "miss"


async def test_what_is_known_outlives_a_restart(database: Database, tmp_path: Path) -> None:
    async with asking(database, tmp_path) as cache:
        await cache.ask(QUESTION)
        await cache.ask(SAME)
    async with asking(database, tmp_path) as cache:
        assert await cache.source(SAME) == "similar"
        (stats,) = cache.similar.stats()
        assert (stats.entries, stats.served) == (1, 2)
        assert (await cache.keeper.entry(CacheEntryRef(key=(await cache.ask(SAME)).key or ""))).prompt == QUESTION


async def test_an_answer_that_is_lost_is_a_miss_and_is_not_looked_for_again(database: Database, tmp_path: Path) -> None:
    async with asking(database, tmp_path) as cache:
        first = await cache.ask(QUESTION)
        assert first.key is not None
        await cache.tiers.delete(first.key)
        assert await cache.source(SAME) == "miss"
        assert cache.similar.text(first.key) is None
    async with asking(database, tmp_path) as cache:
        assert cache.similar.text(first.key) is None


async def test_what_is_cleared_is_compared_no_longer(database: Database, tmp_path: Path) -> None:
    async with asking(database, tmp_path) as cache:
        await cache.ask(QUESTION)
        await cache.keeper.clear(CacheClear())
        assert cache.similar.stats()[0].entries == 0 if cache.similar.stats() else True
        assert await cache.source(SAME) == "miss"


async def test_there_are_never_more_prompts_than_the_setting_says(database: Database, tmp_path: Path) -> None:
    async with asking(database, tmp_path, similar_entries=2) as cache:
        for question in (QUESTION, "What is a quark?", "Who painted the ceiling?"):
            await cache.ask(question)
        assert await cache.source(SAME) == "miss"
        assert cache.similar.stats()[0].entries == 2
    async with asking(database, tmp_path, similar_entries=2) as cache:
        assert cache.similar.stats()[0].entries == 2


async def test_vectors_of_different_embedders_are_never_compared(database: Database, tmp_path: Path) -> None:
    class Renamed(Understudy):
        async def embed(self, texts: Texts, /) -> Vectors:
            return await super().embed(texts.model_copy(update={"dimensions": 64}))

    async with asking(database, tmp_path) as cache:
        await cache.ask(QUESTION)
    async with asking(database, tmp_path, embedder=Renamed(FrozenClock())) as cache:
        assert await cache.source(SAME) == "miss"


async def test_an_embedder_that_is_away_costs_nothing_but_the_hit(database: Database, tmp_path: Path) -> None:
    class Away(Understudy):
        async def embed(self, texts: Texts, /) -> Vectors:
            raise NoUpstream

    async with asking(database, tmp_path, embedder=Away(FrozenClock())) as cache:
        assert await cache.source(QUESTION) == "miss"
        assert await cache.source(SAME) == "miss"
        assert await cache.source(QUESTION) == "memory"


async def test_a_smaller_bound_leaves_only_what_differs_in_typing(database: Database, tmp_path: Path) -> None:
    async with asking(database, tmp_path, similar_wrong_hits=0.002) as cache:
        await cache.ask(QUESTION)
        assert await cache.source(SAME) == "miss"
        assert await cache.source(QUESTION.lower()) == "similar"


async def test_who_asks_at_the_same_time_shares_a_call_only_with_those_who_want_the_same(
    database: Database, tmp_path: Path
) -> None:
    async with asking(database, tmp_path) as cache:
        await cache.ask(QUESTION)
        wanting = cache.answers.chat(conversation(SAME))
        first = await anext(wanting)
        assert await cache.source(SAME, similar=False) == "miss"
        await wanting.aclose()
        assert first.done is False


# What people tell --------------------------------------------------------------------------------------------------


async def wrong(cache: Asking) -> tuple[str, str]:
    """An answer that is kept, and one to a similar prompt: their keys."""
    first, second = await cache.ask(QUESTION), await cache.ask(SAME)
    assert second.cache == "similar"
    assert first.key
    assert second.key
    return first.key, second.key


async def test_a_wrong_answer_that_is_reported_is_deleted_and_never_given_again(
    reach: Reach, database: Database, tmp_path: Path
) -> None:
    async with asking(database, tmp_path) as cache:
        keeper = await reach(ResponseCache, cache.keeper)
        kept, served = await wrong(cache)
        report = await keeper.report(CacheEntryRef(key=served))
        assert (report.deleted, report.similar) == (kept, True)
        with pytest.raises(NotFound):
            await keeper.entry(CacheEntryRef(key=kept))
        assert (await keeper.report(CacheEntryRef(key=served))).similar
        assert await cache.source(QUESTION) == "miss"
        assert await cache.source(SAME) == "miss"
        (stats,) = (await keeper.stats(Nothing())).similar
        assert (stats.reported, stats.served) == (1, 1)
    async with asking(database, tmp_path) as cache:
        await cache.keeper.clear(CacheClear())
        await cache.ask(SAME)
        assert await cache.source(QUESTION) == "miss"


async def test_a_prompt_that_was_served_anothers_answer_and_then_got_its_own_has_that_one_under_its_key(
    reach: Reach, database: Database, tmp_path: Path
) -> None:
    async with asking(database, tmp_path) as cache:
        keeper = await reach(ResponseCache, cache.keeper)
        _, served = await wrong(cache)
        own = CacheEntryRef(key=served)
        await keeper.report(own)
        assert await cache.source(SAME) == "miss"
        entry = await keeper.entry(own)
        assert (entry.key, entry.text) == (served, "answer 2")
        report = await keeper.report(own)
        assert (report.deleted, report.similar) == (served, False)
        assert await cache.source(SAME) == "miss"
        await keeper.purge(own)
        assert await cache.source(SAME) == "miss"


async def test_a_wrong_answer_can_be_reported_to_another_process_and_no_process_gives_it_again(
    database: Database, tmp_path: Path
) -> None:
    async with asking(database, tmp_path) as one, asking(database, tmp_path) as other:
        kept, served = await wrong(one)
        await one.similar.written()
        await one.keeper.stats(Nothing())  # which writes what waits to be written
        assert (await other.keeper.entry(CacheEntryRef(key=served))).key == kept
        report = await other.keeper.report(CacheEntryRef(key=served))
        assert (report.deleted, report.similar) == (kept, True)
        assert await one.source(QUESTION) == "miss"
        assert await one.source(SAME) == "miss"
        assert one.similar.stats()[0].reported == other.similar.stats()[0].reported == 1


async def test_any_answer_can_be_looked_at_reported_and_purged(
    reach: Reach, database: Database, tmp_path: Path
) -> None:
    async with asking(database, tmp_path) as cache:
        keeper = await reach(ResponseCache, cache.keeper)
        kept, served = await wrong(cache)
        for key in (kept, served):
            entry = await keeper.entry(CacheEntryRef(key=key))
            assert (entry.key, entry.text, entry.model) == (kept, "answer 1", "scripted/model")
            assert (entry.prompt, entry.tiers) == (QUESTION, ("memory", "sqlite"))
        await keeper.purge(CacheEntryRef(key=kept))
        for key in (kept, "answer:nothing"):
            with pytest.raises(NotFound):
                await keeper.purge(CacheEntryRef(key=key))
            with pytest.raises(NotFound):
                await keeper.report(CacheEntryRef(key=key))
        other = await cache.ask(OTHER)
        assert not (await keeper.report(CacheEntryRef(key=other.key or ""))).similar
        assert await cache.source(OTHER) == "miss"


# What a model is asked afterwards -----------------------------------------------------------------------------------


async def checked(
    database: Database, folder: Path, same: bool | None
) -> tuple[SimilarStats, ScriptedModel, str | None]:
    """The figures after one answer was served and checked, the model, and where the same answer then comes from."""

    def say(request: ChatRequest | GenerateRequest) -> str:
        if request.format:
            return "I cannot say" if same is None else json.dumps({"same": same})
        return "an answer"

    model = ScriptedModel(say)
    async with asking(database, folder, draw=lambda: 0.0, model=model, similar_checks=0.5) as cache:
        await wrong(cache)
        await cache.similar.checked()
        return cache.similar.stats()[0], model, await cache.source(SAME)


async def test_the_model_is_asked_about_a_sample(database: Database, tmp_path: Path) -> None:
    stats, model, source = await checked(database, tmp_path, same=True)
    assert (stats.served, stats.checked, stats.wrong) == (1, 1, 0)
    assert source == "similar"
    question = model.requests[-1]
    assert isinstance(question, ChatRequest)
    assert json.loads(question.messages[-1].content) == {"first": SAME, "second": QUESTION}


@pytest.mark.parametrize(("same", "counted", "then"), [(False, (1, 1), "miss"), (None, (0, 0), "similar")])
async def test_an_answer_is_given_again_unless_the_model_finds_it_wrong(
    database: Database, tmp_path: Path, same: bool | None, counted: tuple[int, int], then: str
) -> None:
    stats, _, source = await checked(database, tmp_path, same=same)
    assert (stats.checked, stats.wrong) == counted
    assert source == then
