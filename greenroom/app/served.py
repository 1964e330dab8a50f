"""Which ports each service serves."""

import re
from collections.abc import Mapping

from greenroom.config import SERVICES
from greenroom.ports import (
    Characters,
    Complexity,
    Coordinator,
    Costs,
    Crawler,
    Discord,
    Errands,
    Generator,
    Keys,
    Library,
    Llm,
    Maintenance,
    Quality,
    ResponseCache,
    Retriever,
    Router,
    Routing,
    Tuning,
    Turns,
    WebSearch,
    World,
)

SERVED: Mapping[str, tuple[type, ...]] = {
    "llm": (Llm, Generator, ResponseCache, Routing, Keys),
    "characters": (Characters,),
    "retriever": (Retriever, Library),
    "crawler": (Crawler,),
    "quality": (Quality,),
    "tuning": (Tuning,),
    "router": (Router, Turns),
    "coordinator": (Coordinator,),
    "world": (World, Maintenance),
    "web": (),
    "discord": (Discord,),
}
"""The ports of each service, in the order in which services start: what others need comes first."""

AT_ROOT: Mapping[str, tuple[type, ...]] = {
    "llm": (Complexity, WebSearch, Costs, Errands),
}
"""The ports whose paths outsiders know: served at the root in both deployments, with errors in Ollama's words."""


def property_of(port: type) -> str:
    """The name under which the house has a port: `response_cache` for `ResponseCache`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", port.__name__).casefold()


assert set(SERVED) == set(SERVICES)
