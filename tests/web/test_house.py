"""The page in a real browser, on a whole house."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, Page, expect

from greenroom.characters.png import Chunk
from tests.characters.pngs import png
from tests.web.conftest import Visitor, visitor_at, whole_house

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUIET = {"background__look_every_s": 3600}
"""No world comes about."""


class Guest:
    """A house, and somebody in it."""

    def __init__(self, url: str, visitor: Visitor, browser: Browser, stack: AsyncExitStack) -> None:
        self.url = url
        self.visitor = visitor
        self._browser = browser
        self._stack = stack

    async def another(self) -> Visitor:
        """Somebody else."""
        return await visitor_at(self.url, self._browser, self._stack)


@pytest_asyncio.fixture(loop_scope="session")
async def guest(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> AsyncIterator[Guest]:
    """Opens a house, with the settings that the test is parametrised with."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(whole_house(tmp_path, **QUIET, **getattr(request, "param", {})))
        yield Guest(url, await visitor_at(url, browser, stack), browser, stack)


def card(name: str, **data: Any) -> FilePayload:
    """A card file."""
    content = {"spec": "chara_card_v2", "data": {"name": name, "first_mes": "Mind the step, {{user}}.", **data}}
    return {"name": "card.json", "mimeType": "application/json", "buffer": json.dumps(content).encode()}


async def hand_in(page: Page, file: FilePayload | Path) -> None:
    """Choose a file in the dialog. A large one shall lie on the disk, from where the browser takes it by itself."""
    async with page.expect_file_chooser() as choosing:
        await page.get_by_test_id("drop").click()
    await (await choosing.value).set_files(file)


async def test_a_card_makes_a_character_who_is_there_at_once_and_can_be_sent_away_again(guest: Guest) -> None:
    visitor, page = guest.visitor, guest.visitor.page
    await visitor.see("add-character").click()
    await hand_in(page, card("Mira"))
    await expect(visitor.see("joined")).to_contain_text("Mira has joined the cast.“Mind the step, you.”")
    await visitor.see("write-to").click()
    await expect(visitor.see("input")).to_be_focused()
    await expect(visitor.see("chip-mira")).to_have_attribute("aria-checked", "true")
    await expect(visitor.see("chip-mira")).to_have_attribute("title", "Mira – “Mind the step, you.”")
    await visitor.say("Peter says hello")
    await expect(visitor.answers).to_contain_text("Mira")

    await visitor.see("add-character").click()
    await visitor.see("remove").click()
    await visitor.see("no").click()
    await visitor.see("remove").click()
    await visitor.see("yes").click()

    await expect(visitor.see("member-mira")).to_have_count(0)
    await expect(visitor.see("chip-mira")).to_have_count(0)
    await expect(visitor.see("remove")).to_have_count(0)
    await expect(visitor.see("member-peter")).to_contain_text("edit peter.toml in the cast folder")
    await expect(visitor.answers).to_contain_text("Mira")


async def test_a_name_that_is_taken_can_be_replaced_unless_it_is_in_the_cast_folder(guest: Guest) -> None:
    visitor, page = guest.visitor, guest.visitor.page
    await visitor.see("add-character").click()
    await hand_in(page, card("Peter"))
    await expect(visitor.see("problem-with-card")).to_contain_text("already, from the file peter.toml")
    await hand_in(page, card("Mira"))
    await expect(visitor.see("joined")).to_be_visible()
    await hand_in(page, card("Mira", first_mes="You again."))
    await expect(visitor.see("question")).to_contain_text("Replace the character with the one from “card.json”?")
    await expect(visitor.see("yes")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(visitor.see("joined")).to_contain_text("You again.")


async def test_a_file_that_is_no_card_is_refused_in_plain_words(guest: Guest, tmp_path: Path) -> None:
    visitor, page = guest.visitor, guest.visitor.page
    await visitor.see("add-character").click()
    problem = visitor.see("problem-with-card")
    await hand_in(page, {"name": "a.json", "mimeType": "application/json", "buffer": b"notes"})
    await expect(problem).to_contain_text("“a.json” cannot be used: the card is not JSON")
    await hand_in(page, {"name": "a.txt", "mimeType": "text/plain", "buffer": b"notes"})
    await expect(problem).to_contain_text("neither a PNG nor a JSON file")
    large, wordy = tmp_path / "large.png", tmp_path / "wordy.json"
    large.write_bytes(bytes(16_000_001))
    await hand_in(page, large)
    await expect(problem).to_contain_text("larger than 16 MB")
    wordy.write_bytes(card("Mira", description="x" * 4_000_000)["buffer"])
    await hand_in(page, wordy)
    await expect(problem).to_contain_text("“wordy.json” is too large: the card has 4,000,")


async def test_a_card_that_was_dropped_comes_in_and_goes_out_again_as_it_was(guest: Guest, tmp_path: Path) -> None:
    visitor, page = guest.visitor, guest.visitor.page
    await visitor.see("add-character").click()
    text = card("Mira", unheard_of={"deep": [1]})["buffer"].decode()
    files = await page.evaluate_handle(
        "text => { const t = new DataTransfer(); t.items.add(new File([text], 'm.json')); return t }", text
    )
    await visitor.see("drop").dispatch_event("drop", {"dataTransfer": files})
    await expect(visitor.see("joined")).to_be_visible()
    for kind, begins in (("json", b"{"), ("png", b"\x89PNG")):
        async with page.expect_download() as saving:
            await visitor.see("member-mira").get_by_test_id(f"save-{kind}").click()
        saved = tmp_path / (await saving.value).suggested_filename
        await (await saving.value).save_as(saved)
        assert saved.name == f"mira.{kind}"
        assert saved.read_bytes().startswith(begins)
    assert json.loads((tmp_path / "mira.json").read_bytes())["data"]["unheard_of"] == {"deep": [1]}


async def test_a_picture_of_fifteen_megabytes_is_taken(guest: Guest, tmp_path: Path) -> None:
    visitor, page = guest.visitor, guest.visitor.page
    content = base64.b64encode(card("Mira")["buffer"])
    large = tmp_path / "mira.png"
    large.write_bytes(png(Chunk(b"tEXt", b"chara\0" + content), Chunk(b"noIs", bytes(15_000_000))))
    await visitor.see("add-character").click()
    await hand_in(page, large)
    await expect(visitor.see("joined")).to_be_visible()
    async with page.expect_download() as saving:
        await visitor.see("member-mira").get_by_test_id("save-png").click()
    assert (await (await saving.value).path()).stat().st_size > 15_000_000


@pytest.mark.parametrize("guest", [{"llm__understudy_words_per_s": 8}], indirect=True)
async def test_two_messages_in_quick_succession_are_both_answered_in_order(guest: Guest) -> None:
    visitor = guest.visitor
    await visitor.say("Peter, tell me about beer.")
    await expect(visitor.see("said")).to_have_count(1)
    await visitor.say("Brian, and what about you?")
    await expect(visitor.see("note").nth(1)).to_have_text("Next in line …")
    writing = visitor.page.locator("[data-testid=answer][data-state=writing] [data-testid=words]:not(:empty)")
    await expect(writing).to_have_count(1)
    await expect(visitor.answers).to_have_count(1)
    await expect(writing).to_have_count(1)
    await expect(visitor.answers).to_have_count(2)
    await expect(visitor.answers.nth(0)).to_contain_text("Peter")
    await expect(visitor.answers.nth(1)).to_contain_text("Brian")
    said = await visitor.see("words").all_inner_texts()
    await expect((await guest.another()).see("words")).to_have_text(said)


@pytest.mark.parametrize("guest", [{"llm__understudy_words_per_s": 1}], indirect=True)
async def test_a_turn_that_its_person_left_can_be_taken_up_by_another(guest: Guest) -> None:
    await guest.visitor.say("Peter, tell me about beer.")
    other = await guest.another()
    await expect(other.see("note")).to_have_text("Peter is answering …")
    await guest.visitor.see("stop").click()
    await expect(other.see("note")).to_have_text("Not answered: this was called off before the end.")
    await other.page.reload()
    await expect(other.see("note")).to_have_text("Not answered: this was called off before the end.")
    await other.see("retry").click()
    await expect(other.see("answer")).to_have_attribute("data-state", "writing")
    await expect(guest.visitor.see("said")).to_have_count(1)
