"""Greenroom in processes of its own, as an operator runs it: everything in one, or each service in its own."""

import asyncio
import os
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from greenroom.config import SERVICES
from greenroom.testing import free_ports

PAGELESS = tuple(name for name in SERVICES if name != "web")
_FAST = {
    "GREENROOM_LLM__OLLAMA_URL": "",
    "GREENROOM_LLM__UNDERSTUDY_WORDS_PER_S": "0",
    "GREENROOM_COORDINATOR__ORGANIC": "false",
}


class Deployment(NamedTuple):
    """Greenroom while it runs: the address of its router, and the ids of its processes."""

    router: str
    pids: tuple[int, ...]

    def processor_s(self) -> float:
        """What they have used so far, in seconds. Source: clock_getcpuclockid(3), as the C library does it on Linux."""
        return sum(time.clock_gettime((~pid << 3) | 2) for pid in self.pids)


@asynccontextmanager
async def one_process(folder: Path, variables: dict[str, str] | None = None) -> AsyncIterator[Deployment]:
    """`greenroom up`, with settings of its own."""
    (port,) = free_ports(1)
    async with running(["up", "--port", str(port), "--data-dir", str(folder)], variables or {}) as process:
        yield Deployment(f"http://127.0.0.1:{port}/router", (process.pid,))


@asynccontextmanager
async def llm_to_watch(folder: Path, variables: dict[str, str]) -> AsyncIterator[tuple[str, int]]:
    """`greenroom serve llm` with settings of its own; gives its address and the id of its process."""
    (port,) = free_ports(1)
    async with running(["serve", "llm", "--port", str(port), "--data-dir", str(folder)], variables) as process:
        yield f"http://127.0.0.1:{port}", process.pid


@asynccontextmanager
async def separate_services(folder: Path) -> AsyncIterator[Deployment]:
    """`greenroom serve` for each service."""
    ports = dict(zip(PAGELESS, free_ports(len(PAGELESS)), strict=True))
    peers = {f"GREENROOM_PEERS__{name.upper()}": f"http://127.0.0.1:{port}" for name, port in ports.items()}
    async with AsyncExitStack() as stack:
        pids = []
        for name, port in ports.items():
            words = ["serve", name, "--port", str(port), "--data-dir", str(folder)]
            pids.append((await stack.enter_async_context(running(words, peers))).pid)
        yield Deployment(f"http://127.0.0.1:{ports['router']}", tuple(pids))


@asynccontextmanager
async def running(words: list[str], variables: dict[str, str]) -> AsyncIterator[Process]:
    """A command that serves, from the moment that it says where; `_FAST` unless `variables` say otherwise."""
    environment = {**os.environ, **_FAST, **variables}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "greenroom", *words, env=environment, stdout=PIPE, stderr=DEVNULL
    )
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        if "http://" not in line:
            raise SystemExit(f"`greenroom {' '.join(words)}` did not start: {line}")
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
