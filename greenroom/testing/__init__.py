"""Fakes that ship: one per port, scripted by the test, so that no test needs a patch."""

from greenroom.testing.fake_discord import FakeDiscord, Fault
from greenroom.testing.fake_ollama import FakeOllama, Reply
from greenroom.testing.fake_search import FakeBrave, FakeSearXNG, Found, SearchReply
from greenroom.testing.fake_wiki import FakeWiki
from greenroom.testing.fast_clock import FastClock
from greenroom.testing.fixed_cast import FixedCast
from greenroom.testing.fixed_routing import FixedRouting
from greenroom.testing.fixed_turns import FixedTurns
from greenroom.testing.frozen_clock import FrozenClock
from greenroom.testing.numbered_ids import NumberedIds
from greenroom.testing.scripted_model import ScriptedModel
from greenroom.testing.serving import free_ports, serving
from greenroom.testing.tasks_at_once import TasksAtOnce

__all__ = [
    "FakeBrave",
    "FakeDiscord",
    "FakeOllama",
    "FakeSearXNG",
    "FakeWiki",
    "FastClock",
    "Fault",
    "FixedCast",
    "FixedRouting",
    "FixedTurns",
    "Found",
    "FrozenClock",
    "NumberedIds",
    "Reply",
    "ScriptedModel",
    "SearchReply",
    "TasksAtOnce",
    "free_ports",
    "serving",
]
