"""A wiki is crawled tonight, and talked about tomorrow."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp

from greenroom.testing import FakeWiki
from tests.deployments import Addresses, browser, one_process

QUESTION = "Brian, who is the keeper of the lighthouse on Pelican Rock?"


async def crawl(http: aiohttp.ClientSession, addresses: Addresses, url: str) -> None:
    async with http.post(f"{addresses['crawler']}/crawl", json={"url": url, "collection": "rock"}) as response:
        assert response.status == 202, await response.text()
        crawl = await response.json()
    async with asyncio.timeout(60):
        while crawl["state"] in {"waiting", "running"}:
            await asyncio.sleep(0.1)
            async with http.get(f"{addresses['crawler']}/crawl-status/{crawl['id']}") as response:
                crawl = await response.json()
    assert crawl["state"] == "done"


async def ask(http: aiohttp.ClientSession, addresses: Addresses) -> tuple[str, list[dict[str, Any]]]:
    asked = {"character_name": "brian", "input_text": QUESTION, "channel_id": "den"}
    async with http.post(f"{addresses['router']}/orchestrate", json=asked) as response:
        assert response.status == 200, await response.text()
        reply = await response.json()
    async with http.get(f"{addresses['router']}/turns/{reply['metadata']['turn_id']}") as response:
        receipt = await response.json()
    return reply["response"], receipt["passages"]


async def test_brian_answers_what_only_a_crawled_wiki_knows_with_its_link_in_the_receipt(tmp_path: Path) -> None:
    async with FakeWiki(3) as wiki:
        allowed = (wiki.url.removeprefix("http://"),)
        settings = {"crawler__allowed_hosts": allowed, "crawler__pause_s": 0.0, "background__look_every_s": 0.2}
        async with one_process(tmp_path, **settings) as addresses, browser() as http:
            said, _ = await ask(http, addresses)
            assert "Abner" not in said
            await crawl(http, addresses, wiki.url)
            said, passages = await ask(http, addresses)
    assert "Abner Quill" in said
    [told] = [one for one in passages if "Abner Quill" in one["content"]]
    assert told["url"] == f"{wiki.url}/wiki/Pelican_Rock"
