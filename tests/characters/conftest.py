"""A cast folder of two characters, and the service that reads it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from greenroom.characters.service import CharactersService
from greenroom.config import CharactersSettings
from greenroom.ports import Characters
from greenroom.storage.database import Database
from greenroom.testing import FrozenClock
from tests.conftest import Reach

ADA = """\
name = "Ada"
full_name = "Ada Byron"
aliases = ["the countess"]
description = "A mathematician."

[speaking]
catchphrases = ["Quite so!"]
forbidden_phrases = ["no idea"]
words_max = 20
"""
BO = 'name = "Bo"\n'

one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For tests of what does not depend on the database."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with `ada.toml` and `bo.toml`."""
    folder = tmp_path / "cast"
    folder.mkdir()
    (folder / "ada.toml").write_text(ADA, "utf-8")
    (folder / "bo.toml").write_text(BO, "utf-8")
    return folder


@pytest.fixture
def clock() -> FrozenClock:
    """Time that stands still; a second of it makes the service look again."""
    return FrozenClock()


@pytest.fixture
async def service(folder: Path, database: Database, clock: FrozenClock) -> AsyncIterator[CharactersService]:
    """The service itself, for tests of what it does when it starts."""
    async with CharactersService(CharactersSettings(cast=str(folder)), database, clock) as service:
        yield service


@pytest.fixture
async def characters(reach: Reach, service: CharactersService) -> Characters:
    """The port, by direct call and over HTTP, on SQLite and on PostgreSQL."""
    return await reach(Characters, service)
