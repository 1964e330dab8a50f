"""The pages' paths are there before the pages are."""

import asyncio
import threading
from collections.abc import Callable, Iterator

import aiohttp
import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse

from greenroom.config import WireSettings
from greenroom.errors import ServiceAway
from greenroom.testing import serving
from greenroom.web.paths import PagePaths
from greenroom.wire.access import open_to
from greenroom.wire.application import application


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What the making of the pages waits for; open in the end in any case, since a thread waits for it."""
    event = threading.Event()
    yield event
    event.set()


def house_with(make: Callable[[], FastAPI]) -> tuple[FastAPI, PagePaths]:
    paths = PagePaths(make)
    app = application("greenroom", WireSettings(), ())
    app.router.routes.append(paths)
    app.router.lifespan_context = lambda _: paths.open()
    app.add_api_route("/other", open_to("everybody")(lambda: "here"))
    return app, paths


def one_page() -> FastAPI:
    app = FastAPI(openapi_url=None)
    app.add_route("/", lambda _: PlainTextResponse("the page"))
    return app


async def test_who_asks_for_a_page_before_it_is_made_waits_and_others_do_not(gate: threading.Event) -> None:
    def make() -> FastAPI:
        gate.wait(60)
        return one_page()

    app, paths = house_with(make)
    async with serving(app) as url, aiohttp.ClientSession() as session:
        asking = asyncio.create_task(session.get(f"{url}/"))
        async with session.get(f"{url}/other") as other:
            assert await other.json() == "here"
        paths.check()
        assert not asking.done()
        gate.set()
        page = await asking
        assert await page.text() == "the page"
        assert "default-src 'self'" in page.headers["content-security-policy"]
        async with session.get(f"{url}/nowhere") as unknown:
            assert unknown.status == 404


async def test_pages_that_cannot_be_made_are_said_to_be_away_and_the_rest_stays() -> None:
    def make() -> FastAPI:
        raise ImportError("no such library")

    app, paths = house_with(make)
    async with serving(app) as url, aiohttp.ClientSession() as session:
        async with session.get(f"{url}/") as page:
            assert page.status == 503
            assert "could not be made" in (await page.json())["detail"]
        async with session.get(f"{url}/other") as other:
            assert other.status == 200
        with pytest.raises(ServiceAway):
            paths.check()
