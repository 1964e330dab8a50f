"""Fixtures for all: what the house stands on, real and empty for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from greenroom.storage.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An open, empty database."""
    async with Database(f"sqlite:///{tmp_path / 'greenroom.db'}") as database:
        yield database
