"""Run the fake by hand: `python -m greenroom.testing.fake_ollama`. Ctrl-C stops it, in the middle of an answer too."""

import argparse
import asyncio
import re
import signal
import sys
from itertools import cycle
from typing import Any

from greenroom.testing.fake_ollama import FakeOllama

_REMARKS = (
    "I could talk about {word} all evening, you know. What made you think of it?",
    "Funny that you bring up {word}. I had it on my mind this morning!",
    "You say {word}, and I say: why not? Go on, tell me the rest.",
    "Between you and me, {word} was never my strong side. Is it yours?",
    "Well! Nobody has asked me about {word} for years. Where do I begin?",
    "My whole family has opinions on {word}, and none of them agree. Do you?",
    "If it were up to me, there would be more {word} in the world.",
    "Hold on. Did you just say {word}? Now you have my full attention.",
    "The trouble with {word} is that it never comes alone. Don't you find?",
    "I once lost a bet over {word}. I still think that I was right!",
    "Let us agree that {word} deserves a better name. Any suggestions?",
    "Give me a minute with {word}, and I will have something clever to say.",
)


class SmallTalk:
    """Answers with a remark on the longest word of what was said, another remark each time: enough for a character
    to be let through, where an echo or a line said twice is refused."""

    def __init__(self) -> None:
        self._remarks = cycle(_REMARKS)

    def __call__(self, body: dict[str, Any]) -> str:
        """A remark for a request's body."""
        said = (body.get("messages") or [{}])[-1].get("content") or body.get("prompt") or ""
        words = re.findall(r"[^\W\d_]+", said.rpartition("\n")[2].rpartition(": ")[2])
        return next(self._remarks).format(word=max(words, key=len, default="silence").lower())


async def run(fake: FakeOllama) -> None:
    """Serve until somebody stops it."""
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    async with fake:
        sys.stdout.write(f"A model server without a model answers at {fake.url} (Ctrl-C stops it).\n")
        sys.stdout.write(f"Let Greenroom use it: GREENROOM_LLM__OLLAMA_URL={fake.url} greenroom up\n")
        sys.stdout.flush()
        await stopped.wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m greenroom.testing.fake_ollama", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to bind")
    parser.add_argument("--port", type=int, default=11434, help="port; 0 takes a free one")
    parser.add_argument("--pace", type=float, default=10.0, help="tokens per second; 0 is as fast as it can")
    parser.add_argument("--answer", default=None, help="what it answers; without it, small talk")
    parser.add_argument("--model", action="append", help="a model that it has; may be given several times")
    given = parser.parse_args()
    models = tuple(name if ":" in name else f"{name}:latest" for name in given.model or ["llama3.2"])
    fake = FakeOllama(
        models=models, answer=given.answer or SmallTalk(), tokens_per_s=given.pace, host=given.host, port=given.port
    )
    asyncio.run(run(fake))


if __name__ == "__main__":
    main()
