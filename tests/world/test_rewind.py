"""The world follows edits: in the end it is the one in which only the final lines were ever said."""

import random
from pathlib import Path
from typing import Any

import pytest

from greenroom.model import EntitiesRequest
from greenroom.storage.database import Database
from tests.sizes import sized
from tests.world.house import House

WHO = ("Rosa", "Otto", "Nadia", "Gus", "Captain Mora", "Captain Morra", "Rosa Delgado", "Catherine", "Katherine")
WHERE = ("Lisbon", "Ghent", "Grey Harbour", "the Rusty Anchor", "Rusty-Anchor")
LINES = (
    "My sister {who} is a baker.",
    "{who} lives in {where}.",
    "{who} moved to {where}. She hates it.",
    "I heard that {who} died.",
    "There's a bar called {where}.",
    "{where} burned down.",
    "We're at {where}.",
    "I give Peter the silver key.",
    "I live in {where}.",
    "{who} is my boss.",
    "What do you think of {who}?",
    "{who} stole the silver key.",
    "I'm allergic to {who}'s pies.",
)
REPLIES = (None, "Holy crap!", "My cousin {who} owns a boat.", "{who} once worked at {where}.", "{where} is a dump.")


class Dice:
    """Draws what is said."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def words(self, templates: tuple[Any, ...]) -> Any:
        template = self.random.choice(templates)
        drawn = {"who": self.random.choice(WHO), "where": self.random.choice(WHERE)}
        return template and template.format(**drawn)

    def setting(self) -> dict[str, Any]:
        """Some lines are said in private, and before one character alone."""
        return {"place": "private", "present": ("peter",)} if self.random.random() < 0.15 else {}


async def live(house: House, dice: Dice, turns: int) -> list[dict[str, Any]]:
    """Talk, change one's mind, take back and have answered again; return what stands in the end."""
    standing: list[dict[str, Any]] = []
    for number in range(1, turns + 1):
        turn = {"id": f"t{number}", "rank": number, "line": dice.words(LINES), "reply": dice.words(REPLIES)}
        turn |= {"setting": dice.setting(), "made": 0}
        standing.append(turn)
        await house.say(turn["id"], turn["line"], turn["reply"], rank=number, **turn["setting"])
        while standing and dice.random.random() < 0.45:
            await _change_mind(house, dice, standing)
    return standing


async def _change_mind(house: House, dice: Dice, standing: list[dict[str, Any]]) -> None:
    turn = dice.random.choice(standing)
    what = dice.random.random()
    if what < 0.5:
        turn["line"] = dice.words(LINES)
        await house.edit(turn["id"], turn["line"])
    elif what < 0.7:
        standing.remove(turn)
        await house.withdraw(turn["id"])
    else:
        earlier, turn["made"] = turn["id"], turn["made"] + 1
        turn["id"], turn["reply"] = f"t{turn['rank']}-{turn['made']}", dice.words(REPLIES) or "Well."
        replaces = {"replaces": earlier, "rank": turn["rank"], **turn["setting"]}
        await house.say(turn["id"], turn["line"], turn["reply"], **replaces)
        await house.change(earlier, superseded=True)


async def told(house: House) -> dict[str, Any]:
    """The whole world and its library, but for the numbers of events and when they were written."""
    listed = (await house.service.entities(EntitiesRequest(limit=1000))).entities
    left_out = {"facts": {"__all__": {"event", "told_at"}}}
    shelves = house.shelves.documents_of.get("world:main", {})
    return {
        "entities": sorted((one.model_dump(exclude=left_out) for one in listed), key=lambda one: one["id"]),
        "library": {id_: (one.text, one.known_to, one.metadata["turn_ids"]) for id_, one in shelves.items()},
    }


@pytest.mark.parametrize("seed", range(sized(2, 3)))
async def test_the_world_is_the_one_in_which_only_the_final_lines_were_said(tmp_path: Path, seed: int) -> None:
    turns = sized(12, 200)
    one, two = (f"sqlite:///{tmp_path / name}.db" for name in ("lived", "told"))
    async with Database(one) as lived, Database(two) as afresh:
        house, other = House(lived), House(afresh)
        for turn in await live(house, Dice(seed), turns):
            await other.say(turn["id"], turn["line"], turn["reply"], rank=turn["rank"], **turn["setting"])
        assert await told(house) == await told(other)
