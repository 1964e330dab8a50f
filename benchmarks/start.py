"""How long Greenroom takes from its start to its first answer, on the wall and in processor time.

    python -m benchmarks.start [--times 5]

`greenroom serve llm` and `greenroom up` are started in turns, each in a new folder and once more in the same one, and
asked for `/api/version` until they answer; `up` is asked for its page too. What is printed is the median. Python is to
have its bytecode, as after `make`.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.contestants import Contestant
from benchmarks.processes import running
from greenroom.testing import free_ports

COMMANDS = ("serve llm", "up")
LONGEST_S = 3.0
_AGAIN_AFTER_S = 0.01
_AS_A_BROWSER = {"accept": "text/html"}

Seen = dict[tuple[str, str], list[tuple[float, float, float]]]
"""By command and folder: seconds to the first answer, processor seconds until then, seconds to the page."""


async def measure(times: int) -> Seen:
    """Start each so often."""
    seen: Seen = {(command, folder): [] for command in COMMANDS for folder in ("new", "known")}
    for _ in range(times):
        for command in COMMANDS:
            with tempfile.TemporaryDirectory() as folder:
                for kind in ("new", "known"):
                    seen[command, kind].append(await _start(command, Path(folder)))
    return seen


async def _start(command: str, folder: Path) -> tuple[float, float, float]:
    (port,) = free_ports(1)
    url, began_s = f"http://127.0.0.1:{port}", time.perf_counter()
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        answering = group.create_task(_first_answer(session, url))
        async with running([*command.split(), "--port", str(port), "--data-dir", str(folder)], {}) as process:
            answered_s = await answering - began_s
            cpu_s = Contestant(command, url, process.pid).cpu_s()
            async with session.get(url, headers=_AS_A_BROWSER) as page:
                await page.read()
            return answered_s, cpu_s, time.perf_counter() - began_s


async def _first_answer(session: aiohttp.ClientSession, url: str) -> float:
    """When the first answer was there."""
    while True:
        try:
            async with session.get(f"{url}/api/version") as answer:
                answer.raise_for_status()
                return time.perf_counter()
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(_AGAIN_AFTER_S)


def show(seen: Seen) -> bool:
    """Print what was seen; whether all answered in time."""
    console, table = Console(), Table("", "data folder", "first answer", "processor time", "page")
    for (command, folder), runs in seen.items():
        answer_s, cpu_s, page_s = (statistics.median(column) for column in zip(*runs, strict=True))
        page = f"{page_s:.2f} s" if command == "up" else ""
        table.add_row(f"greenroom {command}", folder, f"{answer_s:.2f} s", f"{cpu_s:.2f} s", page)
    console.print(table)
    slowest_s = max(statistics.median(run[0] for run in runs) for runs in seen.values())
    console.print(f"{'pass' if slowest_s < LONGEST_S else 'FAIL'}  first answer within {LONGEST_S:g} s")
    console.print(f"{os.cpu_count()} processors; load {os.getloadavg()[0]:.1f} in the last minute.")
    return slowest_s < LONGEST_S


def main() -> None:
    """Measure and print; the exit code says whether the bar is reached."""
    parser = argparse.ArgumentParser(description="From the start to the first answer.")
    parser.add_argument("--times", type=int, default=5, help="how often each is started")
    sys.exit(not show(uvloop.run(measure(parser.parse_args().times))))


if __name__ == "__main__":
    main()
