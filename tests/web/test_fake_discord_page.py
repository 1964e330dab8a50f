"""The page of the make-believe Discord: one sees what happens, and writes as a person."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest
from playwright.async_api import Browser, Page, expect

from greenroom.testing import FakeDiscord
from tests.testing.discord_bots import Bot, bots_of
from tests.web.test_safety import ATTACKS

pytestmark = pytest.mark.asyncio(loop_scope="session")


@asynccontextmanager
async def open_page(server: FakeDiscord, browser: Browser, width: int = 1280) -> AsyncIterator[Page]:
    """The page in a new browser profile; what its policy forbids or a script does wrong fails the test."""
    context = await browser.new_context(viewport={"width": width, "height": 800})
    context.set_default_timeout(60_000)
    page = await context.new_page()
    wrongs: list[str] = []
    page.on("pageerror", lambda error: wrongs.append(str(error)))
    page.on("console", lambda told: wrongs.append(told.text) if "Content Security Policy" in told.text else None)
    page.on("request", lambda asked: wrongs.append(asked.url) if not asked.url.startswith(server.url) else None)
    await page.goto(server.url)
    await page.locator("body[data-ready]").wait_for()
    yield page
    await context.close()
    assert [wrong for wrong in wrongs if not wrong.startswith("data:")] == []


async def test_a_person_writes_and_a_bot_answers_on_the_page(browser: Browser) -> None:
    async with FakeDiscord() as server, bots_of(server, ("peter",)), open_page(server, browser) as page:
        await page.locator("#text").fill("Hi @peter, how are you?")
        await page.locator("#text").press("Enter")
        lines = page.locator("#log .line")
        await expect(lines).to_have_count(2)
        await expect(lines.nth(1)).to_contain_text("You called, @alice?")
        await expect(lines.nth(1).locator(".tag")).to_have_text("bot")
        await expect(lines.nth(1).locator(".above")).to_contain_text("Hi @peter, how are you?")
        await lines.nth(1).hover()
        await lines.nth(1).get_by_label("React with 👍").click()
        await expect(lines.nth(1).locator(".mark")).to_have_attribute("aria-pressed", "true")
    assert [one.name for one in server.by("peter")[0].reactions["👍"]] == ["alice"]
    assert server.messages("general")[0].mentions == [server.who("peter")]


async def test_a_message_is_changed_and_deleted_by_its_author(browser: Browser) -> None:
    async with FakeDiscord() as server, open_page(server, browser) as page:
        await server.say("alice", "general", "One")
        await server.say("bob", "general", "Two")
        lines = page.locator("#log .line")
        await expect(lines).to_have_count(2)
        await lines.nth(0).hover()
        await lines.nth(0).get_by_label("More").click()
        await page.get_by_role("menuitem", name="Edit").click()
        await page.locator("#text").fill("Eins")
        await page.locator("#text").press("Enter")
        await expect(lines.nth(0)).to_contain_text("Eins (edited)")
        await lines.nth(1).hover()
        await lines.nth(1).get_by_label("More").click()
        await expect(page.get_by_role("menuitem", name="Delete")).to_have_count(0)
        await page.keyboard.press("Escape")
        await page.locator("#who").select_option(label="bob")
        await lines.nth(1).hover()
        await lines.nth(1).get_by_label("More").click()
        await page.get_by_role("menuitem", name="Delete").click()
        await expect(lines).to_have_count(1)


async def test_commands_are_offered_and_their_answers_seen_by_one_person(browser: Browser) -> None:
    async with FakeDiscord() as server, bots_of(server, ("peter",)) as (peter,):
        _commands(peter)
        await peter.tree.sync()
        await server.say("bob", "general", "Road House")
        async with open_page(server, browser) as page:
            await page.locator("#text").fill("/forget")
            await page.locator("#commands button").click()
            await page.locator("#text").press("Enter")
            await expect(page.locator(".whispered")).to_contain_text("Forgotten")
            await expect(page.locator(".whispered")).to_contain_text("Only you can see this")
            await page.locator(".line").first.hover()
            await page.locator(".line").first.get_by_label("More").click()
            await page.get_by_role("menuitem", name="Why · peter").click()
            await expect(page.locator(".whispered").last).to_contain_text("Because")
            await page.get_by_role("button", name="Really?").click()
            await expect(page.locator(".whispered").last).to_contain_text("Really")
            await page.locator("#who").select_option(label="bob")
            await expect(page.locator(".whispered")).to_have_count(0)


async def test_what_is_written_stays_text(browser: Browser) -> None:
    async with FakeDiscord() as server, open_page(server, browser) as page:
        for attack in ATTACKS:
            await server.say("alice", "general", attack)
        await expect(page.locator("#log .line")).to_have_count(len(ATTACKS))
        assert await page.locator("#log :is(script, img, iframe, style, a, details)").count() == 0


async def test_private_words_threads_and_typing_are_seen_on_a_phone(browser: Browser) -> None:
    async with FakeDiscord() as server, open_page(server, browser, width=390) as page:
        said = await server.say("alice", "general", "Come aside")
        await server.open_thread("bob", "general", "Aside", said)
        await server.type("stewie", "general")
        await expect(page.locator("#typing")).to_have_text("stewie is typing")
        await page.locator(".to-thread").click()
        await expect(page.locator("h1")).to_have_text("↳ Aside")
        await page.locator("#show-people").click()
        await page.get_by_label("Write to brian in private").click()
        await expect(page.locator("h1")).to_have_text("@ brian")
        await page.locator("#text").fill("Psst")
        await page.locator("#send").click()
        await expect(page.locator("#log .line")).to_have_count(1)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [one.content for one in server.messages(server.private("alice", "brian"))] == ["Psst"]


async def test_the_script_is_there_over_http_but_not_for_foreign_pages() -> None:
    async with FakeDiscord() as server, aiohttp.ClientSession() as session:
        url = f"{server.url}/control/say"
        words = {"who": "alice", "where": "general", "text": "Hello"}
        async with session.post(url, json=words) as response:
            assert (response.status, (await response.json())["text"]) == (200, "Hello")
        async with session.post(url, json=words, headers={"Origin": "http://evil.example"}) as response:
            assert response.status == 403
        async with session.post(url, json=words, headers={"Host": "evil.example"}) as response:
            assert response.status == 403
        async with session.post(url, data="{}", headers={"Content-Type": "text/plain"}) as response:
            assert response.status == 415
        async with session.post(url, json={"who": "meg", "where": "general", "text": "Hi"}) as response:
            assert (response.status, (await response.json())["detail"][:22]) == (400, "nobody is named 'meg';")
        async with session.post(f"{server.url}/control/dance", json={}) as response:
            assert response.status == 404
        async with session.get(server.url) as response:
            assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert [one.content for one in server.messages("general")] == ["Hello"]


def _commands(bot: Bot) -> None:
    group = discord.app_commands.Group(name="forget", description="What is to be forgotten")

    @group.command(name="me", description="All that I said")
    async def me(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Forgotten", ephemeral=True)

    bot.tree.add_command(group)

    @bot.tree.context_menu(name="Why")
    async def why(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message("Because", view=_Doubt(), ephemeral=True)


class _Doubt(discord.ui.View):
    @discord.ui.button(label="Really?")
    async def doubt(self, interaction: discord.Interaction, button: discord.ui.Button[Any]) -> None:
        await interaction.response.edit_message(content="Really", view=None)
