"""What a character knows that bears on the moment."""

from pydantic import Field, JsonValue

from greenroom.model.value import Name, Value


class Passage(Value):
    """A piece of lore or memory. `relevance_score` is 0–1, higher is better; `reason` says why it was used."""

    id: str
    content: str
    source: str
    title: str = ""
    relevance_score: float
    reason: str = ""
    metadata: dict[str, JsonValue] = {}


class RetrieveRequest(Value):
    """What is being talked about: the newest line, and the lines before it (oldest first) for context."""

    character: Name
    query: str
    recent: tuple[str, ...] = ()
    max_results: int = Field(4, ge=0, le=50)


class Passages(Value):
    """What was found, best first."""

    results: tuple[Passage, ...] = ()
