"""How things stand, beside the conversation, in a real browser."""

import pytest
from playwright.async_api import expect

from greenroom.errors import ServiceAway
from greenroom.model import Panel
from tests.web.conftest import Visit
from tests.web.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

HARBOUR = Panel(
    world_id="main",
    scene="the harbour",
    present=("peter",),
    mood="<i>tense</i>",
    items=("Sam has a lantern",),
    notes=("Rosa runs a bar",),
)


async def test_the_panel_comes_with_what_is_known_follows_it_and_goes_when_nobody_knows(
    visit: Visit, stage: Stage
) -> None:
    visitor = await visit()
    await expect(visitor.see("panel")).to_be_hidden()
    stage.world.held = HARBOUR
    await expect(visitor.see("panel-scene")).to_have_text("the harbour")
    await expect(visitor.see("panel-present")).to_have_text("Peter")
    await expect(visitor.see("panel-mood")).to_have_text("<i>tense</i>")
    await expect(visitor.see("panel-items")).to_have_text("Sam has a lantern")
    await expect(visitor.see("panel-of-late")).to_have_text("Rosa runs a bar")
    stage.world.held = HARBOUR.model_copy(update={"mood": "merry"})
    await expect(visitor.see("panel-mood")).to_have_text("merry")

    stage.world.away = ServiceAway("world does not answer")
    await expect(visitor.see("panel")).to_be_hidden()
    await visitor.say("Hello")
    await expect(visitor.answers).to_have_count(1)
    await expect(visitor.see("trouble")).to_have_text("")


async def test_on_a_phone_the_panel_is_a_line_that_unfolds(visit: Visit, stage: Stage) -> None:
    stage.world.held = HARBOUR
    visitor = await visit(width=360, height=740)
    await expect(visitor.see("panel-short")).to_have_text("Now: the harbour · <i>tense</i>")
    await expect(visitor.see("panel-items")).to_be_hidden()
    await visitor.see("panel-short").click()
    await expect(visitor.see("panel-items")).to_be_visible()
    assert await visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
