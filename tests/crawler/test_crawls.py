"""Orders: they can be looked at, stopped, taken up again and repeated, and outlive the process."""

import asyncio

import pytest

from greenroom.errors import Conflict, InvalidInput, NotFound, Unavailable
from greenroom.model import Crawl, CrawlOrder, CrawlPagesRequest, CrawlRef, Nothing
from greenroom.ports import Crawler
from greenroom.testing import FakeWiki, FastClock, free_ports
from tests.conftest import Reach
from tests.crawler.conftest import Crawling, OpenCrawler
from tests.waiting import until

_FIRST_LIST = (
    "/api.php?format=json&formatversion=2&action=query&maxlag=5&prop=info&inprop=url&generator=allpages"
    "&gapnamespace=0&gapfilterredir=nonredirects&gaplimit=50"
)


async def test_an_order_is_taken_listed_and_looked_at(crawling: OpenCrawler, reach: Reach) -> None:
    async with FakeWiki(3) as wiki, crawling() as here:
        crawler = await reach(Crawler, here.crawler)
        ordered = await crawler.crawl(CrawlOrder(url=wiki.url, collection="rock", max_pages=9))
        assert (ordered.state, ordered.round, ordered.max_pages, ordered.kind) == ("waiting", 1, 9, None)
        again = await crawler.crawl(CrawlOrder(url=wiki.url + "/#top", collection="rock", max_pages=8))
        assert (again.id, again.round, again.max_pages) == (ordered.id, 1, 8)
        await here.work.run()
        [listed] = (await crawler.crawls(Nothing())).crawls
        assert listed == await crawler.status(CrawlRef(id=ordered.id))
        assert (listed.state, listed.added, listed.asked) == ("done", 3, 4)
        first = await crawler.pages(CrawlPagesRequest(id=ordered.id, limit=2))
        rest = await crawler.pages(CrawlPagesRequest(id=ordered.id, after=first.cursor))
        assert (len(first.pages), len(rest.pages)) == (2, 2)
        [moved] = (await crawler.pages(CrawlPagesRequest(id=ordered.id, state="moved"))).pages
        assert (moved.url, moved.status) == (wiki.url + "/", 301)
        await crawler.forget(CrawlRef(id=ordered.id))
        assert not (await crawler.crawls(Nothing())).crawls
        assert len(await here.titles()) == 3


async def test_what_is_not_there_is_not_found(crawling: OpenCrawler, reach: Reach) -> None:
    async with crawling() as here:
        crawler = await reach(Crawler, here.crawler)
        for verb in (crawler.status, crawler.start, crawler.stop):
            with pytest.raises(NotFound, match="unknown crawl 'nothing'"):
                await verb(CrawlRef(id="nothing"))
        with pytest.raises(NotFound):
            await crawler.pages(CrawlPagesRequest(id="nothing"))
        await crawler.forget(CrawlRef(id="nothing"))


@pytest.mark.parametrize("url", ["pelicans", "file:///etc/passwd", "http://", "ftp://host/"])
async def test_what_is_no_address_is_refused(url: str, crawling: OpenCrawler) -> None:
    async with crawling() as here:
        with pytest.raises(InvalidInput, match="begins with http"):
            await here.crawler.crawl(CrawlOrder(url=url, collection="rock"))


async def test_a_private_address_fails_with_the_cure(crawling: OpenCrawler) -> None:
    async with FakeWiki(1) as wiki, crawling(allowed_hosts=()) as here:
        crawl = await here.read(wiki.url)
        assert crawl.state == "failed"
        assert "crawler.allowed_hosts" in crawl.detail
        assert not wiki.asked


async def test_a_crawl_that_is_stopped_goes_on_where_it_was(crawling: OpenCrawler) -> None:
    async with FakeWiki(20) as wiki, crawling() as here:
        crawl = await here.crawler.crawl(CrawlOrder(url=wiki.url, collection="rock", every_hours=1))
        wiki.when_asked[wiki.at("Flora Finch")] = lambda: here.crawler.stop(CrawlRef(id=crawl.id))
        stopped = await here.done(crawl)
        assert (stopped.state, stopped.next_at) == ("stopped", None)
        assert 0 < stopped.added < 20
        wiki.when_asked.clear()
        await here.crawler.start(CrawlRef(id=crawl.id))
        done = await here.done(crawl)
        assert (done.state, done.round, done.added) == ("done", 1, 20)
        assert max(count for path, count in wiki.bodies.items() if path != "/wiki/Pelican_Rock") == 1


async def test_a_crawl_that_is_stopped_lists_no_more_pages(crawling: OpenCrawler) -> None:
    async with FakeWiki(200, api=True) as wiki, crawling() as here:
        crawl = await here.crawler.crawl(CrawlOrder(url=wiki.url, collection="rock"))
        wiki.when_asked[wiki.url + _FIRST_LIST] = lambda: here.crawler.stop(CrawlRef(id=crawl.id))
        assert (await here.done(crawl)).state == "stopped"
        assert sum("generator" in asked.path for asked in wiki.asked) == 1


async def test_a_crawl_that_is_not_under_way_can_be_read_in_another_way(crawling: OpenCrawler) -> None:
    shed = {"/shed": "<p>The boats are kept in the shed behind the church, all eleven of them.</p>"}
    async with FakeWiki(6, api=True, extra=shed) as wiki, crawling() as here:
        site = await here.read(wiki.at("Pelican Rock"), kind="site")
        assert (site.kind, site.added) == ("site", 7)
        ordered = await here.crawler.crawl(CrawlOrder(url=site.url, collection="rock", kind="mediawiki"))
        with pytest.raises(Conflict, match="stop it first"):
            await here.crawler.crawl(CrawlOrder(url=site.url, collection="rock", kind="page"))
        by_api = await here.done(ordered)
        assert (by_api.id, by_api.state, by_api.kind, by_api.removed) == (site.id, "done", "mediawiki", 1)
        assert len(await here.titles()) == 6
        again = await here.read(site.url, kind="site")
        assert (again.state, again.kind, len(await here.titles())) == ("done", "site", 7)


async def test_a_host_that_goes_away_is_waited_for(crawling: OpenCrawler) -> None:
    [port] = free_ports(1)
    async with crawling() as here:
        crawl = await here.crawler.crawl(CrawlOrder(url=f"http://127.0.0.1:{port}", collection="rock"))
        await here.work.run()
        [(task, error)] = here.work.failed
        assert "does not answer" in str(error)
        assert "tries again" in (await _status(here, crawl)).detail
        await here.crawler.drive(task.model_copy(update={"attempt": 100}))
        failed = await _status(here, crawl)
        assert failed.state == "failed"
        async with FakeWiki(3, port=port):
            await here.crawler.start(CrawlRef(id=crawl.id))
            await here.work.run()
            assert (await _status(here, crawl)).state == "done"


async def test_a_site_that_goes_away_in_the_middle_is_waited_for(crawling: OpenCrawler) -> None:
    async with FakeWiki(30) as wiki, crawling() as here:
        crawl = await here.crawler.crawl(CrawlOrder(url=wiki.url, collection="rock"))
        wiki.when_asked[wiki.at("Bella Barrow")] = wiki.break_down
        await here.work.run()
        [(task, error)] = here.work.failed
        assert isinstance(error, Unavailable)
        assert (await _status(here, crawl)).pages["waiting"] > 3
        wiki.when_asked.clear()
        wiki.broken = False
        await here.crawler.drive(task)
        assert (await _status(here, crawl)).added == 30


async def test_a_page_that_ends_the_program_each_time_is_given_up(crawling: OpenCrawler) -> None:
    async with FakeWiki(3) as wiki, crawling() as here:
        crawl = await here.crawler.crawl(CrawlOrder(url=wiki.url, collection="rock"))
        [task] = here.work.waiting
        for _ in range(3):
            wiki.when_asked[wiki.at("Bella Barrow")] = asyncio.Event().wait
            driving = asyncio.create_task(here.crawler.drive(task))
            await until(lambda: "/wiki/Bella_Barrow" in [asked.path for asked in wiki.asked])
            driving.cancel()
            await asyncio.wait([driving])
            wiki.asked.clear()
        done = await here.done(crawl)
        assert (done.state, done.added) == ("done", 2)
        assert (await here.pages(done))["/wiki/Bella_Barrow"].detail == "the program ended each time"


async def test_a_crawl_is_read_anew_when_its_time_has_come(crawling: OpenCrawler) -> None:
    async with FakeWiki(3) as wiki, crawling(clock=FastClock(10_000)) as here:
        first = await here.read(wiki.url, every_hours=1)
        assert first.next_at is not None
        assert first.ended_at is not None
        wiki.change(1, "She has moved to the mainland.")
        await until(lambda: bool(here.work.waiting))
        second = await here.done(first)
        assert (second.round, second.changed) == (2, 1)


async def _status(here: Crawling, crawl: Crawl) -> Crawl:
    return await here.crawler.status(CrawlRef(id=crawl.id))
