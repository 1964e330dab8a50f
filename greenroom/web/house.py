"""What the page may ask of the house."""

from dataclasses import dataclass

from greenroom.clock import Clock
from greenroom.ports import Characters, Llm, Router, Tuning, Turns


@dataclass(frozen=True)
class House:
    """The ports behind the page."""

    router: Router
    turns: Turns
    characters: Characters
    tuning: Tuning
    llm: Llm
    clock: Clock
