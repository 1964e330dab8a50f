"""The page of the gateway in a real browser."""

import pytest
from playwright.async_api import expect

from greenroom.errors import ServiceAway
from greenroom.model import SearchState
from tests.web.conftest import Visit
from tests.web.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_each_card_tells_what_its_port_says(visit: Visit, stage: Stage) -> None:
    stage.web_search.held = SearchState(
        provider="searxng", ready=True, detail="SearXNG answered 403: add `json`", searches=3, failures=1
    )
    visitor = await visit(path="/gateway")
    await expect(visitor.see("provider-scripted")).to_contain_text("1 model")
    await expect(visitor.see("card-models")).to_contain_text("scripted/m")
    answers = visitor.see("card-answers")
    await expect(answers.get_by_test_id("big-number")).to_have_text("92%")
    await expect(visitor.see("tier-memory")).to_contain_text("9 hits")
    await expect(visitor.see("tier-memory")).to_contain_text("3 answers · 4.2 kB")
    await expect(visitor.see("card-search")).to_contain_text("SearXNG answered 403")
    await expect(visitor.see("card-learning")).to_contain_text("the harder one in 79% of cases, 70% before learning")
    await visitor.see("judge").click()
    await expect(visitor.see("decision")).to_contain_text("It is hard: 0.81")
    await expect(visitor.see("decision")).to_contain_text("Not as it should be: no cloud model is set")


async def test_all_kept_answers_are_forgotten_once_one_is_sure(visit: Visit, stage: Stage) -> None:
    visitor = await visit(path="/gateway")
    answers = visitor.see("card-answers")
    await answers.get_by_test_id("act").click()
    await answers.get_by_test_id("no").click()
    await answers.get_by_test_id("act").click()
    assert stage.answers.cleared == 0
    await answers.get_by_test_id("yes").click()
    await expect(answers.get_by_test_id("big-number")).to_have_text("–")
    assert stage.answers.cleared == 1


async def test_what_was_spent_is_told_with_what_the_sums_leave_out(visit: Visit) -> None:
    costs = (await visit(path="/gateway")).see("card-costs")
    await expect(costs.get_by_test_id("big-number")).to_have_text("$0.25")
    await expect(costs).to_contain_text("1 call of models without a known price")
    await expect(costs.get_by_role("row").nth(1)).to_have_text("cloud/large31,200$0.25")
    await expect(costs).to_contain_text("Lois")
    await expect(costs).to_contain_text("without a key10unknown")
    await expect(costs.locator("svg path").first).to_be_attached()


async def test_a_key_is_made_shown_once_and_revoked(visit: Visit, stage: Stage) -> None:
    visitor = await visit(path="/gateway")
    keys = visitor.see("card-keys")
    await expect(keys).to_contain_text("There are no keys yet")
    await visitor.see("new-key").locator("summary").click()
    await visitor.see("make-key").click()
    await expect(visitor.page.locator(".q-notification")).to_contain_text("The name cannot be this")
    await visitor.see("key-name").fill("Lois")
    await visitor.see("key-budget").fill("5")
    await visitor.see("make-key").click()
    await expect(visitor.see("secret")).to_have_text("gr-secret-of-Lois")
    await expect(visitor.see("key-Lois")).to_contain_text("$0.50 of $5.00 each month")
    await visitor.see("hide-secret").click()
    await expect(visitor.see("secret")).to_have_count(0)
    await visitor.see("key-Lois").get_by_test_id("act").click()
    await visitor.see("key-Lois").get_by_test_id("yes").click()
    await expect(keys).to_contain_text("1 key revoked.")
    assert stage.keys.held["Lois"].revoked_at is not None


async def test_a_card_that_cannot_ask_says_so_and_the_others_go_on(visit: Visit, stage: Stage) -> None:
    stage.answers.away = ServiceAway("llm does not answer")
    visitor = await visit(path="/gateway")
    await expect(visitor.see("card-answers")).to_contain_text("llm does not answer")
    await expect(visitor.see("card-models")).to_contain_text("scripted/m")
    await expect(visitor.see("card-search")).to_contain_text("Nobody is asked about the web")


async def test_who_is_not_the_owner_needs_the_admin_token(visit: Visit, stage: Stage) -> None:
    stage.admin_token = "only mine"
    visitor = await visit(path="/gateway")
    await expect(visitor.see("card-models")).to_have_count(0)
    await visitor.see("token").fill("a guess")
    await visitor.see("enter").click()
    await expect(visitor.see("refusal")).to_have_text("That is not the admin token.")
    await visitor.see("token").fill("only mine")
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.see("card-models")).to_contain_text("scripted/m")
    await expect(visitor.see("gate")).to_have_count(0)


async def test_the_gateway_is_usable_at_a_phones_width_and_leads_back(visit: Visit) -> None:
    visitor = await visit(width=360, height=740)
    await visitor.see("to-gateway").click()
    await expect(visitor.see("card-models")).to_contain_text("scripted/m")
    assert await visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    desk = "(d => d.scrollWidth - d.clientWidth)(document.querySelector('[data-testid=gateway]'))"
    assert await visitor.page.evaluate(desk) == 0
    await visitor.see("to-room").click()
    await expect(visitor.see("welcome")).to_be_visible()
