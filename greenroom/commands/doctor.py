"""Saying what can be reached, which model answers, and what to do about what is not well."""

import asyncio
import os
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.markup import escape

from greenroom import __version__
from greenroom.commands.doors import open_doors
from greenroom.commands.logs import configure_logs
from greenroom.config import Loaded, LogSettings
from greenroom.errors import GreenroomError, SearchFailed
from greenroom.model import IN_HOUSE, Models, Nothing, SearchRequest
from greenroom.ports import Characters, Llm, WebSearch

_LITTLE_ROOM_BYTES = 500_000_000
_SQLITE_WITHOUT_WAL_RACE = (3, 51, 3)
"""Earlier versions can, very rarely, damage a file on which two connections write and checkpoint at once.
Source: sqlite.org, release notes of 3.51.3."""


@dataclass(frozen=True)
class _Finding:
    state: Literal["well", "note", "bad"]
    what: str
    cure: str = ""


_SIGNS = {"well": "[green]✓[/]", "note": "[yellow]![/]", "bad": "[red]✗[/]"}


def examine(loaded: Loaded, console: Console) -> int:
    """Look at everything and print what was found. Returns the exit status: 0 when nothing stands in the way."""
    configure_logs(LogSettings(level="error", format="console"))
    return asyncio.run(_examine(loaded, console))


async def _examine(loaded: Loaded, console: Console) -> int:
    bad = False
    async for finding in _findings(loaded):
        bad |= finding.state == "bad"
        console.print(f"{_SIGNS[finding.state]} {escape(finding.what)}", highlight=False)
        if finding.cure:
            console.print(f"    → {escape(finding.cure)}", highlight=False)
    console.print("[red]Something stands in the way.[/]" if bad else "[green]Ready: `greenroom up`.[/]")
    return int(bad)


async def _findings(loaded: Loaded) -> AsyncIterator[_Finding]:
    yield _Finding("well", f"Greenroom {__version__}, Python {sys.version.split()[0]}")
    yield _sqlite()
    yield _folder(loaded)
    try:
        async with open_doors(loaded) as doors:
            if doors.url:
                yield _Finding("well", f"a Greenroom runs at {doors.url}; this is what it says")
            for finding in [*await _models(doors.llm), await _search(doors.web_search), *await _cast(doors.characters)]:
                yield finding
    except GreenroomError as exc:
        yield _Finding("bad", exc.detail, "`greenroom config` shows the settings in force")


async def _models(llm: Llm) -> list[_Finding]:
    models = await llm.models(Nothing())
    found = []
    for provider in models.providers:
        if provider.reachable and provider.provider in IN_HOUSE:
            continue
        if provider.reachable:
            count = sum(card.provider == provider.provider for card in models.models)
            found.append(_Finding("well", f"{provider.provider} answers, {count} model{'s' * (count != 1)}"))
        else:
            found.append(_Finding("note", f"{provider.provider} does not answer", provider.detail))
    return [*found, _speaking(models), _embedding(models), _routing(models)]


def _speaking(models: Models) -> _Finding:
    name = models.roles.get("generation")
    if name is None:
        return _Finding("bad", "no model writes the characters' lines", "start a model server, or allow the understudy")
    if models.stand_in:
        return _Finding(
            "note",
            f"the understudy writes the characters' lines, because {models.why_stand_in}: it is not a language model",
            "start Ollama (`ollama serve`, `ollama pull llama3.2`), or set llm.ollama_url to where it runs",
        )
    return _Finding("well", f"{name} writes the characters' lines")


async def _search(web_search: WebSearch) -> _Finding:
    """Search once, where somebody may be asked: that a word is found is the only proof that searching works."""
    state = await web_search.state(Nothing())
    if state.provider == "none":
        return _Finding("well", "nobody is asked about the web; llm.search.provider may name ddgs, searxng or brave")
    try:
        answer = await web_search.search(SearchRequest(query="Rhode Island"))
    except SearchFailed as exc:
        return _Finding("note", f"the web cannot be searched with {state.provider}", exc.detail)
    if not answer.results:
        return _Finding("note", f"{answer.provider} finds nothing, not even for {answer.query!r}")
    return _Finding("well", f"{answer.provider} searches the web; it took {answer.took_ms:.0f} ms")


def _embedding(models: Models) -> _Finding:
    name = models.roles.get("embedding")
    if name is None:
        return _Finding("note", "no model turns texts into vectors", "see the setting llm.embedding.model")
    if any(card.stand_in and card.full_name == name for card in models.models):
        return _Finding(
            "note",
            f"{name} compares texts by their words, not by their meaning",
            "`greenroom models add minilm` adds a small model that does (90 MB, once)",
        )
    return _Finding("well", f"{name} turns texts into vectors")


def _routing(models: Models) -> _Finding:
    if not models.auto_lacks:
        return _Finding("well", "requests for `auto` have all that they may need")
    without = "; ".join(models.auto_lacks)
    return _Finding("note", f"requests for `auto` do without: {without}", "set llm.routing.cloud, llm.search.provider")


async def _cast(characters: Characters) -> list[_Finding]:
    cast = await characters.cast(Nothing())
    names = ", ".join(c.name for c in cast.characters)
    found = [_Finding("well" if names else "bad", f"the cast: {names or 'nobody'}")]
    for problem in cast.problems:
        where = problem.file + (f", line {problem.line}" if problem.line else "")
        found.append(_Finding("note", f"{where}: {problem.problem}", "mend the file; it is read again at once"))
    return found


def _sqlite() -> _Finding:
    if sqlite3.sqlite_version_info >= _SQLITE_WITHOUT_WAL_RACE:
        return _Finding("well", f"SQLite {sqlite3.sqlite_version}")
    return _Finding(
        "note",
        f"SQLite {sqlite3.sqlite_version} is older than 3.51.3 and has a very rare fault with several writers",
        "nothing to do: Greenroom writes through one connection, and keeps its data folder to itself",
    )


def _folder(loaded: Loaded) -> _Finding:
    folder = loaded.settings.data_dir
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    if not os.access(existing, os.W_OK):
        return _Finding("bad", f"the data folder {folder} cannot be written", "choose another with --data-dir")
    free = shutil.disk_usage(existing).free
    if free < _LITTLE_ROOM_BYTES:
        return _Finding("bad", f"only {free // 1_000_000} MB are free for {folder}", "free some space")
    return _Finding("well", f"everything is kept in {folder} ({free // 1_000_000_000} GB free)")
