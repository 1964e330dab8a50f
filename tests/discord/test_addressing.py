import pytest

from greenroom.discord.addressing import addressee
from greenroom.model import CharacterId, Sheet
from greenroom.testing import FixedCast

CAST = tuple(
    FixedCast(
        Sheet(name="Peter", full_name="Peter Griffin", aliases=("Petey",)), Sheet(name="Brian"), Sheet(name="Stewie")
    ).characters.values()
)
PETER, BRIAN, STEWIE = (CharacterId(name) for name in ("peter", "brian", "stewie"))


def test_a_reply_counts_more_than_a_mention_and_that_more_than_a_name() -> None:
    assert addressee("Stewie, look", BRIAN, [PETER], CAST) == BRIAN
    assert addressee("Stewie, look", None, [PETER, BRIAN], CAST) == PETER
    assert addressee("Stewie, look", None, [], CAST) == STEWIE


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Brian, what do you think of Peter?", BRIAN),
        ("hey peter what's up", PETER),
        ("What would Peter say, Stewie?", STEWIE),
        ("I saw Peter. Brian! Come here", BRIAN),
        ("@stewie look at Brian", STEWIE),
        ("Is Petey there", PETER),
        ("what does PETER GRIFFIN drink", PETER),
        ("\uff30eter, hello", PETER),
    ],
)
def test_a_name_calls_somebody(text: str, who: CharacterId) -> None:
    assert addressee(text, None, [], CAST) == who


@pytest.mark.parametrize(
    "text", ["Peter and Brian are late", "peters and brianna", "the salt peter'd out", "hello all"]
)
def test_the_floor_is_open(text: str) -> None:
    assert addressee(text, None, [], CAST) is None
