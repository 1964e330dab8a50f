"""Log probabilities as servers of OpenAI's API tell them, in the form that Ollama has for them.

Source: the OpenAI API reference: `logprobs` of chat completions, and of the older completions.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any

from pydantic import JsonValue

Entry = dict[str, JsonValue]


def entries(told: Mapping[str, Any] | None) -> tuple[Entry, ...]:
    """The entries of one event, a token each; what cannot be read is left out, for the text matters more."""
    if not told:
        return ()
    content = told.get("content")
    return tuple(_of_chat(content)) if isinstance(content, list) else tuple(_of_completion(told))


def _of_chat(content: list[Any]) -> Iterator[Entry]:
    for given in content:
        if entry := _entry(given):
            yield _with(entry, map(_entry, _listed(given.get("top_logprobs"))))


def _of_completion(told: Mapping[str, Any]) -> Iterator[Entry]:
    tokens, chances, others = (_listed(told.get(name)) for name in ("tokens", "token_logprobs", "top_logprobs"))
    for token, chance, other in zip_longest(tokens, chances, others):
        if entry := _entry({"token": token, "logprob": chance}):
            pairs = other.items() if isinstance(other, dict) else ()
            yield _with(entry, (_entry({"token": token, "logprob": chance}) for token, chance in pairs))


def _with(entry: Entry, others: Iterable[Entry | None]) -> Entry:
    alternatives: list[JsonValue] = [other for other in others if other]
    return entry | {"top_logprobs": alternatives} if alternatives else entry


def _entry(given: Any) -> Entry | None:
    if not isinstance(given, dict):
        return None
    token, chance = given.get("token"), given.get("logprob")
    if not isinstance(token, str) or not isinstance(chance, int | float):
        return None
    told = _listed(given.get("bytes")) or list(token.encode("utf-8", "replace"))
    return {"token": token, "logprob": chance, "bytes": told}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
