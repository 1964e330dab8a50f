"""Reading in tests what a model was asked, and what streams."""

from contextlib import aclosing

from greenroom.model import ChatRequest, Chunk, Stream
from greenroom.testing import ScriptedModel


async def every(stream: Stream[Chunk]) -> list[Chunk]:
    """All chunks of a stream."""
    found: list[Chunk] = []
    await collect(stream, found)
    return found


async def collect(stream: Stream[Chunk], found: list[Chunk]) -> None:
    """The same into a list that the test holds, for streams that fail."""
    async with aclosing(stream) as chunks:
        async for chunk in chunks:
            found.append(chunk)  # noqa: PERF401 - a comprehension would lose what came before the error


def asked(model: ScriptedModel) -> ChatRequest:
    """What the model was asked last."""
    request = model.requests[-1]
    assert isinstance(request, ChatRequest)
    return request
