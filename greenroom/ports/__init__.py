"""The ports of the house, in the order in which a message travels.

A caller holds one of these and cannot tell a service in its own process from one on another machine. Every verb takes
one value and returns one value, or a stream of them, and carries its route.
"""

from greenroom.ports.router import Router
from greenroom.ports.turns import Turns
from greenroom.ports.characters import Characters
from greenroom.ports.retriever import Retriever
from greenroom.ports.library import Library
from greenroom.ports.llm import Generator, Llm
from greenroom.ports.response_cache import ResponseCache
from greenroom.ports.routing import Complexity, Routing
from greenroom.ports.web_search import WebSearch
from greenroom.ports.money import Costs, Keys
from greenroom.ports.errands import Errands
from greenroom.ports.quality import Quality
from greenroom.ports.crawler import Crawler
from greenroom.ports.coordinator import Coordinator
from greenroom.ports.world import World
from greenroom.ports.maintenance import Maintenance
from greenroom.ports.tuning import Tuning
from greenroom.ports.discord import Discord
