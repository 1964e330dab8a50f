"""What a model costs is known from the settings, by a rule or from the list; otherwise it is not known."""

import subprocess
import sys

import pytest

from greenroom.config import CompatibleServer, LlmSettings, Price
from greenroom.llm.money.prices import Prices
from greenroom.testing import FrozenClock

SERVERS = {
    "openrouter": CompatibleServer(base_url="https://openrouter.ai/api/v1"),
    "mistral": CompatibleServer(base_url="https://api.mistral.ai/v1"),
    "vllm": CompatibleServer(base_url="http://127.0.0.1:8000/v1"),
}
OVERRIDES = {"vllm/small": Price(input=0.02, output=0.04), "*/gemma*": Price(input=1, output=2)}


async def taken(model: str, prompt: int = 1_000, answer: int = 100) -> int | None:
    rate = await Prices(LlmSettings(compatible=SERVERS, prices=OVERRIDES), FrozenClock()).rate(model)
    return rate(prompt, answer) if rate else None


@pytest.mark.parametrize("model", ["ollama/llama3.2", "understudy/understudy", "minilm/all", "openrouter/x/y:free"])
async def test_models_at_home_and_free_ones_cost_nothing(model: str) -> None:
    assert await taken(model) == 0


@pytest.mark.parametrize(
    "model",
    ["ollama/gpt-oss:120b-cloud", "vllm/large", "openrouter/nobody/knows", "mistral/mistral-ocr-2503", "away/x", ""],
)
async def test_what_is_not_known_is_not_free(model: str) -> None:
    assert await taken(model) is None


async def test_the_list_knows_the_models_of_servers_by_their_address() -> None:
    small, large = await taken("mistral/mistral-small-latest"), await taken("openrouter/openai/gpt-4o")
    assert small is not None
    assert large is not None
    assert 0 < small < large


async def test_the_settings_go_before_everything() -> None:
    assert await taken("ollama/gemma3") == 1_200_000
    assert await taken("vllm/small", prompt=1, answer=0) == 20, "in nanodollars a single token counts"


def test_the_list_is_not_read_before_it_is_needed_and_asks_nobody() -> None:
    program = (
        "import asyncio, sys, threading\n"
        "sys.addaudithook(lambda event, _: print(event) if event.startswith('socket.conn') else None)\n"
        "from greenroom.llm.money.prices import Prices, _listed\n"
        "assert 'genai_prices' not in sys.modules\n"
        "assert _listed('https://api.mistral.ai/v1', 'mistral-small-latest')\n"
        "print(threading.active_count())\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "1\n"
