"""Who a message speaks to."""

import pytest

from greenroom.testing import FixedCast
from greenroom.web.addressee import addressee
from tests.web.stage import BRIAN, PETER

CAST = tuple(FixedCast(PETER, BRIAN).characters.values())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Peter, how are you?", "Peter"),
        ("how are you, peter?", "Peter"),
        ("PETER!", "Peter"),
        ("Peter Griffin, is it?", "Peter"),
        ("Brian, what about Peter?", "Brian"),
        ("Tell Peter, @Brian", "Brian"),
        ("@peter hello", "Peter"),
        ("the petering brook", None),
        ("petering, then Peter, then Brian", "Peter"),
        ("hello", None),
        ("", None),
    ],
)
def test_a_message_speaks_to_whom_it_names(text: str, named: str | None) -> None:
    found = addressee(text, CAST)
    assert (found.name if found else None) == named
