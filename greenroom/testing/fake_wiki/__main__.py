"""A make-believe wiki to try the crawler with: `python -m greenroom.testing.fake_wiki`."""

import argparse
import asyncio
import sys
from contextlib import suppress

from greenroom.testing.fake_wiki import TRAPS, FakeWiki


async def _serve(arguments: argparse.Namespace) -> None:
    wiki = FakeWiki(arguments.pages, traps=TRAPS if arguments.traps else (), api=arguments.api, port=arguments.port)
    async with wiki:
        sys.stdout.write(f"The make-believe wiki answers at {wiki.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Serve until it is stopped."""
    parser = argparse.ArgumentParser(prog="python -m greenroom.testing.fake_wiki", description=__doc__)
    parser.add_argument("--port", type=int, default=8090, help="where it answers; 0 is any free one")
    parser.add_argument("--pages", type=int, default=60, help="how many pages it has")
    parser.add_argument("--api", action="store_true", help="be a MediaWiki, with its API")
    parser.add_argument("--traps", action="store_true", help="have all that a crawler must be careful with")
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
