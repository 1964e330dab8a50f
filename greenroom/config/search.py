"""Settings of web search."""

from typing import Literal

from pydantic import Field

from greenroom.config.part import Part


class SearchSettings(Part):
    """Who is asked when something is looked up on the web. Nobody is, unless the owner says so."""

    provider: Literal["none", "ddgs", "searxng", "brave"] = Field(
        "none",
        description="Who searches the web: nobody, public engines through the library ddgs, a SearXNG of your own, "
        "or Brave with a key.",
    )
    searxng_url: str = Field("", description="Where SearXNG answers; its settings.yml must allow the format json.")
    brave_key_env: str = Field("BRAVE_API_KEY", description="The environment variable that holds Brave's key.")
    ddgs_backend: str = Field(
        "auto", description="Engines that ddgs asks, such as `duckduckgo,mojeek`; `auto` lets it choose."
    )
    region: str = Field(
        "us-en", pattern=r"^[a-z]{2}-[a-z]{2}$", description="Country and language of what is looked for."
    )
    timeout_s: float = Field(3.0, gt=0, description="Longest wait for results; an answer then does without.")
    cache_s: float = Field(3600.0, ge=0, description="For how long results are remembered, in seconds; 0 for not.")
    per_minute: int = Field(30, ge=1, description="Searches in a minute; more are refused at once.")
    results: int = Field(5, ge=1, le=20, description="Results that a prompt is given, at most.")
    prompt_chars: int = Field(4000, ge=500, description="Length of all results in a prompt, in characters, at most.")
