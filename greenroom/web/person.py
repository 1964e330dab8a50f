"""The person at this browser."""

from collections.abc import MutableMapping
from typing import Any

NAMELESS = "Guest"
"""What a person without a name is called in the conversation that the model sees."""

MAX_NAME = 40


class Person:
    """An id that the browser keeps, and a display name that we keep for it."""

    def __init__(self, id_: str, kept: MutableMapping[str, Any]) -> None:
        self.id = id_
        self._kept = kept

    @property
    def name(self) -> str:
        """The display name; empty when none was chosen."""
        return str(self._kept.get("name", ""))

    @name.setter
    def name(self, name: str) -> None:
        self._kept["name"] = " ".join(name.split())[:MAX_NAME]

    @property
    def spoken_name(self) -> str:
        """What the characters call this person."""
        return self.name or NAMELESS
