"""What Greenroom adds to a call of a model, and what it saves, beside LiteLLM's proxy and servers that do nothing.

    python -m benchmarks.gateway [--seconds 5] [--rounds 3] [--without-litellm] [--only-misses]

One run starts a model server without a model, `greenroom serve llm`, LiteLLM's proxy with its cache in memory (in an
environment of its own, made once with uv in the folder for temporary files), a bare uvicorn that sends Greenroom's
bytes, a bare event loop that does, and a bare proxy that passes requests on; each in a process of its own. They take
turn; what is printed is the median over the turns. This process asks, over raw connections.
"""

import argparse
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.contestants import Contestant, bare, bare_proxy, greenroom, litellm, model_server
from benchmarks.load import Load, load
from benchmarks.upstream import SLOWLY

CONNECTIONS, PROMPTS = 32, 50
PARTS = ("hits", "stream hits")
GREENROOM, LITELLM, UVICORN, UVLOOP, MODEL = "Greenroom", "LiteLLM", "bare uvicorn", "bare uvloop", "the model server"


@dataclass
class Seen:
    """What was measured of one server."""

    rates: dict[str, list[float]] = field(default_factory=lambda: {part: [] for part in PARTS})
    cpu_us: dict[str, list[float]] = field(default_factory=lambda: {part: [] for part in PARTS})
    hit_ms: list[float] = field(default_factory=list)
    miss_ms: list[float] = field(default_factory=list)
    round_ms: list[float] = field(default_factory=list)
    """What a miss took in each round, at the median: a machine that is shared changes its speed within seconds."""
    first_ms: list[float] = field(default_factory=list)
    memory_mb: tuple[float, float] | None = None
    calls_of_fifty: int | None = None


class Asking:
    """Asks the servers, and checks that what should be a hit is one."""

    def __init__(self, model: Contestant, seconds: float) -> None:
        self._model, self._seconds = model, seconds
        self._new = (f"new {number}" for number in itertools.count())

    async def warm(self, who: Contestant) -> tuple[bytes, bytes]:
        """Ask for everything so often that it is a hit; gives the bytes of an answer in one piece and of a stream."""
        answers = []
        for stream in (False, True):
            asked = iter([who.request(f"evening {n}", stream) for n in range(PROMPTS)] * 3)
            answers.append((await load(who.url, partial(next, asked, None), 4)).body)
        return answers[0], answers[1]

    async def hits(self, who: Contestant, stream: bool) -> tuple[float, float]:
        """Hits per second, and microseconds of CPU for each."""
        requests = [who.request(f"evening {n}", stream) for n in range(PROMPTS)]
        calls, cpu_s, began = await self._calls(), who.cpu_s(), time.perf_counter()
        seen = await load(who.url, _for_a_while(requests, self._seconds), CONNECTIONS, who.hit)
        took_s = time.perf_counter() - began
        if seen.strange or await self._calls() != calls:
            raise SystemExit(f"{who.name} did not answer from its cache: {seen.strange[:1]!r}")
        return len(seen.took_ms) / took_s, (who.cpu_s() - cpu_s) / len(seen.took_ms) * 1e6

    async def one_by_one(self, who: Contestant, count: int, *, new: bool, stream: bool = False) -> Load:
        """So many requests over one connection."""
        asked = (who.request(next(self._new) if new else f"evening {n % PROMPTS}", stream) for n in range(count))
        return await load(who.url, partial(next, asked, None), 1, b"200" if new else who.hit)

    async def memory(self, who: Contestant, requests: int) -> tuple[float, float]:
        """Megabytes before and after so many requests, half of them new."""
        before, numbers = who.memory_mb(), iter(range(requests))

        def choose() -> bytes | None:
            number = next(numbers, None)
            return None if number is None else who.request(next(self._new) if number % 2 else "evening 1", False)

        await load(who.url, choose, CONNECTIONS)
        return before, who.memory_mb()

    async def fifty(self, who: Contestant) -> int:
        """Calls that reach the model when fifty ask the same at once."""
        calls, asked = await self._calls(), iter([who.request(f"{SLOWLY} {next(self._new)}", False)] * 50)
        await load(who.url, partial(next, asked, None), 50)
        return await self._calls() - calls

    async def _calls(self) -> int:
        asked = iter([b"GET /calls HTTP/1.1\r\nhost: localhost\r\n\r\n"])
        return int((await load(self._model.url, partial(next, asked, None), 1)).body)


def _for_a_while(requests: Sequence[bytes], seconds: float) -> Callable[[], bytes | None]:
    until, endless = time.perf_counter() + seconds, itertools.cycle(requests)
    return lambda: next(endless) if time.perf_counter() < until else None


async def measure_misses(rounds: int) -> dict[str, Seen]:
    """What a miss takes alone: a minute that tells whether a change was one for the better."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        model = await stack.enter_async_context(model_server())
        asked = [model, await stack.enter_async_context(bare_proxy(model.url))]
        asked.append(await stack.enter_async_context(greenroom(folder / "data", model.url)))
        asking, seen = Asking(model, 0), {who.name: Seen() for who in asked}
        for _ in range(rounds):
            await _misses(asking, seen, asked)
        return seen


async def measure(seconds: float, rounds: int, requests: int, with_litellm: bool) -> dict[str, Seen]:
    """All servers in turns."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        model = await stack.enter_async_context(model_server())
        asking = Asking(model, seconds / rounds)
        gateways = [await stack.enter_async_context(greenroom(folder / "data", model.url))]
        if with_litellm:
            gateways.append(await stack.enter_async_context(litellm(folder, model.url)))
        answers = [await asking.warm(gateway) for gateway in gateways]
        for name, content in zip(("whole", "stream"), answers[0], strict=True):
            (folder / name).write_bytes(content)
        bares = [await stack.enter_async_context(bare(kind, folder)) for kind in ("uvicorn", "uvloop")]
        proxy = await stack.enter_async_context(bare_proxy(model.url))
        seen = {who.name: Seen() for who in (model, *gateways, *bares, proxy)}
        for _ in range(rounds):
            await _hits(asking, seen, gateways, bares)
            await _misses(asking, seen, [model, proxy, *gateways])
        for who in gateways:
            seen[who.name].calls_of_fifty = await asking.fifty(who)
            seen[who.name].memory_mb = await asking.memory(who, requests)
        return seen


async def _hits(asking: Asking, seen: dict[str, Seen], gateways: list[Contestant], bares: list[Contestant]) -> None:
    for who in gateways:
        await asking.warm(who)  # again: LiteLLM keeps 200 answers, and what was new since has pushed these out
    for stream, part in zip((False, True), PARTS, strict=True):
        for who in (*bares, *gateways):
            rate, cpu_us = await asking.hits(who, stream)
            seen[who.name].rates[part].append(rate)
            seen[who.name].cpu_us[part].append(cpu_us)
    for who in (*bares, *gateways):
        seen[who.name].hit_ms += (await asking.one_by_one(who, 300, new=False)).took_ms


async def _misses(asking: Asking, seen: dict[str, Seen], asked: list[Contestant]) -> None:
    before = {who.name: len(seen[who.name].miss_ms) for who in asked}
    for _ in range(5):  # in short turns, so that a noisy moment is noisy for all
        for who in asked:
            seen[who.name].miss_ms += (await asking.one_by_one(who, 20, new=True)).took_ms
            seen[who.name].first_ms += (await asking.one_by_one(who, 20, new=True, stream=True)).first_ms
    for name, known in before.items():
        seen[name].round_ms.append(statistics.median(seen[name].miss_ms[known:]))


def show(seen: dict[str, Seen]) -> None:
    """Print what was seen of each, and the bars."""
    console = Console(width=160)
    direct, base = seen[MODEL], seen.get(UVICORN, Seen())
    table = Table(
        "", "hits/s", "stream hits/s", "CPU a hit", "CPU a stream hit", "hit adds p50 / p99", "miss adds p50 / p99",
        "first token adds p50", "memory before, after", "calls of 50",
    )  # fmt: skip
    for name, it in seen.items():
        if name == MODEL:
            continue
        table.add_row(
            name,
            *(f"{statistics.median(it.rates[part]):.0f}" if it.rates[part] else "" for part in PARTS),
            *(f"{statistics.median(it.cpu_us[part]):.0f} µs" if it.cpu_us[part] else "" for part in PARTS),
            _added(it.hit_ms, base.hit_ms),
            _added(it.miss_ms, direct.miss_ms),
            _added(it.first_ms, direct.first_ms).partition(" /")[0],
            f"{it.memory_mb[0]:.0f} MB, {it.memory_mb[1]:.0f} MB" if it.memory_mb else "",
            str(it.calls_of_fifty or ""),
        )
    console.print(table)
    for bar, value, holds in bars(seen):
        console.print(f"{'pass' if holds else 'FAIL'}  {bar}: {value}")
    load_1, load_5, _ = os.getloadavg()
    console.print(f"{os.cpu_count()} processors; load {load_1:.1f} in the last minute, {load_5:.1f} in the last five.")


def bars(seen: dict[str, Seen]) -> list[tuple[str, str, bool]]:
    """What must be reached, what was, and whether it was."""
    ours, found = seen[GREENROOM], []
    for other, least in ((UVICORN, 0.5), (LITELLM, 10.0)):
        for part in PARTS if other in seen and seen[other].rates[PARTS[0]] else ():
            pairs = zip(ours.rates[part], seen[other].rates[part], strict=True)
            ratio = statistics.median(mine / theirs for mine, theirs in pairs)
            found.append((f"{part} at least {least:g} x {other}'s", f"{ratio:.2f}", ratio >= least))
    added = statistics.median(ours.miss_ms) - statistics.median(seen[MODEL].miss_ms)
    rounds = [mine - direct for mine, direct in zip(ours.round_ms, seen[MODEL].round_ms, strict=True)]
    by_round = f"{min(rounds):.2f} to {max(rounds):.2f} by round"
    found.append(("a miss adds less than 2 ms, p50", f"{added:.2f} ms ({by_round})", added < 2))
    if ours.calls_of_fifty is not None:
        found.append(("fifty at once make one call", str(ours.calls_of_fifty), ours.calls_of_fifty == 1))
    return found


def _added(took: list[float], beside: list[float]) -> str:
    if not took or not beside or took is beside:
        return ""
    mine, theirs = (statistics.quantiles(times, n=100) for times in (took, beside))
    return f"{mine[49] - theirs[49]:.2f} / {mine[98] - theirs[98]:.2f} ms"


def main() -> None:
    """Measure and print; the exit code says whether all bars are reached."""
    parser = argparse.ArgumentParser(description="What Greenroom adds to a call of a model, and what it saves.")
    parser.add_argument("--seconds", type=float, default=9.0, help="how long each is asked for hits of a kind")
    parser.add_argument("--rounds", type=int, default=3, help="in how many turns")
    parser.add_argument("--requests", type=int, default=10_000, help="after how many memory is looked at")
    parser.add_argument("--without-litellm", action="store_true", help="leave LiteLLM's proxy out")
    parser.add_argument("--only-misses", action="store_true", help="look at nothing but what a miss adds")
    given = parser.parse_args()
    if given.only_misses:
        seen = uvloop.run(measure_misses(given.rounds))
    else:
        seen = uvloop.run(measure(given.seconds, given.rounds, given.requests, not given.without_litellm))
    show(seen)
    sys.exit(not all(holds for _, _, holds in bars(seen)))


if __name__ == "__main__":
    main()
