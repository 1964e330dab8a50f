"""A real browser, and the page on a real port. Everything of a session runs in one event loop, which Chromium needs."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Browser, Locator, Page, async_playwright, expect
from pydantic import SecretStr

from greenroom.app import House
from greenroom.config import WireSettings, load
from greenroom.testing import serving
from greenroom.web.service import WebService
from greenroom.wire.application import application
from greenroom.wire.owners import Owners
from tests.web.stage import Stage

_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium is installed (apt-get install chromium)")
    expect.set_options(timeout=60_000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(_QUIET))
        yield browser
        await browser.close()


@pytest.fixture
def stage() -> Stage:
    """What the page stands on; the test changes it before it opens the page."""
    return Stage()


class Visitor:
    """Somebody at a browser of their own: the page, what it asked for, and the dialogs that scripts opened."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.requested: list[str] = []
        self.alarms: list[str] = []
        page.on("request", lambda request: self.requested.append(request.url))
        page.on("websocket", lambda socket: self.requested.append(socket.url))
        page.on("pageerror", lambda error: self.alarms.append(str(error)))

    def see(self, mark: str) -> Locator:
        """What carries this mark."""
        return self.page.get_by_test_id(mark)

    @property
    def answers(self) -> Locator:
        """The answers that stand."""
        return self.page.locator("[data-testid=answer][data-state=answered]")

    async def say(self, words: str) -> None:
        """Type something and send it."""
        await self.see("input").fill(words)
        await self.see("input").press("Enter")


class Visit(Protocol):
    """`visitor = await visit()`: opens the page in a new browser profile."""

    async def __call__(self, width: int = 1280, height: int = 860, path: str = "/") -> Visitor:
        """Open it and wait until it is ready."""
        ...


@asynccontextmanager
async def page_of(stage: Stage, folder: Path) -> AsyncIterator[str]:
    """Serve the page; gives its URL."""
    async with serving(house_of(stage, folder)) as url:
        yield url


@asynccontextmanager
async def whole_house(folder: Path, **settings: Any) -> AsyncIterator[str]:
    """`greenroom up` in this process, with the understudy; gives its URL. Settings by path, with `__` for the dot."""
    paths = {path.replace("__", "."): value for path, value in settings.items()}
    alone = {"llm.ollama_url": "", "llm.understudy_words_per_s": 0, "coordinator.organic": False, "data_dir": folder}
    house = House(load({**alone, **paths}, environment={}, folder=folder))
    async with house.open(), serving(house.application()) as url:
        yield url


def house_of(stage: Stage, folder: Path) -> FastAPI:
    """An application with the pages."""
    app = application("greenroom", WireSettings(), ())
    owners = Owners(SecretStr(stage.admin_token), from_loopback=not stage.admin_token)
    WebService(stage.backstage, owners, folder).mount(app)
    return app


async def visitor_at(
    url: str, browser: Browser, stack: AsyncExitStack, width: int = 1280, height: int = 860, path: str = "/"
) -> Visitor:
    """Open the page in a new browser profile, and wait until it is ready."""
    context = await browser.new_context(viewport={"width": width, "height": height})
    stack.push_async_callback(context.close)
    context.set_default_timeout(60_000)
    visitor = Visitor(await context.new_page(), url)
    await visitor.page.goto(url + path)
    await visitor.page.locator("[data-testid=welcome], [data-testid=exchange], main .g-card:visible").first.wait_for()
    return visitor


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, stage: Stage, tmp_path: Path) -> AsyncIterator[Visit]:
    """Opens the page as often as the test likes."""
    async with AsyncExitStack() as stack:
        urls: list[str] = []

        async def open_page(width: int = 1280, height: int = 860, path: str = "/") -> Visitor:
            if not urls:
                urls.append(await stack.enter_async_context(page_of(stage, tmp_path)))
            return await visitor_at(urls[0], browser, stack, width, height, path)

        yield open_page
