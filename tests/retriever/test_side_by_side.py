"""What is put in while other things are put in or taken out."""

import asyncio

import pytest
from sqlalchemy import select

from greenroom.model import Document, DocumentRefs, Documents, Texts, Vectors
from greenroom.retriever.tables import chunks
from greenroom.testing import ScriptedModel
from tests.retriever.conftest import EMBEDDER, Open


class Held(ScriptedModel):
    """A model that embeds nothing that names `held` before it is let go, and says when somebody asks for that."""

    def __init__(self, held: str) -> None:
        super().__init__(card=EMBEDDER)
        self.asked, self.let_go = asyncio.Event(), asyncio.Event()
        self._held = held

    async def embed(self, texts: Texts, /) -> Vectors:
        if any(self._held in text for text in texts.texts):
            self.asked.set()
            await self.let_go.wait()
        return await super().embed(texts)


def page(id_: str, text: str) -> Documents:
    return Documents(collection="town", documents=(Document(id=id_, text=text),))


def line(id_: str, text: str) -> Documents:
    said = Document(id=id_, title="May", text=text, metadata={"speaker": "Abner"})
    return Documents(collection="talk", documents=(said,))


@pytest.mark.parametrize("made_first", [True, False])
async def test_what_comes_next_is_embedded_while_something_is_written(knowing: Open, made_first: bool) -> None:
    """Nothing can be written until somebody else is done with the database, and still the mill is asked for."""
    model = Held("mill")
    async with knowing(llm=model) as known:
        if made_first:
            await known.library.put(page("0", "The harbour sleeps."))
        async with known.database.write():
            first = asyncio.create_task(known.library.put(page("1", "The lighthouse burns.")))
            second = asyncio.create_task(known.library.put(page("2", "The mill grinds.")))
            async with asyncio.timeout(60):
                await model.asked.wait()
        model.let_go.set()
        added = [done.added for done in await asyncio.gather(first, second)]
        assert added == [1, 1]
        assert [texts.texts for texts in model.embedded][-2:] == [("The lighthouse burns.",), ("The mill grinds.",)]


@pytest.mark.parametrize("which", [{"ids": ("1",)}, {"turn_ids": ("t1",)}])
async def test_what_is_taken_out_while_it_is_embedded_is_gone_in_the_end(
    knowing: Open, which: dict[str, tuple[str]]
) -> None:
    model = Held("mill")
    memory = Document(id="1", text="The mill grinds.", metadata={"turn_ids": ["t1"]})
    async with knowing(llm=model) as known:
        putting = asyncio.create_task(known.library.put(Documents(collection="town", documents=(memory,))))
        await model.asked.wait()
        removing = asyncio.create_task(
            known.library.remove(DocumentRefs.model_validate({"collection": "town", **which}))
        )
        await asyncio.sleep(0.05)  # lets it come as far as it does
        model.let_go.set()
        await putting
        assert (await removing).removed == 1


async def test_the_same_that_comes_twice_at_a_time_is_put_in_once(knowing: Open) -> None:
    async with knowing() as known:
        both = await asyncio.gather(*(known.library.put(page("1", "The mill grinds.")) for _ in range(2)))
    assert [(done.added, done.unchanged) for done in both] == [(1, 0), (0, 1)]


async def test_a_line_goes_on_from_one_that_is_being_written(knowing: Open) -> None:
    async with knowing() as known:
        both = (line("1", "The mill grinds."), line("2", "Barley, I think."))
        await asyncio.gather(*map(known.library.put, both))
        befores = await known.database.rows(select(chunks.c.before).order_by(chunks.c.number))
        assert [row.before for row in befores] == ["", "Abner: The mill grinds."]
