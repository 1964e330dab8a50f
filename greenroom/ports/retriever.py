"""What bears on the moment, for those who ask."""

from typing import Protocol

from greenroom.at import at
from greenroom.model import Collections, Knowledge, KnowledgeRequest, Nothing, Passages, RetrieveRequest, SemanticSearch


class Retriever(Protocol):
    """What a character knows that bears on the moment."""

    @at("POST /retrieve", repeatable=True)
    async def retrieve(self, request: RetrieveRequest, /) -> Passages:
        """Find passages for what was just said, best first; none when nothing is close enough."""
        ...

    @at("POST /semantic-search", repeatable=True)
    async def semantic_search(self, search: SemanticSearch, /) -> Passages:
        """Search the library by words and by meaning, best first. Raises: NotFound, for an unknown collection."""
        ...

    @at("POST /character-knowledge", repeatable=True)
    async def character_knowledge(self, request: KnowledgeRequest, /) -> Knowledge:
        """Tell what a character knows, of something or at all. Raises: UnknownCharacter."""
        ...

    @at("GET /collections")
    async def collections(self, nothing: Nothing, /) -> Collections:
        """List what is in the library."""
        ...
