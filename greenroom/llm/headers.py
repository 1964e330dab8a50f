"""What a client may wish of a call in its headers, and what it is told there: the same in every dialect."""

from typing import Any
from urllib.parse import quote

from starlette.datastructures import Headers

from greenroom.model import Chunk, Decision

Wishes = dict[str, Any]
"""Fields of a request."""

_IN_NAMES = "/:@.-_~+ "
_IN_WORDS = f"{_IN_NAMES},'()"


def wishes_of(headers: Headers) -> Wishes:
    """What the headers say of the call."""
    return _cache_wishes(headers) | _similar_wishes(headers)


def told_of(first: Chunk) -> dict[str, str]:
    """What is said of an answer by its first chunk: who gives it, in whose place, where the cache found it, and how its
    model was chosen.

    In the name of a model, what no header can hold stands as in an address: `%C3%A4`.
    """
    source = {"X-Greenroom-Cache": first.cache} if first.cache else {}
    failed = ", ".join(quote(one, safe=_IN_NAMES) for one in first.instead_of)
    instead = {"X-Greenroom-Instead-Of": failed} if failed else {}
    route = {"X-Greenroom-Route": _route(first.route)} if first.route else {}
    key = {"X-Greenroom-Key": first.key} if first.key else {}
    similarity = {"X-Greenroom-Similarity": f"{first.similarity:.3f}"} if first.similarity is not None else {}
    model = {"X-Greenroom-Model": quote(first.model, safe=_IN_NAMES)}
    return model | instead | source | key | similarity | route


def _route(decision: Decision) -> str:
    """`high; score=0.71; route=local; model=ollama/llama3.2; degraded=no cloud model is set; id=5f…`."""
    parts = [
        decision.complexity,
        f"score={decision.score:.2f}",
        f"route={decision.route}",
        f"model={quote(decision.model, safe=_IN_NAMES)}",
    ]
    if decision.degraded:
        parts.append(f"degraded={quote(', '.join(decision.degraded), safe=_IN_WORDS)}")
    if decision.id:
        parts.append(f"id={decision.id}")
    return "; ".join(parts)


def _cache_wishes(headers: Headers) -> Wishes:
    """`no-cache`: do not answer from the cache; `no-store`: do not keep the answer. Source: RFC 9111, section 5.2.1."""
    said = {part.strip().casefold() for line in headers.getlist("cache-control") for part in line.split(",")}
    match "no-cache" in said, "no-store" in said:
        case True, True:
            return {"use_cache": False}
        case True, False:
            return {"cache_control": "no-cache"}
        case False, True:
            return {"cache_control": "no-store"}
    return {}


def _similar_wishes(headers: Headers) -> Wishes:
    """`on` or `off`: whether the answer to a similar prompt will do. Anything else says nothing."""
    wish = {"on": True, "off": False}.get(headers.get("x-greenroom-similar", "").strip().casefold())
    return {} if wish is None else {"similar": wish}
