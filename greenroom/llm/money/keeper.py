"""The port `Keys`: for the owner of the house."""

from greenroom.llm.money.budgets import Budgets
from greenroom.llm.money.keys import KeyRing
from greenroom.llm.money.prices import NANOS
from greenroom.model import ApiKey, ApiKeys, KeyOrder, KeyRef, NewKey, Nothing


class KeyKeeper:
    """Makes, lists and revokes API keys."""

    def __init__(self, ring: KeyRing, budgets: Budgets) -> None:
        self._ring = ring
        self._budgets = budgets

    async def make(self, order: KeyOrder, /) -> NewKey:
        """Make a key, and tell its secret this once. Raises: Conflict."""
        key, secret = await self._ring.make(order)
        return NewKey(key=await self._with_spent(key), secret=secret)

    async def keys(self, nothing: Nothing, /) -> ApiKeys:
        """List all keys, each with what it has spent in its period."""
        await self._ring.look()
        return ApiKeys(keys=tuple([await self._with_spent(key) for key in self._ring.all()]))

    async def revoke(self, which: KeyRef, /) -> ApiKey:
        """Let a key open nothing any more. Raises: NotFound."""
        return await self._with_spent(await self._ring.revoke(which.id))

    async def _with_spent(self, key: ApiKey) -> ApiKey:
        if key.budget_usd is None:
            return key
        return key.model_copy(update={"spent_usd": await self._budgets.spent(key) / NANOS})
