"""Reading a site into the library, with a bar that shows how far it is."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from greenroom.commands.doors import Doors, open_doors
from greenroom.commands.logs import configure_logs
from greenroom.config import Loaded, LogSettings
from greenroom.model import (
    Crawl,
    CrawlOrder,
    CrawlPagesRequest,
    CrawlRef,
)
from greenroom.wire.problem import invalid_input

SERVICES = ("llm", "characters", "retriever", "crawler")
"""What a crawl needs of a house that is opened for it."""
_LOOK_EVERY_S = 0.5
_SHOWN = 5


def read_site(loaded: Loaded, wished: dict[str, Any], url: str, console: Console) -> int:
    """Read a site with the Greenroom that runs, or one opened for this; return 0 when it went well, else 1.

    Raises: InvalidInput, which names what is wrong with the wish.
    """
    configure_logs(LogSettings(level="error", format="console"))
    order = _order(wished)
    try:
        return asyncio.run(_read_site(loaded, order, url, console))
    except KeyboardInterrupt:
        console.print("\nThe crawl is not lost: it goes on while Greenroom runs, or with the same command.")
        return 1


def _order(wished: dict[str, Any]) -> CrawlOrder:
    try:
        collection = wished["collection"] or urlsplit(wished["url"]).hostname or ""
        return CrawlOrder.model_validate(wished | {"collection": collection})
    except ValidationError as exc:
        raise invalid_input(exc.errors(include_url=False)) from exc


async def _read_site(loaded: Loaded, order: CrawlOrder, url: str, console: Console) -> int:
    async with open_doors(loaded, url, SERVICES) as doors:
        crawl = await doors.crawler.crawl(order)
        if not loaded.settings.crawler.contact:
            console.print("Sites cannot tell who you are: set crawler.contact.", style="dim")
        with progress_on(console) as progress:
            bar = progress.add_task("", total=None)
            while crawl.state in {"waiting", "running"}:
                await asyncio.sleep(_LOOK_EVERY_S)
                crawl = await doors.crawler.status(CrawlRef(id=crawl.id))
                _show(progress, bar, crawl)
        await _tell(doors, crawl, console)
        return 0 if crawl.state == "done" else 1


def _show(progress: Progress, bar: TaskID, crawl: Crawl) -> None:
    known, waiting = sum(crawl.pages.values()), crawl.pages.get("waiting", 0)
    done = known - waiting
    said = f"{crawl.pages.get('indexed', 0)} in the library [dim]{escape(crawl.detail)}[/]"
    progress.update(bar, description=said, completed=done, total=min(known, max(crawl.max_pages, done)) or None)


async def _tell(doors: Doors, crawl: Crawl, console: Console) -> None:
    ended = {"done": "[green]Done[/]", "stopped": "[yellow]Stopped[/]"}.get(crawl.state, "[red]Failed[/]")
    console.print(f"{ended}: {escape(crawl.detail)}" if crawl.detail else f"{ended}.", highlight=False, soft_wrap=True)
    facts = {"added": crawl.added, "changed": crawl.changed, "unchanged": crawl.unchanged, "removed": crawl.removed}
    said = ", ".join(f"{count} {name}" for name, count in facts.items() if count) or "nothing to put into it"
    sent = f"{crawl.asked} pages asked for, {crawl.size_bytes / 1_000_000:.1f} MB came."
    console.print(f"{crawl.collection}: {said}. {sent}", markup=False, highlight=False)
    failed = await doors.crawler.pages(CrawlPagesRequest(id=crawl.id, state="failed", limit=_SHOWN))
    for page in failed.pages:
        console.print(f"  {page.url}: {page.detail}", markup=False, highlight=False, soft_wrap=True)
    left = {name: count for name, count in crawl.pages.items() if name not in {"indexed", "waiting"}}
    if left:
        told = ", ".join(f"{count} {name}" for name, count in left.items())
        console.print(f"Other pages: {told}. Why: GET /crawler/crawls/{crawl.id}/pages", style="dim", highlight=False)


def progress_on(console: Console) -> Progress:
    """A bar with what is being read before it."""
    return Progress(
        BarColumn(30), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"), console=console
    )
