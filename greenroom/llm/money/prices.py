"""What a model costs: by the settings, by the rule for models at home, or by a list of prices. Otherwise nobody knows.

Money is counted in whole nanodollars (0.000000001 US dollars): no sum loses a part, and cheap tokens still count.
"""

import asyncio
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Self

from cachetools import LRUCache

from greenroom.clock import Clock
from greenroom.config import LlmSettings

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo

NANOS = 1_000_000_000
"""Nanodollars in a dollar."""

Rate = Callable[[int, int], int | None]
"""What a model takes for so many tokens of prompt and of answer, in nanodollars; None when nobody knows."""

_AT_HOME = frozenset({"ollama", "understudy", "minilm"})
_FREE = ":free"
"""What OpenRouter writes behind the name of a model that it gives away."""
_MODELS = 1_000


class Prices:
    """The price of each model, by its full name. Entering it begins to read the list, where it may be needed.

    In this order: the first fitting pattern of `llm.prices`; models that run on the owner's machines cost nothing (all
    of Ollama but its cloud models, the understudy, MiniLM), nor do those that OpenRouter calls free; the list that
    comes with genai-prices, for servers whose address it knows. The list is never fetched anew: it is as old as the
    package. Tokens that a server reads from a cache of its own are counted at the full price.
    """

    def __init__(self, settings: LlmSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._known: LRUCache[str, Rate | None] = LRUCache(_MODELS)
        self._reading: asyncio.Task[object] | None = None

    async def __aenter__(self) -> Self:
        """Begin to read the list: it takes half a second, and 60 MB."""
        if self._settings.compatible:
            self._reading = asyncio.create_task(asyncio.to_thread(_listed, "", ""), name="llm reads the list of prices")
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Let it be read to its end."""
        if self._reading is not None:
            await self._reading

    async def rate(self, model: str) -> Rate | None:
        """What a model takes; None when nobody knows. `model` is its full name."""
        if model not in self._known:
            self._known[model] = await self._find(model)
        return self._known[model]

    async def _find(self, model: str) -> Rate | None:
        for pattern, price in self._settings.prices.items():
            if fnmatchcase(model, pattern):
                return partial(_flat, price.input, price.output)
        provider, _, name = model.partition("/")
        if provider in _AT_HOME:
            return None if name.endswith("cloud") else partial(_flat, 0.0, 0.0)
        server = self._settings.compatible.get(provider)
        if server is None:
            return None
        if name.endswith(_FREE):
            return partial(_flat, 0.0, 0.0)
        found = await asyncio.to_thread(_listed, server.base_url, name)
        return partial(self._by_list, found) if found else None

    def _by_list(self, model: "ModelInfo", prompt: int, answer: int) -> int | None:
        """By the list; an entry without a price for tokens, as of models that listen, says nothing of tokens."""
        from genai_prices import Usage

        price = model.get_prices(self._clock.now())
        if price.input_mtok is None or (answer and price.output_mtok is None):
            return None
        return round(price.calc_price(Usage(input_tokens=prompt, output_tokens=answer))["total_price"] * NANOS)


def _flat(input_usd: float, output_usd: float, prompt: int, answer: int) -> int:
    """So many dollars for a million tokens."""
    return round((input_usd * prompt + output_usd * answer) * (NANOS / 1_000_000))


def _listed(base_url: str, model: str) -> "ModelInfo | None":
    """The model's entry in the list. Blocking: the first call imports it."""
    from genai_prices.data_snapshot import get_snapshot

    try:
        _, found = get_snapshot().find_provider_model(model, None, None, base_url)
    except LookupError:
        return None
    return found
