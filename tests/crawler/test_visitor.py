"""The way out: only to public addresses, with robots.txt, pauses and limits."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from greenroom.clock import SYSTEM_CLOCK
from greenroom.config import CrawlerSettings
from greenroom.crawler.pace import Pace
from greenroom.crawler.public import NotPublic, is_public, public_socket
from greenroom.crawler.visitor import Visitor, Wish
from greenroom.errors import FetchFailed, FetchRefused
from greenroom.testing import FakeWiki, FrozenClock, free_ports

PRIVATE = (
    "0.0.0.0",  # noqa: S104 - asked about, not bound
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.1.2.3",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
)
URLS = (
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://0.0.0.0:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f.1:{port}/",
    "http://127.1:{port}/",
    "http://127。0。0。1:{port}/",
    "http://user:word@127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/",
    "http://169.254.169.254/latest/meta-data",
)


@asynccontextmanager
async def visitor(**settings: Any) -> AsyncIterator[Visitor]:
    wished = CrawlerSettings(**{"pause_s": 0.0, "page_s": 60.0, **settings})
    async with Visitor(wished, SYSTEM_CLOCK) as one:
        yield one


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_known(address: str) -> None:
    assert not is_public(address)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with pytest.raises(NotPublic):
        public_socket((family, socket.SOCK_STREAM, 0, "", (address, 80)))


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111"])
def test_a_public_address_is_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("url", URLS)
async def test_nothing_in_the_house_or_beside_it_is_asked(url: str) -> None:
    async with FakeWiki(1) as wiki, visitor() as one:
        with pytest.raises(FetchRefused):
            await one.visit(Wish(url.format(port=wiki.url.rpartition(":")[2])))
        assert not wiki.asked


async def test_a_redirect_does_not_lead_into_the_house() -> None:
    async with FakeWiki(1) as inner, FakeWiki(1, traps=["/elsewhere"], elsewhere=inner.url) as outer:
        async with visitor(allowed_hosts=(outer.url.removeprefix("http://"),)) as one:
            with pytest.raises(FetchRefused, match=r"is not a public address.*crawler\.allowed_hosts"):
                await one.visit(Wish(outer.url + "/elsewhere", redirects=5))
        assert not inner.asked


class Turning(AbstractResolver):
    """Names a public address when it is asked for the first time, and this machine from then on."""

    def __init__(self) -> None:
        self._addresses = iter(["93.184.216.34"])

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = next(self._addresses, "127.0.0.1")
        return [ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        pass


async def test_a_name_that_means_another_address_by_the_time_of_the_visit_leads_nowhere() -> None:
    turning = Turning()
    async with FakeWiki(1) as wiki, Visitor(CrawlerSettings(pause_s=0.0), SYSTEM_CLOCK, turning) as one:
        port = int(wiki.url.rpartition(":")[2])
        [looked_up] = await turning.resolve("wiki.test", port)
        assert is_public(looked_up["host"])
        with pytest.raises(FetchRefused, match="is not a public address"):
            await one.visit(Wish(f"http://wiki.test:{port}/"))
        assert not wiki.asked


async def test_a_host_is_allowed_with_or_without_its_port() -> None:
    async with FakeWiki(1) as wiki:
        for allowed in ("127.0.0.1", wiki.url.removeprefix("http://")):
            async with visitor(allowed_hosts=(allowed,)) as one:
                assert (await one.visit(Wish(wiki.at("Pelican Rock")))).status == 200
        async with visitor(allowed_hosts=("127.0.0.1:1",)) as one:
            with pytest.raises(FetchRefused):
                await one.visit(Wish(wiki.url))


async def test_no_more_is_read_than_is_allowed() -> None:
    async with FakeWiki(1, traps=["/huge", "/bomb"]) as wiki, visitor(allowed_hosts=("127.0.0.1",)) as one:
        for trap in wiki.traps:
            with pytest.raises(FetchRefused, match="larger than"):
                await one.visit(Wish(wiki.url + trap))


async def test_what_is_of_no_use_is_not_read() -> None:
    async with FakeWiki(1) as wiki, visitor(allowed_hosts=("127.0.0.1",)) as one:
        with pytest.raises(FetchRefused, match="text/html"):
            await one.visit(Wish(wiki.at("Pelican Rock"), kinds=("application/json",)))


async def test_a_host_that_does_not_answer_may_do_so_later() -> None:
    [port] = free_ports(1)
    async with visitor(allowed_hosts=("127.0.0.1",)) as one:
        with pytest.raises(FetchFailed, match="does not answer") as failed:
            await one.visit(Wish(f"http://127.0.0.1:{port}/"))
        assert failed.value.retryable


async def test_a_page_that_does_not_come_is_not_waited_for() -> None:
    async with FakeWiki(1, traps=["/slow"]) as wiki, visitor(allowed_hosts=("127.0.0.1",), page_s=0.5) as one:
        with pytest.raises(FetchFailed, match=r"took too long \(crawler\.page_s\)"):
            await one.visit(Wish(wiki.url + "/slow"))


async def test_where_robots_cannot_be_had_nothing_is_asked() -> None:
    async with FakeWiki(1) as wiki, visitor(allowed_hosts=("127.0.0.1",)) as one:
        wiki.robots_status = 500
        with pytest.raises(FetchFailed, match=r"robots\.txt cannot be had"):
            await one.visit(Wish(wiki.at("Pelican Rock")))
        assert [asked.path for asked in wiki.asked] == ["/robots.txt"]


async def test_there_is_a_pause_between_two_requests_to_a_host() -> None:
    clock = FrozenClock()
    settings = CrawlerSettings(allowed_hosts=("127.0.0.1",), pause_s=2.0)
    async with FakeWiki(1) as wiki, FakeWiki(1, crawl_delay_s=7) as slower, Visitor(settings, clock) as one:
        for _ in range(3):
            await one.visit(Wish(wiki.at("Pelican Rock")))
        assert clock.slept_s == [2.0, 2.0]
        for _ in range(2):
            await one.visit(Wish(slower.at("Pelican Rock")))
        assert clock.slept_s == [2.0, 2.0, 7.0]


async def test_a_pause_that_is_as_good_as_a_no_is_taken_for_one() -> None:
    async with FakeWiki(1, crawl_delay_s=86_400) as wiki, visitor(allowed_hosts=("127.0.0.1",)) as one:
        with pytest.raises(FetchRefused, match="86400 s between two requests"):
            await one.visit(Wish(wiki.at("Pelican Rock")))
        assert [asked.path for asked in wiki.asked] == ["/robots.txt"]


async def test_a_host_that_wants_to_be_left_in_peace_is() -> None:
    clock = FrozenClock()
    pace = Pace(clock)
    pace.rest("host", 90.0)
    await pace.wait("other", 1.0)
    await pace.wait("host", 1.0)
    pace.rest("host", 1e9)
    await pace.wait("host", 1.0)
    assert clock.slept_s == [90.0, 3600.0]


async def test_hosts_that_may_be_asked_at_once_are_forgotten_when_there_are_many() -> None:
    clock = FrozenClock()
    pace = Pace(clock)
    pace.rest("resting", 90.0)
    for number in range(3000):
        await pace.wait(f"host {number}", 0.0)
    assert len(pace) <= 1000
    await pace.wait("resting", 1.0)
    assert clock.slept_s == [90.0]
