"""How many tokens a request may take, before anybody has counted them: rather too many than too few.

A token of English is about four characters (the rule of thumb of OpenAI's documentation), of code and of other scripts
fewer bytes; three bytes for each are reckoned here.
"""

import json
from collections.abc import Iterable

from greenroom.model import ChatRequest, GenerateRequest, Texts

_BYTES = 3
_MESSAGE_TOKENS = 8
_IMAGE_TOKENS = 1_500
"""What a picture of 1500 by 1000 dots takes with the models that take most."""
_ANSWER_TOKENS = 4_000
"""What is reckoned with where no length is asked for: that of the role `generation`."""


def prompt_tokens(request: ChatRequest | GenerateRequest | Texts) -> int:
    """Tokens that a prompt takes, about; with its tools and pictures."""
    if isinstance(request, Texts):
        return sum(text_tokens(text) for text in request.texts)
    if isinstance(request, GenerateRequest):
        said = (request.prompt, request.system or "", request.suffix or "", request.template or "")
        return _tokens(said, len(request.images)) + len(request.context or ())
    told = json.dumps(request.tools) if request.tools else ""
    pictures = sum(len(message.images) for message in request.messages)
    calls = (str(message.tool_calls) for message in request.messages if message.tool_calls)
    return _tokens([told, *(message.content for message in request.messages), *calls], pictures)


def answer_tokens(request: ChatRequest | GenerateRequest | Texts) -> int:
    """Tokens that the answer may take."""
    if isinstance(request, Texts):
        return 0
    asked_for = request.options.num_predict
    return asked_for if asked_for is not None and asked_for >= 0 else _ANSWER_TOKENS


def text_tokens(text: str) -> int:
    """Tokens of a text, about."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // _BYTES)


def _tokens(texts: Iterable[str], pictures: int) -> int:
    return sum(text_tokens(text) + _MESSAGE_TOKENS for text in texts if text) + pictures * _IMAGE_TOKENS
