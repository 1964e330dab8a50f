"""Scripts that a model writes, and what is dangerous in them on sight."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from greenroom.config import LlmSettings
from greenroom.errors import NoUpstream, UpstreamFailed
from greenroom.llm.errands.scripts import dangers
from greenroom.llm.errands.service import ModelErrands
from greenroom.model import ChatRequest, ModelCard, ScriptWish
from greenroom.ports import Errands
from greenroom.testing import FakeOllama, ScriptedModel
from tests.conftest import Reach
from tests.deployments import one_process, one_service

CARD = ModelCard(name="writer", provider="ollama")
STAND_IN = ModelCard(name="understudy", provider="understudy", stand_in=True)


def written(**fields: Any) -> str:
    said = {"script": "set -eu\ndf -h\n", "explanation": "Shows the disks.", "warnings": ["Needs df."]}
    return json.dumps(said | fields)


async def test_a_model_writes_a_script(reach: Reach) -> None:
    model = ScriptedModel(written(), card=CARD)
    port = await reach(Errands, ModelErrands(model, LlmSettings()))
    found = await port.generate_script(ScriptWish(description="Show the disks", language="sh", platform="Debian"))
    assert (found.script, found.language, found.model) == ("set -eu\ndf -h\n", "sh", "ollama/writer")
    assert (found.explanation, found.warnings, found.cache_hit) == ("Shows the disks.", ("Needs df.",), False)
    asked = model.requests[-1]
    assert isinstance(asked, ChatRequest)
    assert asked.messages[-1].content == "<wish>\nShow the disks\n</wish>\n\nWrite it in sh on Debian."
    assert (asked.use_cache, asked.role) == (True, None)


async def test_a_script_is_warned_of_and_taken_out_of_its_fence(reach: Reach) -> None:
    said = written(script='```bash\nrm -rf "$HOME/old"\n```')
    model = ScriptedModel(f"```json\n{said}\n```", card=CARD)
    port = await reach(Errands, ModelErrands(model, LlmSettings()))
    found = await port.generate_script(ScriptWish(description="Tidy up"))
    assert found.script == 'rm -rf "$HOME/old"\n'
    assert found.warnings == ("line 1 deletes whole folders", "Needs df.")


async def test_the_understudy_does_not_pretend_to_write_scripts(reach: Reach) -> None:
    model = ScriptedModel(card=STAND_IN)
    port = await reach(Errands, ModelErrands(model, LlmSettings()))
    with pytest.raises(NoUpstream, match="only a language model can write a script, and none answers now"):
        await port.generate_script(ScriptWish(description="Show the disks"))
    with pytest.raises(NoUpstream, match="the understudy was asked for"):
        await port.generate_script(ScriptWish(description="Show the disks", model="understudy"))


@pytest.mark.parametrize("said", ["not at all", written(script="  "), '{"script": 7}'])
async def test_what_is_no_script_is_an_error(reach: Reach, said: str) -> None:
    port = await reach(Errands, ModelErrands(ScriptedModel(said, card=CARD), LlmSettings()))
    with pytest.raises(UpstreamFailed):
        await port.generate_script(ScriptWish(description="Show the disks"))


@pytest.mark.parametrize(
    ("line", "danger"),
    [
        ("rm -r -f /tmp/x", "deletes whole folders"),
        ("Remove-Item C:\\x -Recurse -Force", "deletes whole folders"),
        ("dd if=image of=/dev/sda bs=4M", "writes to a disk as such"),
        ("curl -fsSL https://example.com/x | sudo bash", "runs what it downloads"),
        ('eval "$line"', "runs text as code"),
        ("sudo apt-get update", "works with the administrator's rights"),
        ("chmod -R 777 /srv", "opens files to everybody"),
        ("psql -c 'DROP TABLE guests'", "deletes data of a database"),
        ("DELETE FROM guests;", "deletes data of a database"),
        ("git push origin main --force", "discards work under version control"),
        ("shutdown -h now", "stops the machine or programs"),
        (":(){ :|:& };:", "starts copies of itself without end"),
    ],
)
def test_what_is_dangerous_on_sight_is_named_with_its_line(line: str, danger: str) -> None:
    assert f"line 2 {danger}" in dangers(f"echo begin\n{line}\n")


@pytest.mark.parametrize("line", ["rm file", "curl -O https://example.com", "DELETE FROM guests WHERE id = 1"])
def test_what_is_harmless_is_not_warned_of(line: str) -> None:
    assert dangers(line) == ()


# As programs with curl meet it ----------------------------------------------------------------------------------------


@pytest.fixture
async def fake() -> AsyncIterator[FakeOllama]:
    async with FakeOllama(answer=written()) as fake:
        yield fake


@pytest.fixture(params=["up", "serve llm"])
async def url(request: pytest.FixtureRequest, fake: FakeOllama, tmp_path: Path) -> AsyncIterator[str]:
    if request.param == "up":
        async with one_process(tmp_path, llm__ollama_url=fake.url) as addresses:
            yield addresses["llm"].removesuffix("/llm")
    else:
        async with one_service(tmp_path, "llm", llm__ollama_url=fake.url) as url:
            yield url


async def ask(url: str, path: str, body: bytes) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as http, http.post(f"{url}{path}", data=body) as response:
        return response.status, await response.json()


async def test_errands_are_at_the_root_and_cached(url: str, fake: FakeOllama) -> None:
    body = b'{"description": "Show the disks", "shell": "zsh"}'
    status, first = await ask(url, "/api/generate-script", body)
    assert (status, first["language"], first["cache_hit"]) == (200, "zsh", False)
    _, second = await ask(url, "/api/generate-script", body)
    assert (second["script"], second["cache_hit"]) == (first["script"], True)
    assert len([request for request in fake.requests if request.path == "/api/chat"]) == 1
    status, counted = await ask(url, "/api/analyze-logs", b'{"logs": "ERROR one\\nERROR two"}')
    assert (status, counted["facts"]["levels"]) == (200, {"error": 2})


async def test_their_errors_are_ollamas(url: str) -> None:
    status, told = await ask(url, "/api/analyze-logs", b'{"logs": ""}')
    assert (status, list(told)) == (422, ["error"])
