"""One message through the whole house, in both deployments: same reply, same receipt."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from greenroom.testing import FakeOllama, Reply
from tests.deployments import PAGELESS, Addresses, browser, one_process, separate_services

QUESTION = {"character_name": "peter", "input_text": "Peter, what is your favorite beer?", "channel_id": "den"}
MOVING = {"id", "turn_id", "trace_id", "position", "seconds", "processing_time", "timestamp", "request_id"}


def still(value: Any) -> Any:
    """A receipt without what differs by nature: ids, times, durations."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k not in MOVING and not k.endswith(("_s", "_at", "_ns"))}
        return {k: still(v) for k, v in kept.items()}
    return [still(v) for v in value] if isinstance(value, list) else value


async def its_lore_is_indexed(addresses: Addresses) -> None:
    """The pages of the cast come into the library in the background; a receipt before that has none of them."""
    async with browser() as http, asyncio.timeout(60):
        while True:
            async with http.get(f"{addresses['retriever']}/collections") as response:
                found = (await response.json())["collections"]
            if found and all(collection["ready"] for collection in found):
                return
            await asyncio.sleep(0.1)


async def tell(addresses: Addresses) -> tuple[dict[str, Any], dict[str, Any]]:
    async with browser() as http:
        async with http.post(f"{addresses['router']}/orchestrate", json=QUESTION) as response:
            assert response.status == 200, await response.text()
            reply = await response.json()
        async with http.get(f"{addresses['router']}/turns/{reply['metadata']['turn_id']}") as response:
            return reply, await response.json()


async def test_one_message_gets_the_same_reply_and_receipt_in_both_deployments(tmp_path: Path) -> None:
    async with one_process(tmp_path / "one") as addresses:
        await its_lore_is_indexed(addresses)
        reply, receipt = await tell(addresses)
    async with separate_services(tmp_path / "many") as addresses:
        await its_lore_is_indexed(addresses)
        reply_of_many, receipt_of_many = await tell(addresses)
    assert reply["response"] == reply_of_many["response"]
    assert reply["metadata"]["stand_in"]
    assert still(reply) == still(reply_of_many)
    assert still(receipt) == still(receipt_of_many)
    assert {step["service"] for step in receipt["steps"]} >= {"characters", "retriever", "llm", "quality"}


async def test_with_a_model_server_its_words_are_the_reply(tmp_path: Path) -> None:
    async with FakeOllama() as ollama:
        ollama.enqueue(Reply("Holy crap, Pawtucket Patriot, every single time, you know it!"))
        async with one_process(tmp_path, llm__ollama_url=ollama.url) as addresses:
            reply, receipt = await tell(addresses)
    assert reply["response"] == "Holy crap, Pawtucket Patriot, every single time, you know it!"
    assert not reply["metadata"]["stand_in"]
    assert receipt["model"].startswith("ollama/")


@pytest.mark.parametrize("deployment", [one_process, separate_services])
async def test_the_stream_tells_the_turn_as_it_goes(deployment: Any, tmp_path: Path) -> None:
    async with (
        deployment(tmp_path) as addresses,
        browser() as http,
        http.post(f"{addresses['router']}/orchestrate/stream", json=QUESTION) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        text = (await response.read()).decode()
    events = [json.loads(line[6:]) for line in text.split("\n") if line.startswith('data: {"kind')]
    assert "".join(e["text"] for e in events if e["kind"] == "draft")
    assert events[-1]["kind"] == "reply"
    assert text.endswith("event: end\ndata: {}\n\n")


@pytest.mark.parametrize("deployment", [one_process, separate_services])
async def test_every_service_says_how_it_is_and_what_it_counts(deployment: Any, tmp_path: Path) -> None:
    async with deployment(tmp_path) as addresses, browser() as http:
        await tell(addresses)
        for service in ("llm", "characters", "retriever", "quality", "tuning", "router", "coordinator"):
            async with http.get(f"{addresses[service]}/health") as response:
                health = await response.json()
            assert (response.status, health["status"], health["service"]) == (200, "healthy", service)
            async with http.get(f"{addresses[service]}/metrics") as response:
                assert (await response.json())["memory_bytes"] > 1_000_000
            async with http.get(f"{addresses[service]}/metrics", headers={"Accept": "text/plain"}) as response:
                assert "greenroom_uptime_seconds{" in await response.text()
        async with http.get(f"{addresses['router']}/metrics") as response:
            figures = await response.json()
        assert (figures["turns_answered_total"], figures["verbs"]["orchestrate"]["calls"]) == (1, 1)
        async with http.get(f"{addresses['router']}/services/health") as response:
            assert set((await response.json())["services"]) == set(PAGELESS) - {"router"}


@pytest.mark.parametrize("deployment", [one_process, separate_services])
async def test_another_character_falls_in_on_what_was_said(deployment: Any, tmp_path: Path) -> None:
    settings = {"coordinator__organic": True, "coordinator__decay": 1, "coordinator__chain_limit": 1}
    async with deployment(tmp_path, **settings) as addresses, browser() as http:
        await tell(addresses)
        room = {"channel_id": QUESTION["channel_id"]}
        for _ in range(3):  # by itself or on request, and however often: it is one line
            async with http.post(f"{addresses['coordinator']}/generate-organic-response", json=room) as response:
                assert response.status in {200, 409}
        async with asyncio.timeout(60):
            while len(turns := await _turns(http, addresses)) < 2 or turns[-1]["state"] == "begun":  # noqa: ASYNC110 - over HTTP
                await asyncio.sleep(0.1)
        assert [(turn["message_type"], turn["state"]) for turn in turns] == [
            ("direct", "answered"),
            ("organic", "answered"),
        ]
        assert turns[0]["character"] != turns[1]["character"]


async def _turns(http: aiohttp.ClientSession, addresses: Addresses) -> list[dict[str, Any]]:
    async with http.get(f"{addresses['router']}/channels/{QUESTION['channel_id']}/messages") as response:
        turns: list[dict[str, Any]] = (await response.json())["turns"]
        return turns


@pytest.mark.parametrize("deployment", [one_process, separate_services])
async def test_dialects_are_spoken_wherever_the_models_are(deployment: Any, tmp_path: Path) -> None:
    async with deployment(tmp_path) as addresses, browser() as http:
        door = URL(addresses["llm"]).origin()
        async with http.get(door / "api/tags") as response:
            speaker, *_ = (await response.json())["models"]
        async with http.get(door / "v1/models") as response:
            assert (await response.json())["data"][0]["id"] == speaker["name"]


async def test_many_turns_that_wait_for_their_model_do_not_keep_others_from_asking(tmp_path: Path) -> None:
    async with FakeOllama() as ollama:
        for _ in range(110):
            ollama.enqueue(Reply("one, two", after=1, stall=True))
        house = separate_services(tmp_path, llm__ollama_url=ollama.url)
        async with house as addresses, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            ask = f"{addresses['router']}/orchestrate"
            waiting = [
                asyncio.create_task(http.post(ask, json={**QUESTION, "channel_id": f"den-{n}"})) for n in range(110)
            ]
            begun = 0
            while begun < len(waiting):
                async with http.get(f"{addresses['router']}/turns?limit=1000") as response:
                    begun = len((await response.json())["turns"])
            async with http.get(f"{addresses['router']}/health") as response:
                health = await response.json()
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
    assert (response.status, health["status"]) == (200, "healthy"), health


async def test_another_answer_is_always_the_models_own_though_the_first_is_kept(tmp_path: Path) -> None:
    async with FakeOllama() as ollama:
        lines = (
            "Holy crap, Pawtucket Patriot, every time, you know it!",
            "Freakin' sweet, the one that Chris spilled!",
        )
        ollama.enqueue(*lines)
        settings = {"llm__ollama_url": ollama.url, "llm__cache__sampled": True, "turn__max_attempts": 1}
        async with one_process(tmp_path, **settings) as addresses, browser() as http:

            async def told(**otherwise: str) -> tuple[str, bool, str]:
                question = {**QUESTION, **otherwise}
                async with http.post(f"{addresses['router']}/orchestrate", json=question) as response:
                    reply = await response.json()
                    assert response.status == 200, reply
                return reply["response"], reply["metadata"]["cache_hit"], reply["metadata"]["turn_id"]

            first, elsewhere = await told(), await told(channel_id="bar")
            another = await told(replaces=first[2])
    assert [first[:2], elsewhere[:2], another[:2]] == [(lines[0], False), (lines[0], True), (lines[1], False)]
