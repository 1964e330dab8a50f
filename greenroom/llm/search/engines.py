"""Which engines the settings have made ready, and what is missing where one is not."""

from pydantic import SecretStr

from greenroom.config import SearchSettings
from greenroom.errors import SearchOff
from greenroom.llm.search.brave import Brave
from greenroom.llm.search.ddgs import Ddgs
from greenroom.llm.search.hit import Engine
from greenroom.llm.search.searxng import Searxng
from greenroom.model import SearchProvider


def engines_of(settings: SearchSettings, brave_key: SecretStr) -> dict[SearchProvider, Engine]:
    """The engines that are ready: none where search is off, ddgs only where it is the provider."""
    found: dict[SearchProvider, Engine] = {}
    if settings.provider == "none":
        return found
    if settings.provider == "ddgs":
        found["ddgs"] = Ddgs(settings.ddgs_backend, settings.region, settings.timeout_s)
    if settings.searxng_url:
        found["searxng"] = Searxng(settings.searxng_url, settings.region)
    if brave_key.get_secret_value():
        found["brave"] = Brave(brave_key, settings.brave_key_env, settings.region)
    return found


def not_ready(name: SearchProvider, settings: SearchSettings) -> SearchOff:
    """The error that says what an engine lacks."""
    cures: dict[SearchProvider, str] = {
        "ddgs": "set llm.search.provider to ddgs",
        "searxng": "set llm.search.searxng_url to where your SearXNG answers",
        "brave": f"put Brave's key into the environment variable {settings.brave_key_env}",
    }
    return SearchOff(f"web search with {name} is not set up; {cures[name]}")
