"""API keys: how they are made, kept, and known again."""

import asyncio
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row

from greenroom.clock import Clock
from greenroom.errors import Conflict, NotFound, Unauthorized
from greenroom.following import for_ever
from greenroom.llm.money.pace import Pace
from greenroom.llm.money.prices import NANOS
from greenroom.llm.tables import keys
from greenroom.model import ApiKey, KeyOrder
from greenroom.storage.database import Database

LOOK_EVERY_S = 5.0
_FORM = re.compile(r"gr-([0-9a-f]{12})-[\w-]{43}", re.ASCII)
_NO_HASH = "0" * 64


@dataclass(slots=True)
class Held:
    """A key that is kept here, its hash, and how much its caller has taken in this minute."""

    key: ApiKey
    hash: str
    requests: Pace | None
    tokens: Pace | None


class KeyRing:
    """All keys, in memory, so that who calls is known without a question to the database. Enter it before use.

    The tables are looked at every five seconds: so long may another process take to know a new key, or that one was
    revoked. While the database is away, the keys that are known hold. Only hashes are kept: SHA-256 without salt is
    enough for 256 random bits, which nobody can guess. The id of a key stands in it, so that only one hash is compared.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._held: dict[str, Held] = {}
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Read the keys, and begin to look for changes."""
        await self.look()
        looking = for_ever(self._look_later, self._clock, "llm.keys")
        self._watch = asyncio.create_task(looking, name="llm looks at its keys")
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop looking."""
        assert self._watch is not None
        self._watch.cancel()
        await asyncio.wait([self._watch])

    def known(self, shown: str) -> Held | None:
        """The key that somebody shows; None for what is none of ours. Raises: Unauthorized, when it was revoked."""
        form = _FORM.fullmatch(shown)
        held = self._held.get(form[1]) if form else None
        is_it = hmac.compare_digest(_hash(shown) if form else "", held.hash if held else _NO_HASH)
        if held is None or not is_it:
            return None
        if held.key.revoked_at is not None:
            raise Unauthorized(f"the key {held.key.name!r} was revoked")
        return held

    def of(self, caller: str) -> Held | None:
        """The key with this id."""
        return self._held.get(caller)

    def all(self) -> list[ApiKey]:
        """All keys, by name."""
        return sorted((held.key for held in self._held.values()), key=lambda key: key.name)

    def find(self, name_or_id: str) -> ApiKey:
        """One key. Raises: NotFound."""
        for key in self.all():
            if name_or_id in {key.id, key.name}:
                return key
        raise NotFound(f"there is no key {name_or_id!r}")

    async def make(self, order: KeyOrder) -> tuple[ApiKey, str]:
        """Make a key; the second is its secret. Raises: Conflict, when the name is taken."""
        key_id = secrets.token_hex(6)
        secret = f"gr-{key_id}-{secrets.token_urlsafe(32)}"
        key = ApiKey(id=key_id, made_at=self._clock.now(), **order.model_dump())
        try:
            async with self._database.write() as connection:
                await connection.execute(insert(keys).values(_row(key, _hash(secret))))
        except Conflict as exc:
            raise Conflict(f"there is, or was, a key {key.name!r} already; choose another name") from exc
        await self.look()
        return key, secret

    async def revoke(self, name_or_id: str) -> ApiKey:
        """Let a key open nothing any more; what it has spent stays in the books. Raises: NotFound."""
        await self.look()
        key = self.find(name_or_id)
        if key.revoked_at is None:
            async with self._database.write() as connection:
                await connection.execute(update(keys).where(keys.c.id == key.id).values(revoked_at=self._clock.now()))
            await self.look()
        return self.find(key.id)

    async def look(self) -> None:
        """Read the keys anew. Raises: Unavailable, StorageFailed."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(keys))).all()
        self._held = {row.id: _held(row, self._held.get(row.id)) for row in rows}

    async def _look_later(self) -> None:
        await asyncio.sleep(LOOK_EVERY_S)  # the machine's own time: a clock of a test would not let it rest
        await self.look()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _row(key: ApiKey, hash_: str) -> dict[str, Any]:
    row = key.model_dump(exclude={"budget_usd", "spent_usd"}) | {"models": list(key.models), "hash": hash_}
    return row | {"budget": None if key.budget_usd is None else round(key.budget_usd * NANOS)}


def _held(row: Row[Any], before: Held | None) -> Held:
    """A row as a key. What its caller has taken in this minute is remembered from before."""
    fields = row._asdict()
    budget_usd = None if row.budget is None else row.budget / NANOS
    key = ApiKey.model_validate({**fields, "models": tuple(row.models), "budget_usd": budget_usd})
    if before is not None:
        return Held(key, row.hash, before.requests, before.tokens)
    requests, tokens = key.requests_per_minute, key.tokens_per_minute
    return Held(key, row.hash, Pace(requests) if requests else None, Pace(tokens) if tokens else None)
