"""Which commands Discord was told of, so that it is told again only of others: that is limited to some a day."""

from sqlalchemy import select

from greenroom.discord.tables import discord_commands
from greenroom.storage.database import Database
from greenroom.storage.upsert import put


class KnownCommands:
    """The digest of the commands of each application."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def are(self, application_id: int, digest: str) -> bool:
        """Whether Discord was told of these."""
        query = select(discord_commands.c.digest).where(discord_commands.c.application_id == application_id)
        async with self._database.read() as connection:
            return await connection.scalar(query) == digest

    async def keep(self, application_id: int, digest: str) -> None:
        """Write down that Discord was told of these."""
        async with self._database.write() as connection:
            await put(connection, discord_commands, {"application_id": application_id, "digest": digest})
