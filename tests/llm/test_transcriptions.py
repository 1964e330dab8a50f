"""Sound is passed on to the server that has the model, as OpenAI's own client sends it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import openai
import pytest

from greenroom.config import Backoff, CompatibleServer, LlmSettings, WireSettings
from greenroom.llm.compatible import Compatible
from greenroom.llm.ollama import Ollama
from greenroom.llm.openai_api import openai_routes
from greenroom.llm.service import LlmService
from greenroom.llm.transcriptions import transcription_routes
from greenroom.llm.understudy import Understudy
from greenroom.ports import Llm
from greenroom.testing import FakeOllama, FrozenClock, Reply, serving
from greenroom.wire.application import application
from tests.deployments import one_process

PATH = "/v1/audio/transcriptions"
SOUND = b"RIFF\r\n--\x00\xff" * 100
EVENT = b'data: {"type":"transcript.text.delta","delta":"Good"}\n\n'
DONE = b'data: {"type":"transcript.text.done","text":"Good"}\n\n'


@pytest.fixture
async def fake() -> AsyncIterator[FakeOllama]:
    async with FakeOllama(models=("whisper:latest", "far/whisper-1:latest")) as fake:
        yield fake


@pytest.fixture
async def url(fake: FakeOllama) -> AsyncIterator[str]:
    once, clock = Backoff(attempts=1), FrozenClock()
    settings = LlmSettings(ollama_url=fake.url, first_token_s=60)
    cloud = Compatible("cloud", CompatibleServer(base_url=f"{fake.url}/v1"), settings, backoff=once)
    providers: dict[str, Llm] = {"ollama": Ollama(settings, once), "cloud": cloud, "understudy": Understudy(clock)}
    async with LlmService(settings, providers, clock) as llm:
        app = application("Gateway", WireSettings(max_api_body_bytes=100_000), ())
        app.router.routes.extend([*transcription_routes(llm), *openai_routes(llm, clock)])
        async with serving(app) as url:
            yield url


@pytest.fixture
async def client(url: str) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
        yield client


@pytest.fixture
async def http(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(url) as http:
        yield http


def form(model: str | None = "whisper", sound: bytes | None = SOUND, **fields: str) -> aiohttp.FormData:
    data = aiohttp.FormData({"model": model, **fields} if model is not None else fields, default_to_multipart=True)
    if sound is not None:
        data.add_field("file", sound, filename="a.wav", content_type="audio/wav")
    return data


async def refused(http: aiohttp.ClientSession, data: Any) -> tuple[int, str]:
    """Status and message of an error, which has the form that OpenAI's clients read."""
    async with http.post(PATH, data=data) as response:
        error = (await response.json())["error"]
        assert error.keys() == {"message", "type", "param", "code"}
        return response.status, error["message"]


async def test_the_client_has_written_down_what_is_spoken(client: openai.AsyncOpenAI, fake: FakeOllama) -> None:
    fake.enqueue("Good evening!")
    answer = await client.audio.transcriptions.create(
        model="whisper",
        file=("evening.wav", SOUND, "audio/wav"),
        language="en",
        prompt="A greeting.",
        temperature=0.5,
        timestamp_granularities=["word"],
    )
    assert answer.text == "Good evening!"
    sent = fake.requests[-1]
    told = {"filename": "evening.wav", "kind": "audio/wav", "sound": SOUND, "model": "whisper:latest"}
    asked = {"language": "en", "prompt": "A greeting.", "temperature": "0.5", "timestamp_granularities[]": "word"}
    assert (sent.path, sent.body) == (PATH, told | asked)
    assert "Authorization" not in sent.headers


async def test_a_server_far_away_is_asked_by_its_own_name_of_the_model(
    client: openai.AsyncOpenAI, fake: FakeOllama
) -> None:
    answer = await client.audio.transcriptions.create(model="cloud/far/whisper-1", file=("a.wav", SOUND))
    assert answer.text == "Something was said."
    assert fake.requests[-1].body["model"] == "far/whisper-1:latest"


async def test_an_answer_that_is_no_json_stays_what_it_is(client: openai.AsyncOpenAI, fake: FakeOllama) -> None:
    fake.enqueue(Reply(raw="Grüezi\n".encode(), content_type="text/plain; charset=utf-8"))
    answer = await client.audio.transcriptions.create(model="whisper", file=SOUND, response_format="text")
    assert answer == "Grüezi\n"


async def test_an_answer_never_becomes_a_page_of_ours(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    fake.enqueue(Reply(raw=b"<script>", content_type="text/html"))
    async with http.post(PATH, data=form()) as response:
        assert (response.content_type, await response.text()) == ("text/plain", "<script>")


async def test_the_client_reads_a_stream(client: openai.AsyncOpenAI, fake: FakeOllama) -> None:
    fake.enqueue(Reply(raw=EVENT + DONE))
    stream = await client.audio.transcriptions.create(model="whisper", file=SOUND, stream=True)
    assert [event.type async for event in stream] == ["transcript.text.delta", "transcript.text.done"]
    assert fake.requests[-1].body["stream"] == "true"


async def test_a_stream_that_breaks_off_ends_with_an_error(client: openai.AsyncOpenAI, fake: FakeOllama) -> None:
    fake.enqueue(Reply(raw=EVENT + DONE, drop_at_byte=len(EVENT)))
    stream = await client.audio.transcriptions.create(model="whisper", file=SOUND, stream=True)
    with pytest.raises(openai.APIError, match="broke off"):
        [event async for event in stream]


async def test_a_client_that_leaves_ends_the_work(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    fake.enqueue(Reply(raw=EVENT, stall=True))
    async with http.post(PATH, data=form(stream="true")) as response:
        assert await response.content.readline() == EVENT[:-1]
        response.close()
    async with asyncio.timeout(60):
        await fake.until_idle()
    assert fake.left == 1


async def test_a_client_that_leaves_before_the_answer_ends_the_work(
    http: aiohttp.ClientSession, fake: FakeOllama
) -> None:
    fake.enqueue(Reply(raw=b"{", content_type="application/json", stall=True))
    asking = asyncio.create_task(http.post(PATH, data=form()).__aenter__())
    async with asyncio.timeout(60):
        await fake.until_busy()
        asking.cancel()
        await asyncio.wait([asking])
        await fake.until_idle()
    assert fake.left == 1


@pytest.mark.parametrize(
    ("data", "status", "message"),
    [
        (form("nope"), 404, "model 'nope' not found"),
        (form("cloud/nope"), 404, "model 'cloud/nope' not found"),
        (form(""), 400, "model is required"),
        (form(None), 400, "model is required"),
        (form("../whisper"), 400, "invalid model name"),
        (form("cloud/x\r\ny"), 400, "invalid model name"),
        (form(sound=None), 400, "file is required"),
        (form(sound=b"x" * 110_000), 413, "the body is larger than 100000 bytes (wire.max_api_body_bytes)"),
        (b"{}", 400, "the body must be a form with a file (multipart/form-data)"),
        (
            form("understudy"),
            400,
            "understudy/understudy cannot hear; "
            "ask a model for speech, such as whisper, of Ollama or of a server in the setting llm.compatible",
        ),
    ],
)
async def test_a_wrong_request_is_refused_in_clear_words(
    http: aiohttp.ClientSession, data: Any, status: int, message: str
) -> None:
    assert await refused(http, data) == (status, message)


async def test_what_the_server_says_no_to_is_told_as_elsewhere(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    fake.enqueue(Reply(status=400, error="whisper does not support audio"), Reply(status=500, error="out of memory"))
    assert await refused(http, form()) == (400, "whisper does not support audio")
    assert await refused(http, form()) == (502, f"Ollama at {fake.url} answered 500: out of memory")
    await fake.stop()
    assert (await refused(http, form()))[0] == 503


async def test_other_methods_are_not_there(http: aiohttp.ClientSession) -> None:
    async with http.get(PATH) as response:
        assert (response.status, (await response.json())["error"]["message"]) == (405, "method not allowed")


async def test_the_whole_house_passes_sound_on_and_books_it(tmp_path: Path, fake: FakeOllama) -> None:
    async with one_process(tmp_path, llm__ollama_url=fake.url) as addresses:
        url = addresses["llm"].removesuffix("/llm")
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
            answer = await client.audio.transcriptions.create(model="whisper", file=SOUND)
        assert answer.text == "Something was said."
        async with aiohttp.ClientSession(url) as http, http.get("/api/stats") as response:
            total = (await response.json())["total"]
    assert (total["requests"], total["calls"], total["unpriced"]) == (1, 1, 0)
