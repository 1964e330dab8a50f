"""The router's tables: the log of turns, and the turns that failed.

`turns.position` is given anew by every change of a row; it is the cursor of those who follow the log. It comes from the
one row of `turn_counter`, whose lock makes changes visible in the order of their positions, so that no follower can
pass by a change that commits late. While a turn is `begun`, `owner` (a process) answers it until `expires_at`.
`rank` orders the conversation, whatever the clock does: a reply that replaces another takes its rank. `request` and
`receipt` are `TurnRequest` and `Receipt`. The prompts of a turn hold lines of its channel from the rank `knows_from` on
(0: perhaps any, since a door told them); `erased_at` is the position at which its line was changed or taken back.
An entry `forgotten` is open until `ended_at`. `answers_to_forget` holds keys of the cache of answers, and
of comparisons. `quotes` says which receipts hold passages (memories) that were made of which other turns.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, Table, Text, false

from greenroom.storage.columns import Moment, json_column

metadata = MetaData()

turns = Table(
    "turns",
    metadata,
    Column("id", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("channel_id", Text, nullable=False),
    Column("character", Text, nullable=False),
    Column("character_name", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("user_name", Text, nullable=False),
    Column("message_type", Text, nullable=False),
    Column("input_text", Text, nullable=False),
    Column("reply", Text),
    Column("state", Text, nullable=False),
    Column("error", Text),
    Column("begun_at", Moment, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("ended_at", Moment),
    Column("quality_score", Float),
    Column("replaces", Text),
    Column("superseded", Boolean, nullable=False, server_default=false()),
    Column("trace_id", Text, nullable=False),
    Column("request_id", Text),
    Column("owner", Text, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("request", json_column(), nullable=False),
    Column("receipt", json_column()),
    Column("place", Text, nullable=False, server_default="channel"),
    Column("present", json_column()),
    Column("parent_id", Text),
    Column("message_id", Text),
    Column("follows", Text),
    Column("edited_at", Moment),
    Column("outdated", Boolean, nullable=False, server_default=false()),
    Column("knows_from", BigInteger, nullable=False, server_default="0"),
    Column("erased_at", BigInteger),
    Index("turns_position", "position", unique=True),
    Index("turns_request_id", "request_id", unique=True),
    Index("turns_channel_rank", "channel_id", "rank"),
    Index("turns_state", "state"),
    Index("turns_message_id", "message_id"),
    Index("turns_follows", "follows"),
    Index("turns_user", "user_id", "position"),
    Index("turns_begun", "begun_at"),
    Index("turns_channel_erased", "channel_id", "erased_at"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("turn_id", Text, nullable=False),
    Column("request", json_column(), nullable=False),
    Column("error", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failed_at", Moment, nullable=False),
    Column("replays", Integer, nullable=False),
)

turn_counter = Table(
    "turn_counter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
)

answers_to_forget = Table(
    "answers_to_forget",
    metadata,
    Column("key", Text, primary_key=True),
    Column("noted_at", Moment, nullable=False),
)

quotes = Table(
    "quotes",
    metadata,
    Column("turn_id", Text, primary_key=True),
    Column("of_turn", Text, primary_key=True),
    Index("quotes_of_turn", "of_turn"),
)
