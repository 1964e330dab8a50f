"""What pages in a browser may do: those of allowed origins everything but to carry cookies, all others nothing."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from greenroom.testing import serving
from tests.wire.test_guard import echo_application

ALLOWED = ("https://friend.example", "http://localhost:3000", "http://127.0.0.1:9", "app://obsidian.md", "tauri://x")
FOREIGN = ("https://evil.com", "http://friend.example", "null", "https://localhost.evil.com", "apps://obsidian.md")


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with serving(echo_application()) as url:
        yield url


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def asking(origin: str, names: str = "authorization, content-type, x-stainless-os") -> dict[str, str]:
    """What a browser sends before it lets a page post JSON."""
    return {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": names}


@pytest.mark.parametrize("path", ["/answers", "/api/chat", "/v1/chat/completions", "/nowhere"])
@pytest.mark.parametrize("origin", ALLOWED)
async def test_a_browser_is_told_that_an_allowed_page_may_post(
    url: str, http: aiohttp.ClientSession, origin: str, path: str
) -> None:
    async with http.options(url + path, headers=asking(origin)) as response:
        assert response.status == 204
        assert response.headers["Access-Control-Allow-Origin"] == origin
        assert "POST" in response.headers["Access-Control-Allow-Methods"]
        assert "authorization" in response.headers["Access-Control-Allow-Headers"]
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert response.headers["Vary"] == "Origin"


@pytest.mark.parametrize("path", ["/answers", "/api/chat", "/v1/chat/completions"])
@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_browser_is_told_that_a_foreign_page_may_not(
    url: str, http: aiohttp.ClientSession, origin: str, path: str
) -> None:
    for asked in (http.options(url + path, headers=asking(origin)), http.post(url + path, headers={"Origin": origin})):
        async with asked as response:
            assert response.status == 403
            assert not [name for name in response.headers if name.startswith("Access-Control")]


async def test_an_allowed_page_may_read_the_answer_and_its_headers(url: str, http: aiohttp.ClientSession) -> None:
    for status, body in ((200, '{"name": "x"}'), (422, "{}")):
        async with http.post(f"{url}/answers", data=body, headers={"Origin": ALLOWED[0]}) as response:
            assert response.status == status
            assert response.headers["Access-Control-Allow-Origin"] == ALLOWED[0]
            assert "X-Greenroom-Cache" in response.headers["Access-Control-Expose-Headers"]


async def test_a_foreign_page_reads_nothing_and_who_is_no_page_needs_no_permission(
    url: str, http: aiohttp.ClientSession
) -> None:
    for headers in ({"Origin": "https://evil.com"}, {}):
        async with http.get(f"{url}/answers/x", headers=headers) as response:
            assert response.status == 200
            assert "Access-Control-Allow-Origin" not in response.headers


async def test_what_a_browser_asks_is_not_written_into_the_answer_unless_it_is_names(
    url: str, http: aiohttp.ClientSession
) -> None:
    async with http.options(f"{url}/answers", headers=asking(ALLOWED[0], "x; y, *")) as response:
        assert response.headers["Access-Control-Allow-Headers"] == ""
    local = {**asking(ALLOWED[0]), "Access-Control-Request-Private-Network": "true"}
    async with http.options(f"{url}/answers", headers=local) as response:
        assert response.headers["Access-Control-Allow-Private-Network"] == "true"
