"""The world browser in a real browser, on a whole house with the understudy."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from greenroom.errors import ServiceAway
from tests.web.conftest import Visit, Visitor, visitor_at, whole_house
from tests.web.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def open_at(browser: Browser, tmp_path: Path) -> AsyncIterator[Visit]:
    """Opens a page of one house as often as the test likes, each time in a browser of its own."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(whole_house(tmp_path, background__look_every_s=0.2))

        async def open_page(width: int = 1280, height: int = 860, path: str = "/") -> Visitor:
            return await visitor_at(url, browser, stack, width, height, path)

        yield open_page


async def answered(room: Visitor, words: str, count: int) -> None:
    """Say something in the room, and wait for the answer."""
    await room.say(words)
    await expect(room.answers).to_have_count(count)


async def edit_first_line(room: Visitor, words: str) -> None:
    """Change what was said first."""
    await room.see("own-line").first.click()
    await room.see("edit-line").click()
    await room.see("edit-words").fill(words)
    await room.see("edit-save").click()
    await expect(room.see("edited").first).to_be_visible()


async def test_the_world_follows_what_is_said_and_what_is_changed_without_a_reload(open_at: Visit) -> None:
    world, room = await open_at(path="/world"), await open_at()
    await expect(world.see("nothing-yet")).to_contain_text("comes here by itself")
    await answered(room, "Peter, my sister Rosa runs a bar called the Rusty Anchor.", 1)
    await expect(world.see("entity-rosa")).to_contain_text("Rosa runs a bar called the Rusty Anchor")
    await expect(world.see("entity-rusty-anchor")).to_contain_text("the Rusty Anchor is a bar")
    await expect(world.see("nothing-yet")).to_have_count(0)

    await world.see("entity-rosa").click()
    sheet = world.see("entity")
    await expect(sheet.get_by_test_id("evidence").first).to_contain_text("my sister Rosa runs a bar")
    await sheet.get_by_test_id("the-line").first.click()
    await expect(sheet.get_by_test_id("line")).to_contain_text("Peter, my sister Rosa runs a bar")
    way = await sheet.get_by_test_id("in-the-room").get_attribute("href")
    there = await open_at(path=way or "")
    await expect(there.page.locator(".g-meant")).to_contain_text("my sister Rosa")

    await answered(room, "Peter, I live in the old lighthouse.", 2)
    await expect(world.page.locator("[data-testid=history]")).to_contain_text("old lighthouse")
    await edit_first_line(room, "Peter, my sister Ines runs a bakery called the Golden Bun.")
    await expect(world.see("entity-ines")).to_contain_text("runs a bakery")
    await expect(world.see("entity-rosa")).to_have_count(0)
    await expect(sheet.get_by_test_id("entity-gone")).to_be_visible()
    await expect(world.see("history")).to_contain_text("the line says something else now")


async def test_the_world_is_shown_as_it_was_and_is_taken_back_there_after_a_preview(open_at: Visit) -> None:
    room = await open_at()
    await answered(room, "Peter, my sister Rosa runs a bar called the Rusty Anchor.", 1)
    await answered(room, "Peter, my brother Tom gave me a silver lantern.", 2)
    world = await open_at(path="/world")
    await expect(world.see("entity-tom")).to_be_visible()
    await expect(world.see("entity-rosa")).to_be_visible()

    await world.see("as-of").locator("[tabindex]").focus()
    await world.page.keyboard.press("ArrowLeft")
    await expect(world.see("when")).to_contain_text("After line 1 of 2: Guest, “Peter, my sister Rosa")
    await expect(world.see("entity-tom")).to_have_count(0)
    await world.see("entity-rosa").click()
    await expect(world.see("as-it-was")).to_be_visible()
    await expect(world.see("change-entity")).to_have_count(0)
    await world.see("close-entity").click()

    await world.see("roll-back").click()
    await expect(world.see("change-tom")).to_contain_text("Tom goes out")
    await expect(world.see("change-rosa")).to_have_count(0)
    await world.see("yes").click()
    await expect(world.see("when")).to_have_text("Now")
    await expect(world.see("entity-rosa")).to_be_visible()
    await expect(world.see("entity-tom")).to_have_count(0)
    await expect(world.see("revoked").first).to_contain_text("counts no more: rolled back to an earlier line")
    await world.see("undo").click()
    await expect(world.see("entity-tom")).to_contain_text("silver lantern")


async def test_the_owner_adds_changes_locks_and_takes_out_by_hand_and_takes_it_back(open_at: Visit) -> None:
    world = await open_at(path="/world")
    await world.see("new-entity").locator("summary").click()
    await world.see("make-entity").click()
    await expect(world.page.locator(".q-notification")).to_contain_text("The name cannot be this")
    await world.see("new-name").fill("Mira")
    await world.see("new-note").fill("<img src=x onerror=alert(1)> She sails.")
    await world.see("make-entity").click()
    await expect(world.see("entity-mira")).to_contain_text("<img src=x onerror=alert(1)> She sails.")

    await world.see("search").fill("sail")
    await expect(world.see("found")).to_have_text("1 found")
    await world.see("search").fill("")
    await expect(world.see("found")).to_have_text("")
    await world.see("entity-mira").click()
    await world.see("change-entity").click()
    await world.see("form-note").fill("She sails alone.")
    await world.see("form-tags").fill("sea, salt")
    await world.see("save-entity").click()
    await expect(world.see("entity-note")).to_have_text("She sails alone.")
    await expect(world.see("entity-tags")).to_have_text("sea, salt")
    await world.see("lock").click()
    await expect(world.see("entity-locked")).to_be_visible()
    await expect(world.see("entity")).to_contain_text("Mira was changed: note, tags.")

    await world.see("entity").get_by_test_id("act").click()
    await world.see("entity").get_by_test_id("yes").click()
    await expect(world.see("entity-mira")).to_have_count(0)
    removal = world.see("history").locator(".g-event").first
    await expect(removal).to_contain_text("was taken out")
    await removal.get_by_test_id("take-back").click()
    await expect(world.see("entity-mira")).to_contain_text("She sails alone.")
    assert world.alarms == []
    await visitor_at_a_phone(open_at)
    await forget_whoever_it_was(world)


async def visitor_at_a_phone(open_at: Visit) -> None:
    """Go from the room to the world, with nothing beyond the edge of the screen."""
    visitor = await open_at(width=360, height=740)
    await visitor.see("to-world").click()
    await expect(visitor.see("entity-mira")).to_be_visible()
    desk = "(d => d.scrollWidth - d.clientWidth)(document.querySelector('[data-testid=world]'))"
    assert await visitor.page.evaluate(desk) == 0
    await visitor.see("entity-mira").click()
    await expect(visitor.see("entity-note")).to_be_visible()
    assert await visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0


async def forget_whoever_it_was(world: Visitor) -> None:
    """In the room, ask to be forgotten, and see what was done by hand go out of the world."""
    await world.see("to-room").click()
    await world.see("person").click()
    async with world.page.expect_download() as download:
        await world.see("save-mine").click()
    file = await (await download.value).path()
    kept = json.loads(file.read_text())["done_to_worlds_by_hand"]
    assert {"Mira"} == {event["told"]["name"] for event in kept if event["kind"] == "made"}
    await world.see("forget-me").click()
    await world.see("forget-yes").click()
    await world.page.goto(f"{world.url}/world")
    await expect(world.see("history")).to_contain_text("who did it by hand was forgotten")
    await expect(world.see("entity-mira")).to_have_count(0)


async def test_a_world_that_is_switched_off_says_so_and_how_it_is_switched_on(visit: Visit, stage: Stage) -> None:
    stage.world.enabled = False
    world = await visit(path="/world")
    await expect(world.see("world-off")).to_contain_text("set GREENROOM_WORLD__ENABLED=true, and start again")
    await expect(world.see("nothing-yet")).not_to_contain_text("comes here by itself")


async def test_the_queue_is_told_and_what_failed_is_tried_again_or_dropped(visit: Visit, stage: Stage) -> None:
    world = await visit(path="/world")
    queue = world.see("card-queue")
    await expect(queue.get_by_test_id("big-number")).to_have_text("1,200")
    await expect(queue).to_contain_text("The oldest waits90 s")
    await expect(queue).to_contain_text("News for a note1,200 waiting, 2 failed")
    await expect(queue.get_by_test_id("queue-alert")).to_have_text("1,200 tasks wait; 1,000 may")
    await expect(world.see("task-1")).to_contain_text("<b>the model</b> does not answer")
    await world.see("task-1").get_by_test_id("retry-task").click()
    await expect(world.see("task-1")).to_have_count(0)
    await world.see("task-2").get_by_test_id("drop-task").click()
    await expect(world.see("task-2")).to_have_count(0)
    await world.see("simulate").click()
    await expect(world.page.locator(".q-notification")).to_contain_text("What those off scene do")
    assert (stage.tasks.retried, stage.world.simulated) == ([1], ["main"])


async def test_the_world_is_the_owners_and_says_when_it_cannot_be_looked_at(visit: Visit, stage: Stage) -> None:
    stage.admin_token = "only mine"
    world = await visit(path="/world")
    await expect(world.see("entities")).to_have_count(0)
    await world.see("token").fill("only mine")
    await world.page.keyboard.press("Enter")
    await expect(world.see("nothing-yet")).to_be_visible()
    stage.world.away = ServiceAway("world does not answer")
    await expect(world.see("world-trouble")).to_contain_text("world does not answer Trying again")
    await expect(world.see("nothing-yet")).to_be_visible()
