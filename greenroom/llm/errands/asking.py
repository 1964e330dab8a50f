"""Having a form filled in by the model of the role `analysis`, or finding that no language model can be asked."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from greenroom.config import LlmSettings
from greenroom.errors import NoUpstream, UpstreamFailed
from greenroom.llm.asked import NamedModels
from greenroom.llm.dialect import joined
from greenroom.model import STAND_IN, ChatMessage, ChatRequest, Nothing
from greenroom.ports import Llm
from greenroom.text import without_fence

F = TypeVar("F", bound=BaseModel)


@dataclass(frozen=True)
class Question:
    """What a model is asked: how to go about it, and what lies before it. `model` empty means that of the role."""

    system: str
    said: str
    model: str
    use_cache: bool


@dataclass(frozen=True)
class Filled(Generic[F]):
    """A form as a model filled it in. `model` is its full name."""

    form: F
    model: str
    was_kept: bool


class FormFilling:
    """Has forms filled in. Unlike other work of the role, a person waits for this: it stands in no background line."""

    def __init__(self, llm: Llm, settings: LlmSettings) -> None:
        self._llm = llm
        self._named = NamedModels(llm)
        self._settings = settings

    async def why_not(self, model: str) -> str:
        """Why no language model can be asked, for people; empty when one can be."""
        models = await self._llm.models(Nothing())
        name = model or models.roles.get("analysis", "")
        if not name:
            return next((server.detail for server in models.providers if not server.reachable), "there is no model")
        card = await self._named.listed(name)
        if card is None or not card.stand_in:
            return ""
        return "the understudy was asked for, which is none" if model else models.why_stand_in

    async def fill(self, form: type[F], question: Question) -> Filled[F]:
        """Ask for a form. Raises: UpstreamFailed, when the answer is not one; NoUpstream, when the understudy gave it
        in another's place; all that `Llm.chat` does.
        """
        said = ChatMessage(role="system", content=question.system), ChatMessage(role="user", content=question.said)
        request = ChatRequest(
            model=question.model or (await self._llm.models(Nothing())).roles["analysis"],
            role=None,
            messages=said,
            options=self._settings.analysis.options,
            format=form.model_json_schema(),
            use_cache=question.use_cache,
        )
        answer = await joined(self._llm.chat(request))
        if answer.model.partition("/")[0] == STAND_IN:
            raise NoUpstream("no language model answered, only the understudy, which is none")
        try:
            filled = form.model_validate_json(without_fence(answer.text))
        except ValidationError as exc:
            raise UpstreamFailed(f"{answer.model} did not answer in the form that was asked for") from exc
        return Filled(filled, answer.model, answer.was_kept)
