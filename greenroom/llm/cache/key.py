"""What makes two requests the same: everything that could change the answer, and nothing else."""

import hashlib
import json
from typing import Any

from greenroom import __version__
from greenroom.model import ChatRequest, GenerateRequest, ModelCard

DOES_NOT_MATTER = frozenset(
    {"model", "role", "keep_alive", "use_cache", "cache_control", "similar", "caller", "options", "think"}
)
"""Fields that change nothing, and those that are put into the key in another form."""

_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))

_WITH_SCHEMAS = ("format", "tools")


def answer_key(request: ChatRequest | GenerateRequest, card: ModelCard) -> str:
    """The key of a request whose options are complete: `prefix_of(card)`, and a SHA-256 in hexadecimal figures.

    The order of keys in objects and white space between them do not matter; but for the `properties` of a schema, which
    a model writes in the order in which they are asked for.
    """
    said: dict[str, Any] = {
        "verb": "chat" if isinstance(request, ChatRequest) else "generate",
        "model": card.full_name,
        "digest": digest_of(card),
        "options": request.options.given(),
        "think": _thinks(request, card),
        **request.model_dump(exclude=set(DOES_NOT_MATTER)),
    }
    said |= {name: _in_order(said[name]) for name in _WITH_SCHEMAS if said.get(name)}
    return prefix_of(card) + hashlib.sha256(_WRITER.encode(said).encode()).hexdigest()


def prefix_of(card: ModelCard) -> str:
    """What the keys of all answers of this very model begin with."""
    return prefix_of_name(card.full_name) + _short(digest_of(card)) + ":"


def prefix_of_name(model: str) -> str:
    """What the keys of all answers of a model begin with, whatever its digest. `model` is its full name."""
    return ALL + _short(model) + ":"


ALL = "answer:"
"""What the keys of all answers begin with."""


def digest_of(card: ModelCard) -> str:
    """What changes when the model does. Our own stand-in changes with our version."""
    return card.digest or (__version__ if card.stand_in else "")


def _thinks(request: ChatRequest | GenerateRequest, card: ModelCard) -> Any:
    """A model that can think does so unless told otherwise. Source: Ollama v0.33, server/routes.go."""
    return True if request.think is None and "thinking" in card.capabilities else request.think


def _in_order(value: Any) -> Any:
    """The same with every schema's `properties` as a list, so that sorting keeps their order."""
    if isinstance(value, dict):
        inner = {key: _in_order(item) for key, item in value.items()}
        properties = inner.get("properties")
        return inner | {"properties": list(properties.items())} if isinstance(properties, dict) else inner
    return [_in_order(item) for item in value] if isinstance(value, list | tuple) else value


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
