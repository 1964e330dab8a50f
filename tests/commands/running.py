"""Running the command line as a person would: a process of its own, in a folder of its own."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_ALONE = {
    "GREENROOM_LLM__OLLAMA_URL": "",
    "GREENROOM_LLM__UNDERSTUDY_WORDS_PER_S": "0",
    "GREENROOM_COORDINATOR__ORGANIC": "false",
}


def greenroom(*words: str, folder: Path, said: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "greenroom", *words],
        cwd=folder,
        env=environment(variables),
        input=said,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


class Running:
    """A Greenroom that runs: its address, and what can be asked of it."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url

    def get(self, path: str) -> Any:
        """The JSON at a path."""
        return self.ask("GET", path)[1]

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)  # noqa: S310 - our own address
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                return response.status, json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def up(folder: Path, *words: str, **variables: str) -> Iterator[Running]:
    """`greenroom up` on a free port, until the block ends."""
    with running(["up", "--port", "0", *words], folder, **variables) as house:
        yield house


@contextmanager
def running(words: list[str], folder: Path, **variables: str) -> Iterator[Running]:
    """A command that serves, from the moment that it says where."""
    with (folder / "log.txt").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "greenroom", *words],
            cwd=folder,
            env=environment(variables),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "http://" in line, f"it did not start: {line}{(folder / 'log.txt').read_text()}"
        yield Running(process, "http://" + line.split("http://")[1].split()[0])
    finally:
        process.terminate()
        process.wait(60)
        assert process.stdout is not None
        process.stdout.close()


def environment(variables: dict[str, str]) -> dict[str, str]:
    """Ours without what is set for Greenroom here, and what all of these commands need."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("GREENROOM_", "OLLAMA_"))}
    return {**own, **_ALONE, "NO_COLOR": "1", "COLUMNS": "200", **variables}
