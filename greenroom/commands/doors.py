"""Ways into a house for commands: one that runs already, or one opened for the moment."""

from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp

from greenroom.app import House
from greenroom.commands.token import shown_token
from greenroom.config import Loaded
from greenroom.ports import Characters, Crawler, Library, Llm, Router, WebSearch
from greenroom.wire import Peer, client


@dataclass(frozen=True)
class Doors:
    """What a command needs of a house. `url` is where it runs already; empty when it was opened for this command."""

    router: Router
    characters: Characters
    llm: Llm
    web_search: WebSearch
    crawler: Crawler
    library: Library
    url: str = ""


@asynccontextmanager
async def open_doors(loaded: Loaded, url: str = "", only: Collection[str] = ()) -> AsyncIterator[Doors]:
    """The house at `url`, or the one that runs on this machine's port, or one opened here, with `only` these services.

    Raises: CannotStart, when another process has the data folder but does not answer at the settings' port.
    """
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(trust_env=False))

        wire = shown_token(loaded.settings.wire)

        def peer(base: str, service: str = "") -> Peer:
            return Peer(service or "greenroom", f"{base.rstrip('/')}/{service}", lambda: session, wire)

        here = f"http://127.0.0.1:{loaded.settings.port}"
        running = url or (here if (await peer(here).health()).version else "")
        if running:
            yield Doors(
                client(Router, peer(running, "router")),
                client(Characters, peer(running, "characters")),
                client(Llm, peer(running, "llm")),
                client(WebSearch, peer(running)),
                client(Crawler, peer(running, "crawler")),
                client(Library, peer(running, "retriever")),
                running,
            )
            return
        house = House(loaded)
        # no bot comes and goes with a command
        house.here = tuple(name for name in house.here if (name in only if only else name != "discord"))
        await stack.enter_async_context(house.open())
        yield Doors(house.router, house.characters, house.llm, house.web_search, house.crawler, house.library)
