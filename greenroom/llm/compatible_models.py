"""What servers that speak OpenAI's API say of their models, in GET /models.

The API itself names no more than an id. What servers add is read where it is there, and is left unknown where it is
not, or is of another type. Sources: the API references of OpenRouter, Mistral, vLLM, Groq, Together and llama.cpp.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from greenroom.model import ModelCard, ModelDetails

_CONTEXT = ("context_length", "max_model_len", "max_context_length", "context_window", "n_ctx", "n_ctx_train")
_LATEST_S = 32_503_680_000
"""The year 3000: a later time is a mistake."""


class _Models(msgspec.Struct):
    data: list[dict[str, Any]]


_MODELS = msgspec.json.Decoder(_Models)


def listed(answer: bytes) -> dict[str, Mapping[str, Any]]:
    """The entries of GET /models by their ids. Raises: one of `faults.UNREADABLE`."""
    return {msgspec.convert(entry.get("id"), str): entry for entry in _MODELS.decode(answer).data}


def card(name: str, provider: str, entry: Mapping[str, Any]) -> ModelCard:
    """A model as its entry describes it; an empty one will do."""
    created = _whole(entry.get("created"))
    about = {"context_length": _context_tokens(entry), "embedding_length": _whole(_meta(entry).get("n_embd"))}
    return ModelCard(
        name=name,
        provider=provider,
        modified_at=datetime.fromtimestamp(created, UTC) if created and created < _LATEST_S else None,
        details={key: value for key, value in about.items() if value},
        capabilities=_capabilities(name, entry),
        lacks=_lacks(entry),
    )


def details(name: str, provider: str, entry: Mapping[str, Any]) -> ModelDetails:
    """The same in full."""
    return ModelDetails(
        card=card(name, provider, entry),
        context_tokens=_context_tokens(entry),
        dimensions=_whole(_meta(entry).get("n_embd")),
        parameters=_whole(_meta(entry).get("n_params")),
    )


def _capabilities(name: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
    """In Ollama's words. That it writes text is assumed, unless its name is one of a model for embeddings."""
    if "embed" in name.casefold():
        return ("embedding",)
    takes = _listed(entry.get("supported_parameters"))
    sees = _listed(_object(entry.get("architecture")).get("input_modalities"))
    can = _object(entry.get("capabilities"))
    found = {
        "completion": True,
        "tools": "tools" in takes or can.get("function_calling") is True,
        "vision": "image" in sees or can.get("vision") is True,
        "thinking": "reasoning" in takes or can.get("reasoning") is True,
    }
    return tuple(ability for ability, has in found.items() if has)


def _lacks(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """What the entry says that the model cannot do; most entries say nothing."""
    takes = _listed(entry.get("supported_parameters"))
    sees = _listed(_object(entry.get("architecture")).get("input_modalities"))
    can = _object(entry.get("capabilities"))
    missing = {
        "tools": can.get("function_calling") is False or bool(takes and "tools" not in takes),
        "vision": can.get("vision") is False or bool(sees and "image" not in sees),
        "format": bool(takes and "response_format" not in takes and "structured_outputs" not in takes),
    }
    return tuple(ability for ability, is_missing in missing.items() if is_missing)


def _context_tokens(entry: Mapping[str, Any]) -> int | None:
    sources = (entry, _meta(entry))
    return next((found for said in sources for key in _CONTEXT if (found := _whole(said.get(key)))), None)


def _meta(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    return _object(entry.get("meta"))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
