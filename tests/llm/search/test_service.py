import asyncio
import gzip
import json

import pytest
from pydantic import SecretStr

from greenroom.config import SearchSettings
from greenroom.errors import SearchFailed, SearchOff, Unavailable
from greenroom.llm.search.brave import Brave
from greenroom.llm.search.ddgs import Ddgs
from greenroom.llm.search.engines import engines_of
from greenroom.llm.search.service import WebSearchService
from greenroom.llm.search.site import BODY_BYTES
from greenroom.model import Nothing, SearchRequest, Texts, Vectors
from greenroom.ports import WebSearch
from greenroom.storage.cache import MemoryCache
from greenroom.testing import FakeBrave, FakeSearXNG, Found, FrozenClock, ScriptedModel, SearchReply
from tests.conftest import Reach
from tests.llm.search.searching import PATIENT, searching

QUAHOG = Found("Quahog Bay", "https://clams.example/bay", "Where the clams of Rhode Island live", ("google", "brave"))
OTHERS = (
    Found("Ten cats", "https://cats.example/", "Pictures of cats"),
    Found("A recipe", "https://food.example/", "Chowder of quahog clams"),
)


async def test_results_are_ranked_and_say_where_they_come_from(reach: Reach) -> None:
    async with FakeSearXNG(*OTHERS, QUAHOG) as fake, searching(fake) as service:
        port = await reach(WebSearch, service)
        answer = await port.search(SearchRequest(query="quahog clams", max_results=2))
    assert [result.title for result in answer.results] == ["A recipe", "Quahog Bay"]
    assert answer.results[1].source == "brave, google"
    assert 1 >= answer.results[0].score > answer.results[1].score >= 0
    assert (answer.query, answer.provider, answer.cached) == ("quahog clams", "searxng", False)
    assert fake.requests == [{"q": "quahog clams", "format": "json", "language": "en-US"}]


async def test_an_error_reaches_the_caller_with_its_cure(reach: Reach) -> None:
    async with FakeSearXNG(formats=("html",)) as fake, searching(fake) as service:
        port = await reach(WebSearch, service)
        with pytest.raises(SearchFailed, match=r"403: add `json` to search\.formats"):
            await port.search(SearchRequest(query="clams"))


async def test_without_an_embedding_model_words_and_place_decide() -> None:
    class Away(ScriptedModel):
        async def embed(self, texts: Texts, /) -> Vectors:
            raise Unavailable

    async with FakeSearXNG(*OTHERS, QUAHOG) as fake, searching(fake, model=Away()) as service:
        answer = await service.search(SearchRequest(query="quahog clams"))
    assert answer.results[-1].title == "Ten cats"


async def test_the_same_query_is_remembered_also_for_fewer_results_and_other_capitals() -> None:
    async with FakeSearXNG(QUAHOG, *OTHERS) as fake, searching(fake) as service:
        first = await service.search(SearchRequest(query="quahog clams", max_results=3))
        second = await service.search(SearchRequest(query="Quahog  clams", max_results=1))
        assert (first.cached, second.cached) == (False, True)
        assert second.results == first.results[:1]
        assert len(fake.requests) == 1
        state = await service.state(Nothing())
        assert (state.searches, state.cached, state.failures, state.ready) == (2, 1, 0, True)


async def test_nothing_is_remembered_of_a_search_that_found_nothing() -> None:
    async with FakeSearXNG() as fake, searching(fake) as service:
        for _ in range(2):
            assert (await service.search(SearchRequest(query="clams"))).results == ()
        assert len(fake.requests) == 2


async def test_what_lies_damaged_in_the_cache_is_searched_for_again() -> None:
    class Damaged(MemoryCache):
        async def get(self, key: str, /) -> bytes | None:
            return b'[{"title": "no more than this"}]'

    cache = Damaged(1_000_000, FrozenClock())
    async with FakeSearXNG(QUAHOG) as fake, searching(fake) as whole:
        service = WebSearchService(whole._settings, whole._engines, ScriptedModel(), cache, FrozenClock())
        answer = await service.search(SearchRequest(query="clams"))
    assert (answer.cached, len(answer.results)) == (False, 1)


async def test_many_who_ask_the_same_at_once_make_one_search() -> None:
    async with FakeSearXNG(QUAHOG) as fake, searching(fake) as service:
        asked = [service.search(SearchRequest(query="clams")) for _ in range(20)]
        answers = await asyncio.gather(*asked)
    assert len(fake.requests) == 1
    assert all(answer.results == answers[0].results for answer in answers)


async def test_one_who_leaves_takes_nothing_from_the_others() -> None:
    async with FakeSearXNG(QUAHOG) as fake, searching(fake) as service:
        leaving = asyncio.create_task(service.search(SearchRequest(query="clams")))
        staying = asyncio.create_task(service.search(SearchRequest(query="clams")))
        await asyncio.sleep(0)
        leaving.cancel()
        assert (await staying).results


async def test_an_engine_that_is_slow_is_given_up_after_the_time_limit() -> None:
    async with FakeSearXNG() as fake, searching(fake, timeout_s=0.05) as service:
        fake.enqueue(SearchReply(stall=True))
        with pytest.raises(SearchFailed, match=r"did not answer within 0\.05 s; llm\.search\.timeout_s allows more"):
            await service.search(SearchRequest(query="clams"))


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (SearchReply(status=500), "answered 500: it may be well again"),
        (SearchReply(status=429), "answered 429: .* server.limiter"),
        (SearchReply(status=301, headers={"Location": "http://10.0.0.1/"}), "answered 301: set llm.search.searxng_url"),
        (SearchReply(raw=b"<html><body>Hello</body></html>"), "not a list of results; add `json`"),
        (SearchReply(raw=b'{"results": "none"}'), "not a list of results"),
        (SearchReply(raw=b'{"results": [1]}'), "not a list of results"),
        (SearchReply(raw=b"[" * 100_000), "not a list of results"),
        (SearchReply(raw=b'{"results": ["\xff"]}'), "not a list of results"),
        (SearchReply(raw=b'{"results": [], "unresponsive_engines": [["google", "timeout"]]}'), "none of the engines"),
        (SearchReply(raw=b" " * (BODY_BYTES + 1)), "more than 1000000 bytes"),
        (SearchReply(raw=gzip.compress(b" " * 50_000_000), headers={"Content-Encoding": "gzip"}), "more than 1000000"),
        (SearchReply(raw=b"no gzip", headers={"Content-Encoding": "gzip"}), "not gzip"),
        (SearchReply(raw=b"{}", headers={"Content-Encoding": "br"}), "packed its answer"),
        (SearchReply(reset=True), "broke off"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_an_answer_that_is_no_use_is_told_in_clear_words(reply: SearchReply, words: str) -> None:
    async with FakeSearXNG() as fake, searching(fake) as service:
        fake.enqueue(reply, reply)  # aiohttp asks once more after a connection that was cut
        with pytest.raises(SearchFailed, match=words):
            await service.search(SearchRequest(query="clams"))


async def test_a_packed_answer_is_unpacked() -> None:
    page = gzip.compress(json.dumps({"results": [{"url": "https://a.example", "title": "A"}]}).encode())
    async with FakeSearXNG() as fake, searching(fake) as service:
        fake.enqueue(SearchReply(raw=page, headers={"Content-Encoding": "gzip"}))
        assert (await service.search(SearchRequest(query="clams"))).results[0].title == "A"


async def test_a_server_that_is_not_there_is_named_with_what_to_check() -> None:
    async with FakeSearXNG() as fake:
        service = searching(fake)
    async with service as search:
        with pytest.raises(SearchFailed, match=r"SearXNG at 127\.0\.0\.1 cannot be reached; check that it runs"):
            await search.search(SearchRequest(query="clams"))


async def test_an_engine_that_keeps_failing_is_left_in_peace_for_a_while() -> None:
    clock = FrozenClock()
    async with FakeSearXNG(QUAHOG) as fake, searching(fake, clock=clock) as service:
        fake.enqueue(*[SearchReply(status=500)] * 3)
        for _ in range(5):
            with pytest.raises(SearchFailed):
                await service.search(SearchRequest(query="clams"))
        assert len(fake.requests) == 3
        assert "left in peace" in await _trouble(service)
        state = await service.state(Nothing())
        assert (state.ready, state.failures) == (True, 6)
        assert "answered 500" in state.detail
        with pytest.raises(SearchFailed, match="answered 500"):
            await service.ping()
        clock.advance(30)
        assert (await service.search(SearchRequest(query="clams"))).results
        assert (await service.state(Nothing())).detail == ""


async def test_an_engine_that_asks_for_peace_gets_it() -> None:
    clock = FrozenClock()
    async with FakeSearXNG(QUAHOG) as fake, searching(fake, clock=clock) as service:
        fake.enqueue(SearchReply(status=429, headers={"Retry-After": "120"}))
        with pytest.raises(SearchFailed):
            await service.search(SearchRequest(query="clams"))
        clock.advance(119)
        assert "left in peace" in await _trouble(service)
        clock.advance(1)
        assert (await service.search(SearchRequest(query="clams"))).results
        assert len(fake.requests) == 2


async def test_there_are_only_so_many_searches_in_a_minute() -> None:
    clock = FrozenClock()
    async with FakeSearXNG(QUAHOG) as fake, searching(fake, clock=clock, per_minute=2) as service:
        await service.search(SearchRequest(query="one"))
        await service.search(SearchRequest(query="two"))
        with pytest.raises(SearchFailed, match="there were 2 searches in a minute"):
            await service.search(SearchRequest(query="three"))
        clock.advance(60)
        await service.search(SearchRequest(query="three"))
        assert [request["q"] for request in fake.requests] == ["one", "two", "three"]


async def test_nobody_is_asked_unless_the_owner_says_so() -> None:
    """Off is off: no request of a caller can make this machine contact anybody."""
    settings = SearchSettings(searxng_url="http://127.0.0.1:1")
    assert engines_of(settings, SecretStr("key")) == {}
    async with searching(provider="none") as service:
        for provider in (None, "ddgs", "searxng", "brave"):
            with pytest.raises(SearchOff, match=r"web search is off; set llm\.search\.provider"):
                await service.search(SearchRequest(query="clams", provider=provider))
        state = await service.state(Nothing())
        assert (state.provider, state.ready) == ("none", False)


def test_only_engines_that_are_set_up_can_be_asked() -> None:
    assert list(engines_of(SearchSettings(provider="ddgs"), SecretStr(""))) == ["ddgs"]
    both = SearchSettings(provider="brave", searxng_url="http://127.0.0.1:1")
    assert list(engines_of(both, SecretStr("key"))) == ["searxng", "brave"]


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        ("searxng", r"set llm\.search\.searxng_url"),
        ("brave", "environment variable BRAVE_API_KEY"),
        ("ddgs", "to ddgs"),
    ],
)
async def test_an_engine_that_is_not_set_up_says_what_it_lacks(provider: str, words: str) -> None:
    async with searching(provider=provider) as service:
        with pytest.raises(SearchOff, match=words):
            await service.search(SearchRequest(query="clams"))


async def test_keys_and_passwords_in_a_query_stay_at_home() -> None:
    async with FakeSearXNG(QUAHOG) as fake, searching(fake) as service:
        answer = await service.search(
            SearchRequest(query="why is sk-proj-abc123def456ghi789 refused, password: hunter2")
        )
        assert answer.query == fake.requests[0]["q"] == "why is refused,"
        with pytest.raises(SearchFailed, match="nothing is left"):
            await service.search(SearchRequest(query="ghp_0123456789abcdefghijABCDEFGHIJ012345"))


async def test_brave_is_asked_with_its_key() -> None:
    async with FakeBrave(QUAHOG, key="s3cret") as fake:
        brave = Brave(SecretStr("s3cret"), "BRAVE_API_KEY", "de-de", fake.url)
        async with searching(engines={"brave": brave}, provider="brave") as service:
            answer = await service.search(SearchRequest(query="clams"))
    assert (answer.provider, answer.results[0].source) == ("brave", "brave")
    asked = fake.requests[0]
    assert (asked["q"], asked["country"], asked["search_lang"], asked["count"]) == ("clams", "DE", "de", "20")


@pytest.mark.parametrize(
    ("key", "reply", "words"),
    [
        ("k-other", SearchReply(), r"422: the key in BRAVE_API_KEY is wrong"),
        ("key", SearchReply(status=422, raw=b'{"error": {"code": "VALIDATION"}}'), "does not accept this query"),
        ("key", SearchReply(status=429, raw=b"{}"), "allows no more searches"),
        ("key", SearchReply(raw=b"<html>"), "not a list of results"),
    ],
)
async def test_what_brave_refuses_is_explained_without_the_key(key: str, reply: SearchReply, words: str) -> None:
    async with FakeBrave(key="key") as fake:
        fake.enqueue(reply)
        brave = Brave(SecretStr(key), "BRAVE_API_KEY", "us-en", fake.url)
        async with searching(engines={"brave": brave}, provider="brave") as service:
            with pytest.raises(SearchFailed, match=words) as caught:
                await service.search(SearchRequest(query="clams"))
    assert "k-other" not in caught.value.detail


async def test_ddgs_searches_in_a_thread_and_its_entries_are_read() -> None:
    def library(query: str, count: int) -> list[dict[str, object]]:
        return [{"title": f"About {query}", "href": "https://a.example", "body": "Text"}, {"title": None, "href": 3}]

    async with searching(engines={"ddgs": Ddgs("auto", "us-en", PATIENT, library)}, provider="ddgs") as service:
        answer = await service.search(SearchRequest(query="clams"))
    assert [(r.title, r.url, r.snippet, r.source) for r in answer.results] == [
        ("About clams", "https://a.example", "Text", "ddgs")
    ]


async def test_ddgs_that_hangs_holds_nobody_longer_than_the_limit() -> None:
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()

    def library(query: str, count: int) -> list[dict[str, object]]:
        asyncio.run_coroutine_threadsafe(gone.wait(), loop).result(PATIENT)
        return []

    async with searching(
        engines={"ddgs": Ddgs("auto", "us-en", 0.05, library)}, provider="ddgs", timeout_s=0.05
    ) as service:
        with pytest.raises(SearchFailed, match="ddgs did not answer"):
            await service.search(SearchRequest(query="clams"))
        gone.set()


async def _trouble(service: WebSearchService) -> str:
    with pytest.raises(SearchFailed) as caught:
        await service.search(SearchRequest(query="clams"))
    return caught.value.detail
