"""What is to be posted and what was: written down before a message is sent, so that it is sent once."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Row, Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.discord.tables import discord_cursors, discord_posts
from greenroom.model import CharacterId, Turn, TurnId
from greenroom.storage.database import Database
from greenroom.storage.upsert import put, put_if_new

PREFIX = "discord:"
"""What the ids of Discord's channels, people and messages begin with, in the log of turns."""

_NO_ID, _DIGITS = 2**63, 20
"""The least number that no column for an id takes, and a length that no id has."""

PostState = Literal["waiting", "posted", "dropped"]


class Post(NamedTuple):
    """One message of a reply, the `part`-th from 0. `message_id` is Discord's, where there is such a message."""

    turn_id: TurnId
    part: int
    channel_id: int
    character: CharacterId
    state: PostState
    message_id: int | None
    begun_at: datetime

    @property
    def nonce(self) -> str:
        """What Discord knows this message by: the same however often it is sent. At most 25 characters, its limit."""
        return hashlib.sha256(f"{self.turn_id} {self.part}".encode()).hexdigest()[:24]


def id_in(text: str) -> int | None:
    """The id of Discord's that a text is; None for what can be none: they are numbers of 63 bits at most."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < _DIGITS else _NO_ID
    return number if number < _NO_ID else None


def channel_of(turn: Turn) -> int | None:
    """Discord's id of the channel that a turn happened in; None for one that happened elsewhere."""
    return id_in(turn.channel_id.removeprefix(PREFIX)) if turn.channel_id.startswith(PREFIX) else None


class Outbox:
    """The posts of one door, and how far it has read the log of turns."""

    def __init__(self, database: Database, door: str) -> None:
        self._database = database
        self._door = door

    async def cursor(self) -> int | None:
        """How far the log was read; None when it was not yet."""
        query = select(discord_cursors.c.position).where(discord_cursors.c.door == self._door)
        async with self._database.read() as connection:
            return await connection.scalar(query)

    async def take(
        self, turns: Iterable[Turn], now: datetime, cursor: int | None = None, withdrawn: Iterable[Turn] = ()
    ) -> None:
        """Write down that these turns are to be posted, and those withdrawn, and how far the log was read, or nothing.

        What was written down before stays as it is. A turn that replaces another takes over its messages.
        """
        async with self._database.write() as connection:
            for turn in turns:
                await self._take(connection, turn, now)
            gone = [turn.id for turn in withdrawn]
            if gone:
                stale = update(discord_posts).where(
                    discord_posts.c.turn_id.in_(gone), discord_posts.c.state == "posted"
                )
                await connection.execute(stale.values(state="waiting"))
            if cursor is not None:
                await put(connection, discord_cursors, {"door": self._door, "position": cursor})

    async def _take(self, connection: AsyncConnection, turn: Turn, now: datetime) -> None:
        channel_id = channel_of(turn)
        assert channel_id is not None, "only turns of Discord are taken"
        row = {"turn_id": turn.id, "channel_id": channel_id, "character": turn.character}
        row["begun_at"] = turn.ended_at or now
        is_new = await put_if_new(connection, discord_posts, {**row, "part": 0, "state": "waiting"})
        if is_new and turn.replaces is not None:
            await self._take_over(connection, row, turn.replaces)

    async def _take_over(self, connection: AsyncConnection, row: dict[str, Any], replaced: TurnId) -> None:
        """Give a turn the messages of the one that it replaces, which is never posted after it."""
        for old in (await connection.execute(_posts(discord_posts.c.turn_id == replaced))).all():
            if old.message_id is not None:
                new = {**row, "part": old.part, "state": "waiting", "message_id": old.message_id}
                await put(connection, discord_posts, new)
        await put(connection, discord_posts, {**row, "turn_id": replaced, "part": 0, "state": "dropped"})
        gone = update(discord_posts).where(discord_posts.c.turn_id == replaced)
        await connection.execute(gone.values(state="dropped", message_id=None))

    async def add(self, first: Post, parts: int) -> list[Post]:
        """The posts of a turn, of which there are to be so many; there may be more, left from what it replaces."""
        row = first._asdict() | {"state": "waiting", "message_id": None}
        async with self._database.write() as connection:
            for part in range(1, parts):
                await put_if_new(connection, discord_posts, {**row, "part": part})
        return await self.of_turn(first.turn_id)

    async def of_turn(self, turn_id: str) -> list[Post]:
        """The posts of a turn, in their order."""
        return await self._found(_posts(discord_posts.c.turn_id == turn_id))

    async def of_message(self, message_id: int) -> Post | None:
        """The post that became this message."""
        return next(iter(await self._found(_posts(discord_posts.c.message_id == message_id))), None)

    async def last_in(self, channel_id: int) -> TurnId | None:
        """The turn whose message is the newest of ours in a channel."""
        here = _posts((discord_posts.c.channel_id == channel_id) & discord_posts.c.message_id.is_not(None))
        newest = here.order_by(None).order_by(discord_posts.c.message_id.desc()).limit(1)
        return next((post.turn_id for post in await self._found(newest)), None)

    async def known(self, message_ids: Collection[int]) -> set[int]:
        """Those of the messages that are a post's."""
        found = await self._found(_posts(discord_posts.c.message_id.in_(message_ids)))
        return {post.message_id for post in found if post.message_id is not None}

    async def waiting(self) -> list[TurnId]:
        """The turns of which something is still to be posted, the oldest first."""
        posts = await self._found(_posts(discord_posts.c.state == "waiting"))
        return list(dict.fromkeys(post.turn_id for post in sorted(posts, key=lambda post: post.begun_at)))

    async def posted(self, post: Post, message_id: int) -> None:
        """Write down which message a post has become."""
        await self._change(post, state="posted", message_id=message_id)

    async def drop(self, post: Post) -> None:
        """Write down that a post is not to be sent, or that its message is gone."""
        await self._change(post, state="dropped", message_id=None)

    async def drop_waiting(self, turn_id: str) -> None:
        """Give up what is still to be sent of a turn."""
        rest = update(discord_posts).where(discord_posts.c.turn_id == turn_id, discord_posts.c.state == "waiting")
        async with self._database.write() as connection:
            await connection.execute(rest.values(state="dropped"))

    async def lost(self, post: Post) -> None:
        """Write down that the message which a post was to take over is gone, so that it needs one of its own."""
        await self._change(post, state="waiting", message_id=None)

    async def forget(self, before: datetime, most_turns: int) -> bool:
        """Delete what was posted before this moment, of so many turns at most; return whether there was any."""
        old = (discord_posts.c.begun_at < before) & (discord_posts.c.state != "waiting")
        some = select(discord_posts.c.turn_id).where(old).distinct().limit(most_turns)
        async with self._database.write() as connection:
            gone = await connection.execute(delete(discord_posts).where(old, discord_posts.c.turn_id.in_(some)))
        return bool(gone.rowcount)

    async def _change(self, post: Post, **values: Any) -> None:
        own = update(discord_posts).where(discord_posts.c.turn_id == post.turn_id, discord_posts.c.part == post.part)
        async with self._database.write() as connection:
            await connection.execute(own.values(**values))

    async def _found(self, query: Select[Any]) -> list[Post]:
        async with self._database.read() as connection:
            return [_post(row) for row in (await connection.execute(query)).all()]


def _posts(condition: Any) -> Select[Any]:
    return select(discord_posts).where(condition).order_by(discord_posts.c.turn_id, discord_posts.c.part)


def _post(row: Row[Any]) -> Post:
    return Post._make(getattr(row, name) for name in Post._fields)
