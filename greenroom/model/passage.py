"""What a character knows that bears on the moment."""

from typing import Literal

from pydantic import Field, JsonValue

from greenroom.model.line import Place, Witnesses
from greenroom.model.value import Key, Name, Value


class Passage(Value):
    """A piece of lore or memory. `relevance_score` is 0–1, higher is better; `reason` says why it was used, or not.

    `url` is where people can read on; empty where there is no such place. One whose `position` is "before" stands above
    the character's prompt.
    """

    id: str
    content: str
    source: str
    url: str = ""
    title: str = ""
    relevance_score: float
    reason: str = ""
    position: Literal["before", "after"] = "after"
    metadata: dict[str, JsonValue] = {}


class RetrieveRequest(Value):
    """What is being talked about: the newest line, and the lines before it (oldest first) for context.

    `character` asks, and only what it may know is given: a passage whose `metadata` has `known_to`, a list of ids, to
    those alone. `present` will hear the answer (None is the whole cast): what was said in private (`metadata` with
    `place` "private") is given only where all of them know it. Of the notes of worlds those of `world_id` count.
    """

    character: Name
    query: str
    recent: tuple[str, ...] = ()
    channel_id: Key = "default"
    place: Place = "channel"
    present: Witnesses | None = None
    world_id: Key = "main"
    max_results: int = Field(4, ge=0, le=50)


class Passages(Value):
    """What was found, best first. `cut` is what was close and left out; the `reason` of each says why."""

    results: tuple[Passage, ...] = ()
    cut: tuple[Passage, ...] = ()
