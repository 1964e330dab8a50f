"""Crawling from the command line: a wiki, killed and taken up again, and a folder."""

import asyncio
import subprocess
import sys
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject
from typer.testing import CliRunner, Result

from greenroom.__main__ import app
from greenroom.crawler.folder import Unread, documents_of
from greenroom.errors import InvalidInput
from greenroom.testing import FakeWiki
from greenroom.testing.fake_wiki import TRAPS
from tests.commands.running import environment
from tests.sizes import sized
from tests.waiting import until

PAGES = sized(40, 2000)
KILLS = 3
PATIENCE_S = sized(300, 1800)


@pytest.mark.timeout(PATIENCE_S * 5)
async def test_a_crawl_that_is_killed_three_times_reads_everything_once(tmp_path: Path) -> None:
    traps = [trap for trap in TRAPS if trap != "/slow" or sized(0, 1)]
    async with FakeWiki(PAGES, traps=traps, sitemap=True) as wiki:
        for number in range(1, KILLS + 1):
            process = await begin(wiki, tmp_path)
            await until(partial(_has_come_to, wiki, process, number * PAGES // (KILLS + 1)), within_s=PATIENCE_S)
            process.kill()
            await process.wait()
        said = await end(await begin(wiki, tmp_path))
        assert {path for path in wiki.bodies if path.startswith("/wiki/")} == {f"/wiki/{name}" for name in wiki.pages}
        again = sum(count - 1 for path, count in wiki.bodies.items() if path != "/wiki/Pelican_Rock")
        assert again <= KILLS, said
        assert not any(asked.path == "/private/diary" for asked in wiki.asked)
        wiki.change(PAGES - 1, "There is news of the otters.")
        wiki.forget_requests()
        assert "1 changed" in await end(await begin(wiki, tmp_path))
        transferred = {path for path in wiki.bodies if path.startswith("/wiki/")}
        assert transferred == {"/wiki/Pelican_Rock", "/wiki/" + wiki.numbered(PAGES - 1).name}


def _has_come_to(wiki: FakeWiki, process: asyncio.subprocess.Process, requests: int) -> bool:
    assert process.returncode is None, "it was to be killed, and has ended by itself"
    return len(wiki.asked) > requests


async def begin(wiki: FakeWiki, folder: Path) -> asyncio.subprocess.Process:
    variables = {
        "GREENROOM_CRAWLER__ALLOWED_HOSTS": wiki.url.removeprefix("http://"),
        "GREENROOM_CRAWLER__PAUSE_S": "0",
        "GREENROOM_CRAWLER__PAGE_S": str(sized(30, 5)),
        "GREENROOM_PORT": "1",  # nobody is there
    }
    words = ["crawl", wiki.url, "--collection", "rock", "--max-pages", str(PAGES * 2 + 100)]
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "greenroom", *words),
        cwd=folder,
        env=environment(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


async def end(process: asyncio.subprocess.Process) -> str:
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


def command(*words: str, folder: Path) -> Result:
    """One command, in this process: what is under test is what it does, not how it starts."""
    variables = {"COLUMNS": "200", "GREENROOM_PORT": "1", "GREENROOM_LLM__OLLAMA_URL": ""}
    return CliRunner().invoke(app, [*words, "--data-dir", str(folder / "data")], env=variables)


def test_a_folder_is_read_and_followed(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    (notes / "inner").mkdir(parents=True)
    (notes / "mill.md").write_text("# The mill\n\nThe mill grinds barley on Mondays.", "utf-8")
    (notes / "inner" / "inn.html").write_text("<h1>The inn</h1><p>The inn has seven beds and a parrot.</p>", "utf-8")
    (notes / "well.txt").write_text("The well is deep and nobody has seen its ground.", "utf-8")
    (notes / ".hidden.md").write_text("Not to be read.", "utf-8")
    (tmp_path / "outside.md").write_text("A secret of somebody else.", "utf-8")
    (notes / "secret.md").symlink_to(tmp_path / "outside.md")
    (notes / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    first = command("crawl", str(notes), "--collection", "town", folder=tmp_path)
    assert first.exit_code == 1
    assert "town: 3 added; 4 files." in first.output
    assert "broken.pdf: this PDF cannot be read" in first.output
    (notes / "broken.pdf").unlink()
    (notes / "well.txt").unlink()
    (notes / "mill.md").write_text("# The mill\n\nThe mill grinds barley on Tuesdays.", "utf-8")
    second = command("crawl", str(notes), "--collection", "town", folder=tmp_path)
    assert second.exit_code == 0
    assert "town: 1 changed, 1 unchanged, 1 removed; 2 files." in second.output


def test_a_file_that_is_there_but_not_read_stays_as_it_was(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "annals.txt").write_text("In that year nothing happened at all.\n" * 6000, "utf-8")
    (notes / "well.txt").write_text("The well is deep and nobody has seen its ground.", "utf-8")
    assert "notes: 3 added; 2 files." in command("crawl", str(notes), folder=tmp_path).output
    (notes / "annals.txt").write_text("", "utf-8")
    only_one = command("crawl", str(notes), "--max-pages", "1", folder=tmp_path)
    assert "notes: nothing to put into it; 1 files." in only_one.output


def test_what_is_neither_address_nor_folder_is_said(tmp_path: Path) -> None:
    ended = command("crawl", str(tmp_path / "nowhere"), folder=tmp_path)
    assert isinstance(ended.exception, InvalidInput)
    assert "neither an address (http://…) nor a folder" in ended.exception.detail


def test_the_text_of_a_pdf_is_read_page_by_page(tmp_path: Path) -> None:
    (tmp_path / "boats.pdf").write_bytes(_pdf("The boat is blue.", "", "The oar is red."))
    found = documents_of(tmp_path / "boats.pdf", tmp_path, ())
    assert not isinstance(found, Unread)
    [document] = found
    assert document.title == "boats"
    assert document.text == "## Page 1\nThe boat is blue.\n## Page 3\nThe oar is red."


def _pdf(*pages: str) -> bytes:
    """A PDF that says one line on each page."""
    writer = PdfWriter()
    font = DictionaryObject(
        {NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1")}
        | {NameObject("/BaseFont"): NameObject("/Helvetica")}
    )
    for text in pages:
        page = writer.add_blank_page(200, 200)
        content = StreamObject()
        content.set_data(f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode() if text else b"")
        page[NameObject("/Contents")] = content
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    file = BytesIO()
    writer.write(file)
    return file.getvalue()
