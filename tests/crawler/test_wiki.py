"""A wiki is read by its API: by revision, many pages at once, with what only it knows."""

from greenroom.crawler.wikitext import text_of
from greenroom.model import CrawlRef
from greenroom.storage.database import Database
from greenroom.testing import FakeWiki
from greenroom.testing.fake_wiki import WikiPage
from tests.crawler.conftest import OpenCrawler, over


async def test_a_wiki_is_read_by_its_api(database: Database) -> None:
    async with FakeWiki(70, api=True) as wiki, over(database) as here:
        crawl = await here.read(wiki.url)
        assert (crawl.state, crawl.kind, crawl.added) == ("done", "mediawiki", 70)
        assert sum(asked.path.startswith("/wiki/") for asked in wiki.asked) == 1
        passage = await here.find("Who is the keeper of the lighthouse?")
        assert passage is not None
        assert (passage.title, passage.url) == ("Pelican Rock", wiki.at("Pelican Rock"))
        assert "Heard in the inn" not in passage.content
        by_alias = await here.find("The Rock")
        assert by_alias is not None
        assert by_alias.title == "Pelican Rock"


async def test_only_new_revisions_are_asked_for_and_what_is_gone_goes(crawling: OpenCrawler) -> None:
    async with FakeWiki(70, api=True) as wiki, crawling() as here:
        await here.read(wiki.url)
        changed, gone = wiki.numbered(7).title, wiki.numbered(69).title
        wiki.change(7, "Gideon now sells boats.")
        wiki.remove(69)
        wiki.forget_requests()
        crawl = await here.read(wiki.url)
        assert (crawl.changed, crawl.unchanged, crawl.removed) == (1, 68, 1)
        assert dict(wiki.bodies) == {changed: 1, gone: 1}
        assert gone not in await here.titles()


async def test_a_title_that_makes_its_address_too_long_takes_no_other_page_along(crawling: OpenCrawler) -> None:
    async with FakeWiki(12, api=True) as wiki, crawling() as here:
        page = WikiPage(99, "Λίμνη" * 17, ["It is deep."], [], [])
        wiki.pages[page.name] = page
        crawl = await here.read(wiki.url)
        assert (crawl.state, crawl.added, crawl.pages) == ("done", 12, {"indexed": 12, "skipped": 1})


async def test_pages_that_are_too_large_together_are_asked_for_one_by_one(crawling: OpenCrawler) -> None:
    async with FakeWiki(12, api=True) as wiki, crawling(page_bytes=50_000) as here:
        for number, what, days in ((1, "tide", 700), (2, "wind", 900), (3, "moon", 4000)):
            wiki.numbered(number).sentences.extend(f"The {what} of day {day} was high." for day in range(days))
        crawl = await here.read(wiki.url)
        assert (crawl.state, crawl.added, crawl.pages) == ("done", 11, {"indexed": 11, "skipped": 1})
        [skipped] = [page for page in (await here.pages(crawl)).values() if page.state == "skipped"]
        assert "larger than 50000 bytes" in skipped.detail
        assert skipped.url == wiki.at(wiki.numbered(3).title)


async def test_a_page_that_its_wiki_cannot_give_takes_no_other_page_along(crawling: OpenCrawler) -> None:
    async with FakeWiki(12, api=True) as wiki, crawling() as here:
        spoilt = wiki.numbered(5).title
        wiki.spoilt = frozenset([spoilt])
        crawl = await here.read(wiki.url)
        assert (crawl.state, crawl.added, crawl.pages) == ("done", 11, {"indexed": 11, "failed": 1})
        assert "internal_api_error" in next(p for p in (await here.pages(crawl)).values() if p.state == "failed").detail
        wiki.spoilt = frozenset()
        assert (await here.read(wiki.url)).added == 1
        assert spoilt in await here.titles()


async def test_a_category_alone(crawling: OpenCrawler) -> None:
    async with FakeWiki(20, api=True) as wiki, crawling() as here:
        wiki.extra["/wiki/Category:Places"] = "<p>All places.</p>"
        crawl = await here.read(wiki.at("Category:Places"))
        assert crawl.state == "done"
        assert await here.titles() == ["Pelican Rock"]


async def test_a_wiki_that_lags_is_asked_again(crawling: OpenCrawler) -> None:
    async with FakeWiki(5, api=True) as wiki, crawling() as here:
        first = await here.read(wiki.url)
        wiki.change(1, "She is well.")
        wiki.api_lag = 1
        await here.crawler.start(CrawlRef(id=first.id))
        await here.work.run()
        [(task, error)] = here.work.failed
        assert "maxlag" in str(error)
        assert "maxlag; tries again" in (await here.crawler.status(CrawlRef(id=first.id))).detail
        await here.crawler.drive(task)
        crawl = await here.crawler.status(CrawlRef(id=first.id))
        assert (crawl.state, crawl.changed) == ("done", 1)


def test_wikitext_is_read_without_what_is_no_text() -> None:
    text = text_of(
        "{{Infobox person\n| name = Abner Quill\n| image = [[File:Abner.png|200px]]\n"
        "| occupation = [[Lighthouse|Keeper]]<br/>[[Pelican]] trainer\n}}\n"
        "'''Abner''' keeps [[Old Lighthouse|the light]].<ref>A note with {{cite|a=b}}.</ref>\n"
        "[[File:Tea.jpg|thumb|A cup of [[tea]].]]\n== History ==\n* He trains pelicans.<!-- obey me -->\n"
        "{| class=wikitable\n| a cell\n|}\n== References ==\n<references/>\n[[Category:Keepers]]\n[[de:Abner]]\n"
    )
    assert text == (
        "Name: Abner Quill.\nOccupation: Keeper, Pelican trainer.\n\nAbner keeps the light.\n\n"
        "== History ==\nHe trains pelicans."
    )


def test_blanks_without_an_end_are_read_in_bounded_time() -> None:
    assert text_of(f"Tea  \n \t\n\n  is{' ' * 100_000}hot").split() == ["Tea", "is", "hot"]
