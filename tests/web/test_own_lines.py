"""What a person can do about own lines: change one, delete one, take all along, be forgotten."""

import json
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.web.conftest import Visit
from tests.web.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_line_is_changed_and_its_answer_is_marked_everywhere(visit: Visit, stage: Stage) -> None:
    visitor, other = await visit(), await visit()
    await visitor.say("I like bier")
    await expect(other.answers).to_have_count(1)
    await expect(other.see("own-line")).to_have_count(0)

    await visitor.see("own-line").click()
    await visitor.see("edit-line").click()
    await expect(visitor.see("edit-words")).to_have_value("I like bier")
    await visitor.see("edit-words").fill("  ")
    await visitor.see("edit-save").click()
    await expect(visitor.page.locator(".q-notification")).to_contain_text("1 to 20,000 characters")
    await visitor.see("edit-words").fill("I like *beer*")
    await visitor.see("edit-save").click()

    for someone in (visitor, other):
        await expect(someone.see("said")).to_contain_text("I like beer")
        await expect(someone.see("edited")).to_be_visible()
        await expect(someone.see("note")).to_contain_text("before it was changed")
    await expect(visitor.see("edit-form")).to_have_count(0)
    await visitor.see("again").click()
    await expect(visitor.answers).to_contain_text("You said: I like beer")
    assert stage.router.requests[-1].input_text == "I like *beer*"


async def test_an_edit_can_be_given_up(visit: Visit) -> None:
    visitor = await visit()
    await visitor.say("Hello")
    await expect(visitor.answers).to_have_count(1)
    await visitor.see("own-line").click()
    await visitor.see("edit-line").click()
    await visitor.see("edit-words").fill("Goodbye")
    await visitor.see("edit-words").press("Escape")
    await expect(visitor.see("edit-form")).to_have_count(0)
    await expect(visitor.see("said")).to_contain_text("Hello")


async def test_a_line_is_deleted_after_a_question_and_its_answer_with_it(visit: Visit) -> None:
    visitor, other = await visit(), await visit()
    await visitor.say("Hello")
    await expect(other.answers).to_have_count(1)
    await visitor.see("own-line").click()
    await visitor.see("delete-line").click()
    await visitor.see("delete-no").click()
    await expect(visitor.see("delete-sure")).to_have_count(0)
    await visitor.see("own-line").click()
    await visitor.see("delete-line").click()
    await visitor.see("delete-yes").click()
    for someone in (visitor, other):
        await expect(someone.see("exchange")).to_have_count(0)
    await visitor.page.reload()
    await expect(visitor.see("welcome")).to_be_visible()


async def test_a_person_takes_all_along_and_is_forgotten(visit: Visit, tmp_path: Path) -> None:
    visitor, other = await visit(), await visit()
    await visitor.see("person").click()
    await visitor.see("name").fill("Ada")
    await visitor.see("keep-name").click()
    await visitor.say("Mine")
    await expect(other.answers).to_have_count(1)
    await other.say("Theirs")
    await expect(visitor.answers).to_have_count(2)
    await visitor.see("up").first.click()
    await visitor.see("person").click()
    async with visitor.page.expect_download() as download:
        await visitor.see("save-mine").click()
    await (await download.value).save_as(tmp_path / "mine.json")
    kept = json.loads((tmp_path / "mine.json").read_text())
    assert [(turn["input_text"], turn["reply"]) for turn in kept["turns"]] == [("Mine", "You said: Mine")]
    assert [rating["thumb"] for rating in kept["ratings"]] == [1]

    await visitor.see("forget-me").click()
    await visitor.see("forget-yes").click()

    await expect(visitor.page.locator(".q-notification")).to_contain_text("One line of yours is gone")
    await expect(visitor.see("person")).to_contain_text("You")
    for someone in (visitor, other):
        await expect(someone.see("exchange")).to_have_count(1)
        await expect(someone.see("exchange")).to_contain_text("Theirs")


async def test_the_receipt_says_who_witnessed_the_line(visit: Visit) -> None:
    visitor = await visit()
    await visitor.say("Hello")
    await expect(visitor.answers).to_have_count(1)
    await visitor.see("answer").get_by_test_id("why").click()
    await expect(visitor.see("fact-witnessed-by")).to_have_text("the whole cast")
