"""Lines of a conversation, which are read once."""

from greenroom.quality.line import KEPT_CHARACTERS, KEPT_S, OF_EACH, KnownLines
from greenroom.testing import FrozenClock


def test_a_line_is_read_once_until_ten_minutes_are_over() -> None:
    clock = FrozenClock()
    known = KnownLines(clock)
    first = known.line("Sam", "Hello there.", own=False)
    assert known.line("Sam", "Hello\u200b there.", own=False) is first
    assert known.line("Sam", "Hello there.", own=True) is not first
    clock.advance(KEPT_S + 1)
    assert known.line("Sam", "Hello there.", own=False) is not first


def test_however_short_lines_are_there_are_only_so_many() -> None:
    known = KnownLines(FrozenClock())
    first = known.line("Sam", "0", own=False)
    for number in range(1, KEPT_CHARACTERS // OF_EACH + 1):
        known.line("Sam", str(number), own=False)
    assert known.line("Sam", "0", own=False) is not first
