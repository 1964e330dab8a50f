"""The house in its two deployments: all services in one process, and each on a port of its own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from greenroom.app import House
from greenroom.clock import SYSTEM_CLOCK, Clock
from greenroom.config import SERVICES, Loaded, load
from greenroom.ids import RANDOM_IDS, Ids
from greenroom.testing import free_ports, serving

PAGELESS = tuple(name for name in SERVICES if name != "web")


@dataclass(frozen=True)
class Given:
    """What a house finds beside its settings: variables, time and dice."""

    environment: Mapping[str, str] = field(default_factory=dict)
    clock: Clock = SYSTEM_CLOCK
    ids: Ids = RANDOM_IDS


GIVEN = Given()
"""No variables, the machine's own time, and random ids."""


class Addresses:
    """Where the services answer, whichever the deployment."""

    def __init__(self, base: str = "", of: dict[str, str] | None = None) -> None:
        self._base = base
        self._of = of or {}

    def __getitem__(self, service: str) -> str:
        return self._of.get(service) or f"{self._base}/{service}"


@asynccontextmanager
async def one_process(folder: Path, given: Given = GIVEN, /, **settings: Any) -> AsyncIterator[Addresses]:
    """`greenroom up`, without the page."""
    house = House(_loaded(folder, settings, given), clock=given.clock, ids=given.ids)
    house.here = PAGELESS
    async with house.open(), serving(house.application()) as url:
        yield Addresses(url)


@asynccontextmanager
async def one_service(folder: Path, name: str, **settings: Any) -> AsyncIterator[str]:
    """`greenroom serve` for one service, without the others; gives its base URL."""
    house = House(_loaded(folder, settings), name)
    async with house.open(), serving(house.application()) as url:
        yield url


@asynccontextmanager
async def separate_services(folder: Path, given: Given = GIVEN, /, **settings: Any) -> AsyncIterator[Addresses]:
    """`greenroom serve` for each service."""
    ports = dict(zip(PAGELESS, free_ports(len(PAGELESS)), strict=True))
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    settings |= {f"peers__{name}": url for name, url in urls.items()}
    async with AsyncExitStack() as stack:
        for name in PAGELESS:
            house = House(_loaded(folder, settings, given), name, clock=given.clock, ids=given.ids)
            await stack.enter_async_context(house.open())
            await stack.enter_async_context(serving(house.application(), ports[name]))
        yield Addresses(of=urls)


def _loaded(folder: Path, settings: dict[str, Any], given: Given = GIVEN) -> Loaded:
    """Settings by dotted path, with `__` for the dot; unless it is set no model server, nobody who falls in, no work
    in the background.
    """
    paths = {path.replace("__", "."): value for path, value in settings.items()}
    alone = {"llm.ollama_url": "", "llm.understudy_words_per_s": 0, "coordinator.organic": False}
    quiet = {"background.look_every_s": 3600, "data_dir": folder}
    return load({**alone, **quiet, **paths}, environment=given.environment, folder=folder)


@asynccontextmanager
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    """Somebody who calls from outside."""
    async with aiohttp.ClientSession() as session:
        yield session
