"""Run the fake by hand: `python -m greenroom.testing.fake_discord`. Its page shows what happens; Ctrl-C stops it."""

import argparse
import asyncio
import signal
import sys

from greenroom.testing.fake_discord.server import BOTS, FakeDiscord

_INTERACTION_LIMIT_S = 3.0
"""As on Discord."""


async def run(fake: FakeDiscord) -> None:
    """Serve until somebody stops it."""
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    async with fake:
        sys.stdout.write(f"A make-believe Discord is open at {fake.url} (Ctrl-C stops it).\n")
        sys.stdout.write(f"Its API is at {fake.api_base}, its gateway at {fake.gateway_url}\n")
        sys.stdout.flush()
        await stopped.wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m greenroom.testing.fake_discord", description=__doc__)
    parser.add_argument("--port", type=int, default=5736, help="port on loopback; 0 takes a free one")
    parser.add_argument("--bot", action="append", metavar="NAME=TOKEN", help="a bot; may be given several times")
    parser.add_argument("--person", action="append", help="somebody who writes; may be given several times")
    parser.add_argument("--channel", action="append", help="a text channel; may be given several times")
    given = parser.parse_args()
    bots = dict(pair.partition("=")[::2] for pair in given.bot) if given.bot else BOTS
    people, channels = given.person or ("alice", "bob"), given.channel or ("general",)
    fake = FakeDiscord(bots, people, channels, port=given.port, interaction_limit_s=_INTERACTION_LIMIT_S)
    asyncio.run(run(fake))


if __name__ == "__main__":
    main()
