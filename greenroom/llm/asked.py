"""What an outsider's request asks for, in any dialect: its body, the model that it names, what that model can do."""

import base64
import binascii
import json
from typing import Any, TypeVar

import msgspec
from pydantic import BaseModel, ValidationError

from greenroom.errors import BadRequest, UnknownModel
from greenroom.llm.dialect import joined
from greenroom.llm.faults import UNREADABLE
from greenroom.llm.names import Shelf, completes, shown_name
from greenroom.model import AUTO, Chunk, GenerateRequest, ModelCard, ModelRef, Models, Nothing
from greenroom.ports import Llm

_MOST_OBJECTS = 100_000
_NOTHING = Nothing()

B = TypeVar("B", bound=msgspec.Struct)
V = TypeVar("V", bound=BaseModel)


class NamedModels:
    """Finds the models that requests name, as their clients know them."""

    def __init__(self, llm: Llm) -> None:
        self._llm = llm
        self._models: Models | None = None
        self._shelves = Shelf((), ()), Shelf((), ())

    async def find(self, name: str) -> ModelCard:
        """The model that is meant. One that is not listed may still exist: asking to load it tells.

        Raises: UnknownModel, in Ollama's words.
        """
        if not name:
            raise UnknownModel("model '' not found")
        if card := await self.listed(name):
            return card
        try:
            loaded = await self.load(name)
        except UnknownModel as exc:
            raise UnknownModel(f"model '{name}' not found") from exc
        provider, _, model = loaded.model.partition("/")
        return ModelCard(name=model, provider=provider)

    async def listed(self, name: str) -> ModelCard | None:
        """The model that is meant, when it is in the list; also one whose server is away, as another may stand in."""
        models = await self._llm.models(_NOTHING)
        if models is not self._models:
            providers = [AUTO, *(health.provider for health in models.providers)]
            self._models, self._shelves = models, (Shelf(models.models, providers), Shelf(models.away, providers))
        listed, away = self._shelves
        return listed.find(name) or away.find(name)

    async def full_name(self, name: str) -> str:
        """The full name of the model that is meant, by which keys and prices know it; what is in no list stays."""
        card = await self.listed(name)
        return card.full_name if card else name

    async def thinks(self, card: ModelCard) -> bool:
        """Whether the model can think. Of servers that do not tell it is taken for granted; Ollama tells."""
        if card.provider != "ollama" or "thinking" in card.capabilities:
            return not _lacks(card, "thinking")
        return "thinking" in (await self._llm.show(ModelRef(model=card.full_name))).card.capabilities

    async def load(self, model: str, keep_alive: str | float | None = None) -> Chunk:
        """Have a model loaded, or unloaded with a `keep_alive` of 0."""
        return await joined(
            self._llm.generate(GenerateRequest(model=model, prompt="", role=None, keep_alive=keep_alive))
        )


def decoded(kind: type[B], content: bytes) -> B:
    """A body of JSON as a value. Raises: BadRequest."""
    if not content.strip():
        raise BadRequest("missing request body")
    try:
        body = msgspec.json.decode(content, type=kind)
        json.loads(content, object_pairs_hook=_Unequivocal())
        return body
    except UNREADABLE as exc:
        raise BadRequest(str(exc) or "nested too deeply") from exc


class _Unequivocal:
    """Reads objects for nothing but their keys: of two that are the same, readers differ on which one counts."""

    def __init__(self) -> None:
        self._left = _MOST_OBJECTS

    def __call__(self, pairs: list[tuple[str, Any]]) -> None:
        self._left -= 1
        if self._left < 0:
            raise BadRequest(f"more than {_MOST_OBJECTS} objects in one body")
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise BadRequest(f"the key {key[:100]!r} stands twice in one object")
            seen.add(key)


def valid(kind: type[V], /, **fields: Any) -> V:
    """A value of ours from fields that came from outside. Raises: BadRequest, which names the first that is wrong."""
    try:
        return kind(**fields)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])[:100]
        raise BadRequest(f"invalid {place}: {first['msg']}") from exc


def check_top_logprobs(given: int | None) -> None:
    """Raises: BadRequest, for a number of alternatives that nobody gives."""
    if not 0 <= (given or 0) <= 20:
        raise BadRequest("top_logprobs must be between 0 and 20")


def check_base64(image: str) -> None:
    """Raises: BadRequest, for a picture that is not base64."""
    try:
        base64.b64decode(image, validate=True)
    except (binascii.Error, ValueError, TypeError) as exc:
        raise BadRequest(f"illegal base64 data in an image: {exc}") from exc


def check_abilities(card: ModelCard, name: str, verb: str, think: Any = None) -> None:
    """Refuse what the model cannot do. `name` is what the client calls it. Raises: BadRequest, in Ollama's words."""
    if think and _lacks(card, "thinking"):
        raise BadRequest(f'"{name}" does not support thinking')
    if not completes(card):
        raise BadRequest(f'"{name}" does not support {verb}')


def check_ability(card: ModelCard, ability: str) -> None:
    """Refuse what not every model can do, `tools` or `insert`. Raises: BadRequest, in Ollama's words."""
    if _lacks(card, ability):
        raise BadRequest(f"registry.ollama.ai/library/{shown_name(card)} does not support {ability}")


def _lacks(card: ModelCard, ability: str) -> bool:
    """Whether the understudy cannot do this. Its abilities are known here; any other server says so itself."""
    return card.stand_in and ability not in card.capabilities
