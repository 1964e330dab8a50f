"""Folders that the settings name are followed, without anybody asking for it."""

import asyncio
from pathlib import Path

import pytest

from greenroom.clock import SYSTEM_CLOCK
from greenroom.config import CrawlerSettings
from greenroom.crawler.folder_keeper import FolderKeeper
from greenroom.model import CollectionRef
from tests.crawler.conftest import Crawling, OpenCrawler

SECONDS = 60


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "mill.md").write_text("# The mill\n\nThe mill grinds barley on Mondays.", "utf-8")
    (folder / "well.txt").write_text("The well is deep and nobody has seen its ground.", "utf-8")
    return folder


def keeper_of(here: Crawling, folder: Path) -> FolderKeeper:
    settings = CrawlerSettings(folders={"rock": str(folder)}, folders_every_hours=2)
    return FolderKeeper(here.library, settings, SYSTEM_CLOCK)


async def test_a_folder_of_the_settings_is_read_at_the_start(crawling: OpenCrawler, notes: Path) -> None:
    async with asyncio.timeout(SECONDS), crawling(folders={"rock": str(notes)}) as here:
        while sorted(await here.titles()) != ["The mill", "well.txt"]:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_what_changes_comes_and_what_goes_away_is_taken_out(crawling: OpenCrawler, notes: Path) -> None:
    async with crawling() as here:
        keeper = keeper_of(here, notes)
        assert await keeper.look() == 2 * 3600
        (notes / "well.txt").unlink()
        (notes / "mill.md").write_text("# The mill\n\nThe mill grinds barley on Tuesdays and Fridays.", "utf-8")
        await keeper.look()
        assert await here.titles() == ["The mill"]
        found = await here.find("barley")
        assert found is not None
        assert "Tuesdays" in found.content


async def test_a_file_that_has_not_changed_is_not_read_again_and_stays(crawling: OpenCrawler, notes: Path) -> None:
    async with crawling() as here:
        keeper = keeper_of(here, notes)
        await keeper.look()
        await here.library.drop(CollectionRef(collection="rock"))
        await keeper.look()
        assert await here.titles() == []
        (notes / "mill.md").write_text("# The mill\n\nNothing is ground any more.", "utf-8")
        await keeper.look()
        assert await here.titles() == ["The mill"]


async def test_a_folder_that_is_away_takes_nothing_out(crawling: OpenCrawler, notes: Path) -> None:
    async with crawling() as here:
        keeper = keeper_of(here, notes)
        await keeper.look()
        await asyncio.to_thread(notes.rename, notes.with_name("away"))
        await keeper.look()
        assert sorted(await here.titles()) == ["The mill", "well.txt"]


async def test_what_was_away_and_is_there_again_is_read_again(crawling: OpenCrawler, notes: Path) -> None:
    async with crawling() as here:
        keeper = keeper_of(here, notes)
        await keeper.look()
        away = notes.with_name("well.txt")
        (notes / "well.txt").rename(away)
        await keeper.look()
        away.rename(notes / "well.txt")
        await keeper.look()
        assert sorted(await here.titles()) == ["The mill", "well.txt"]


async def test_a_file_that_cannot_be_read_keeps_nothing_from_the_others(crawling: OpenCrawler, notes: Path) -> None:
    (notes / "boats.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    async with crawling() as here:
        await keeper_of(here, notes).look()
        assert sorted(await here.titles()) == ["The mill", "well.txt"]
