"""The model as one provider among others."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from greenroom.config import EmbeddingSettings, LlmSettings
from greenroom.errors import BadRequest, NoUpstream, UnknownModel, Unsupported
from greenroom.llm.minilm import MiniLM, Shelf
from greenroom.llm.minilm.adding import Adding
from greenroom.llm.service import LlmService
from greenroom.llm.understudy import Understudy
from greenroom.model import ChatMessage, ChatRequest, GenerateRequest, ModelRef, Nothing, Texts
from greenroom.ports import Llm
from greenroom.testing import FrozenClock
from tests.conftest import Reach
from tests.llm.minilm.tiny import WIDTH, write_files
from tests.llm.reading import every

NAME = "minilm/all-minilm-l6-v2"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "models" / "minilm")


@pytest.fixture
def added(shelf: Shelf, tmp_path: Path) -> Shelf:
    recipe = write_files(tmp_path / "source")
    Adding(shelf, FrozenClock(), recipe).from_path(tmp_path / "source")
    return shelf


@pytest.fixture
async def minilm(shelf: Shelf) -> AsyncIterator[MiniLM]:
    async with MiniLM(shelf, FrozenClock()) as provider:
        yield provider


def house(minilm: MiniLM, clock: FrozenClock, embedding: str = "") -> LlmService:
    settings = LlmSettings(embedding=EmbeddingSettings(model=embedding))
    return LlmService(settings, {"minilm": minilm, "understudy": Understudy(clock)}, clock)


async def test_texts_become_rows_of_length_one_in_their_order(reach: Reach, added: Shelf, minilm: MiniLM) -> None:
    llm = await reach(Llm, minilm)
    texts = ("good night " * 30, "a cat", "", "dogs", *(f"a quiet evening {'cat ' * n}" for n in range(20)))
    vectors = await llm.embed(Texts(texts=texts))
    assert vectors.model == NAME
    assert np.asarray(vectors.vectors).shape == (len(texts), WIDTH)
    np.testing.assert_allclose(np.linalg.norm(vectors.vectors, axis=1), 1, atol=1e-5)
    for text, vector in zip(texts, vectors.vectors, strict=True):
        alone = await llm.embed(Texts(texts=(text,)))
        np.testing.assert_allclose(vector, alone.vectors[0], atol=1e-5)
    assert (await llm.embed(Texts(texts=("a cat", "dogs")))).prompt_tokens == 4 + 4
    short = await llm.embed(Texts(texts=("a cat",), dimensions=4))
    assert len(short.vectors[0]) == 4
    assert np.linalg.norm(short.vectors[0]) == pytest.approx(1, abs=1e-5)
    assert (await llm.embed(Texts(texts=()))).vectors == ()


async def test_texts_in_the_background_become_the_same_rows(added: Shelf, minilm: MiniLM) -> None:
    texts = tuple(f"a quiet evening {'cat ' * n}" for n in range(30))
    behind = await minilm.embed(Texts(texts=texts, background=True))
    before = await minilm.embed(Texts(texts=texts))
    np.testing.assert_allclose(behind.vectors, before.vectors, atol=1e-6)
    assert behind.prompt_tokens == before.prompt_tokens


async def test_a_long_text_is_cut_or_refused(added: Shelf, minilm: MiniLM) -> None:
    start = " ".join(["cat"] * 254)
    cut, whole = (await minilm.embed(Texts(texts=(f"{start} dog", start)))).vectors
    np.testing.assert_allclose(cut, whole, atol=1e-6)
    assert (await minilm.embed(Texts(texts=(start,), truncate=False))).prompt_tokens == 256
    for long in (f"{start} dog", " " * 30_000):
        with pytest.raises(BadRequest, match="exceeds the context length"):
            await minilm.embed(Texts(texts=(long,), truncate=False))


async def test_before_it_was_added_it_is_not_listed_and_says_how_to_add_it(minilm: MiniLM) -> None:
    found = await minilm.models(Nothing())
    assert found.models == ()
    assert "greenroom models add minilm" in found.providers[0].detail
    for asked in (minilm.embed(Texts(texts=("a cat",))), minilm.show(ModelRef(model=NAME))):
        with pytest.raises(UnknownModel, match="greenroom models add minilm"):
            await asked


async def test_it_tells_what_it_is(reach: Reach, added: Shelf, minilm: MiniLM) -> None:
    llm = await reach(Llm, minilm)
    (card,) = (await llm.models(Nothing())).models
    assert (card.full_name, card.capabilities, card.stand_in) == (NAME, ("embedding",), False)
    assert card.digest == added.added().sha256  # type: ignore[union-attr]
    details = await llm.show(ModelRef(model=NAME))
    assert (details.dimensions, details.context_tokens, details.parameters) == (WIDTH, 256, 1234)
    assert (await llm.loaded(Nothing())).models == ()
    await llm.embed(Texts(texts=("a cat",)))
    assert [model.card for model in (await llm.loaded(Nothing())).models] == [card]
    await every(llm.generate(GenerateRequest(model=NAME, prompt="", keep_alive=0)))
    assert (await llm.loaded(Nothing())).models == ()
    await every(llm.generate(GenerateRequest(model=NAME, prompt="")))
    assert len((await llm.loaded(Nothing())).models) == 1


async def test_it_writes_no_text(reach: Reach, added: Shelf, minilm: MiniLM) -> None:
    llm = await reach(Llm, minilm)
    with pytest.raises(Unsupported, match="does not support chat"):
        await every(llm.chat(ChatRequest(model=NAME, messages=(ChatMessage(role="user", content="hello"),))))
    with pytest.raises(Unsupported, match="does not support generate"):
        await every(llm.generate(GenerateRequest(model=NAME, prompt="hello")))
    with pytest.raises(UnknownModel, match="nomic"):
        await minilm.embed(Texts(texts=("a cat",), model="nomic"))


async def test_a_damaged_model_is_a_provider_that_is_away(added: Shelf, minilm: MiniLM) -> None:
    content = added.graph.read_bytes()
    added.graph.write_bytes(content[:-1] + b"?")
    with pytest.raises(NoUpstream, match="`greenroom models add minilm`"):
        await minilm.embed(Texts(texts=("a cat",)))
    added.graph.write_bytes(content[:-1])
    with pytest.raises(NoUpstream, match="`greenroom models add minilm`"):
        await minilm.models(Nothing())


async def test_the_embedding_role_takes_it_once_it_was_added_and_lets_it_go_when_it_is_removed(
    shelf: Shelf, minilm: MiniLM, tmp_path: Path
) -> None:
    clock = FrozenClock()
    llm = house(minilm, clock)

    async def embedder() -> str:
        clock.advance(60)
        role = (await llm.models(Nothing())).roles["embedding"]
        assert (await llm.embed(Texts(texts=("a cat",)))).model == role
        return role

    assert await embedder() == "understudy/hash"
    recipe = write_files(tmp_path / "source")
    Adding(shelf, clock, recipe).from_path(tmp_path / "source")
    assert await embedder() == NAME
    shelf.remove()
    assert await embedder() == "understudy/hash"


async def test_a_model_of_the_settings_goes_before_it(added: Shelf, minilm: MiniLM) -> None:
    llm = house(minilm, FrozenClock(), "understudy/hash")
    assert (await llm.embed(Texts(texts=("a cat",)))).model == "understudy/hash"
    for name in ("minilm", NAME, "all-minilm-l6-v2", "MiniLM/all-MiniLM-L6-v2:latest"):
        assert (await llm.embed(Texts(texts=("a cat",), model=name))).model == NAME


async def test_a_setting_that_names_it_before_it_was_added_says_how_to_add_it(minilm: MiniLM) -> None:
    with pytest.raises(UnknownModel, match="greenroom models add minilm"):
        await house(minilm, FrozenClock(), "minilm").embed(Texts(texts=("a cat",)))


async def test_the_understudy_still_stands_in_beside_it(added: Shelf, minilm: MiniLM) -> None:
    models = await house(minilm, FrozenClock()).models(Nothing())
    assert models.stand_in
    assert models.why_stand_in == "no model server was found"
