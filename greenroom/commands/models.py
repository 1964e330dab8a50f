"""Adding, listing and removing models that run inside Greenroom."""

import asyncio
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from greenroom.clock import SYSTEM_CLOCK
from greenroom.config import Loaded
from greenroom.errors import NotFound, StorageFailed
from greenroom.llm.minilm import Shelf, shelf_of
from greenroom.llm.minilm.adding import Adding
from greenroom.llm.minilm.shelf import Added
from greenroom.model import MINILM_PROVIDER
from greenroom.storage.folder import own_folder


def add(loaded: Loaded, name: str, source: Path | None, console: Console) -> None:
    """Bring a model into the data folder; one that is there and whole is left alone."""
    _check(name)
    folder = loaded.settings.data_dir
    with own_folder(folder, "models"):
        shelf = shelf_of(folder)
        if _is_whole(shelf):
            console.print(f"{name} is already there, and whole.")
            return
        adding = Adding(shelf, SYSTEM_CLOCK)
        added = adding.from_path(source.expanduser()) if source else asyncio.run(_fetch(adding, console))
    console.print(f"[green]Added[/] {added.name}: {added.dimensions} numbers for a text, {_size(added.size_bytes)}.")
    console.print("Where `llm.embedding.model` is empty, Greenroom uses it from now on.")


def show(loaded: Loaded, console: Console) -> None:
    """Print what was added, and how to add what was not."""
    try:
        added = shelf_of(loaded.settings.data_dir).added()
    except StorageFailed as exc:
        console.print(f"{MINILM_PROVIDER}: damaged; {exc.detail}", markup=False)
        return
    if added is None:
        console.print(f"{MINILM_PROVIDER}: not added; `greenroom models add {MINILM_PROVIDER}` fetches it, 90 MB")
        return
    console.print(f"{MINILM_PROVIDER}: added on {added.added_at:%Y-%m-%d} from {added.source}", markup=False)
    console.print(f"  {added.name}, {added.dimensions} numbers for a text, {_size(added.size_bytes)}")


def remove(loaded: Loaded, name: str, console: Console) -> None:
    """Take a model out of the data folder. Raises: NotFound, when it is not there."""
    _check(name)
    folder = loaded.settings.data_dir
    with own_folder(folder, "models"):
        if not shelf_of(folder).remove():
            raise NotFound(f"{name} was not added, so there is nothing to remove")
    console.print(f"Removed {name}.")


async def _fetch(adding: Adding, console: Console) -> Added:
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("fetching", total=None)
        return await adding.from_hub(lambda come, whole: progress.update(task, completed=come, total=whole))


def _is_whole(shelf: Shelf) -> bool:
    try:
        added = shelf.added()
        if added is not None:
            shelf.check(added)
    except StorageFailed:
        return False
    return added is not None


def _check(name: str) -> None:
    if name != MINILM_PROVIDER:
        raise NotFound(f"unknown model {name!r}; known: {MINILM_PROVIDER!r}. Models of Ollama: `ollama pull {name}`")


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.0f} MB"
