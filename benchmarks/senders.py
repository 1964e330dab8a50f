"""What two thousand clients cost who send a byte in a second, and bodies that are packed a thousand to one.

    python -m benchmarks.senders [--senders 2000] [--seconds 20] [--packed 50]

Greenroom runs in a process of its own. Memory is that of all its processes (`Pss` of /proc). While the senders send,
somebody else asks for the version again and again, on a new connection each time.
"""

import argparse
import asyncio
import gzip
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.processes import llm_to_watch
from benchmarks.streams import Waits, memory_of, waits

LIMIT_BYTES = 20_000_000
_UNPACKED_BYTES = 30_000_000
_FEW = 100
_LATEST_S = 120.0


@dataclass(frozen=True)
class Found:
    """What was seen: bytes that were added, how long others waited, and how it ended for the senders."""

    added: int
    added_by_packed: int
    alone: Waits
    beside: Waits
    refusals: Counter[int]
    packed: Counter[int]


async def measure(senders: int, seconds: float, packed: int) -> Found:
    """Send, and look."""
    with tempfile.TemporaryDirectory() as folder:
        async with llm_to_watch(Path(folder), {"GREENROOM_LOG__LEVEL": "error"}) as (url, pid):
            port = int(url.rpartition(":")[2])
            await asyncio.sleep(2)
            alone, before = await waits(port, 200), memory_of(pid).shared_once
            lines = [await _begun(port) for _ in range(senders)]
            beside, _ = await asyncio.gather(waits(port, 200), _trickle(lines, seconds))
            added = memory_of(pid).shared_once - before
            refusals = Counter(await asyncio.gather(*(_status(reader) for reader, _ in lines)))
            for _, writer in lines:
                writer.close()
            between = memory_of(pid).shared_once
            bomb = gzip.compress(b" " * _UNPACKED_BYTES)
            answers = [await _packed(port, bomb) for _ in range(packed)]
            return Found(added, memory_of(pid).shared_once - between, alone, beside, refusals, Counter(answers))


async def _begun(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)
    writer.write(b"POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n")
    return reader, writer


async def _trickle(lines: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]], seconds: float) -> None:
    """A byte in a second, from each."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        for number, (_, writer) in enumerate(lines):
            if not writer.is_closing():
                writer.write(b" ")
            if number % _FEW == 0:
                await asyncio.sleep(0)
        await asyncio.sleep(max(0.0, 1 - (time.monotonic() - began)))


async def _status(reader: asyncio.StreamReader) -> int:
    """The status that a sender gets in the end; 0 for none."""
    async with asyncio.timeout(_LATEST_S):
        try:
            return int((await reader.readline()).split()[1])
        except (IndexError, ConnectionError):
            return 0


async def _packed(port: int, bomb: bytes) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    )
    writer.write(head.encode() + bomb)
    status = await _status(reader)
    writer.close()
    return status


def show(found: Found, senders: int) -> None:
    """Print the figures beside their limits."""
    table = Table("", "measured", "limit", title=f"{senders} who send a byte in a second")
    limit = f"{LIMIT_BYTES / 1e6:.0f} MB"
    table.add_row("memory, added", f"{found.added / 1e6:.1f} MB ({found.added / senders / 1000:.1f} kB each)", limit)
    table.add_row("version p50, p99, alone", f"{found.alone.p50:.1f}, {found.alone.p99:.1f} ms", "")
    table.add_row("version p50, p99, beside them", f"{found.beside.p50:.1f}, {found.beside.p99:.1f} ms", "")
    table.add_row("their answers", _in_words(found.refusals), "408")
    table.add_row("packed bodies: answers", _in_words(found.packed), "400 or 413")
    table.add_row("packed bodies: memory, added", f"{found.added_by_packed / 1e6:.1f} MB", limit)
    Console(width=max(100, Console().width)).print(table)


def _in_words(statuses: Counter[int]) -> str:
    return ", ".join(f"{count} × {status or 'none'}" for status, count in statuses.most_common())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What those cost who send slowly, or packed.")
    parser.add_argument("--senders", type=int, default=2000, help="clients that send slowly")
    parser.add_argument("--seconds", type=float, default=20, help="for how long they do")
    parser.add_argument("--packed", type=int, default=50, help="packed bodies")
    given = parser.parse_args()
    show(asyncio.run(measure(given.senders, given.seconds, given.packed)), given.senders)


if __name__ == "__main__":
    main()
