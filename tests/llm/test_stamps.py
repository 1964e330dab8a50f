"""Times and ids of answers, and answers with gaps for them."""

import json
import re

from greenroom.llm.stamps import Marks, Stamps, moment
from greenroom.testing import FrozenClock


def test_a_form_is_filled_in_with_what_holds_now() -> None:
    clock = FrozenClock()
    marks = Marks(clock)
    written = json.dumps(
        {"at": [marks.moment()] * 3, "created": marks.seconds(), "id": f"a-{marks.number}", "token": marks.token}
    )
    form = marks.form(written.encode())
    clock.advance(100)
    found = json.loads(form.filled_in())
    assert found["at"] == [moment(clock.now())] * 3
    assert found["created"] == int(clock.now().timestamp())
    assert re.fullmatch(r"a-\d{1,3}", found["id"])
    assert re.fullmatch(r"[0-9a-f]{24}", found["token"])
    assert json.loads(form.filled_in())["token"] != found["token"]


def test_stamps_measure_how_long_an_answer_takes() -> None:
    clock = FrozenClock()
    stamps = Stamps(clock)
    clock.advance(1.5)
    assert stamps.took_ns() == 1_500_000_000


def test_a_form_without_gaps_is_as_it_was_written() -> None:
    assert Marks(FrozenClock()).form(b"as it is").filled_in() == b"as it is"
