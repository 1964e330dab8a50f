"""`greenroom serve llm --workers`: several processes that are one service."""

import json
import os
import signal
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from greenroom.commands.workers import share_of
from greenroom.config import load
from greenroom.errors import CannotStart
from greenroom.storage.folder import own_folder
from tests.commands.running import greenroom, running

SERVE = ["serve", "llm", "--port", "0", "--workers", "2"]
CHAT = {"model": "understudy", "messages": [{"role": "user", "content": "Tell me a long story, please."}]}

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the workers are looked for in /proc")


def workers_of(pid: int) -> set[int]:
    """The processes that one has begun."""
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for what other processes are about to do."""
    until = time.monotonic() + 40
    while not holds():
        assert time.monotonic() < until, "it never came to be"
        time.sleep(0.05)


def test_a_worker_that_dies_is_replaced_and_the_service_stays(tmp_path: Path) -> None:
    with running(SERVE, tmp_path) as service:
        before = workers_of(service.process.pid)
        assert len(before) == 2
        os.kill(next(iter(before)), signal.SIGKILL)
        for _ in range(20):
            assert service.get("/api/version")
        wait_until(lambda: len(workers_of(service.process.pid) - before) == 1)
        assert service.get("/health")["status"] == "healthy"
        with pytest.raises(CannotStart, match="another Greenroom uses"), own_folder(tmp_path / "data", "llm"):
            pass


def test_a_stream_that_is_under_way_is_ended_properly_and_then_all_workers_are_gone(tmp_path: Path) -> None:
    with running(SERVE, tmp_path, GREENROOM_LLM__UNDERSTUDY_WORDS_PER_S="10") as service:
        workers = workers_of(service.process.pid)
        request = urllib.request.Request(service.url + "/api/chat", json.dumps(CHAT).encode())  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            lines = [response.readline()]
            service.process.terminate()
            lines += response.readlines()
        assert json.loads(lines[-1])["done"] is True
        assert service.process.wait(30) == 0
        assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_workers_end_with_the_process_that_began_them(tmp_path: Path) -> None:
    with running(SERVE, tmp_path) as service:
        workers = workers_of(service.process.pid)
        service.kill()
        wait_until(lambda: not any(Path(f"/proc/{worker}/task").exists() for worker in workers))


def test_only_the_gateway_may_be_several_processes(tmp_path: Path) -> None:
    ended = greenroom("serve", "router", "--workers", "2", folder=tmp_path)
    assert ended.returncode != 0
    assert "router has to be one process; llm may be several" in " ".join(ended.stderr.split())


def test_what_is_set_for_the_whole_service_is_divided_among_its_workers(tmp_path: Path) -> None:
    given = {"llm.connections": 10, "llm.queue": 513, "llm.model_connections": ("ollama/big = 1", "small=8")}
    llm = share_of(load(given, environment={}, folder=tmp_path), 4).settings.llm
    assert (llm.connections, llm.queue, llm.places) == (2, 128, {"ollama/big": 1, "small": 2})
