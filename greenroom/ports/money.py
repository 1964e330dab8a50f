"""Who may spend what on model calls, and what was spent."""

from typing import Protocol

from greenroom.at import at
from greenroom.model import ApiKey, ApiKeys, KeyOrder, KeyRef, NewKey, Nothing, Stats, StatsRequest


class Keys(Protocol):
    """The keys of those who may call models, for the owner of the house."""

    @at("POST /keys", status=201)
    async def make(self, order: KeyOrder, /) -> NewKey:
        """Make a key, and tell its secret this once. Raises: Conflict, when the name is taken."""
        ...

    @at("GET /keys")
    async def keys(self, nothing: Nothing, /) -> ApiKeys:
        """List all keys, each with its limits, and with what it has spent of its budget."""
        ...

    @at("DELETE /keys/{id}")
    async def revoke(self, which: KeyRef, /) -> ApiKey:
        """Let a key open nothing any more. Raises: NotFound."""
        ...


class Costs(Protocol):
    """What model calls cost, and what was saved."""

    @at("GET /api/stats")
    async def stats(self, request: StatsRequest, /) -> Stats:
        """Sum up the last days: requests, tokens, money, savings, durations; by model, caller and day.

        A caller with a key sees its own figures, the owner of the house all.
        """
        ...
