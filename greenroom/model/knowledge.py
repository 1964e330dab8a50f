"""What the house has been told to know: documents in collections, and how they are searched."""

from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints

from greenroom.model.passage import Passage
from greenroom.model.value import Moment, Name, NonBlank, Storable, TurnId, Value

CollectionName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f/\\]+$")]
"""What a collection is called: one line, and never a path."""
DocumentId = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f]+$")]
"""What a document is called inside its collection; an address will do."""
_Line = Annotated[str, Storable]


class Document(Value):
    """A text with what is known of it. Putting one under an id that is there replaces it.

    `metadata` can be filtered by; a `speaker` in it makes the text a line of a conversation, which goes on from the
    line that was put before it under the same title. `aliases` are other names of its subject. `known_to` names the
    characters that may know it, and empty means all.
    """

    id: DocumentId
    title: _Line = Field("", max_length=500)
    text: Annotated[NonBlank, Storable] = Field(max_length=1_000_000)
    metadata: dict[Annotated[str, Field(max_length=200)], JsonValue] = Field({}, max_length=50)
    source: _Line = Field("", max_length=500)
    url: _Line = Field("", max_length=2000)
    licence: _Line = Field("", max_length=500)
    aliases: tuple[Annotated[_Line, Field(max_length=200)], ...] = Field((), max_length=50)
    known_to: tuple[Name, ...] = Field((), max_length=200)
    fetched_at: Moment | None = None


class Documents(Value):
    """Documents to put into a collection, which is made if there is none. All are put, or none."""

    collection: CollectionName
    documents: tuple[Document, ...] = Field(max_length=1000)


class DocumentRefs(Value):
    """Documents of a collection, by id or by the turns that they were made of (`turn_ids` in their metadata).

    Those that are not there are no mistake.
    """

    collection: CollectionName
    ids: tuple[DocumentId, ...] = Field((), max_length=10_000)
    turn_ids: tuple[TurnId, ...] = Field((), max_length=10_000)


class CollectionRef(Value):
    """One collection."""

    collection: CollectionName


class Indexed(Value):
    """What became of documents that were put or removed. `chunks` are the pieces written anew."""

    collection: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    chunks: int = 0
    embedder: str = ""


class DocumentPageRequest(Value):
    """The documents of a collection after the cursor `after`, at most `limit`."""

    collection: CollectionName
    after: int = Field(0, ge=0)
    limit: int = Field(100, ge=1, le=1000)


class DocumentEntry(Value):
    """A document without its text. `content_hash` changes when anything that can be found or shown does."""

    id: str
    title: str = ""
    source: str = ""
    url: str = ""
    licence: str = ""
    content_hash: str
    known_to: tuple[str, ...] = ()
    chunks: int
    fetched_at: Moment | None = None
    indexed_at: Moment


class DocumentPage(Value):
    """A part of a collection, in the order in which it was put. `cursor` goes into the next request."""

    documents: tuple[DocumentEntry, ...] = ()
    cursor: int = 0


class Collection(Value):
    """A collection in figures. `ready` says whether the vectors of all of it are in the index that is searched."""

    name: str
    documents: int
    chunks: int
    vectors: int
    ready: bool
    updated_at: Moment


class Collections(Value):
    """All collections by name. `embedder` is the model whose vectors are searched; empty before the first document.

    `next_embedder` is the one that all is being embedded with meanwhile, when the house has changed its model.
    """

    collections: tuple[Collection, ...] = ()
    embedder: str = ""
    next_embedder: str = ""
    index: str = ""


class SearchExtent(Value):
    """How much is wanted: at most `max_results`, none of a score below `min_relevance` (0-1)."""

    max_results: int = Field(5, ge=1, le=100)
    min_relevance: float = Field(0.0, ge=0, le=1)


class SemanticSearch(Value):
    """A search in collections; none named means all.

    `filters` are values that the metadata must have; a list means any of them. `character` leaves out what that
    character may not know. `recent` is what was said before, oldest first, for a query that is part of a conversation.
    """

    query: Annotated[NonBlank, Storable] = Field(max_length=20_000)
    collections: tuple[CollectionName, ...] = Field((), max_length=100)
    filters: dict[Annotated[str, Field(max_length=200)], JsonValue] = Field({}, max_length=20)
    character: Name | None = None
    recent: tuple[str, ...] = Field((), max_length=50)
    search_settings: SearchExtent = SearchExtent()


class KnowledgeRequest(Value):
    """What a character knows of something; with an empty query, what it knows at all, as far as there is room."""

    character: Name
    query: _Line = Field("", max_length=20_000)
    max_results: int = Field(5, ge=1, le=100)


class Knowledge(Value):
    """What a character knows, best first, and where else it could look."""

    character: str
    results: tuple[Passage, ...] = ()
    collections: tuple[str, ...] = ()
