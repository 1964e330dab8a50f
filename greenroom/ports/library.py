"""What there is to know, for those who fill it."""

from typing import Protocol

from greenroom.at import at
from greenroom.model import (
    CollectionRef,
    Collections,
    DocumentPage,
    DocumentPageRequest,
    DocumentRefs,
    Documents,
    Indexed,
    Nothing,
)


class Library(Protocol):
    """What the house has been told to know, for those who fill it. Served by the retriever, whose tables these are."""

    @at("POST /documents", repeatable=True)
    async def put(self, order: Documents, /) -> Indexed:
        """Put documents into a collection, in the place of those with their ids; what says the same is left alone.

        When it returns, they can be found. Raises: NoUpstream and the like, when nothing embeds them; StorageFull.
        Nothing is put then.
        """
        ...

    @at("POST /documents/remove", repeatable=True)
    async def remove(self, which: DocumentRefs, /) -> Indexed:
        """Take documents out."""
        ...

    @at("GET /collections/{collection}/documents")
    async def documents(self, request: DocumentPageRequest, /) -> DocumentPage:
        """List the documents of a collection, without their texts; none of an unknown one."""
        ...

    @at("DELETE /collections/{collection}")
    async def drop(self, which: CollectionRef, /) -> Indexed:
        """Take a whole collection out. One that is not there is no mistake."""
        ...

    @at("GET /collections/stats")
    async def stats(self, nothing: Nothing, /) -> Collections:
        """List the collections in figures."""
        ...
