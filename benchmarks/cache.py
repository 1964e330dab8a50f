"""How fast an answer comes from each tier of the cache.

    python -m benchmarks.cache [--seconds 5]

One run starts a make-believe Ollama at full speed, a Greenroom for each tier alone (the others are off), and a bare
uvicorn that sends the same bytes, which is the limit. They take turns, so that a noisy machine is noisy for all.
Each is asked over as many connections for one of many answers, in one piece. Redis is left out where none is installed.
"""

import argparse
import asyncio
import random
import shutil
import socket
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import uvicorn
from rich.console import Console
from rich.table import Table
from starlette.types import Receive, Scope, Send

from benchmarks.processes import llm_alone
from greenroom.testing import free_ports

PROMPTS = 300
CONNECTIONS = 32
ROUNDS = 5
ANSWER = " ".join(["A pint at the Clam, and nobody needs to know."] * 12)
FAR_AWAY_S = "86400"


def request(number: int) -> bytes:
    """A request over HTTP, with options under which its answer is kept."""
    prompt = f"What do you have in mind for evening number {number}?"
    body = msgspec.json.encode(
        {"model": "llama3.2", "prompt": prompt, "stream": False, "options": {"temperature": 0}},
    )
    head = f"POST /api/generate HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


REQUESTS = [request(number) for number in range(PROMPTS)]


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: bytes) -> bytes:
    """The body of one answer."""
    writer.write(asked)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if not head.startswith(b"http/1.1 200"):
        raise SystemExit(f"refused: {head!r}")
    _, _, length = head.partition(b"content-length: ")
    return await reader.readexactly(int(length.partition(b"\r\n")[0]))


async def visit(url: str, choose: Callable[[], bytes | None]) -> tuple[list[float], bytes]:
    """Milliseconds of each answer over one connection, until `choose` has no more requests; and the last answer."""
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    times, body = [], b""
    while asked := choose():
        began = time.perf_counter()
        body = await exchange(reader, writer, asked)
        times.append((time.perf_counter() - began) * 1000)
    writer.close()
    return times, body


async def warm(url: str) -> bytes:
    """Ask for everything once; returns an answer."""
    waiting = iter(REQUESTS)
    visits = await asyncio.gather(*(visit(url, lambda: next(waiting, None)) for _ in range(CONNECTIONS)))
    return visits[0][1]


async def measure(url: str, seconds: float) -> list[float]:
    """Milliseconds of each answer while so many connections ask as fast as they can."""
    until = time.perf_counter() + seconds

    def choose() -> bytes | None:
        return random.choice(REQUESTS) if time.perf_counter() < until else None

    visits = await asyncio.gather(*(visit(url, choose) for _ in range(CONNECTIONS)))
    return [took for times, _ in visits for took in times]


@asynccontextmanager
async def process(*words: str) -> AsyncIterator[str]:
    """A Python program that prints its address first."""
    running = await asyncio.create_subprocess_exec(sys.executable, "-m", *words, stdout=PIPE, stderr=DEVNULL)
    try:
        assert running.stdout is not None
        line = (await running.stdout.readline()).decode()
        yield "http://" + line.partition("http://")[2].split()[0]
    finally:
        running.terminate()
        await running.wait()


@asynccontextmanager
async def redis_server() -> AsyncIterator[str | None]:
    """A Redis of our own that keeps nothing on the disk; None where none is installed."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        yield None
        return
    (port,) = free_ports(1)
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    running = await asyncio.create_subprocess_exec(program, *options, stdout=DEVNULL, stderr=DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        running.terminate()
        await running.wait()


async def run(seconds: float) -> dict[str, list[float]]:
    """All of them in turns."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        upstream = await stack.enter_async_context(
            process("greenroom.testing.fake_ollama", "--port", "0", "--pace", "0", "--answer", ANSWER)
        )
        redis = await stack.enter_async_context(redis_server())
        tiers = {
            "memory": {"SQLITE_BYTES": "0", "MEMORY_S": FAR_AWAY_S},
            "sqlite": {"MEMORY_BYTES": "0"},
            **({"redis": {"MEMORY_BYTES": "0", "SQLITE_BYTES": "0"}} if redis else {}),
        }
        urls = {"the model server": upstream}
        for name, settings in tiers.items():
            variables = {f"GREENROOM_LLM__CACHE__{key}": value for key, value in settings.items()}
            variables["GREENROOM_LLM__OLLAMA_URL"] = upstream
            if name == "redis" and redis:
                variables["REDIS_URL"] = redis
            urls[f"Greenroom, {name}"] = await stack.enter_async_context(llm_alone(folder / name, variables))
        answer = [await warm(url) for url in urls.values()][-1]
        (folder / "answer").write_bytes(answer)
        bare = await stack.enter_async_context(process("benchmarks.cache", "--bare", str(folder / "answer")))
        urls = {"bare uvicorn": bare, **urls}
        found: dict[str, list[float]] = {name: [] for name in urls}
        for _ in range(ROUNDS):
            for name, url in urls.items():
                found[name] += await measure(url, seconds / ROUNDS)
        return found


def show(found: dict[str, list[float]], seconds: float) -> None:
    """Print the figures side by side."""
    table = Table("answers from", "per second", "p50", "p95", "rate / bare uvicorn", "rate / model server")
    rates = {name: len(times) / seconds for name, times in found.items()}
    for name, times in found.items():
        parts = statistics.quantiles(times, n=100)
        ratios = [f"{rates[name] / rates[other]:.2f}" for other in ("bare uvicorn", "the model server")]
        table.add_row(name, f"{rates[name]:.0f}", f"{parts[49]:.2f} ms", f"{parts[94]:.2f} ms", *ratios)
    Console().print(table)


def serve_bare(answer: bytes) -> None:
    """The same bytes for everybody, after reading what was asked."""
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(answer)).encode())]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            continue
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    with socket.socket(proto=socket.IPPROTO_TCP) as listener:  # named, or asyncio leaves Nagle's delay on
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off")).run(sockets=[listener])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How fast an answer comes from each tier of the cache.")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each is asked, in seconds")
    parser.add_argument("--bare", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.bare:
        serve_bare(given.bare.read_bytes())
        return
    show(asyncio.run(run(given.seconds)), given.seconds)


if __name__ == "__main__":
    main()
