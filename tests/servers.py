"""Real PostgreSQL, Redis and Chroma servers of our own for a test session: private, on free ports, gone afterwards."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self
from urllib.request import urlopen

import psycopg
import redis

_START_S = 120.0


def redis_server() -> str | None:
    """The path of a server that speaks Redis, or None where none is installed."""
    return next(filter(None, map(shutil.which, ("redis-server", "valkey-server", "keydb-server"))), None)


def postgresql_folder() -> Path | None:
    """The folder that holds `initdb` and `postgres`, the newest version first, or None where none is installed."""
    on_path = shutil.which("initdb")
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    candidates = [*packaged, *([Path(on_path).resolve().parent] if on_path else [])]
    return next((path for path in candidates if (path / "initdb").exists() and (path / "postgres").exists()), None)


@contextmanager
def running_redis(program: str, port: int | None = None) -> Iterator[str]:
    """Start a server and give its URL. It keeps nothing on the disk."""
    port = port or free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"]
    with _folder(os.getuid()) as folder, _process([program, *options], folder, os.getuid()) as process:
        _wait_for(process, lambda: _redis_answers(port))
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def running_postgresql(binaries: Path) -> Iterator[str]:
    """Start a server with an empty cluster and give the URL of its database `postgres`, without durability."""
    with PostgreSQL(binaries) as server:
        yield server.url


class PostgreSQL:
    """A server with an empty cluster, without durability: what was committed outlives its end, but no power cut.

    It runs while it is entered, and can be stopped in the midst of its work and started again.
    """

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._port, self._user = free_port(), _harmless_user()
        self.url = f"postgresql://greenroom@127.0.0.1:{self._port}/postgres"
        self._stack = ExitStack()
        self._running = ExitStack()
        self._runs = False

    def __enter__(self) -> Self:
        self._folder = self._stack.enter_context(_folder(self._user))
        initialise = [self._binaries / "initdb", "-D", self._folder / "cluster", "-U", "greenroom", "-A", "trust"]
        options = ["-E", "UTF8", "--no-sync", "--locale=C"]
        command = [*map(str, initialise), *options]
        subprocess.run(command, check=True, capture_output=True, cwd=self._folder, user=self._user, env=_env())
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        with self._stack:
            self.stop()

    def start(self) -> None:
        """Start it, unless it runs."""
        if self._runs:
            return
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self._port,
            "unix_socket_directories": self._folder,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "16MB",
        }
        given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(self._binaries / "postgres"), "-D", str(self._folder / "cluster"), *given]
        process = self._running.enter_context(_process(command, self._folder, self._user, signal.SIGINT))
        self._runs = True
        _wait_for(process, lambda: _postgresql_answers(self.url))

    def stop(self) -> None:
        """End it, and with it whatever is under way."""
        self._runs = False
        self._running.close()


def chroma_program() -> str | None:
    """The path of Chroma's program, which TESTS_CHROMA may name, or None where none is installed."""
    return os.environ.get("TESTS_CHROMA") or shutil.which("chroma")


@contextmanager
def running_chroma(program: str) -> Iterator[str]:
    """Start a server with nothing in it and give its URL."""
    port = free_port()
    with _folder(os.getuid()) as folder:
        command = [program, "run", "--path", str(folder / "data"), "--host", "127.0.0.1", "--port", str(port)]
        with _process(command, folder, os.getuid()) as process:
            _wait_for(process, lambda: _chroma_answers(port))
            yield f"http://127.0.0.1:{port}"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _harmless_user() -> int:
    """PostgreSQL refuses to run as root: then it runs as `postgres` or `nobody`."""
    if os.getuid() != 0:
        return os.getuid()
    known = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


@contextmanager
def _folder(user: int) -> Iterator[Path]:
    # Directly in /tmp: pytest's own folders are closed to other users, and a socket's path may have 107 characters.
    with tempfile.TemporaryDirectory(prefix="greenroom-", dir="/tmp") as name:
        os.chown(name, user, -1)
        yield Path(name)


@contextmanager
def _process(
    command: list[str], folder: Path, user: int, end: signal.Signals = signal.SIGTERM
) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, user=user, env=_env())
        try:
            yield process
        finally:
            process.send_signal(end)
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _env() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}


def _wait_for(process: subprocess.Popen[bytes], answers: Callable[[], bool]) -> None:
    until = time.monotonic() + _START_S
    while not answers():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"{process.args!r} did not start")
        time.sleep(0.02)


def _redis_answers(port: int) -> bool:
    try:
        with redis.Redis(port=port, socket_connect_timeout=10) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False


def _chroma_answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/api/v2/heartbeat", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _postgresql_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True
