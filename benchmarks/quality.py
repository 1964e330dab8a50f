"""How long a verdict on a draft takes: by text alone, and with embeddings.

    python -m benchmarks.quality [--minilm DATA_DIR] [--drafts 300]

Two houses in this process, one without and one with the embedding model of DATA_DIR, judge the same drafts in turns,
so that a noisy machine is noisy for both; the drafts are those from which the weights are fitted, in the order of their
scenes, as in a conversation. Beside them a fixed piece of work (hashing two megabytes) is timed, and figures are also
given in its multiples, which a busy machine changes less than it changes milliseconds. The limits are 20 ms and 60 ms
at the 95th percentile.
"""

import argparse
import asyncio
import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.fit_quality import Case, cases
from greenroom.app import House
from greenroom.config import load
from greenroom.model import AnalyzeRequest, SheetOrCard

LIMITS_MS = {"by text": 20.0, "with embeddings": 60.0}
WARM_UP = 60
_MEANING = "like_my_lines"
_WORK = bytes(2_000_000)


class Took(NamedTuple):
    """Milliseconds of one verdict, as one waits for it and of this process's own time; and whether meaning counted."""

    waited_ms: float
    worked_ms: float
    by_meaning: bool


@asynccontextmanager
async def house(drafts: Iterable[Case], minilm: Path | None) -> AsyncIterator[House]:
    """A house with the characters of the drafts; with the models of a data folder, or without embeddings."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if minilm is not None:
            (folder / "models").symlink_to((minilm / "models").resolve())
        settings = {"data_dir": folder, "llm.ollama_url": "", "quality.embeddings": minilm is not None}
        opened = House(load({**settings, "quality.embed_within_s": 5}, environment={}, folder=folder))
        opened.here = tuple(one for one in opened.here if one not in {"web", "discord", "coordinator", "world"})
        async with opened.open():
            for sheet in {case.character.name: case.character.sheet for case in drafts}.values():
                await opened.characters.create(SheetOrCard.model_validate(sheet.model_dump(mode="json")))
            yield opened


async def judged(where: House, case: Case) -> Took:
    """Have one draft judged."""
    request = AnalyzeRequest(response=case.line, character=case.character.name, conversation_history=case.before)
    began_s, worked_s = time.perf_counter(), time.process_time()
    verdict = await where.quality.analyze(request)
    return Took(
        (time.perf_counter() - began_s) * 1000, (time.process_time() - worked_s) * 1000, _MEANING in verdict.signals
    )


async def warmed_up(where: House, case: Case, *, meaning: bool) -> None:
    """Have a character read; its sheet is embedded in the background."""
    for _ in range(WARM_UP):
        if (await judged(where, case)).by_meaning == meaning:
            return
        await asyncio.sleep(0.5)


def yardstick_ms() -> float:
    """Milliseconds of a piece of work that is always the same."""
    began_s = time.perf_counter()
    hashlib.sha256(_WORK).digest()
    return (time.perf_counter() - began_s) * 1000


async def measure(count: int, minilm: Path | None) -> tuple[dict[str, list[Took]], list[float]]:
    """All drafts, judged in each house in turn, and the yardstick beside them."""
    drafts = list(cases())
    took: dict[str, list[Took]] = {name: [] for name in LIMITS_MS if minilm or name == "by text"}
    beside = []
    async with house(drafts, None) as plain, house(drafts, minilm) as embedding:
        for case in {case.character.name: case for case in drafts}.values():
            await warmed_up(plain, case, meaning=False)
            await warmed_up(embedding, case, meaning=minilm is not None)
        for case in drafts[:: max(1, len(drafts) // count)]:
            for name, ones in took.items():
                ones.append(await judged(plain if name == "by text" else embedding, case))
            beside.append(yardstick_ms())
    return took, beside


def show(took: dict[str, list[Took]], beside: list[float], console: Console) -> None:
    """Print the table."""
    unit = statistics.median(beside)
    table = Table("verdict", "drafts", "p50 ms", "p95 ms", "limit", "own p95 ms", "p95 / yardstick", "by meaning")
    for name, ones in took.items():
        waited = statistics.quantiles([one.waited_ms for one in ones], n=20)
        worked = statistics.quantiles([one.worked_ms for one in ones], n=20)[-1]
        figures = f"{waited[9]:.1f}", f"{waited[-1]:.1f}", f"{LIMITS_MS[name]:.0f}", f"{worked:.1f}"
        meaning = sum(one.by_meaning for one in ones) / len(ones)
        table.add_row(name, str(len(ones)), *figures, f"{waited[-1] / unit:.1f}", f"{meaning:.0%}")
    console.print(table)
    console.print(f"One yardstick is {unit:.2f} ms (median of {len(beside)}); load {os.getloadavg()[0]:.1f}.")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minilm", type=Path)
    parser.add_argument("--drafts", type=int, default=300)
    given = parser.parse_args()
    show(*asyncio.run(measure(given.drafts, given.minilm)), Console())


if __name__ == "__main__":
    main()
