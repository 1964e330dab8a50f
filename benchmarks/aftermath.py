"""How long after a turn all that follows from it is done: its lines are read, notes written, what is new embedded.

    python -m benchmarks.aftermath [--turns 10] [--answer-s 1.5]

`greenroom up`, new and otherwise as it comes, with a make-believe Ollama whose small talk takes about `--answer-s` for
an answer. Nothing of what it says can be used for the world, so that each line is read by rules after all. The limit is
30 s after each turn.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

import aiohttp

from benchmarks.processes import one_process
from benchmarks.turn import question, still_waiting
from greenroom.testing import FakeOllama
from greenroom.testing.fake_ollama.__main__ import SmallTalk

LIMIT_S = 30.0
_TOKENS = 15
"""Of an answer, more or less."""
_LOOK_EVERY_S = 0.2
_QUIET_S = 3.0
"""When nothing has waited for so long, nothing more follows: a task begins what follows from it at its own end."""


async def measure(turns: int, answer_s: float) -> list[float]:
    """Seconds from the end of each turn to the end of the last thing that follows from it."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            FakeOllama(answer=SmallTalk(), tokens_per_s=_TOKENS / answer_s) as model,
            one_process(Path(folder), {"GREENROOM_LLM__OLLAMA_URL": model.url}) as asked,
            aiohttp.ClientSession() as http,
        ):
            return [await _aftermath(http, asked.router, number) for number in range(turns)]


async def _aftermath(http: aiohttp.ClientSession, router: str, number: int) -> float:
    said = f"My cousin Rosa{number} opened a bar in Quahog. {question(number)}"
    async with http.post(
        f"{router}/orchestrate", json={"character_name": "peter", "input_text": said, "channel_id": "room"}
    ) as response:
        response.raise_for_status()
        await response.read()
    ended = last = time.perf_counter()
    while time.perf_counter() - last < _QUIET_S:
        await asyncio.sleep(_LOOK_EVERY_S)
        if await still_waiting(http, router):
            last = time.perf_counter()
    return last - ended


def main() -> None:
    """Read the command line, measure, and say whether it is within the limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--answer-s", type=float, default=1.5)
    given = parser.parse_args()
    took = asyncio.run(measure(given.turns, given.answer_s))
    longest, median = max(took), statistics.median(took)
    print(f"{len(took)} turns, {given.answer_s:g} s an answer: all is done after {median:.1f} s (median)")
    print(f"{'pass' if longest < LIMIT_S else 'FAIL'}  at most {longest:.1f} s, {longest / LIMIT_S:.2f} of the limit")
    sys.exit(longest >= LIMIT_S)


if __name__ == "__main__":
    main()
