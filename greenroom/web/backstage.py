"""What stands behind the page."""

from dataclasses import dataclass

from greenroom.clock import Clock
from greenroom.ports import (
    Characters,
    Complexity,
    Coordinator,
    Costs,
    Crawler,
    Keys,
    Llm,
    Maintenance,
    Quality,
    ResponseCache,
    Router,
    Routing,
    Tuning,
    Turns,
    WebSearch,
    World,
)


@dataclass(frozen=True)
class Backstage:
    """The ports behind the page."""

    router: Router
    turns: Turns
    characters: Characters
    tuning: Tuning
    quality: Quality
    coordinator: Coordinator
    llm: Llm
    response_cache: ResponseCache
    complexity: Complexity
    routing: Routing
    web_search: WebSearch
    costs: Costs
    keys: Keys
    crawler: Crawler
    world: World
    maintenance: Maintenance
    clock: Clock
