"""The door's tables: what was posted for which turn, how far it has read the log of turns, and each channel.

A row of `discord_posts` is one message of a turn's reply. It is `waiting` before it is sent, so that after a crash the
channel is looked through before it is sent again; then `posted`, or `dropped`. One that is waiting and has a
`message_id` already takes the place of an earlier reply: that message is edited. `door` is "" for a process with all
bots, and the character for a process with its bot alone.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from greenroom.storage.columns import Moment

metadata = MetaData()

discord_posts = Table(
    "discord_posts",
    metadata,
    Column("turn_id", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("character", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("message_id", BigInteger),
    Column("begun_at", Moment, nullable=False),
    Index("discord_posts_message", "message_id"),
    Index("discord_posts_state", "state"),
)

discord_cursors = Table(
    "discord_cursors",
    metadata,
    Column("door", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

discord_channels = Table(
    "discord_channels",
    metadata,
    Column("door", Text, primary_key=True),
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False),
    Column("last_message_id", BigInteger, nullable=False),
)

discord_commands = Table(
    "discord_commands",
    metadata,
    Column("application_id", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", Text, nullable=False),
)
