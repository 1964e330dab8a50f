"""The world in the whole house, without a model server: it hears, remembers, comes back, and follows edits."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp

from greenroom.app import House
from greenroom.config import load
from greenroom.model import TurnRequest
from greenroom.testing import FakeOllama, Reply
from tests.deployments import PAGELESS, Addresses, browser, one_process

LINE = "My sister Rosa is a baker in Lisbon."


class Person:
    """Somebody who talks to Peter."""

    def __init__(self, http: aiohttp.ClientSession, addresses: Addresses) -> None:
        self._http, self._addresses = http, addresses

    async def say(self, line: str) -> dict[str, Any]:
        asked = {"character_name": "peter", "input_text": line, "channel_id": "den", "user_name": "Sam"}
        return await self._json("POST", "router", "/orchestrate", asked)

    async def notes(self, query: str) -> list[str]:
        found = await self._json("GET", "world", f"/entities?query={query}")
        return [one["note"] for one in found["entities"]]

    async def in_the_library(self, query: str) -> list[str]:
        found = await self._json("POST", "retriever", "/semantic-search", {"query": query, "collections": []})
        return [one["content"] for one in found["results"] if one["metadata"].get("kind") == "note"]

    async def change(self, turn_id: str, text: str) -> None:
        await self._json("PUT", "router", "/lines", {"turn_id": turn_id, "text": text})

    async def explain(self, turn_id: str) -> dict[str, Any]:
        return await self._json("GET", "router", f"/turns/{turn_id}")

    async def _json(self, method: str, service: str, path: str, body: Any = None) -> dict[str, Any]:
        async with self._http.request(method, self._addresses[service] + path, json=body) as response:
            assert response.status < 300, await response.text()
            found: dict[str, Any] = await response.json()
            return found


async def until(sam: Person, query: str, words: str, *, is_there: bool = True) -> None:
    """Look again and again, until the library has the words, or has them no more."""
    while any(words in one for one in await sam.in_the_library(query)) != is_there:  # noqa: ASYNC110 - it is far away
        await asyncio.sleep(0.2)


async def test_what_is_said_comes_back_into_later_turns_and_follows_edits(tmp_path: Path) -> None:
    async with (
        one_process(tmp_path, background__look_every_s=0.2) as addresses,
        browser() as http,
        asyncio.timeout(170),
    ):
        sam = Person(http, addresses)
        first = await sam.say(LINE)
        assert first["metadata"]["panel"]["world_id"] == "main"
        await until(sam, "Rosa the baker", "Rosa is a baker")
        assert await sam.notes("rosa") == ["Rosa is Sam's sister. Rosa is a baker in Lisbon."]
        second = await sam.say("What does Rosa the baker do in Lisbon?")
        assert "Rosa is a baker in Lisbon" in second["metadata"]["panel"]["notes"]
        receipt = await sam.explain(second["metadata"]["turn_id"])
        assert any("Rosa is a baker" in one["content"] for one in receipt["passages"])

        await sam.change(first["metadata"]["turn_id"], "My sister Clara is a nurse.")
        await until(sam, "Clara the nurse", "Clara is a nurse")
        await until(sam, "Rosa the baker", "Rosa", is_there=False)
        assert await sam.notes("rosa") == []


async def test_background_work_knows_when_somebody_waits_for_an_answer(tmp_path: Path) -> None:
    async with FakeOllama() as ollama:
        ollama.enqueue(Reply("One moment", stall=True, after=1))
        house = House(load({"data_dir": tmp_path, "llm.ollama_url": ollama.url}, environment={}, folder=tmp_path))
        house.here = PAGELESS
        async with house.open():
            assert house.background._lane is not None
            assert house._router.answering_s is None
            asked = asyncio.create_task(house.router.orchestrate(TurnRequest(character_name="peter", input_text="Hi!")))
            await ollama.until_busy()
            assert house._router.answering_s is not None
            asked.cancel()
            await asyncio.wait([asked])
            assert house._router.answering_s is None
