"""What an engine finds, before anybody has looked at it."""

from typing import Any, NamedTuple, Protocol


class Hit(NamedTuple):
    """A page as an engine describes it: from outside, neither cleaned nor checked. `source` names the engines."""

    title: str
    url: str
    snippet: str
    source: str


class Engine(Protocol):
    """Somebody who searches the web. One that needs opening is an async context manager."""

    async def find(self, query: str, count: int) -> list[Hit]:
        """The pages that it finds, best first, about `count`. The caller limits the time. Raises: SearchFailed."""
        ...


def hit_of(entry: dict[str, Any], title: str, url: str, snippet: str, *, source: str) -> Hit:
    """The hit in an entry that came from outside, by the names of its fields; what is not a text counts as none."""
    return Hit(_text(entry.get(title)), _text(entry.get(url)), _text(entry.get(snippet)), source)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
