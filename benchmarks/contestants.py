"""The servers of the gateway's benchmark, each started in a process of its own and ended with the benchmark."""

import asyncio
import os
import shutil
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import msgspec

from greenroom.testing import free_ports

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_START_S = 300.0

_LITELLM_CONFIG = """
model_list:
  - model_name: fake/model
    litellm_params: {{model: openai/model, api_base: "{url}/v1", api_key: none}}
litellm_settings:
  cache: true
  cache_params: {{type: local}}
  telemetry: false
"""


@dataclass
class Contestant:
    """One server: where it answers, which process it is, and what the head of a hit holds."""

    name: str
    url: str
    pid: int
    hit: bytes = b"200"
    paths: tuple[str, str] = ("/v1/chat/completions", "/v1/chat/completions")

    def request(self, prompt: str, stream: bool) -> bytes:
        """A request as it goes over the wire."""
        said = [{"role": "user", "content": f"What do you have in mind for {prompt}?"}]
        body = msgspec.json.encode({"model": "fake/model", "messages": said, "temperature": 0, "stream": stream})
        head = f"POST {self.paths[stream]} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        return head.encode() + f"content-length: {len(body)}\r\n\r\n".encode() + body

    def cpu_s(self) -> float:
        """What the process has used so far, in seconds. Source: proc(5), /proc/PID/stat, fields 14 and 15."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S

    def memory_mb(self) -> float:
        """Resident memory now. Source: proc(5), /proc/PID/statm."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * _PAGE_BYTES / 1e6


@asynccontextmanager
async def model_server() -> AsyncIterator[Contestant]:
    """The model behind the gateways."""
    async with _saying_where([sys.executable, "-m", "benchmarks.upstream", "model"], {}) as (process, url):
        yield Contestant("the model server", url, process.pid)


@asynccontextmanager
async def bare(kind: str, folder: Path) -> AsyncIterator[Contestant]:
    """A server that sends the bytes in `folder`: `uvicorn`, or `uvloop` without anything."""
    words = [sys.executable, "-m", "benchmarks.upstream", kind, str(folder)]
    async with _saying_where(words, {}) as (process, url):
        yield Contestant(f"bare {kind}", url, process.pid, paths=("/whole", "/stream"))


@asynccontextmanager
async def bare_proxy(model_url: str) -> AsyncIterator[Contestant]:
    """What passes everything on to the model server."""
    async with _saying_where([sys.executable, "-m", "benchmarks.upstream", "proxy", model_url], {}) as (process, url):
        yield Contestant("bare proxy", url, process.pid)


@asynccontextmanager
async def greenroom(folder: Path, model_url: str) -> AsyncIterator[Contestant]:
    """`greenroom serve llm` as it comes, with the model server as its only one."""
    (port,) = free_ports(1)
    words = [sys.executable, "-m", "greenroom", "serve", "llm", "--port", str(port), "--data-dir", str(folder)]
    variables = {"GREENROOM_LLM__OLLAMA_URL": "", "GREENROOM_LLM__COMPATIBLE__FAKE__BASE_URL": f"{model_url}/v1"}
    async with _saying_where(words, variables) as (process, _):
        yield Contestant("Greenroom", f"http://127.0.0.1:{port}", process.pid, b"x-greenroom-cache: ")


@asynccontextmanager
async def litellm(folder: Path, model_url: str) -> AsyncIterator[Contestant]:
    """LiteLLM's proxy with its cache in memory. Nothing is fetched at its start."""
    program = await _litellm_program()
    config = folder / "litellm.yaml"
    config.write_text(_LITELLM_CONFIG.format(url=model_url))
    (port,) = free_ports(1)
    words = [str(program), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    variables = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "LITELLM_MODE": "PRODUCTION"}
    variables["LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY"] = "true"  # it need not look for keys then
    async with _running(words, variables, DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        await _answers(process, url + "/health/liveliness")
        yield Contestant("LiteLLM", url, process.pid)


async def _litellm_program() -> Path:
    """LiteLLM in an environment of its own, which is made when it is not there."""
    folder = Path(tempfile.gettempdir()) / "greenroom-benchmark-litellm"
    program, uv = folder / "bin" / "litellm", shutil.which("uv")
    if program.exists():
        return program
    if uv is None:
        raise SystemExit("uv is needed to fetch LiteLLM; or leave it out: --without-litellm")
    for words in (
        ["venv", "--quiet", str(folder)],
        ["pip", "install", "--quiet", "--python", str(folder), "litellm[proxy]"],
    ):
        process = await asyncio.create_subprocess_exec(uv, "--quiet", *words)
        if await process.wait():
            raise SystemExit("LiteLLM cannot be fetched; leave it out: --without-litellm")
    return program


async def _answers(process: Process, url: str) -> None:
    until = time.monotonic() + _START_S
    async with aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.get(url) as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientConnectionError as exc:
                if process.returncode is not None or time.monotonic() > until:
                    raise SystemExit(f"nothing answers at {url}") from exc
            await asyncio.sleep(0.2)


@asynccontextmanager
async def _saying_where(words: Sequence[str], variables: Mapping[str, str]) -> AsyncIterator[tuple[Process, str]]:
    """A process that prints its address in its first line."""
    async with _running(words, variables, PIPE) as process:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), _START_S)).decode()
        if "http://" not in line:
            raise SystemExit(f"`{' '.join(words[1:])}` did not start: {line}")
        yield process, "http://" + line.partition("http://")[2].split()[0]


@asynccontextmanager
async def _running(words: Sequence[str], variables: Mapping[str, str], output: int) -> AsyncIterator[Process]:
    environment = {**os.environ, **variables}
    process = await asyncio.create_subprocess_exec(*words, env=environment, stdout=output, stderr=DEVNULL)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
