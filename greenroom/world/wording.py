"""What a turn said, as far as the world reads it: its wording, by which what was read of other words is told apart."""

import hashlib
import json

from greenroom.model import Turn

READER_VERSION = 1
"""Grows when turns should be read anew, because they are read in another way."""

OVER = frozenset({"answered", "heard", "failed", "left"})
"""States in which nothing more is said in a turn."""


def line_of(turn: Turn) -> str:
    """What a person said in a turn; the line that an unprompted answer takes up belongs to another turn."""
    return turn.input_text if turn.message_type == "direct" else ""


def stands(turn: Turn) -> bool:
    """Whether a turn belongs to the conversation: it was not taken back or replaced, and is no failed replacement."""
    return turn.state in OVER and not turn.superseded and (turn.replaces is None or turn.state == "answered")


def wording_of(turn: Turn) -> str:
    """A digest of the words of a turn and of who heard them. Words that are changed to and fro are new each time."""
    edited = turn.edited_at.isoformat() if turn.edited_at and line_of(turn) else ""
    said = [READER_VERSION, line_of(turn), turn.reply, edited, turn.place, turn.present, turn.user_name]
    return hashlib.sha256(json.dumps([turn.id, *said]).encode()).hexdigest()[:24]
