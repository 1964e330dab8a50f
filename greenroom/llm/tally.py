"""What is counted of each provider. Every figure is something that happened; what a server does not tell is not in."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields

from greenroom.clock import Clock
from greenroom.model import Chunk


@dataclass(slots=True)
class Tally:
    """Figures of one provider since the start."""

    requests: float = 0
    failures: float = 0
    cancelled: float = 0
    prompt_tokens: float = 0
    completion_tokens: float = 0
    first_token_seconds_sum: float = 0
    first_token_seconds_count: float = 0

    def figures(self, provider: str) -> dict[str, float]:
        """The figures by name, such as `llm_requests_ollama`; characters that metrics do not allow become `_`."""
        suffix = provider.replace("-", "_")
        return {f"llm_{part.name}_{suffix}": getattr(self, part.name) for part in fields(self)}


@dataclass(slots=True)
class Tallied:
    """One request being counted. `waited_s` is how long it took until there was something in the answer."""

    tally: Tally
    clock: Clock
    began_s: float = field(init=False)
    done: bool = False
    waited_s: float | None = None

    def __post_init__(self) -> None:
        self.began_s = self.clock.monotonic_s()

    def note(self, chunk: Chunk) -> None:
        """Count a chunk: the first one with something in it, and the tokens that the last one tells."""
        if self.waited_s is None and (chunk.text or chunk.thinking or chunk.tool_calls):
            self.waited_s = self.clock.monotonic_s() - self.began_s
            self.tally.first_token_seconds_sum += self.waited_s
            self.tally.first_token_seconds_count += 1
        self.done = chunk.done
        if chunk.usage is not None:
            self.tally.prompt_tokens += chunk.usage.prompt_tokens or 0
            self.tally.completion_tokens += chunk.usage.completion_tokens or 0


@contextmanager
def tallied(tally: Tally, clock: Clock) -> Iterator[Tallied]:
    """Count what happens inside as one request: gone well, failed, or left by the reader."""
    tally.requests += 1
    counting = Tallied(tally, clock)
    try:
        yield counting
    except (GeneratorExit, asyncio.CancelledError):
        tally.cancelled += not counting.done
        raise
    except Exception:
        tally.failures += 1
        raise
