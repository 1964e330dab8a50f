"""How long a turn takes without the model's own time, in one process and with every service in its own.

    python -m benchmarks.turn [--turns 200] [--waiting 1000] [--pause 0.5]

The deployments run side by side in one run and take turns at answering, in an order that changes from round to round,
so that a noisy machine is noisy for all. Beside each ratio stands the interval in which 95 of 100 such runs would find
it: where 1 lies inside, the difference is within the noise.
With `--waiting` there are no separate services, but two more single processes: one without a world, and one in which
the world has so many lines to read meanwhile, each a task or several. People pause between what they say; `--pause`
does, too.
The model is the understudy at full speed; its time, as the receipt has it, is taken off. What remains is everything
else: HTTP, prompt, lore, quality control, the log on disk. The limit is 50 ms at the 95th percentile in one process.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import aiohttp
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.noise import ratio
from benchmarks.processes import Deployment, one_process, separate_services

LIMIT_MS = 50.0
MANY, WORLDLESS, BUSY = "separate services", "without a world", "with work waiting"
WARM_UP = 10
_AT_ONCE = 50
SUBJECTS = ("beer", "the brewery", "the giant chicken", "Brian's novel", "the Clam", "Lois", "television", "Quagmire")
OPENERS = (
    "What do you think of",
    "Tell me about",
    "When did you last hear of",
    "Who knows most about",
    "Why do you like",
)


def question(number: int) -> str:
    """Something to say; forty turns pass before it comes again."""
    return f"{OPENERS[number % len(OPENERS)]} {SUBJECTS[number % len(SUBJECTS)]}?"


def order(names: Iterable[str], number: int) -> list[str]:
    """In which order a round is answered: nobody always comes after the same one, and pays for what that one left."""
    names = list(names)
    return random.Random(number).sample(names, len(names))


class Answer(NamedTuple):
    """What one turn took, in milliseconds: all told, without the model, and of the processor, the model's part within.

    The last also counts what the deployment did beside the turn, and says less of how busy the machine was.
    """

    whole: float
    own: float
    processor: float


async def answer(http: aiohttp.ClientSession, asked: Deployment, number: int) -> Answer:
    """Have a turn answered."""
    request = {"character_name": "peter", "input_text": question(number), "channel_id": f"room-{number // 40}"}
    used, began = asked.processor_s(), time.perf_counter()
    async with http.post(f"{asked.router}/orchestrate", json=request) as response:
        reply = await response.json()
    seconds, used = time.perf_counter() - began, asked.processor_s() - used
    if not response.ok:
        raise SystemExit(f"a turn failed: {reply}")
    async with http.get(f"{asked.router}/turns/{reply['metadata']['turn_id']}") as response:
        receipt = await response.json()
    model = sum(attempt["generation_s"] for attempt in receipt["attempts"])
    return Answer(seconds * 1000, (seconds - model) * 1000, used * 1000)


async def leave_work(http: aiohttp.ClientSession, router: str, lines: int) -> None:
    """Say so many lines to nobody in particular, many at once; the world reads each."""
    several = asyncio.Semaphore(_AT_ONCE)

    async def say(number: int) -> None:
        heard = {"text": f"My cousin Rosa lives in house {number}.", "channel_id": "square", "user_id": "sam"}
        async with several, http.post(f"{router}/hear", json=heard) as response:
            response.raise_for_status()

    await asyncio.gather(*map(say, range(lines)))


async def still_waiting(http: aiohttp.ClientSession, router: str) -> int:
    """How many tasks wait."""
    async with http.get(f"{router.removesuffix('/router')}/world/maintenance/queue-status") as response:
        return int((await response.json())["pending"])


async def measure(turns: int, lines: int, pause_s: float) -> dict[str, list[Answer]]:
    """All deployments, turn by turn."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        soon_closed = aiohttp.TCPConnector(keepalive_timeout=1)  # sooner than a server does, with whom one would race
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=soon_closed))
        asked = {"one process": await stack.enter_async_context(one_process(folder / "one"))}
        if not lines:
            asked[MANY] = await stack.enter_async_context(separate_services(folder / "many"))
        else:
            without = {"GREENROOM_WORLD__ENABLED": "false"}
            asked[WORLDLESS] = await stack.enter_async_context(one_process(folder / "without", without))
            asked[BUSY] = await stack.enter_async_context(one_process(folder / "busy"))
            await leave_work(http, asked[BUSY].router, lines)
            Console().print(f"{await still_waiting(http, asked[BUSY].router)} tasks wait when it begins")
        found: dict[str, list[Answer]] = {name: [] for name in asked}
        for number in range(turns + WARM_UP):
            for name in order(asked, number):
                measured = await answer(http, asked[name], number)
                if number >= WARM_UP:
                    found[name].append(measured)
            await asyncio.sleep(pause_s)
        if lines:
            Console().print(f"{await still_waiting(http, asked[BUSY].router)} tasks wait when it ends")
    return found


def show(found: dict[str, list[Answer]]) -> None:
    """Print the figures side by side, and beneath how each deployment compares to the first."""
    table = Table("deployment", "turns", "whole p50", "without model p50", "p95", "p99", "p95 / limit", "processor p50")
    compared = Table("compared to one process", "p50", "p95", "processor p50")
    first = next(iter(found.values()))
    for name, turns in found.items():
        own, processor = [turn.own for turn in turns], [turn.processor for turn in turns]
        p50, p95, p99 = np.quantile(own, (0.5, 0.95, 0.99))
        whole = np.median([turn.whole for turn in turns])
        figures = [f"{figure:.1f} ms" for figure in (whole, p50, p95, p99)]
        table.add_row(name, str(len(turns)), *figures, f"{p95 / LIMIT_MS:.2f}", f"{np.median(processor):.1f} ms")
        ratios = [ratio(own, [turn.own for turn in first], share) for share in (0.5, 0.95)]
        ratios.append(ratio(processor, [turn.processor for turn in first], 0.5))
        compared.add_row(name, *map(str, ratios))
    Console().print(table, compared)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The time of a turn without the model's own.")
    parser.add_argument("--turns", type=int, default=200, help="turns to measure in each deployment")
    parser.add_argument("--waiting", type=int, default=0, help="lines that the world has to read meanwhile")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between one round of turns and the next")
    wanted = parser.parse_args()
    show(asyncio.run(measure(wanted.turns, wanted.waiting, wanted.pause)))


if __name__ == "__main__":
    main()
