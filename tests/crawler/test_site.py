"""A whole site is read: once, politely, and without what is not worth reading."""

from collections import Counter
from pathlib import Path
from urllib.parse import quote

import pytest

from greenroom.crawler.frontier import MOST_TRIES
from greenroom.crawler.lists import feed, sitemap
from greenroom.crawler.reading import read_plain
from greenroom.lane import Lane
from greenroom.storage.database import Database
from greenroom.testing import FakeWiki, FrozenClock
from greenroom.testing.fake_wiki import KEEPER, TRAPS
from greenroom.testing.fake_wiki.traps import COPIES
from tests.crawler.conftest import OpenCrawler, over

_FEED = '<?xml version="1.0"?><rss version="2.0"><channel>{}</channel></rss>'


async def test_every_page_is_read_once_and_found(database: Database) -> None:
    async with FakeWiki(30) as wiki, over(database, contact="mailto:owner@example.com") as here:
        crawl = await here.read(wiki.url)
        assert (crawl.state, crawl.kind, crawl.added, crawl.detail) == ("done", "site", 30, "")
        assert crawl.pages == {"indexed": 30, "moved": 1}
        assert set(wiki.bodies.values()) <= {1, 2}  # the first page is looked at before it is read
        assert {asked.agent.partition("/")[0] for asked in wiki.asked} == {"greenroom"}
        assert all(asked.agent.endswith("(+mailto:owner@example.com)") for asked in wiki.asked)
        passage = await here.find("Who is the keeper of the lighthouse?")
        assert passage is not None
        assert KEEPER in passage.content
        assert passage.url == wiki.at("Pelican Rock")
        assert (passage.title, passage.source) == ("Pelican Rock", wiki.url.removeprefix("http://"))


async def test_people_go_before_each_page(database: Database) -> None:
    steps: list[None] = []
    async with FakeWiki(5) as wiki, over(database) as here:
        with Lane(lambda: steps.append(None), FrozenClock()).taken():
            crawl = await here.read(wiki.url)
        assert crawl.pages == {"indexed": 5, "moved": 1}
        assert len(steps) >= 2 * 5  # it is read, and put into the library


@pytest.mark.parametrize("dated", [False, True], ids=["ETag", "Last-Modified"])
async def test_a_second_round_transfers_only_what_changed(database: Database, dated: bool) -> None:
    async with FakeWiki(30, dated=dated) as wiki, over(database) as here:
        await here.read(wiki.url)
        wiki.change(7, "Gideon now sells boats.")
        wiki.remove(29)
        wiki.forget_requests()
        crawl = await here.read(wiki.url)
        assert (crawl.round, crawl.state) == (2, "done")
        assert (crawl.added, crawl.changed, crawl.unchanged, crawl.removed) == (0, 1, 28, 1)
        changed, gone = wiki.numbered(7).title, "Dorcas Eider"
        assert dict(wiki.bodies) == {"/wiki/" + changed.replace(" ", "_"): 1}
        assert all(asked.conditional for asked in wiki.asked if asked.path.startswith("/wiki/"))
        passage = await here.find("Who sells boats?")
        assert passage is not None
        assert "Gideon now sells boats." in passage.content
        assert gone not in await here.titles()


@pytest.mark.parametrize("status", [401, 403, 451])
async def test_a_site_that_lets_nobody_in_for_a_while_loses_nothing(crawling: OpenCrawler, status: int) -> None:
    async with FakeWiki(4) as wiki, crawling() as here:
        await here.read(wiki.url)
        titles = await here.titles()
        wiki.page_status = status
        crawl = await here.read(wiki.url)
        assert (crawl.state, crawl.removed) == ("done", 0)
        assert crawl.pages["failed"] == 4
        assert await here.titles() == titles
        wiki.page_status = 200
        assert (await here.read(wiki.url)).unchanged == 4


async def test_what_is_no_use_is_left_alone(crawling: OpenCrawler) -> None:
    traps = [trap for trap in TRAPS if not trap.startswith(("/slow", "/calendar", "/list", "/copy", "/print"))]
    async with FakeWiki(6, traps=traps) as wiki, crawling() as here:
        crawl = await here.read(wiki.url)
        pages = await here.pages(crawl)
        asked = Counter(one.path for one in wiki.asked)
    assert crawl.state == "done"
    assert {page.state for path, page in pages.items() if path.startswith("/wiki/")} == {"indexed"}
    states = {path: (page.state, page.detail) for path, page in pages.items()}
    assert states["/huge"] == states["/bomb"] == ("skipped", "larger than 2000000 bytes (crawler.page_bytes)")
    assert states["/private/diary"] == ("skipped", "robots.txt does not allow this")
    assert states["/hidden"] == ("skipped", "its author does not want it to be kept (noindex)")
    assert states["/empty"] == ("skipped", "has next to no text")
    assert not asked["/private/diary"]
    assert not asked["/picture.png"]
    assert not any("action=edit" in path for path in asked)
    assert states["/loop/a"][0] == states["/loop/b"][0] == "moved"
    assert asked["/loop/a"] == asked["/loop/b"] == 1
    assert "another site" in states["/elsewhere"][1]
    assert states["/broken"] == ("failed", "status 503")
    assert asked["/broken"] == MOST_TRIES
    assert states["/flaky"][0] == "indexed"
    assert asked["/again/again/"] == 1
    assert not asked["/again/again/again/"]
    assert wiki.most_at_once == 1


async def test_pages_that_say_the_same_are_kept_once(crawling: OpenCrawler) -> None:
    traps = [trap for trap in TRAPS if trap.startswith(("/copy/", "/print/", "/rules"))]
    async with FakeWiki(3, traps=traps) as wiki, crawling() as here:
        pages = await here.pages(await here.read(wiki.url))
        assert Counter(pages[path].state for path in traps) == {"indexed": 1, "duplicate": 2 * COPIES}
        assert (await here.titles()).count("Village rules") == 1


@pytest.mark.parametrize("trap", ["/calendar/2026/1", "/list?sort=name&page=1"])
async def test_what_goes_on_without_end_is_noticed_early(trap: str, crawling: OpenCrawler) -> None:
    async with FakeWiki(3, traps=[trap]) as wiki, crawling() as here:
        crawl = await here.read(wiki.url, max_pages=10_000, max_depth=50)
        assert crawl.state == "done"
        assert len(wiki.asked) <= 30
        assert any("looks like a trap" in page.detail for page in (await here.pages(crawl)).values())


@pytest.mark.parametrize(
    ("wish", "why"), [({"max_pages": 4}, "4 pages were asked for"), ({"max_depth": 1}, "")], ids=["pages", "depth"]
)
async def test_enough_is_enough(wish: dict[str, int], why: str, crawling: OpenCrawler) -> None:
    async with FakeWiki(40) as wiki, crawling() as here:
        crawl = await here.read(wiki.url, **wish)
        assert crawl.state == "done"
        assert crawl.detail.startswith(why)
        assert sum(wiki.bodies.values()) <= 8


async def test_no_more_than_so_many_bytes_come(crawling: OpenCrawler) -> None:
    async with FakeWiki(40) as wiki, crawling(max_bytes=5000) as here:
        crawl = await here.read(wiki.url)
        assert crawl.size_bytes < 10_000
        assert "crawler.max_bytes" in crawl.detail


async def test_a_copy_takes_the_place_of_a_page_that_is_gone(crawling: OpenCrawler) -> None:
    text = "<p>The boats are kept in the shed behind the church, all eleven of them.</p>"
    async with FakeWiki(2, extra={"/boats": text, "/old-boats": text}) as wiki, crawling() as here:
        pages = await here.pages(await here.read(wiki.url))
        kept = next(path for path in wiki.extra if pages[path].state == "indexed")
        other = next(path for path in wiki.extra if path != kept)
        assert pages[other].state == "duplicate"
        del wiki.extra[kept]
        pages = await here.pages(await here.read(wiki.url))
        assert (pages[kept].state, pages[other].state) == ("gone", "indexed")
        passage = await here.find("Where are the boats kept?")
        assert passage is not None
        assert passage.url == wiki.url + other


async def test_sitemaps_name_pages_that_no_link_leads_to(crawling: OpenCrawler) -> None:
    async with FakeWiki(5, sitemap=True) as wiki, crawling() as here:
        for page in wiki.pages.values():
            page.links.clear()
        assert (await here.read(wiki.url)).added == 5
        alone = await here.read(wiki.url + "/sitemap.xml")
        assert (alone.kind, alone.unchanged) == ("sitemap", 5)


async def test_a_feed_leads_to_the_pages_that_it_has_news_of(crawling: OpenCrawler) -> None:
    async with FakeWiki(5) as wiki, crawling() as here:
        items = "".join(f"<item><link>{wiki.at(wiki.numbered(n).title)}</link></item>" for n in (1, 3))
        wiki.raw["/feed"] = _FEED.format(items)
        crawl = await here.read(wiki.url + "/feed")
        assert (crawl.kind, crawl.added) == ("feed", 2)
        assert sorted(await here.titles()) == sorted(wiki.numbered(n).title for n in (1, 3))


async def test_what_came_as_a_feed_names_no_file_of_this_machine(tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_text(_FEED.format("<item><link>http://host/secret</link></item>"))
    assert feed(file.read_bytes(), "http://host/") == ["http://host/secret"]
    assert feed(str(file).encode(), "http://host/") == []


async def test_of_a_feed_that_is_read_anew_only_the_news_is_asked_for(crawling: OpenCrawler) -> None:
    async with FakeWiki(9) as wiki, crawling() as here:
        addresses = [wiki.at(wiki.numbered(number).title) for number in range(9)]
        for news in (addresses[:5], addresses[2:]):
            wiki.raw["/feed"] = _FEED.format("".join(f"<item><link>{one}</link></item>" for one in news))
            wiki.forget_requests()
            await here.read(wiki.url + "/feed", max_pages=6)
        assert len(await here.titles()) == 9
        assert len(wiki.bodies) == 4


async def test_an_address_that_is_no_id_of_a_document_is_left_alone(crawling: OpenCrawler) -> None:
    path = "/" + "a" * 500
    async with FakeWiki(1, extra={path: "<p>The boats are kept in the shed.</p>"}) as wiki, crawling() as here:
        crawl = await here.read(wiki.url + path, kind="page")
        assert (crawl.state, crawl.pages) == ("done", {"skipped": 1})
        assert "longer than 500" in (await here.pages(crawl))[path].detail


def test_a_list_is_read_in_bounded_time_whatever_stands_in_it() -> None:
    """Of a thousand blanks alone, one never saw the end; the time limit of every test is the judge."""
    named = "<loc>\n  http://a.org/a </loc><loc><![CDATA[ http://a.org/b?x=1&amp;y ]]> </loc><loc> </loc>"
    listed = f"<urlset>{named}<loc>{' ' * 50_000}<loc>http://a.org/{'c' * 2000}</loc></urlset>"

    assert sitemap(listed.encode(), "http://a.org/sitemap.xml") == (False, ["http://a.org/a", "http://a.org/b?x=1&y"])


def test_marks_without_an_end_are_read_in_bounded_time() -> None:
    read = read_plain(b"**Tea** is `hot`. " + b"**a " * 50_000, "http://a.org/tea.txt", {})

    assert read.text.startswith("Tea is hot. **a **a")


def test_a_text_without_an_end_to_its_heading_has_a_title() -> None:
    assert len(read_plain(("# " + "a" * 1000).encode(), "http://host/", {}).title) == 300
    assert read_plain(b"no heading", "http://host/a%00_b.txt", {}).title == "a b.txt"


async def test_one_page_alone(crawling: OpenCrawler) -> None:
    async with FakeWiki(5) as wiki, crawling() as here:
        crawl = await here.read(wiki.at("Bella Barrow"), kind="page")
        assert (crawl.added, await here.titles()) == (1, ["Bella Barrow"])
        assert quote("/wiki/Pelican_Rock") not in wiki.bodies
