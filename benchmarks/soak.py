"""Twenty minutes of mixed traffic, with Redis and the statistics dead for the middle third of them.

    python -m benchmarks.soak [--minutes 20]

One run starts a make-believe Ollama that repeats what it is told, a Redis and a `greenroom serve llm` with small
budgets, so that everything fills up early. Clients ask in three dialects, whole and as streams; some ask what was asked
before, some together, some leave in the middle. Each request carries a mark of its own, and an answer is wrong when it
has another's mark, lacks its end, or carries an upstream failure off as an answer. In the middle third the Redis server
is stopped, and a transaction of somebody else holds the database that statistics are written to.

Printed at the end: requests, errors by status, wrong answers, the longest waits, and the memory of the process: at the
start, after each third, and its slope after the first third.
"""

import argparse
import asyncio
import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, Process
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.processes import llm_to_watch
from greenroom.testing import FakeOllama, free_ports

CLIENTS = 8
PAUSE_S = 0.15
REPEATED = 400
SMALL = {
    "GREENROOM_LLM__CACHE__MEMORY_BYTES": "2000000",
    "GREENROOM_LLM__CACHE__SQLITE_BYTES": "20000000",
    "GREENROOM_LOG__LEVEL": "error",
}
PATHS = ("/api/chat", "/api/generate", "/v1/chat/completions", "/v1/messages")


@dataclass
class Found:
    """What happened. `memory` holds seconds since the start and megabytes."""

    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    tiers: Counter[str] = field(default_factory=Counter)
    left: int = 0
    waits_s: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)


def body_of(path: str, said: str, stream: bool, kept: bool) -> dict[str, Any]:
    """A request of a dialect."""
    settled = {"temperature": 0} if kept else {"temperature": 0.8}
    if path == "/api/generate":
        return {"model": "llama3.2", "prompt": said, "stream": stream, "options": settled}
    body: dict[str, Any] = {"model": "llama3.2", "messages": [{"role": "user", "content": said}], "stream": stream}
    if path == "/api/chat":
        return {**body, "options": settled}
    return {**body, **settled, **({"max_tokens": 1000} if path == "/v1/messages" else {})}


def text_of(path: str, content: bytes, stream: bool) -> str:
    """The text of a whole answer; empty when it has not come to the end that its dialect has."""
    if not stream:
        return _text(msgspec.json.decode(content))
    ends = {"/v1/chat/completions": b"data: [DONE]", "/v1/messages": b"message_stop"}
    if ends.get(path, b'"done":true') not in content[-2000:]:
        return ""
    lines = [line.removeprefix(b"data: ") for line in content.splitlines()]
    return "".join(_text(msgspec.json.decode(line)) for line in lines if line.startswith(b"{"))


def _text(part: dict[str, Any]) -> str:
    """The text of an object, in whichever dialect."""
    choice = (part.get("choices") or [{}])[0]
    message = part.get("message") or choice.get("message") or choice.get("delta") or part.get("delta") or part
    content = message.get("content") or message.get("text") or part.get("response") or ""
    return content if isinstance(content, str) else "".join(block.get("text", "") for block in content)


async def ask(session: aiohttp.ClientSession, url: str, number: int, found: Found) -> None:
    """Ask once, and look at the answer."""
    path, stream = random.choice(PATHS), random.random() < 0.5
    kept = random.random() < 0.7
    mark = f"mark{random.randrange(REPEATED) if kept else 1_000_000 + number}mark"
    said = f"{mark} and the rest of the evening was quiet" * 10
    began = time.monotonic()
    try:
        async with session.post(url + path, json=body_of(path, said, stream, kept)) as response:
            found.tiers[response.headers.get("X-Greenroom-Cache", "none")] += 1
            if stream and random.random() < 0.1:
                await response.content.readany()
                found.left += 1
                return
            content = await response.read()
    except (aiohttp.ClientError, TimeoutError) as exc:
        found.statuses[type(exc).__name__] += 1
        return
    found.waits_s.append(time.monotonic() - began)
    found.statuses[str(response.status)] += 1
    if response.status == 200 and said not in (text := text_of(path, content, stream)):
        found.wrong.append(f"{path} {'stream' if stream else 'whole'}: {mark} got {text[:100] or content[-200:]!r}")


async def visit(url: str, until: float, found: Found, ours: int) -> None:
    """One client after another, on connections of their own."""
    number = ours * 10_000_000
    while time.monotonic() < until:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            for _ in range(200):
                if time.monotonic() >= until:
                    return
                number += 1
                await ask(session, url, number, found)
                await asyncio.sleep(random.random() * 2 * PAUSE_S)


async def watch(pid: int, began: float, until: float, fake: FakeOllama, found: Found) -> None:
    """Note the memory of the process every five seconds."""
    while time.monotonic() < until:
        found.memory.append((time.monotonic() - began, memory_mb(pid)))
        fake.requests.clear()
        await asyncio.sleep(5)


def memory_mb(pid: int) -> float:
    """What a process has in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6


async def redis_at(port: int, program: str) -> Process:
    """A Redis server that keeps nothing on the disk and has little room."""
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    limits = ["--maxmemory", "5mb", "--maxmemory-policy", "allkeys-lru"]
    return await asyncio.create_subprocess_exec(program, *options, *limits, stdout=DEVNULL, stderr=DEVNULL)


@contextmanager
def held(folder: Path) -> Iterator[list[str]]:
    """Hold every database but that of answers, as a transaction does that never ends; gives their names."""
    files = [file for file in folder.glob("*.db") if file.name != "responses.db"]
    connections = [sqlite3.connect(file, isolation_level=None, timeout=30) for file in files]
    try:
        for connection in connections:
            connection.execute("BEGIN IMMEDIATE")
        yield [file.name for file in files]
    finally:
        for connection in connections:
            connection.close()


async def run(minutes: float) -> Found:
    """The whole soak."""
    found = Found()
    third_s = minutes * 20
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        fake = await stack.enter_async_context(FakeOllama())
        variables = {**SMALL, "GREENROOM_LLM__OLLAMA_URL": fake.url}
        (port,) = free_ports(1)
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        redis = await redis_at(port, program) if program else None
        if redis:
            variables["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
        url, pid = await stack.enter_async_context(llm_to_watch(folder, variables))
        began = time.monotonic()
        until = began + 3 * third_s
        async with asyncio.TaskGroup() as group:
            group.create_task(watch(pid, began, until, fake, found))
            for ours in range(CLIENTS):
                group.create_task(visit(url, until, found, ours))
            await asyncio.sleep(third_s)
            if redis:
                redis.kill()
                await redis.wait()
            with held(folder) as files:
                print(f"dead from now on: {'Redis, ' if redis else ''}{', '.join(files) or 'no database'}", flush=True)
                await asyncio.sleep(third_s)
            if program:
                redis = await redis_at(port, program)
            print("back again", flush=True)
        if redis:
            with suppress(ProcessLookupError):
                redis.terminate()
            await redis.wait()
    return found


def slope_mb_per_hour(memory: list[tuple[float, float]]) -> float:
    """The slope of a straight line through what was measured."""
    return statistics.linear_regression(*zip(*memory, strict=True)).slope * 3600


def show(found: Found, minutes: float) -> None:
    """Print what happened."""
    table = Table("what", "figure", title=f"{minutes:g} minutes")
    other = {status: count for status, count in found.statuses.items() if status not in {"200", "503"}}
    waits = statistics.quantiles(found.waits_s, n=1000)
    table.add_row("answers", str(found.statuses["200"]))
    table.add_row("left in the middle", str(found.left))
    table.add_row("chosen 503", str(found.statuses["503"]))
    table.add_row("other errors", str(other or 0))
    table.add_row("wrong answers", str(len(found.wrong)))
    table.add_row("from", ", ".join(f"{tier} {count}" for tier, count in found.tiers.most_common()))
    table.add_row("wait p50, p99, p99.9", ", ".join(f"{waits[at] * 1000:.0f} ms" for at in (499, 989, 998)))
    sixths = [found.memory[(len(found.memory) - 1) * at // 6][1] for at in range(7)]
    table.add_row("memory at each sixth", ", ".join(f"{sixth:.0f}" for sixth in sixths) + " MB")
    warm = found.memory[len(found.memory) // 3 :]
    table.add_row("slope after the first third", f"{slope_mb_per_hour(warm):+.1f} MB/h")
    last = found.memory[len(found.memory) * 2 // 3 :]
    table.add_row("slope in the last third", f"{slope_mb_per_hour(last):+.1f} MB/h")
    Console().print(table)
    for wrong in found.wrong[:5]:
        print(wrong)


def main() -> None:
    """Soak and print. Exits with 1 when an answer was wrong, or an error was no chosen 503."""
    parser = argparse.ArgumentParser(description="Mixed traffic, Redis and statistics dead in the middle.")
    parser.add_argument("--minutes", type=float, default=20.0)
    minutes = parser.parse_args().minutes
    found = asyncio.run(run(minutes))
    show(found, minutes)
    sys.exit(bool(found.wrong or set(found.statuses) - {"200", "503"}))


if __name__ == "__main__":
    main()
