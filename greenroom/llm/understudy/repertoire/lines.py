"""The shape of the repertoire: kind of line, register, lines."""

from typing import Literal

Register = Literal["hearty", "learned", "plain"]
"""How a character talks, roughly."""

Lines = dict[str, dict[Register | Literal["any"], tuple[str, ...]]]
"""Kind of line → register → lines. `any` goes with every register."""
