"""Fresh ids as a port, so that tests can fix what is drawn by them: the dice of turn-taking are the ids of turns."""

import uuid
from typing import Protocol


class Ids(Protocol):
    """Where ids come from."""

    def new(self) -> str:
        """An id that nothing else has."""
        ...


class RandomIds:
    """Ids of 32 random hexadecimal digits."""

    def new(self) -> str:
        """An id that nothing else has."""
        return uuid.uuid4().hex


RANDOM_IDS = RandomIds()
"""They have no state, so one is enough."""
