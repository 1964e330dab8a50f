"""The whole house, killed while a world comes about: what is left is what its events say, and the library has it."""

import random
import time
from pathlib import Path

import pytest

from greenroom.clock import SYSTEM_CLOCK
from greenroom.config import KnowledgeSettings
from greenroom.retriever.library import LibraryService
from greenroom.retriever.vectors import FaissIndex
from greenroom.storage.database import Database
from greenroom.testing import ScriptedModel, TasksAtOnce
from greenroom.world.ledger import Ledger
from tests.commands.running import Running, up
from tests.sizes import sized
from tests.world.history import complaints

ROUNDS = sized(2, 50)
BUSY = {"GREENROOM_BACKGROUND__LOOK_EVERY_S": "0.2"}
SAID = ("My sister {name} is a baker.", "{name} lives in Quahog.", "{name} has a boat named the {name} Star.")
NAMES = ("Rosa", "Mara", "Ines", "Dora", "Lena", "Nora", "Olga", "Vera")


@pytest.mark.timeout(sized(600, 7200))
async def test_a_world_is_what_its_events_say_after_the_house_was_killed_again_and_again(tmp_path: Path) -> None:
    assert killed_again_and_again(tmp_path) >= set(NAMES[:ROUNDS])
    async with Database(f"sqlite:///{tmp_path / 'data' / 'greenroom.db'}") as database:
        ledger = Ledger(database, SYSTEM_CLOCK, TasksAtOnce())
        library = LibraryService(database, FaissIndex(), ScriptedModel(), KnowledgeSettings(), SYSTEM_CLOCK)
        assert await complaints(database, ledger, library) == []


def killed_again_and_again(folder: Path) -> set[str]:
    """Talk, and kill; in the end let everything be done. The names in the world."""
    chance = random.Random(7)
    for number in range(ROUNDS):
        with up(folder, "--data-dir", "data", **BUSY) as house:
            for line in SAID:
                say(house, line.format(name=NAMES[number % len(NAMES)]), f"room {number}")
            time.sleep(chance.random() * sized(1, 4))  # anywhere in the work that this left to be done
            house.kill()
    with up(folder, "--data-dir", "data", **BUSY) as house:
        say(house, "Good night, everybody.", "room")
        while waiting(house):
            time.sleep(0.2)
        return {entity["name"] for entity in house.get("/world/entities?limit=500")["entities"]}


def say(house: Running, line: str, channel: str) -> None:
    request = {"character_name": "Peter", "input_text": line, "channel_id": channel, "user_name": "Sam"}
    status, answer = house.ask("POST", "/router/orchestrate", request)
    assert status == 200, answer


def waiting(house: Running) -> int:
    """How much is still to be done: turns that the world has not heard, and tasks."""
    status = house.get("/world/maintenance/queue-status")
    read = sum(one["tasks"] for one in status["counts"] if one["kind"] == "ANALYZE_TURN")
    return int(status["pending"] + max(0, ROUNDS * len(SAID) + 1 - read))
