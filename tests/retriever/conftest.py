"""A library of one's own, in either database."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import pytest

from greenroom.clock import SYSTEM_CLOCK
from greenroom.config import KnowledgeSettings
from greenroom.model import ModelCard, Sheet
from greenroom.ports import Llm
from greenroom.retriever.library import LibraryService
from greenroom.retriever.search import Search
from greenroom.retriever.service import RetrieverService
from greenroom.retriever.vectors import FaissIndex
from greenroom.storage.database import Database
from greenroom.testing import FixedCast, ScriptedModel

EMBEDDER = ModelCard(name="bag", provider="scripted")


@dataclass
class Knowing:
    """A retriever with all that it stands on."""

    retriever: RetrieverService
    library: LibraryService
    index: FaissIndex
    database: Database


Open = Callable[..., AbstractAsyncContextManager[Knowing]]


def service_over(database: Database, library: LibraryService, cast: FixedCast) -> RetrieverService:
    """The service over a library, for a cast."""
    settings = KnowledgeSettings(vector_s=60.0, library_s=60.0)
    search = Search(database, library, settings.vector_s)
    return RetrieverService(cast, library, search, settings, SYSTEM_CLOCK)


def retriever_over(known: Knowing, cast: FixedCast) -> RetrieverService:
    """Another service over the same library, for another cast."""
    return service_over(known.database, known.library, cast)


@pytest.fixture
def knowing(database: Database) -> Open:
    """`async with knowing(*sheets, llm=…) as known`: the retriever of a house, once on SQLite, once on PostgreSQL."""

    @asynccontextmanager
    async def opened(*sheets: Sheet, llm: Llm | None = None, check_every_s: float = 60.0) -> AsyncIterator[Knowing]:
        index, model = FaissIndex(), llm or ScriptedModel(card=EMBEDDER)
        settings = KnowledgeSettings(check_every_s=check_every_s, vector_s=60.0)
        async with LibraryService(database, index, model, settings, SYSTEM_CLOCK) as library:
            yield Knowing(service_over(database, library, FixedCast(*sheets)), library, index, database)

    return opened
