"""Every answer has its price, and nobody pays for more than was used."""

import asyncio
from contextlib import aclosing

import pytest

from greenroom.config import Price
from greenroom.errors import BudgetSpent, Forbidden, Overloaded, UpstreamFailed
from greenroom.journey import called_by
from greenroom.model import Chunk, GenerateRequest, Options, Texts
from greenroom.storage.database import Database
from tests.llm.caching import SURE, chat
from tests.llm.money.gateway import MODEL, gateway
from tests.llm.reading import every
from tests.waiting import until

SHORT = Options(temperature=0, num_predict=10)
"""A question of 5 bytes and a frame, 10 tokens by estimate, and an answer of at most 10: 20 cents."""


async def test_the_last_chunk_says_what_the_answer_cost(database: Database) -> None:
    async with gateway(database) as house:
        house.answers(3, 2)
        *_, last = await house.ask()
    assert last.usage is not None
    assert last.usage.cost_usd == pytest.approx(0.05)


async def test_what_the_server_says_goes_before_the_price(database: Database) -> None:
    async with gateway(database) as house:
        house.answers(3, 2, cost_usd=0.5)
        *_, last = await house.ask()
        assert last.usage is not None
        assert last.usage.cost_usd == 0.5
        assert (await house.spent()).cost_usd == 0.5


async def test_an_unknown_price_is_unknown_and_not_nothing(database: Database) -> None:
    async with gateway(database, prices={}) as house:
        *_, last = await house.ask()
        spent = await house.spent()
    assert last.usage is not None
    assert last.usage.cost_usd is None
    assert (spent.unpriced, spent.calls, spent.cost_usd) == (1, 1, None)


async def test_beside_known_prices_the_unknown_ones_are_left_out_of_the_sum(database: Database) -> None:
    async with gateway(database, prices={}) as house:
        await house.ask()
        house.answers(3, 2, cost_usd=0.5)
        await house.ask(content="and now?")
        spent = await house.spent()
    assert (spent.unpriced, spent.calls, spent.cost_usd) == (1, 2, 0.5)


async def test_a_hit_costs_nothing_and_saves_what_the_answer_cost(database: Database) -> None:
    async with gateway(database) as house:
        house.answers(3, 2)
        await house.ask()
        *_, last = await house.ask()
        spent = await house.spent()
    assert last.usage is not None
    assert (last.usage.cost_usd, last.usage.saved_usd) == pytest.approx((0, 0.05))
    assert (spent.cost_usd, spent.saved_usd) == pytest.approx((0.05, 0.05))
    assert (spent.requests, spent.calls, spent.prompt_tokens, spent.hit_rate) == (2, 1, 3, 0.5)


async def test_what_a_hit_saves_is_unknown_where_nobody_knows_what_the_answer_cost(database: Database) -> None:
    async with gateway(database, prices={}) as house:
        for _ in range(3):
            *_, last = await house.ask()
        assert last.usage is not None
        assert (last.usage.cost_usd, last.usage.saved_usd) == (0, None)
        spent = await house.spent()
        assert (spent.cost_usd, spent.saved_usd, spent.unvalued) == (None, None, 2)
        assert house.office.books.figures()["unvalued_hits_total"] == 2
        house.answers(3, 2, cost_usd=0.5)
        for _ in range(2):
            await house.ask(content="another")
        spent = await house.spent()
        assert (spent.saved_usd, spent.unvalued) == (0.5, 2)


async def test_of_answers_given_at_once_one_is_paid(database: Database) -> None:
    async with gateway(database) as house:
        gate = asyncio.Event()
        house.model.enqueue(gate, "hi")
        asking = [asyncio.create_task(house.ask()) for _ in range(5)]
        while not house.model.requests:  # noqa: ASYNC110 - the fake has no event for it
            await asyncio.sleep(0.001)
        gate.set()
        await asyncio.gather(*asking)
        spent = await house.spent()
    assert (spent.requests, spent.calls, spent.hits) == (5, 1, {"coalesced": 4})
    assert spent.cost_usd == pytest.approx(0.02)
    assert spent.saved_usd == pytest.approx(0.08)


async def test_embeddings_are_paid_too(database: Database) -> None:
    async with gateway(database) as house:
        await house.llm.embed(Texts(texts=("abcdef",), model=MODEL))
        spent = await house.spent()
    assert (spent.requests, spent.prompt_tokens, spent.cost_usd) == pytest.approx((1, 2, 0.02))


# Budgets --------------------------------------------------------------------------------------------------------------


async def test_a_call_that_the_budget_may_not_cover_is_refused_before_the_model_is_asked(database: Database) -> None:
    async with gateway(database) as house:
        ann = await house.key(budget_usd=0.19)
        with pytest.raises(BudgetSpent, match="'ann'"):
            await house.ask(ann.id, options=SHORT)
        assert house.model.requests == []
        assert await house.spent_usd(ann) == 0


async def test_what_was_not_used_is_given_back(database: Database) -> None:
    async with gateway(database) as house:
        ann = await house.key(budget_usd=0.30)
        for content in "abc":
            house.answers(3, 2)
            await house.ask(ann.id, content, options=SHORT)
        assert await house.spent_usd(ann) == pytest.approx(0.15)
        with pytest.raises(BudgetSpent):
            await house.ask(ann.id, "d", options=SHORT)
        assert await house.ask(ann.id, "a", options=SHORT), "what is in the cache costs nothing"


async def test_calls_at_once_cannot_spend_the_same_money(database: Database) -> None:
    async with gateway(database) as house:
        ann = await house.key(budget_usd=0.50)
        gate = asyncio.Event()
        for _ in range(8):
            house.model.enqueue(gate, "hi")
        asking = [asyncio.create_task(house.ask(ann.id, f"q{n}", options=SHORT)) for n in range(8)]
        await asyncio.wait(asking, timeout=60, return_when=asyncio.FIRST_EXCEPTION)
        while sum(task.done() for task in asking) < 6:
            await asyncio.wait([task for task in asking if not task.done()], return_when=asyncio.FIRST_COMPLETED)
        gate.set()
        results = await asyncio.gather(*asking, return_exceptions=True)
    assert sum(isinstance(result, BudgetSpent) for result in results) == 6
    assert sum(isinstance(result, list) for result in results) == 2


async def test_who_leaves_pays_the_prompt_and_what_was_written(database: Database) -> None:
    async with gateway(database) as house:
        ann = await house.key(budget_usd=1)
        house.model.enqueue("abcdef", asyncio.Event())
        with called_by(ann.id):
            stream = house.llm.chat(chat(options=SHORT, use_cache=False))
        async with aclosing(stream) as chunks:
            assert (await anext(chunks)).text == "abcdef"
        spent = await house.spent()
        assert (spent.left_early, spent.prompt_tokens, spent.completion_tokens) == (1, 10, 2)
        assert await house.spent_usd(ann) == pytest.approx(0.12)


async def test_a_call_that_fails_before_its_first_word_is_free(database: Database) -> None:
    async with gateway(database) as house:
        ann = await house.key(budget_usd=1)
        house.model.enqueue(Overloaded())
        with pytest.raises(Overloaded):
            await house.ask(ann.id, options=SHORT)
        spent = await house.spent()
        assert (spent.requests, spent.failed, spent.calls) == (1, 1, 0)
        assert await house.spent_usd(ann) == 0


async def test_a_call_that_breaks_off_pays_what_was_written(database: Database) -> None:
    async with gateway(database) as house:
        ann = await house.key(budget_usd=1)
        house.model.enqueue("abc", UpstreamFailed())
        with pytest.raises(UpstreamFailed):
            await house.ask(ann.id, options=SHORT)
        assert await house.spent_usd(ann) == pytest.approx(0.11)


async def test_an_answer_longer_than_reckoned_is_paid_in_full_and_the_next_call_is_refused(database: Database) -> None:
    async with gateway(database) as house:
        ann = await house.key(budget_usd=0.25)
        house.answers(10, 40)
        await house.ask(ann.id, "a", options=SHORT)
        assert await house.spent_usd(ann) == pytest.approx(0.50)
        with pytest.raises(BudgetSpent):
            await house.ask(ann.id, "b", options=SHORT)


async def test_a_budget_is_not_kept_with_models_whose_price_nobody_knows(database: Database) -> None:
    async with gateway(database, prices={}) as house:
        ann = await house.key(budget_usd=1)
        with pytest.raises(BudgetSpent, match="nobody knows what 'scripted/model' costs"):
            await house.ask(ann.id)
        assert house.model.requests == []


async def test_a_model_that_is_free_needs_no_budget(database: Database) -> None:
    async with gateway(database, prices={"scripted/*": Price(input=0)}) as house:
        ann = await house.key(budget_usd=0)
        *_, last = await house.ask(ann.id)
    assert last.usage is not None
    assert last.usage.cost_usd == 0


async def test_a_key_is_for_the_models_that_its_owner_said(database: Database) -> None:
    async with gateway(database) as house:
        ann = await house.key(models=("ollama/*",))
        for name in (MODEL, "model", ""):
            with pytest.raises(Forbidden, match=r"'ann' is not for 'scripted/model'"):
                await house.send(chat(model=name, options=SURE), ann.id)
        assert house.model.requests == []


async def test_an_answer_that_others_left_in_the_cache_is_not_for_a_key_that_is_not_for_its_model(
    database: Database,
) -> None:
    async with gateway(database) as house:
        ann = await house.key(models=("ollama/*",), shares_cache=True)
        bob = await house.key("bob", models=("scripted/*",), shares_cache=True)
        await house.ask()
        for name in (MODEL, "model", ""):
            with pytest.raises(Forbidden, match=r"'ann' is not for 'scripted/model'"):
                await house.ask(ann.id, model=name)
            assert (await house.ask(bob.id, model=name))[0].cache == "memory"
        gate = asyncio.Event()
        house.model.enqueue(gate, "hi")
        asking = asyncio.create_task(house.ask(content="slowly"))
        await until(lambda: len(house.model.requests) == 2)
        sharing = asyncio.create_task(house.ask(ann.id, "slowly", model="model"))
        gate.set()
        with pytest.raises(Forbidden, match=r"'ann' is not for 'scripted/model'"):
            await sharing
        await asking


async def test_a_request_cannot_say_that_another_pays(database: Database) -> None:
    async with gateway(database) as house:
        ann = await house.key(budget_usd=1)
        await house.send(chat(caller=ann.id, namespace=f"key:{ann.id}"))
        assert await house.spent_usd(ann) == 0
        assert house.model.requests[0].namespace == ""


async def test_loading_a_model_is_no_request(database: Database) -> None:
    async with gateway(database) as house:
        house.model.enqueue(Chunk(model=MODEL, done=True, done_reason="load"))
        await every(house.llm.generate(GenerateRequest(model=MODEL, prompt="", role=None)))
        assert (await house.spent()).requests == 0
