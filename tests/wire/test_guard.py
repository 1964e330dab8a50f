"""What stands before every route: foreign hosts and origins, large bodies, the service token, bad input."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from fastapi import APIRouter
from pydantic import SecretStr

from greenroom.config import Backoff, WireSettings
from greenroom.errors import GreenroomError, Unauthorized, every_error
from greenroom.testing import serving
from greenroom.wire import Peer, client, serve_port
from greenroom.wire.application import application
from greenroom.wire.guard import admission
from greenroom.wire.problem import error_of, problem
from tests.wire.test_ports_over_http import Echo, EchoService, Question

LIMIT = 5_000


def settings(token: str = "") -> WireSettings:
    return WireSettings(
        service_token=SecretStr(token),
        max_body_bytes=LIMIT,
        max_api_body_bytes=6_000,
        allowed_hosts=("greenroom.example",),
        allowed_origins=("https://friend.example",),
        service_call=Backoff(base_s=0),
    )


def echo_application(token: str = "") -> Any:
    app = application("Echo", settings(token), ["bound.example"])
    router = APIRouter()
    serve_port(router, Echo, EchoService(), admission(SecretStr(token)))
    app.include_router(router)
    return app


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with serving(echo_application()) as url:
        yield url


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1:1234", True),
        ("localhost", True),
        ("app.localhost:80", True),
        ("[::1]:80", True),
        ("192.168.1.7", True),
        ("greenroom.example", True),
        ("GREENROOM.example.", True),
        ("bound.example:99", True),
        ("evil.com", False),
        ("localhost.evil.com", False),
        ("127.0.0.1.evil.com", False),
        ("2130706433.evil.com:80", False),
        ("", False),
    ],
)
async def test_only_our_own_names_are_answered(url: str, http: aiohttp.ClientSession, host: str, allowed: bool) -> None:
    async with http.get(f"{url}/answers/x", headers={"Host": host}) as response:
        assert response.status == (200 if allowed else 403)
        assert allowed or (await response.json())["type"] == "urn:greenroom:forbidden"


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://127.0.0.1:9", True),
        ("http://localhost:3000", True),
        ("https://friend.example", True),
        ("http://friend.example", False),
        ("https://evil.com", False),
        ("null", False),
        ("https://localhost.evil.com", False),
        ("http://[evil.com", False),
    ],
)
async def test_a_foreign_page_may_not_change_anything(
    url: str, http: aiohttp.ClientSession, origin: str, allowed: bool
) -> None:
    headers = {"Origin": origin, "Content-Type": "text/plain"}
    async with http.post(f"{url}/answers", data='{"name": "x"}', headers=headers) as response:
        assert response.status == (200 if allowed else 403)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
async def test_a_body_is_json_whatever_it_is_called(url: str, http: aiohttp.ClientSession, content_type: str) -> None:
    async with http.post(f"{url}/answers", data='{"name": "x"}', headers={"Content-Type": content_type}) as response:
        assert (await response.json())["text"] == "x 1 False"


async def test_a_body_over_the_limit_is_refused_whether_it_says_its_length_or_not(
    url: str, http: aiohttp.ClientSession
) -> None:
    large = json.dumps({"name": "x", "trouble": "y" * LIMIT}).encode()

    async def in_pieces() -> AsyncIterator[bytes]:
        for i in range(0, len(large), 1000):
            yield large[i : i + 1000]

    for body in (large, in_pieces()):
        async with http.post(f"{url}/answers", data=body) as response:
            assert response.status == 413
            assert (await response.json())["extra"] == {"limit_bytes": LIMIT}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/characters/import", 404),
        ("/_nicegui/client/1a-2b/upload/12", 404),
        ("/_nicegui/client/1a-2b/upload/12/more", 413),
        ("/answers?from=/_nicegui/client/1a-2b/upload/12", 413),
    ],
)
async def test_card_files_may_be_larger_than_other_bodies(
    url: str, http: aiohttp.ClientSession, path: str, status: int
) -> None:
    async with http.post(url + path, data=b"x" * (LIMIT + 1)) as response:
        assert response.status == status


async def test_a_body_that_nobody_asked_for_is_limited_too(url: str, http: aiohttp.ClientSession) -> None:
    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 1000

    async with http.get(f"{url}/answers/x", data=in_pieces()) as response:
        assert response.status == 413


@pytest.mark.parametrize("endless", [b"/", b"x: y\r\n", b"x" * 100, b"x-long: " + b"y" * 100])
async def test_a_head_without_end_is_cut_off(url: str, endless: bytes) -> None:
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /" if endless == b"/" else b"GET / HTTP/1.1\r\n")
    with suppress(ConnectionError):
        for _ in range(20):
            writer.write(endless * (200_000 // len(endless)))
            await writer.drain()
    with suppress(ConnectionError):  # closed while more was coming: then the answer may be lost on its way
        assert (await asyncio.wait_for(reader.read(), 60)).startswith(b"HTTP/1.1 400")
    writer.close()


async def test_headers_and_a_body_may_come_at_once(url: str, http: aiohttp.ClientSession) -> None:
    headers = {"Content-Type": "application/json", **{f"x-{n}": "y" * 1000 for n in range(30)}}
    async with http.post(f"{url}/answers", data=b'{"name": "x"' + b" " * 4900 + b"}", headers=headers) as response:
        assert response.status == 200


@pytest.mark.parametrize("deadline", [b"-1", b"soon", b"\xb2", b"9" * 5000, b"1e3", b"", b"\xff"])
async def test_a_deadline_that_is_none_is_passed_over(url: str, deadline: bytes) -> None:
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /answers/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n")
    writer.write(b"greenroom-deadline-ms: " + deadline + b"\r\n\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"left_s":null' in answer


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"name": ', "this is not JSON"),
        ("", "body"),
        ("[1]", "body"),
        ('{"count": 2}', "name: Field required"),
        ('{"name": "x", "count": "many"}', "count: Input should be a valid integer"),
        ('{"name": "../x"}', "name: String should match pattern"),
    ],
)
async def test_bad_input_names_the_field(url: str, http: aiohttp.ClientSession, body: str, words: str) -> None:
    async with http.post(f"{url}/answers", data=body) as response:
        assert response.status == 422
        assert response.content_type == "application/problem+json"
        assert words in (await response.json())["detail"]


async def test_unknown_paths_and_methods_are_problems_too(url: str, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{url}/nowhere") as response:
        assert (response.status, response.content_type) == (404, "application/problem+json")
    async with http.delete(f"{url}/answers") as response:
        assert (response.status, response.content_type) == (405, "application/problem+json")


@pytest.mark.parametrize(
    ("method", "path", "host", "status", "text"),
    [
        ("GET", "/api/tags", "localhost", 404, "404 page not found"),
        ("GET", "/api/tags", "evil.com", 403, '{"error":"this machine is not called \'evil.com\'; add'),
        (
            "GET",
            "/v1/models",
            "localhost",
            404,
            '{"error":{"message":"page not found","type":"not_found_error","param"',
        ),
        ("GET", "/v1/models", "evil.com", 403, '{"error":{"message":"this machine is not called \'evil.com\'; add'),
        (
            "POST",
            "/v1/x",
            "localhost",
            413,
            '{"error":{"message":"the body is larger than 6000 bytes (wire.max_api_body_bytes)","type":"api_',
        ),
    ],
)
async def test_where_a_dialect_is_spoken_a_refusal_is_in_its_words(
    url: str, http: aiohttp.ClientSession, method: str, path: str, host: str, status: int, text: str
) -> None:
    content = b"x" * 6_001 if status == 413 else None
    async with http.request(method, url + path, headers={"Host": host}, data=content) as response:
        assert response.status == status
        assert (await response.text()).startswith(text)


async def test_a_service_with_a_token_lets_in_only_those_who_show_it(http: aiohttp.ClientSession) -> None:
    async with serving(echo_application("secret")) as url:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic secret"}):
            async with http.get(f"{url}/answers/x", headers=headers) as response:
                assert response.status == 401
        knows = client(Echo, Peer("echo", url, lambda: http, settings("secret")))
        assert (await knows.look_up(Question(name="x"))).text
        stranger = client(Echo, Peer("echo", url, lambda: http, settings()))
        with pytest.raises(Unauthorized):
            await stranger.look_up(Question(name="x"))


async def test_the_trace_of_the_caller_goes_on_and_a_bad_one_is_replaced(url: str, http: aiohttp.ClientSession) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    async with http.get(f"{url}/answers/x", headers=headers) as response:
        assert response.headers["x-trace-id"] == trace == (await response.json())["trace_id"]
    for bad in (
        "nonsense",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"ff-{trace}-00f067aa0ba902b7-01",
        f"00-{'1_' * 15}11-{'1' * 16}-01",
    ):
        async with http.get(f"{url}/answers/x", headers={"traceparent": bad}) as response:
            assert len(response.headers["x-trace-id"]) == 32
            assert response.headers["x-trace-id"] != trace


async def test_the_documentation_asks_nothing_of_the_outside(url: str, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{url}/docs") as response:
        page = await response.text()
    assert "swagger-ui" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    async with http.get(f"{url}/openapi.json") as response:
        paths = (await response.json())["paths"]
    assert set(paths["/answers/{name}"]) == {"get", "put"}
    assert "text/event-stream" in paths["/answers/stream"]["post"]["responses"]["200"]["content"]


@pytest.mark.parametrize("kind", every_error().values(), ids=lambda kind: kind.__name__)
def test_every_error_crosses_http_and_arrives_as_the_same_class(kind: type[GreenroomError]) -> None:
    arrived = error_of(problem(kind("in these words", some="thing")), kind.status, "peer")
    assert type(arrived) is kind
    assert (arrived.detail, arrived.extra) == ("in these words", {"some": "thing"})
    assert kind().detail, "an error without words says what its docstring says"


def test_what_is_not_a_problem_of_ours_becomes_a_plain_error() -> None:
    bodies: tuple[object, ...] = (None, [], {"type": "urn:other"}, {"type": 3}, "<html>")
    for body in bodies:
        arrived = error_of(body, 418, "peer")
        assert type(arrived) is GreenroomError
        assert "418" in arrived.detail
