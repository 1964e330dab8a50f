"""What a request needs of a model, whatever it asks, and whether a model has it."""

from dataclasses import dataclass

from greenroom.model import ComplexityRequest, ModelDetails

_CHARACTERS_PER_TOKEN = 4
"""Of English; others need more tokens. Whether a request fits is decided generously: its server has the last word."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a model must be able to do; `tokens` are those of prompt and answer, roughly."""

    tools: bool = False
    images: bool = False
    thinking: bool = False
    format: bool = False
    tokens: int = 0


def needs_of(request: ComplexityRequest) -> Needs:
    """What a request needs."""
    characters = request.characters_before + len(request.text) + len(request.system or "")
    return Needs(
        tools=bool(request.tools),
        images=bool(request.images) or any(message.images for message in request.messages),
        thinking=bool(request.think),
        format=request.format is not None,
        tokens=characters // _CHARACTERS_PER_TOKEN + max(0, request.options.num_predict or 0),
    )


def lack(model: ModelDetails, needs: Needs) -> str:
    """What the model lacks, in words; empty when it fits. What nobody tells of a model, it is believed to have."""
    can = model.card.capabilities
    if model.card.provider == "ollama" or model.card.stand_in or len(can) > 1:
        if needs.images and "vision" not in can:
            return "cannot see pictures"
        if needs.tools and "tools" not in can:
            return "cannot use tools"
        if needs.thinking and "thinking" not in can:
            return "cannot think aloud"
    if needs.format and "format" in model.card.lacks:
        return "cannot keep to a format"
    if model.context_tokens and needs.tokens > model.context_tokens:
        return f"holds {model.context_tokens} tokens, and this takes about {needs.tokens}"
    return ""
