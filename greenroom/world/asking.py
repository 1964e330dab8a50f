"""Asking a language model for something that the house can do without: the understudy is not asked."""

from contextlib import aclosing

from greenroom.model import STAND_IN, ChatRequest, Nothing
from greenroom.ports import Llm


async def answer(llm: Llm, request: ChatRequest, longest: int) -> str | None:
    """What a model says, cut off after about the `longest` number of characters; None where no language model answers.

    Raises: what the gateway does, and then it may be tried again.
    """
    roles = (await llm.models(Nothing())).roles
    if not request.model and roles.get(request.role or "", STAND_IN).startswith(f"{STAND_IN}/"):
        return None
    text = ""
    async with aclosing(llm.chat(request)) as chunks:
        async for chunk in chunks:
            if chunk.model.startswith(f"{STAND_IN}/"):
                return None
            text += chunk.text
            if len(text) > longest:
                return text
    return text
