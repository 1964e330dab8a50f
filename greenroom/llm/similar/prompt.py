"""Which part of a request may be in other words, and what must be the same about the rest."""

from greenroom.llm.cache.key import answer_key
from greenroom.llm.similar.reading import LONGEST
from greenroom.model import ChatRequest, GenerateRequest, ModelCard

Request = ChatRequest | GenerateRequest


def last_words(request: Request) -> str | None:
    """The last message of the user, or the prompt; None where that is not the end of it, is more than text, or long."""
    if isinstance(request, GenerateRequest):
        text = "" if request.raw or request.suffix or request.images else request.prompt
    else:
        last = request.messages[-1]
        text = "" if last.role != "user" or last.images else last.content
    return text if text.strip() and len(text) <= LONGEST else None


def partition_of(request: Request, card: ModelCard) -> str:
    """The key of everything else: model and digest, system message, history, options, format, tools, character...

    Only requests with the same one are compared.
    """
    if isinstance(request, GenerateRequest):
        return answer_key(request.model_copy(update={"prompt": ""}), card)
    *before, last = request.messages
    return answer_key(request.model_copy(update={"messages": (*before, last.model_copy(update={"content": ""}))}), card)
