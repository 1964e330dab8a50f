"""How far each channel was read, so that what was said while the door was closed is found."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from greenroom.discord.tables import discord_channels
from greenroom.storage.database import Database
from greenroom.storage.upsert import put, put_if_new


class Channels:
    """The last message of each channel that a door has taken in. Ids of messages grow with time."""

    def __init__(self, database: Database, door: str) -> None:
        self._database = database
        self._door = door

    async def saw(self, channel_id: int, message_id: int) -> None:
        """Write down that a message was taken in."""
        row: dict[str, Any] = {"door": self._door, "channel_id": channel_id, "last_message_id": message_id}
        async with self._database.write() as connection:
            await put(connection, discord_channels, row)

    async def begin(self, after: Mapping[int, int]) -> None:
        """Write down for channels after which message they are read, unless they were read before."""
        async with self._database.write() as connection:
            for channel_id, message_id in after.items():
                row = {"door": self._door, "channel_id": channel_id, "last_message_id": message_id}
                await put_if_new(connection, discord_channels, row)

    async def last_seen(self) -> dict[int, int]:
        """The last message of each channel that was ever read."""
        query = select(discord_channels).where(discord_channels.c.door == self._door)
        async with self._database.read() as connection:
            return {row.channel_id: row.last_message_id for row in (await connection.execute(query)).all()}
