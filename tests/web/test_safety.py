"""What people and models write stays text, and the page asks nobody but us."""

import stat
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import expect

from greenroom.model import Sheet
from greenroom.testing import FixedCast, serving
from greenroom.web.safe_text import as_html
from tests.web.conftest import Visit, house_of
from tests.web.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

ATTACKS = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "<svg onload=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](&#106;avascript:alert(1))",
    "[click](data:text/html,<script>alert(1)</script>)",
    "[click](vbscript:alert(1))",
    "![x](http://198.51.100.7/track.png)",
    '![x](x" onerror="alert(1))',
    '[x](https://example.org/"onmouseover="alert(1))',
    "<https://198.51.100.7/>",
    "`<img src=x onerror=alert(1)>`",
    "```\n</code></pre><img src=x onerror=alert(1)>\n```",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "</script><script>alert(1)</script>",
    "<style>@import 'http://198.51.100.7/x.css'</style>",
    "<a href='https://example.org' onclick=alert(1)>x</a>",
    "<details open ontoggle=alert(1)>",
)


async def test_hostile_text_is_shown_as_text(visit: Visit, stage: Stage) -> None:
    attack = "\n\n".join(ATTACKS)
    stage.cast = FixedCast(Sheet(name="Peter", tagline=ATTACKS[0], emblem="<b>"), Sheet(name=ATTACKS[1][:40]))
    stage.router.enqueue(attack)
    visitor = await visit()
    dialogs: list[str] = []
    visitor.page.on("dialog", lambda dialog: dialogs.append(dialog.message))

    await visitor.say("Peter, " + attack)
    await expect(visitor.answers).to_have_count(1)
    await visitor.see("why").click()
    await expect(visitor.see("attempt")).to_contain_text("<script>alert(1)</script>")
    await visitor.page.reload()
    await expect(visitor.answers).to_have_count(1)

    said = visitor.see("conversation")
    await expect(said).to_contain_text("<img src=x onerror=alert(1)>")
    assert await said.locator("img, script, svg, iframe, style, details, [onerror], [onclick], [onload]").count() == 0
    links = await said.locator("a").evaluate_all("links => links.map(link => link.protocol)")
    assert set(links) <= {"http:", "https:"}
    assert dialogs == visitor.alarms == []
    assert [url for url in visitor.requested if not _is_ours(url, visitor.url)] == []


async def test_the_page_asks_nobody_but_us(visit: Visit) -> None:
    visitor = await visit()
    await visitor.say("Hello")
    await expect(visitor.answers).to_have_count(1)
    await visitor.see("open-operations").click()
    assert visitor.requested
    assert [url for url in visitor.requested if not _is_ours(url, visitor.url)] == []
    html = await (await visitor.page.context.request.get(visitor.url)).text()
    assert "://" not in html.replace(visitor.url, "")


async def test_the_page_forbids_the_browser_to_load_from_elsewhere(stage: Stage, tmp_path: Path) -> None:
    async with (
        serving(house_of(stage, tmp_path)) as url,
        aiohttp.ClientSession() as session,
        session.get(url, headers={"Accept": "text/html"}) as response,
    ):
        assert "default-src 'self'" in response.headers["content-security-policy"]
        assert response.headers["referrer-policy"] == "no-referrer"


async def test_paths_that_are_not_the_pages_stay_with_the_application(stage: Stage, tmp_path: Path) -> None:
    async with (
        serving(house_of(stage, tmp_path)) as url,
        aiohttp.ClientSession() as session,
        session.get(f"{url}/nowhere") as response,
    ):
        assert (response.status, response.content_type) == (404, "application/problem+json")


async def test_the_secret_is_private_and_stays_the_same(stage: Stage, tmp_path: Path) -> None:
    house_of(stage, tmp_path)
    secret = tmp_path / "web" / "secret"
    first = secret.read_text("ascii")
    house_of(stage, tmp_path)
    assert secret.read_text("ascii") == first
    assert len(first) >= 43
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


async def test_the_page_keeps_its_files_in_its_own_folder(visit: Visit, tmp_path: Path) -> None:
    visitor = await visit()
    await visitor.see("person").click()
    await visitor.see("name").fill("Ada")
    await visitor.see("keep-name").click()
    await expect(visitor.see("person")).to_contain_text("Ada")
    await visitor.page.reload()
    await expect(visitor.see("person")).to_contain_text("Ada")
    assert list((tmp_path / "web").glob("storage-user-*.json"))
    assert not list(Path.cwd().glob(".nicegui"))


@pytest.mark.parametrize("attack", ATTACKS)
async def test_rendered_text_has_no_tag_that_was_written(attack: str) -> None:
    html = as_html(attack)
    for tag in ("<img", "<script", "<svg", "<iframe", "<style", "<details", 'javascript:alert(1)"', "<a href='"):
        assert tag not in html


async def test_emphasis_and_lists_are_rendered() -> None:
    assert as_html("*a* **b** `c`") == "<p><em>a</em> <strong>b</strong> <code>c</code></p>\n"
    assert "<li>one</li>" in as_html("- one\n- two")
    assert 'href="https://example.org"' in as_html("[x](https://example.org)")


def _is_ours(url: str, ours: str) -> bool:
    here = ours.removeprefix("http")
    return url.startswith(("http" + here, "ws" + here, "data:", "blob:"))
