"""Pulling, copying and deleting models through Greenroom, as Ollama's own client does it, and byte for byte."""

import asyncio
import hashlib
import json
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import ollama
import pytest
from pydantic import SecretStr
from yarl import URL

from greenroom.config import Backoff, LlmSettings, WireSettings
from greenroom.llm.ollama import Ollama
from greenroom.llm.ollama_api import ollama_routes
from greenroom.llm.ollama_management import management_routes
from greenroom.llm.service import LlmService
from greenroom.testing import FakeOllama, FrozenClock, Reply, ScriptedModel, serving
from greenroom.wire.application import application
from greenroom.wire.owners import Owners
from tests.deployments import one_process

MB = 1_000_000
NO_DIGEST = "sha256:" + "0" * 64


@pytest.fixture
async def fake() -> AsyncIterator[FakeOllama]:
    async with FakeOllama() as fake:
        yield fake


@asynccontextmanager
async def greenroom(fake: FakeOllama, token: str = "", *, from_loopback: bool = True) -> AsyncIterator[str]:
    settings, clock = LlmSettings(ollama_url=fake.url, first_token_s=5), FrozenClock()
    provider = Ollama(settings, Backoff(attempts=1))
    async with LlmService(settings, {"ollama": provider, "understudy": ScriptedModel("hm")}, clock) as llm:
        owners = Owners(SecretStr(token), from_loopback=from_loopback)
        managing = management_routes(provider.upstream, owners, lambda: llm.look_again("ollama"))
        app = application("Ollama", WireSettings(max_api_body_bytes=100_000), ())
        app.router.routes.extend([*managing, *ollama_routes(llm, clock)])
        async with serving(app) as url:
            yield url


@pytest.fixture
async def url(fake: FakeOllama) -> AsyncIterator[str]:
    async with greenroom(fake) as url:
        yield url


async def names(client: ollama.AsyncClient) -> list[str | None]:
    return [model.model for model in (await client.list()).models if model.model != "scripted/model"]


# As the client does it ------------------------------------------------------------------------------------------------


async def test_the_client_pulls_a_model_and_sees_how_far_it_is(client: ollama.AsyncClient, fake: FakeOllama) -> None:
    part: dict[str, Any] = {"status": "pulling 0123456789ab", "digest": NO_DIGEST, "total": 20, "completed": 5}
    lines: list[dict[str, Any]] = [{"status": "pulling manifest"}, part, {"status": "success"}]
    fake.enqueue(Reply(raw=b"".join(json.dumps(line).encode() + b"\n" for line in lines)))
    told = [progress async for progress in await client.pull("qwen3", stream=True)]
    assert [progress.status for progress in told] == [line["status"] for line in lines]
    assert (told[1].total, told[1].completed) == (20, 5)
    assert fake.requests[-1].body == {"model": "qwen3", "insecure": False, "stream": True}


async def test_what_changed_is_seen_at_once(client: ollama.AsyncClient, fake: FakeOllama) -> None:
    """The clock stands still, so that nobody would look again by himself."""
    assert await names(client) == ["llama3.2:latest"]
    assert (await client.pull("qwen3")).status == "success"
    assert await names(client) == ["qwen3:latest", "llama3.2:latest"]
    assert [p.status async for p in await client.pull("gemma3", stream=True)][-1] == "success"
    assert (await names(client))[0] == "gemma3:latest"
    assert (await client.copy("qwen3", "mine")).status == "success"
    assert (await names(client))[0] == "mine:latest"
    assert (await client.create("other", from_="mine", system="Be \\brief\\ 100 %.")).status == "success"
    assert (await names(client))[0] == "other:latest"
    assert (await client.delete("qwen3")).status == "success"
    assert "qwen3:latest" not in await names(client)
    assert (await client.push("mine")).status == "success"


async def test_the_client_brings_a_file(client: ollama.AsyncClient, fake: FakeOllama, tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF" * 50_000)
    digest = await client.create_blob(file)
    assert fake.shelf.blobs == {digest: 200_000}
    assert (await client.create("mine", files={"model.gguf": digest})).status == "success"


async def test_ollamas_refusal_is_passed_on(client: ollama.AsyncClient, http: aiohttp.ClientSession) -> None:
    with pytest.raises(ollama.ResponseError, match="model 'nope' not found") as raised:
        await client.delete("nope")
    assert raised.value.status_code == 404
    async with http.post("/api/copy", json={"source": "nope", "destination": "x"}) as response:
        assert (response.status, await response.json()) == (404, {"error": 'model "nope" not found'})


# Byte for byte --------------------------------------------------------------------------------------------------------


async def test_request_and_answer_are_not_touched(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    lines = b'{"status" :"caf\xc3\xa9"}\n\n {"status":"success"}'
    fake.enqueue(Reply(raw=lines))
    body = b' { "stream":true,"unheard_of": [1.0],"model":"x" }\n'
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Bearer mine", "Cookie": "a=b"}
    async with http.post("/api/pull", data=body, headers=headers) as response:
        assert (response.status, response.headers["content-type"]) == (200, "application/x-ndjson")
        assert await response.read() == lines
    sent = fake.requests[-1]
    assert sent.body == json.loads(body)
    assert int(sent.headers["Content-Length"]) == len(body)
    assert not {"Authorization", "Cookie"} & set(sent.headers)


async def test_the_account_in_ollamas_cloud_is_its_owners_business(
    http: aiohttp.ClientSession, fake: FakeOllama
) -> None:
    for path in ("/api/me", "/api/signout"):
        async with http.post(path) as response:
            assert (response.status, await response.json()) == (401, {"error": "unauthorized"})
        assert fake.requests[-1].path == path
    async with greenroom(fake, from_loopback=False) as url, aiohttp.ClientSession(url) as stranger:
        assert (await stranger.post("/api/me")).status == 403


async def test_pages_are_fetched_by_ollama_for_its_owner(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    async with http.post("/api/experimental/web_fetch", json={"url": "https://example.com"}) as response:
        assert (response.status, await response.text()) == (404, "404: Not Found"), "in the words of the server behind"
    async with greenroom(fake, from_loopback=False) as url, aiohttp.ClientSession(url) as stranger:
        assert (await stranger.post("/api/experimental/web_fetch", json={})).status == 403


async def test_without_an_ollama_nobody_is_signed_in(tmp_path: Path) -> None:
    async with one_process(tmp_path) as addresses, aiohttp.ClientSession() as http:
        response = await http.post(addresses["llm"].removesuffix("/llm") + "/api/me")
        assert (response.status, await response.json()) == (401, {"error": "unauthorized"})


async def test_a_copy_has_an_empty_answer(http: aiohttp.ClientSession) -> None:
    async with http.post("/api/copy", json={"source": "llama3.2", "destination": "x"}) as response:
        assert (response.status, await response.read()) == (200, b"")


async def test_progress_comes_while_it_is_made(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    fake.enqueue(Reply(raw=b'{"status":"pulling manifest"}\n', stall=True))
    async with http.post("/api/pull", json={"model": "x"}) as response:
        assert await response.content.readline() == b'{"status":"pulling manifest"}\n'


async def test_an_ollama_that_breaks_off_is_told_in_the_last_line(
    http: aiohttp.ClientSession, fake: FakeOllama
) -> None:
    fake.enqueue(Reply(raw=b'{"status":"pulling manifest"}\n', drop_at_byte=30))
    async with http.post("/api/pull", json={"model": "x"}) as response:
        first, last = (await response.read()).splitlines()
    assert first == b'{"status":"pulling manifest"}'
    assert "broke off" in json.loads(last)["error"]


async def test_a_client_that_leaves_ends_the_pull(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    fake.enqueue(Reply(raw=b'{"status":"pulling manifest"}\n', stall=True))
    async with http.post("/api/pull", json={"model": "x"}) as response:
        await response.content.readline()
        response.close()
    async with asyncio.timeout(30):
        await fake.until_idle()
    assert fake.left == 1


async def test_a_client_that_leaves_in_the_middle_of_a_file_leaves_no_whole_one(
    http: aiohttp.ClientSession, fake: FakeOllama
) -> None:
    gate, begun = asyncio.Event(), b"half" * 10_000

    async def half() -> AsyncIterator[bytes]:
        yield begun
        await gate.wait()

    half_digest = "sha256:" + hashlib.sha256(begun).hexdigest()
    leaving = asyncio.create_task(http.post(f"/api/blobs/{half_digest}", data=half()).__aenter__())
    await fake.until_busy()
    leaving.cancel()
    await asyncio.wait([leaving])
    async with asyncio.timeout(30):
        await fake.until_idle()
    assert (fake.shelf.blobs, fake.left) == ({}, 1)


async def test_a_file_of_50_megabytes_passes_in_little_memory(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    piece, count = bytes(range(256)) * 256, 763

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(count):
            yield piece

    whole = hashlib.sha256()
    for _ in range(count):
        whole.update(piece)
    digest = f"sha256:{whole.hexdigest()}"
    tracemalloc.start()
    try:
        async with http.post(f"/api/blobs/{digest}", data=pieces()) as response:
            assert response.status == 201
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert fake.shelf.blobs == {digest: count * len(piece)}
    assert count * len(piece) > 50 * MB
    assert peak_bytes < 5 * MB, "sender, Greenroom and Ollama together"


async def test_a_file_is_asked_for_and_refused_as_ollama_does(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    digest = "sha256:" + hashlib.sha256(b"x").hexdigest()
    found = []
    for method, path, data in [
        ("HEAD", digest, None),
        ("POST", digest, b"x"),
        ("POST", digest, b"x"),
        ("HEAD", digest, None),
        ("POST", NO_DIGEST, b"x"),
    ]:
        async with http.request(method, f"/api/blobs/{path}", data=data) as response:
            found.append(response.status)
            last = await response.text()
    assert found == [404, 201, 200, 200, 400]
    assert json.loads(last)["error"].startswith("digest mismatch")


# Who may, and what may not be asked -----------------------------------------------------------------------------------


MANAGING = [
    ("POST", "/api/pull"),
    ("POST", "/api/push"),
    ("POST", "/api/create"),
    ("POST", "/api/copy"),
    ("DELETE", "/api/delete"),
    ("POST", f"/api/blobs/{NO_DIGEST}"),
    ("HEAD", f"/api/blobs/{NO_DIGEST}"),
]


@pytest.mark.parametrize(
    ("token", "from_loopback", "headers", "status"),
    [
        ("", True, {"X-Forwarded-For": "192.168.1.20"}, 403),
        ("", True, {"Forwarded": "for=127.0.0.1"}, 403),
        ("", False, {}, 403),
        ("secret", False, {}, 401),
        ("secret", False, {"Authorization": "Bearer wrong"}, 401),
        ("secret", True, {"X-Forwarded-For": "127.0.0.1"}, 401),
    ],
)
async def test_who_is_not_an_owner_changes_nothing(
    fake: FakeOllama, token: str, from_loopback: bool, headers: dict[str, str], status: int
) -> None:
    body = {"model": "llama3.2", "source": "llama3.2", "destination": "x", "from": "llama3.2"}
    async with greenroom(fake, token, from_loopback=from_loopback) as url, aiohttp.ClientSession(url) as http:
        for method, path in MANAGING:
            async with http.request(method, path, json=body, headers=headers) as response:
                assert response.status == status
                if method != "HEAD":
                    assert list(await response.json()) == ["error"]
    assert fake.requests == []
    assert fake.shelf.models == ("llama3.2:latest",)


async def test_the_admin_token_opens_from_anywhere(fake: FakeOllama) -> None:
    headers = {"Authorization": "Bearer secret", "X-Forwarded-For": "192.168.1.20"}
    async with greenroom(fake, "secret", from_loopback=False) as url:
        client = ollama.AsyncClient(url, headers=headers)
        await client.delete("llama3.2")
        await client._client.aclose()
    assert fake.shelf.models == ()
    assert "Authorization" not in fake.requests[0].headers


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("POST", "/api/pull", b"", 400, "missing request body"),
        ("POST", "/api/pull", b"{", 400, None),
        ("POST", "/api/pull", {"model": "../../x"}, 400, "invalid model name"),
        ("POST", "/api/copy", {"source": "a", "destination": "b\\c"}, 400, "invalid model name"),
        ("DELETE", "/api/delete", {"name": "%2e%2e/x"}, 400, "invalid model name"),
        ("DELETE", "/api/delete", {"model": "a\0b"}, 400, "invalid model name"),
        ("POST", "/api/create", {"model": "a", "files": {"x": "sha256:../x"}}, 400, "invalid digest format"),
        ("POST", "/api/blobs/sha256:00", b"x", 400, "invalid digest format"),
        ("POST", "/api/blobs/..%2F..%2Fetc%2Fpasswd", b"x", 400, "invalid digest format"),
        ("POST", "/api/blobs/%252e%252e", b"x", 400, "invalid digest format"),
        ("POST", "/api/blobs/" + NO_DIGEST + "%00", b"x", 400, "invalid digest format"),
        ("POST", "/api/pull", b'{"model":"' + b"x" * 200_000 + b'"}', 413, None),
        ("GET", "/api/pull", None, 405, None),
        ("POST", "/api/delete", {"model": "llama3.2"}, 405, None),
        ("PUT", f"/api/blobs/{NO_DIGEST}", b"x" * 200_000, 405, None),
        ("POST", "/api/status", {}, 405, None),
    ],
)
async def test_a_wrong_request_does_not_reach_ollama(
    url: str, fake: FakeOllama, method: str, path: str, body: Any, status: int, error: str | None
) -> None:
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    as_it_is = URL(url + path, encoded=True)
    async with aiohttp.ClientSession() as http, http.request(method, as_it_is, data=data) as response:
        assert response.status == status
        if status == 405:
            assert await response.text() == "405 method not allowed"
            return
        told = await response.json()
    assert list(told) == ["error"]
    assert told["error"] == (error or told["error"])
    assert fake.requests == []


async def test_the_status_is_ollamas(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    async with http.get("/api/status") as response:
        assert await response.json() == {"cloud": {"disabled": False, "source": "none"}}
    await fake.stop()
    async with http.get("/api/status") as response:
        assert (response.status, await response.json()) == (200, {"cloud": {"disabled": True, "source": "config"}})
    async with http.get("/api/experimental/model-recommendations") as response:
        assert (response.status, await response.json()) == (200, {"recommendations": []})
    async with http.post("/api/pull", json={"model": "x"}) as response:
        assert response.status == 503
        assert "ollama serve" in (await response.json())["error"]


@pytest.mark.parametrize(
    ("setting", "host", "status"), [(True, "localhost", 503), (False, "localhost", 403), (True, "192.168.1.2", 403)]
)
async def test_the_house_asks_its_settings_who_may(tmp_path: Path, setting: bool, host: str, status: int) -> None:
    async with (
        one_process(tmp_path, llm__manage_from_loopback=setting, host=host) as addresses,
        aiohttp.ClientSession() as http,
    ):
        url = addresses["router"].removesuffix("/router")
        async with http.post(f"{url}/api/pull", json={"model": "x"}) as response:
            assert response.status == status
            assert list(await response.json()) == ["error"]
        async with http.get(f"{url}/api/status") as response:
            assert (await response.json())["cloud"]["disabled"]
