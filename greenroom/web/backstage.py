"""What stands behind the page."""

from dataclasses import dataclass

from greenroom.clock import Clock
from greenroom.ports import Characters, Llm, Router, Tuning, Turns


@dataclass(frozen=True)
class Backstage:
    """The ports behind the page."""

    router: Router
    turns: Turns
    characters: Characters
    tuning: Tuning
    llm: Llm
    clock: Clock
