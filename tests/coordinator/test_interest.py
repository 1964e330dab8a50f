"""Interest by embeddings, where a real model embeds; by the words of the sheets elsewhere."""

import asyncio

import pytest

from greenroom.coordinator.interest import Interests
from greenroom.errors import NoUpstream
from greenroom.llm.understudy import Understudy
from greenroom.model import Texts, Vectors
from greenroom.testing import FrozenClock, ScriptedModel
from tests.coordinator.lines import character, lines

CAST = {c.name: c for c in (character("Ada", "steam engines and boilers"), character("Bo", "fish"), character("Cy"))}
SAID = lines("Ann: Steam engines and boilers, what else?")


class AwayModel(ScriptedModel):
    """A model that embeds nothing."""

    async def embed(self, texts: Texts, /) -> Vectors:
        self.embedded.append(texts)
        raise NoUpstream("nothing embeds")


class StumblingModel(ScriptedModel):
    """A model for whom the first sheet about fish brings out a mistake in the program."""

    has_stumbled = False

    async def embed(self, texts: Texts, /) -> Vectors:
        if "fish" in texts.texts[0] and not self.has_stumbled:
            self.has_stumbled = True
            raise RuntimeError("a mistake")
        return await super().embed(texts)


async def read(interests: Interests) -> None:
    """What happens in the background until all sheets are read."""
    for _ in CAST.values():
        await interests.of(SAID, CAST)
        if interests.unread:
            await interests.read_next()


async def test_who_cares_for_what_is_said_is_rated_higher() -> None:
    interests = Interests(ScriptedModel(), FrozenClock())
    assert await interests.of(SAID, CAST) == {}  # the sheets are not read yet
    await read(interests)
    found = await interests.of(SAID, CAST)
    assert set(found) == {"Ada", "Bo"}
    assert 0 <= found["Bo"] < found["Ada"] <= 0.9


async def test_a_sheet_is_read_once_for_each_version() -> None:
    model = ScriptedModel()
    interests = Interests(model, FrozenClock())
    await read(interests)
    before = len(model.embedded)
    await interests.of(SAID, CAST)
    assert len(model.embedded) == before + 1  # what was said, and nothing else
    assert not interests.unread


@pytest.mark.parametrize("model", [Understudy(FrozenClock()), AwayModel()])
async def test_without_a_model_that_embeds_words_alone_decide_and_it_is_left_alone(
    model: Understudy | ScriptedModel,
) -> None:
    clock = FrozenClock()
    interests = Interests(model, clock)
    for _ in range(3):
        assert await interests.of(SAID, CAST) == {}
    if isinstance(model, AwayModel):
        assert len(model.embedded) == 1
        clock.advance(61)
        await interests.of(SAID, CAST)
        assert len(model.embedded) == 2


async def test_nothing_said_is_nothing_to_care_for() -> None:
    model = ScriptedModel()
    assert await Interests(model, FrozenClock()).of((), CAST) == {}
    assert model.embedded == []


async def test_a_mistake_over_one_sheet_does_not_end_the_reading() -> None:
    clock = FrozenClock()
    interests = Interests(StumblingModel(), clock)
    await interests.of(SAID, CAST)
    reading = asyncio.create_task(interests.keep_reading())
    async with asyncio.timeout(60):
        while len(await interests.of(SAID, CAST)) < 2:
            clock.advance(1)
            await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
