"""Run the fake by hand: `python -m greenroom.testing.fake_ollama`. Ctrl-C stops it, in the middle of an answer too."""

import argparse
import asyncio
import signal
import sys

from greenroom.testing.fake_ollama import FakeOllama


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
    parser.add_argument("--answer", default=None, help="what it answers; without it, it repeats what was said")
    parser.add_argument("--model", action="append", help="a model that it has; may be given several times")
    given = parser.parse_args()
    models = tuple(name if ":" in name else f"{name}:latest" for name in given.model or ["llama3.2"])
    fake = FakeOllama(models=models, answer=given.answer, tokens_per_s=given.pace, host=given.host, port=given.port)
    asyncio.run(run(fake))


if __name__ == "__main__":
    main()
