"""The page in a real browser."""

import asyncio

import pytest
from playwright.async_api import expect

from greenroom.errors import ServiceAway, StorageFull, TurnFailed
from greenroom.model import (
    Cast,
    DraftRetracted,
    DraftText,
    DraftVerdict,
    ModelCard,
    Nothing,
    PerformanceRequest,
    PerformanceStats,
    Progress,
    Rating,
    Ratings,
    SheetProblem,
    TurnRequest,
)
from greenroom.testing import FixedCast, ScriptedModel
from greenroom.web.room import CHANNEL
from tests.web.conftest import Visit
from tests.web.stage import BRIAN, PETER, HeldOpinions, RefusingRouter, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_empty_room_introduces_the_cast_and_an_opener_begins_the_conversation(visit: Visit) -> None:
    visitor = await visit()
    welcome = visitor.see("welcome")
    await expect(welcome).to_contain_text("Shipping clerk")
    await expect(welcome).to_contain_text("Novelist")

    await visitor.see("opener").nth(1).click()

    await expect(visitor.answers).to_have_count(1)
    await expect(visitor.answers).to_contain_text("Brian")
    await expect(welcome).to_be_hidden()
    await expect(visitor.see("to")).to_have_text("to Brian")


async def test_a_reply_shows_while_it_is_written_and_the_box_is_free_again(visit: Visit, stage: Stage) -> None:
    gate = asyncio.Event()
    stage.router.enqueue(
        DraftText(attempt=1, text="Holy"), DraftText(attempt=1, text=" crap"), gate, "Holy crap, *hi*."
    )
    visitor = await visit()

    await visitor.say("Hello")

    await expect(visitor.see("words")).to_have_text("Holy crap")
    await expect(visitor.see("answer")).to_have_attribute("aria-busy", "true")
    await expect(visitor.see("input")).to_have_value("")
    await expect(visitor.see("input")).to_be_focused()
    gate.set()
    await expect(visitor.answers.get_by_test_id("words")).to_have_text("Holy crap, hi.")
    await expect(visitor.answers.locator("em")).to_have_text("hi")
    await expect(visitor.see("score")).to_have_text("81")
    assert stage.router.requests[0].user_name == "Guest"


async def test_a_retracted_draft_is_replaced_in_its_place(visit: Visit, stage: Stage) -> None:
    first, second = asyncio.Event(), asyncio.Event()
    stage.router.enqueue(
        DraftText(attempt=1, text="As an AI"),
        DraftVerdict(attempt=1, score=12, threshold=30, passed=False, violations=("breaking_character",)),
        DraftRetracted(attempt=1, reason="it broke character"),
        first,
        DraftText(attempt=2, text="Hehe"),
        second,
        "Hehe, beer.",
    )
    visitor = await visit()
    await visitor.say("Who are you?")

    await expect(visitor.see("answer")).to_have_attribute("data-state", "rewriting")
    await expect(visitor.see("note")).to_have_text("Rewriting: it broke character")
    first.set()
    await expect(visitor.see("words")).to_have_text("Hehe")
    second.set()
    await expect(visitor.answers).to_have_count(1)
    await expect(visitor.see("answer")).to_have_count(1)
    await expect(visitor.see("conversation")).not_to_contain_text("As an AI")


async def test_the_page_says_why_there_is_nothing_to_see_yet(visit: Visit, stage: Stage) -> None:
    gate = asyncio.Event()
    stage.router.enqueue(Progress(attempt=1, reason="quality does not answer", wait_s=2.0), gate, "Hi.")
    visitor = await visit()
    await visitor.say("Hello")
    await expect(visitor.see("note")).to_have_text("quality does not answer; again in 2 s")
    gate.set()
    await expect(visitor.answers).to_have_count(1)


async def test_a_reply_written_again_takes_the_place_of_the_old_one(visit: Visit, stage: Stage) -> None:
    stage.router.enqueue("First.")
    stage.router.enqueue("Other.")
    stage.router.enqueue("Second.")
    visitor = await visit()
    await visitor.say("One")
    await expect(visitor.answers).to_have_count(1)
    await visitor.say("Two")
    await expect(visitor.answers).to_have_count(2)

    await visitor.see("again").first.click()

    await expect(visitor.see("words")).to_have_text(["Second.", "Other."])
    assert stage.router.requests[2].replaces == "turn-1"
    assert stage.router.requests[2].input_text == "One"


async def test_a_reply_that_was_replaced_does_not_come_back_with_a_reload(visit: Visit, stage: Stage) -> None:
    stage.router.enqueue("First.")
    stage.router.enqueue("Second.")
    stage.router.enqueue("Third.")
    visitor = await visit()
    await visitor.say("One")
    await visitor.see("again").click()
    await expect(visitor.see("words")).to_have_text(["Second."])

    await visitor.page.reload()
    await (await visit()).say("Two")

    await expect(visitor.see("words").last).to_have_text("Third.")
    await expect(visitor.see("words")).to_have_text(["Second.", "Third."])


async def test_a_reply_that_cannot_be_written_again_stays(visit: Visit, stage: Stage) -> None:
    stage.router.enqueue("First.")
    stage.router.enqueue(DraftText(attempt=1, text="Sec"), TurnFailed("no model answered"))
    visitor = await visit()
    await visitor.say("One")
    await visitor.see("again").click()
    await expect(visitor.page.locator(".q-notification")).to_contain_text("no model answered")
    await expect(visitor.see("words")).to_have_text(["First."])
    await expect(visitor.answers).to_have_count(1)


async def test_an_opinion_is_kept_over_a_reload_and_can_be_taken_back(visit: Visit, stage: Stage) -> None:
    visitor = await visit()
    await visitor.say("Hello")
    await visitor.see("up").click()
    await expect(visitor.see("up")).to_have_attribute("aria-pressed", "true")

    await visitor.page.reload()

    await expect(visitor.see("up")).to_have_attribute("aria-pressed", "true")
    await visitor.see("down").click()
    await expect(visitor.see("down")).to_have_attribute("aria-pressed", "true")
    await expect(visitor.see("up")).to_have_attribute("aria-pressed", "false")
    await visitor.see("down").click()
    await expect(visitor.see("down")).to_have_attribute("aria-pressed", "false")
    assert [rating.thumb for rating in stage.tuning.kept.values()] == [0]


async def test_why_opens_the_receipt(visit: Visit) -> None:
    visitor = await visit()
    await visitor.say("Hello")
    await visitor.see("why").click()
    await expect(visitor.see("fact-model")).to_have_text("scripted/m")
    await expect(visitor.see("fact-score")).to_have_text("81 of 100; 30 were needed")
    await expect(visitor.see("passage")).to_contain_text("It stands on a hill.")
    await expect(visitor.see("reasons")).to_have_text("What weighed most: my words +0.8")
    await visitor.see("prompt").locator("summary").click()
    await expect(visitor.see("prompt")).to_contain_text("<b>hi</b>")
    await visitor.see("close").click()
    await expect(visitor.see("receipt")).to_be_hidden()


async def test_who_should_have_spoken_can_be_said_behind_each_line(visit: Visit, stage: Stage) -> None:
    visitor = await visit()
    await visitor.say("Hello")
    await visitor.see("why").click()
    await expect(visitor.see("should").locator("button")).to_have_text(["Brian", "Nobody"])
    await visitor.see("should-brian").click()
    await expect(visitor.see("should-kept")).to_contain_text("Brian should have spoken. There are 1; from 20 on")
    (turn,) = stage.turns.receipts
    assert [(kept.turn_id, kept.should) for kept in stage.corrections.kept] == [(turn, "Brian")]


async def test_a_failed_turn_says_so_in_its_place_and_trying_again_answers_it(visit: Visit, stage: Stage) -> None:
    stage.router.enqueue(DraftText(attempt=1, text="Well"), TurnFailed("The model server broke off."))
    stage.router.enqueue("Here I am.")
    visitor = await visit()
    await visitor.say("Where are you?")
    await expect(visitor.see("note")).to_have_text("The model server broke off.")
    await expect(visitor.see("said")).to_contain_text("Where are you?")

    await visitor.see("retry").click()

    await expect(visitor.answers).to_have_count(1)
    await expect(visitor.see("words")).to_have_text(["Here I am."])
    assert stage.router.letters == []


async def test_words_that_could_not_be_said_return_to_the_box(visit: Visit, stage: Stage) -> None:
    stage.router = RefusingRouter(stage.turns, StorageFull())
    visitor = await visit()
    await visitor.say("Remember this")
    await expect(visitor.page.locator(".q-notification")).to_contain_text("no room left on the disk")
    await expect(visitor.see("input")).to_have_value("Remember this")
    await expect(visitor.see("exchange")).to_have_count(0)


async def test_unsent_words_survive_a_reload(visit: Visit) -> None:
    visitor = await visit()
    await visitor.see("input").fill("Half a thou")
    await visitor.page.reload()
    await expect(visitor.see("input")).to_have_value("Half a thou")


async def test_a_message_that_is_too_long_is_not_sent_and_says_so(visit: Visit, stage: Stage) -> None:
    visitor = await visit()
    await visitor.see("input").fill("x" * 20_001)
    await expect(visitor.see("count")).to_contain_text("20,001 of 20,000 characters")
    await expect(visitor.see("send")).to_be_disabled()
    await visitor.see("input").press("Enter")
    await visitor.see("input").fill("short")
    await visitor.see("input").press("Enter")
    await expect(visitor.answers).to_have_count(1)
    assert [request.input_text for request in stage.router.requests] == ["short"]


async def test_shift_and_enter_begins_a_new_line(visit: Visit, stage: Stage) -> None:
    visitor = await visit()
    await visitor.see("input").fill("one")
    await visitor.see("input").press("Shift+Enter")
    await visitor.page.keyboard.type("two")
    await visitor.see("send").click()
    await expect(visitor.answers).to_have_count(1)
    assert stage.router.requests[0].input_text == "one\ntwo"


async def test_naming_a_character_chooses_it_and_a_click_holds(visit: Visit, stage: Stage) -> None:
    visitor = await visit()
    await expect(visitor.see("to")).to_have_text("to Peter")
    await visitor.see("input").fill("What now, Brian?")
    await expect(visitor.see("to")).to_have_text("to Brian")
    await visitor.see("chip-peter").click()
    await expect(visitor.see("to")).to_have_text("to Peter")
    await expect(visitor.see("input")).to_be_focused()
    await visitor.see("input").press("Enter")
    await expect(visitor.answers).to_have_count(1)
    assert stage.router.requests[0].character_name == "Peter"


async def test_another_browser_sees_the_turn_and_nobody_sees_it_twice(visit: Visit, stage: Stage) -> None:
    gate = asyncio.Event()
    stage.router.enqueue(DraftText(attempt=1, text="Hm"), gate, "Hm, yes.")
    writer, reader = await visit(), await visit()

    await writer.say("Well?")

    await expect(reader.see("said")).to_contain_text("Well?")
    await expect(reader.see("said")).to_contain_text("Guest")
    gate.set()
    await expect(reader.see("words")).to_have_text(["Hm, yes."])
    await expect(writer.see("words")).to_have_text(["Hm, yes."])
    await reader.say("Me too")
    await expect(writer.answers).to_have_count(2)
    await expect(writer.see("exchange")).to_have_count(2)
    await expect(reader.see("exchange")).to_have_count(2)


async def test_stop_ends_the_turn_and_what_was_asked_can_be_asked_again(visit: Visit, stage: Stage) -> None:
    stage.router.enqueue(DraftText(attempt=1, text="It began"), asyncio.Event())
    visitor = await visit()
    await visitor.say("Tell me everything")
    await expect(visitor.see("words")).to_have_text("It began")
    await visitor.see("stop").click()
    await expect(visitor.see("answer")).to_have_attribute("data-state", "left")
    assert [receipt.turn.state for receipt in stage.turns.receipts.values()] == ["left"]
    await visitor.see("retry").click()
    await expect(visitor.answers).to_have_count(1)


async def test_while_one_writes_another_can_be_spoken_to(visit: Visit, stage: Stage) -> None:
    gate = asyncio.Event()
    stage.router.enqueue(DraftText(attempt=1, text="So"), gate, "So that was that.")
    stage.router.enqueue("Quite.")
    visitor = await visit()
    await visitor.say("Peter, go on")
    await expect(visitor.see("words")).to_have_text("So")
    await visitor.say("Brian, agreed?")
    await expect(visitor.answers.get_by_test_id("words")).to_have_text(["Quite."])
    gate.set()
    await expect(visitor.see("words")).to_have_text(["So that was that.", "Quite."])


async def test_the_conversation_is_there_after_a_restart(visit: Visit, stage: Stage) -> None:
    visitor = await visit()
    await visitor.say("Hello")
    await expect(visitor.answers).to_have_count(1)
    await visitor.page.reload()
    await expect(visitor.answers.get_by_test_id("words")).to_have_text(["You said: Hello"])
    await expect(visitor.see("said")).to_contain_text("You")


async def test_the_understudy_is_named_and_what_to_do_about_it(visit: Visit, stage: Stage) -> None:
    stage.model = ScriptedModel(card=ModelCard(name="understudy", provider="understudy", stand_in=True))
    visitor = await visit()
    badge = visitor.see("model")
    await expect(badge).to_have_text("Understudyis standing in – no model server found")
    await expect(badge).to_have_attribute("data-kind", "stand-in")
    await badge.click()
    await expect(visitor.see("advice")).to_contain_text("greenroom doctor")


async def test_the_model_that_answers_is_named(visit: Visit) -> None:
    visitor = await visit()
    await expect(visitor.see("model")).to_have_text("scripted/m")
    await expect(visitor.see("model")).to_have_attribute("data-kind", "model")


async def test_a_name_is_kept_by_the_browser_but_not_that_of_a_character(visit: Visit, stage: Stage) -> None:
    visitor = await visit()
    await visitor.see("person").click()
    await visitor.see("name").fill("peter griffin")
    await visitor.see("keep-name").click()
    await expect(visitor.page.locator(".q-notification")).to_contain_text("in the cast already")
    await visitor.see("name").fill("Ada")
    await visitor.see("keep-name").click()
    await expect(visitor.see("person")).to_contain_text("Ada")
    await visitor.page.reload()
    await expect(visitor.see("person")).to_contain_text("Ada")
    await visitor.say("Hello")
    await expect(visitor.answers).to_have_count(1)
    assert stage.router.requests[0].user_name == "Ada"


async def test_a_broken_sheet_is_reported_by_file_and_line(visit: Visit, stage: Stage) -> None:
    class BrokenCast(FixedCast):
        async def cast(self, nothing: Nothing, /) -> Cast:
            problem = SheetProblem(file="meg.toml", line=3, problem="expected a string", last_good_in_use=True)
            return (await super().cast(nothing)).model_copy(update={"problems": (problem,)})

    stage.cast = BrokenCast(PETER, BRIAN)
    visitor = await visit()
    await expect(visitor.see("problem")).to_contain_text("meg.toml, line 3: expected a string.")
    await visitor.see("problem").get_by_role("button").click()
    await expect(visitor.see("problem")).to_have_count(0)


async def test_dead_letters_can_be_replayed_and_dropped(visit: Visit, stage: Stage) -> None:
    for _ in range(2):
        stage.router.enqueue(TurnFailed("no model answered"))
    visitor = await visit()
    await visitor.say("One")
    await expect(visitor.see("note")).to_have_count(1)
    await visitor.say("Two")
    await expect(visitor.see("retry").nth(1)).to_be_visible()
    await visitor.see("open-operations").click()
    await expect(visitor.see("letter")).to_have_count(2)
    await expect(visitor.see("figures").first).to_contain_text("AUC 0.75 (444 lines, 2026-11-21)")
    await expect(visitor.see("figures").last).to_contain_text("too few to say")
    await expect(visitor.see("bar")).to_contain_text("68 of 100 needed, 75 at first")
    await expect(visitor.see("crawl").first).to_contain_text("12 in the library, 30 still to be read, 2 duplicate")
    await expect(visitor.see("crawl").last).to_contain_text("wiki.test does not answer")
    await visitor.see("drop").first.click()
    await expect(visitor.see("letter")).to_have_count(1)
    await visitor.see("replay").click()
    await expect(visitor.see("letter")).to_have_count(0)
    await expect(visitor.answers).to_have_count(1)


async def test_the_panel_shows_which_service_is_away_while_one_is(visit: Visit, stage: Stage) -> None:
    class AwayOpinions(HeldOpinions):
        async def performance_stats(self, request: PerformanceRequest, /) -> PerformanceStats:
            raise ServiceAway("tuning does not answer")

    stage.tuning = AwayOpinions()
    visitor = await visit()
    await visitor.see("open-operations").click()
    await expect(visitor.see("figures").first).to_contain_text("AUC 0.75")


async def test_the_page_is_usable_at_a_phones_width(visit: Visit, stage: Stage) -> None:
    stage.router.enqueue("w" * 300 + " https://example.org/" + "long" * 60)
    visitor = await visit(width=360, height=740)
    overflow = "document.documentElement.scrollWidth - innerWidth"
    assert await visitor.page.evaluate(overflow) == 0
    await visitor.say("x" * 200)
    await expect(visitor.answers).to_have_count(1)
    assert await visitor.page.evaluate(overflow) == 0
    room = "(r => r.scrollWidth - r.clientWidth)(document.querySelector('[data-testid=room]'))"
    assert await visitor.page.evaluate(room) == 0
    await visitor.see("why").click()
    await expect(visitor.see("receipt")).to_be_visible()
    assert await visitor.page.evaluate(overflow) == 0


async def test_new_lines_scroll_in_only_for_those_who_read_the_end(visit: Visit, stage: Stage) -> None:
    gate = asyncio.Event()
    stage.router.enqueue("\n\n".join(["line"] * 60))
    stage.router.enqueue(DraftText(attempt=1, text="Start"), gate, "\n\n".join(["more"] * 60))
    visitor = await visit()
    await visitor.say("One")
    await expect(visitor.see("score").first).to_be_in_viewport()
    await visitor.say("Two")
    await expect(visitor.see("words").nth(1)).to_have_text("Start")
    await visitor.see("room").evaluate("room => { room.scrollTop = 0 }")
    await expect(visitor.see("jump")).to_be_visible()
    gate.set()
    await expect(visitor.answers).to_have_count(2)
    await expect(visitor.see("said").first).to_be_in_viewport()
    await visitor.see("jump").click()
    await expect(visitor.see("score").nth(1)).to_be_in_viewport()
    await expect(visitor.see("jump")).to_be_hidden()


async def test_a_fault_that_nobody_foresaw_is_told_and_the_page_goes_on(visit: Visit, stage: Stage) -> None:
    class BrokenOpinions(HeldOpinions):
        async def rate(self, rating: Rating, /) -> Ratings:
            raise ZeroDivisionError

    stage.tuning = BrokenOpinions()
    visitor = await visit()
    await visitor.say("Hello")
    await visitor.see("up").click()
    await expect(visitor.page.locator(".q-notification")).to_contain_text("It is in Greenroom's log")
    await visitor.say("Still there?")
    await expect(visitor.answers).to_have_count(2)


async def test_the_page_waits_for_a_log_that_is_away(visit: Visit, stage: Stage) -> None:
    visitor = await visit()
    await visitor.say("Hello")
    await expect(visitor.answers).to_have_count(1)
    stage.turns.away = ServiceAway("router does not answer")
    await expect(visitor.see("trouble")).to_contain_text("router does not answer")
    stage.turns.away = None
    await expect(visitor.see("trouble")).to_be_empty()


async def test_earlier_lines_come_in_above_and_what_is_read_stays_in_its_place(visit: Visit, stage: Stage) -> None:
    for number in range(150):
        await stage.router.orchestrate(
            TurnRequest(character_name="Peter", input_text=f"line {number}", channel_id=CHANNEL)
        )
    visitor = await visit()
    await expect(visitor.answers).to_have_count(30)
    await expect(visitor.see("said").last).to_be_in_viewport()
    first = visitor.see("said").filter(has_text="line 120")
    await visitor.see("room").evaluate("room => { room.scrollTop = 0 }")
    await visitor.see("earlier").click()

    await expect(visitor.answers).to_have_count(130)
    await expect(first).to_be_in_viewport()
    await visitor.see("earlier").click()
    await expect(visitor.answers).to_have_count(150)
    await expect(visitor.see("earlier")).to_be_hidden()
    await expect(visitor.see("said").first).to_contain_text("line 0")
    await expect(visitor.see("said").last).to_contain_text("line 149")
    await visitor.say("line 150")
    await expect(visitor.see("said").last).to_be_in_viewport()


async def test_the_cast_is_walked_through_with_the_arrows(visit: Visit) -> None:
    visitor = await visit()
    await visitor.see("chip-peter").focus()
    await visitor.page.keyboard.press("ArrowRight")
    await expect(visitor.see("to")).to_have_text("to Brian")
    await expect(visitor.see("chip-brian")).to_be_focused()
    await visitor.page.keyboard.press("ArrowRight")
    await expect(visitor.see("to")).to_have_text("to Peter")
    await visitor.page.keyboard.press("Tab")
    await expect(visitor.see("add-character")).to_be_focused()


async def test_everything_about_a_line_can_be_done_with_the_keys(visit: Visit, stage: Stage) -> None:
    visitor = await visit()
    keys = visitor.page.keyboard
    await keys.type("Hello")
    await keys.press("Enter")
    await expect(visitor.answers).to_have_count(1)
    await visitor.see("again").focus()
    await keys.press("Enter")
    await expect(visitor.see("answer")).to_have_attribute("data-state", "answered")
    await visitor.see("again").focus()
    await keys.press("Tab")
    await keys.press("Space")
    await expect(visitor.see("up")).to_have_attribute("aria-pressed", "true")
    await keys.press("Tab")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(visitor.see("receipt")).to_be_visible()
    await keys.press("Escape")
    await expect(visitor.see("receipt")).to_be_hidden()
    await expect(visitor.see("why")).to_be_focused()
    assert len(stage.router.requests) == 2
