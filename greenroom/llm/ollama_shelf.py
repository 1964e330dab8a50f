"""What Ollama says of its models: /api/tags, /api/show and /api/ps, read into our own words."""

from typing import Any

import msgspec
from pydantic import JsonValue, TypeAdapter

from greenroom.model import LoadedModel, LoadedModels, ModelCard, ModelDetails, Moment

PROVIDER = "ollama"


class _Tag(msgspec.Struct):
    name: str
    size: int = 0
    digest: str = ""
    modified_at: str = ""
    details: dict[str, Any] | None = None
    capabilities: list[str] | None = None
    remote_model: str = ""
    remote_host: str = ""


class _Tags(msgspec.Struct):
    models: list[_Tag] | None = None


class _Shown(msgspec.Struct):
    modified_at: str = ""
    details: dict[str, Any] | None = None
    model_info: dict[str, Any] | None = None
    capabilities: list[str] | None = None


class _Running(_Tag):
    size_vram: int = 0
    context_length: int | None = None
    expires_at: str = ""


class _Processes(msgspec.Struct):
    models: list[dict[str, Any]] | None = None


_TAGS = msgspec.json.Decoder(_Tags)
_SHOWN = msgspec.json.Decoder(dict[str, Any])
_PROCESSES = msgspec.json.Decoder(_Processes)
_MOMENT: TypeAdapter[Moment] = TypeAdapter(Moment)


def cards(answer: bytes) -> tuple[ModelCard, ...]:
    """The models of /api/tags. Raises: one of `faults.UNREADABLE`."""
    return tuple(_card(entry) for entry in _TAGS.decode(answer).models or [])


def details(answer: bytes, name: str) -> ModelDetails:
    """The model of /api/show, which does not say its own name. Raises: one of `faults.UNREADABLE`."""
    said = _SHOWN.decode(answer)
    shown = msgspec.convert(said, _Shown)
    about = shown.model_info or {}
    family = about.get("general.architecture")
    return ModelDetails(
        card=_card(_Tag(name, 0, "", shown.modified_at, shown.details, shown.capabilities)),
        context_tokens=_whole(about.get(f"{family}.context_length")),
        dimensions=_whole(about.get(f"{family}.embedding_length")),
        parameters=_whole(about.get("general.parameter_count")),
        said=said,
    )


def loaded(answer: bytes) -> LoadedModels:
    """The models of /api/ps. Raises: one of `faults.UNREADABLE`."""
    return LoadedModels(models=tuple(_loaded(entry) for entry in _PROCESSES.decode(answer).models or []))


def _loaded(said: dict[str, JsonValue]) -> LoadedModel:
    entry = msgspec.convert(said, _Running)
    return LoadedModel(
        card=_card(entry),
        vram_bytes=entry.size_vram,
        context_tokens=entry.context_length,
        expires_at=_moment(entry.expires_at),
        said=said,
    )


def _card(tag: _Tag) -> ModelCard:
    """A model of /api/tags. Older servers do not list capabilities; then its name and family have to tell."""
    about = tag.details or {}
    embeds = "embed" in tag.name.casefold() or "bert" in str(about.get("family")).casefold()
    return ModelCard(
        name=tag.name,
        provider=PROVIDER,
        size_bytes=tag.size,
        digest=tag.digest,
        modified_at=_moment(tag.modified_at),
        details=about,
        capabilities=tuple(tag.capabilities or (("embedding",) if embeds else ("completion",))),
        remote_model=tag.remote_model,
        remote_host=tag.remote_host,
        lacks=tuple(one for one in ("tools", "vision") if tag.capabilities and one not in tag.capabilities),
    )


def _moment(written: str) -> Moment | None:
    return _MOMENT.validate_python(written) if written else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
