"""The cache in HTTP: what a client may wish, and what it is told. The same in every dialect."""

from typing import Any

from starlette.datastructures import Headers

from greenroom.model import Chunk

SOURCE_HEADER = "X-Greenroom-Cache"

Wishes = dict[str, Any]
"""Fields of a request."""


def cache_wishes(headers: Headers) -> Wishes:
    """What `Cache-Control` asks for: `no-cache`, not to answer from the cache; `no-store`, not to keep the answer."""
    said = {part.strip().casefold() for line in headers.getlist("cache-control") for part in line.split(",")}
    match "no-cache" in said, "no-store" in said:
        case True, True:
            return {"use_cache": False}
        case True, False:
            return {"cache_control": "no-cache"}
        case False, True:
            return {"cache_control": "no-store"}
    return {}


def cache_headers(first: Chunk) -> dict[str, str]:
    """Where an answer comes from, by its first chunk; nothing where the cache had no part in it."""
    return {SOURCE_HEADER: first.cache} if first.cache else {}
