"""What ten thousand clients cost who wait for slow answers: memory in all, and how long others wait meanwhile.

    python -m benchmarks.streams [--streams 10000] [--distinct 256] [--workers 2]

A make-believe model server writes a word every ten seconds. Clients open their streams at `greenroom serve llm` and
only listen. As many different questions are asked as `--distinct` says; who asks the same shares a call. While all are
open, somebody asks for the version again and again, on a new connection each time, so that every worker is asked.
Memory is what the processes take together: `Pss` of /proc, which counts what they share once, and `Rss`, which counts
it for each of them.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.processes import running
from greenroom.testing import free_ports

LIMIT_BYTES = 600_000_000
LIMIT_MS = 100.0
FEW, PACE_PER_S, WORDS = 200, 0.1, 300
_BUSY = 503

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Memory:
    """What a tree of processes takes, in bytes."""

    shared_once: int
    each: int


@dataclass(frozen=True)
class Waits:
    """How long somebody waited who asked for the version, in milliseconds."""

    p50: float
    p99: float


@dataclass(frozen=True)
class Found:
    """What was measured before the streams were opened, and while they were open."""

    empty: Memory
    full: Memory
    alone: Waits
    beside: Waits
    statuses: Counter[int]
    took_s: float


def memory_of(pid: int) -> Memory:
    """The memory of a process and of all that it has begun."""
    found = Counter[str]()
    for process in _tree(pid):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]:
            name, _, rest = line.partition(":")
            found[name] += int(rest.split()[0]) * 1024 if rest.endswith("kB") else 0
    return Memory(found["Pss"], found["Rss"])


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(process for child in children for process in _tree(int(child)))]


async def opened(port: int, method: str, path: str, content: bytes = b"") -> tuple[int, Connection]:
    """A connection with a request on it, and the status of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(content)}\r\n\r\n"
    writer.write(head.encode() + content)
    answer = await reader.readuntil(b"\r\n\r\n")
    return int(answer.split()[1]), (reader, writer)


async def open_streams(port: int, streams: int, distinct: int) -> tuple[list[Connection], Counter[int]]:
    """Open so many streams, a few at a time until the first bytes of all have come."""
    statuses, held, few = Counter[int](), list[Connection](), asyncio.Semaphore(FEW + distinct)

    async def one(number: int) -> None:
        message = {"role": "user", "content": f"question {number % distinct}"}
        async with few:
            status, connection = await opened(
                port, "POST", "/api/chat", json.dumps({"model": "llama3.2", "messages": [message]}).encode()
            )
        statuses[status] += 1
        held.append(connection)

    async with asyncio.TaskGroup() as group:
        for number in range(streams):
            group.create_task(one(number))
    return held, statuses


async def waits(port: int, times: int = 1000) -> Waits:
    """Ask for the version so many times, each time on a new connection."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        status, (_, writer) = await opened(port, "GET", "/api/version")
        found.append((time.perf_counter() - began) * 1000)
        writer.close()
        assert status == 200
    parts = statistics.quantiles(found, n=100)
    return Waits(parts[49], parts[98])


@asynccontextmanager
async def model_server() -> AsyncIterator[int]:
    """A make-believe Ollama that writes slowly, in a process of its own."""
    (port,) = free_ports(1)
    words = ["--port", str(port), "--pace", str(PACE_PER_S), "--answer", "and so on " * WORDS]
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "greenroom.testing.fake_ollama", *words, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        await server.stdout.readline()
        yield port
    finally:
        server.kill()
        await server.wait()


async def measure(streams: int, distinct: int, workers: int) -> Found:
    """Open the streams, and look."""
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory() as folder:
        words = ["serve", "llm", "--workers", str(workers), "--port", str(port), "--data-dir", folder]
        async with model_server() as upstream:
            variables = {
                "GREENROOM_LLM__OLLAMA_URL": f"http://127.0.0.1:{upstream}",
                "GREENROOM_LLM__CONNECTIONS": str(512 * workers),
                "GREENROOM_LLM__QUEUE": str(512 * workers),
                "GREENROOM_LOG__LEVEL": "error",
            }
            async with running(words, variables) as service:
                await asyncio.sleep(2)
                alone, empty = await waits(port), memory_of(service.pid)
                began = time.perf_counter()
                held, statuses = await open_streams(port, streams, distinct)
                took_s = time.perf_counter() - began
                beside, full = await waits(port), memory_of(service.pid)
                for _, writer in held:
                    writer.close()
                return Found(empty, full, alone, beside, statuses, took_s)


def show(found: Found, streams: int, distinct: int, workers: int) -> None:
    """Print the figures beside their limits."""
    ok, busy = found.statuses[200], found.statuses[_BUSY]
    used, p99 = found.full.shared_once, found.beside.p99
    of_one = (used - found.empty.shared_once) / max(1, ok) / 1000
    table = Table("", "measured", "limit", "measured / limit", title=f"{workers} workers, {distinct} questions")
    table.add_row("streams opened", f"{ok} in {found.took_s:.0f} s", str(streams), f"{ok / streams:.2f}")
    table.add_row("503; other refusals", f"{busy}; {found.statuses.total() - ok - busy}", "any; 0", "")
    table.add_row("memory, nothing open", _in_words(found.empty), "", "")
    table.add_row("memory, all open", _in_words(found.full), f"{LIMIT_BYTES / 1e6:.0f} MB", f"{used / LIMIT_BYTES:.2f}")
    table.add_row("memory of a stream", f"{of_one:.1f} kB", "", "")
    table.add_row("version p50, p99, nothing open", f"{found.alone.p50:.1f}, {found.alone.p99:.1f} ms", "", "")
    measured = f"{found.beside.p50:.1f}, {p99:.1f} ms"
    table.add_row("version p50, p99, all open", measured, f"p99 {LIMIT_MS:.0f} ms", f"{p99 / LIMIT_MS:.2f}")
    Console(width=max(100, Console().width)).print(table)


def _in_words(memory: Memory) -> str:
    return f"{memory.shared_once / 1e6:.0f} MB (Rss {memory.each / 1e6:.0f} MB)"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What idle streams cost.")
    parser.add_argument("--streams", type=int, default=10_000, help="streams to open")
    parser.add_argument("--distinct", type=int, default=256, help="different questions among them")
    parser.add_argument("--workers", type=int, default=2, help="workers of the gateway")
    given = parser.parse_args()
    show(
        asyncio.run(measure(given.streams, given.distinct, given.workers)), given.streams, given.distinct, given.workers
    )


if __name__ == "__main__":
    main()
