"""Reads what is left of the worlds after a day of accidents, and says what should not be so."""

from sqlalchemy import func, select

from greenroom.model import DocumentPageRequest
from greenroom.ports import Library
from greenroom.retriever.store import content_hash
from greenroom.retriever.tables import chunk_vectors, chunks
from greenroom.storage.database import Database
from greenroom.world.ledger import Ledger
from greenroom.world.shelving import collection_of, documents_of
from greenroom.world.tables import world_events, world_proposals, worlds


async def complaints(database: Database, ledger: Ledger, library: Library) -> list[str]:
    """What is wrong: a world is not what its events say, an effect happened twice, the library has something else."""
    async with database.read() as connection:
        ids = list(await connection.scalars(select(worlds.c.id)))
        twice = select(world_events.c.effect_key).group_by(world_events.c.effect_key).having(func.count() > 1)
        wrong = [f"the effect {key} happened more than once" for key in await connection.scalars(twice)]
        wrong += [f"{key} still waits" for key in await connection.scalars(select(world_proposals.c.effect_key))]
        both = chunks.outerjoin(chunk_vectors, chunk_vectors.c.chunk == chunks.c.number)
        bare = select(chunks.c.number).select_from(both).where(chunk_vectors.c.chunk.is_(None))
        wrong += [f"piece {number} has no vector" for number in await connection.scalars(bare)]
    for world_id in ids:
        wrong += await _of(world_id, ledger, library)
    return wrong


async def _of(world_id: str, ledger: Ledger, library: Library) -> list[str]:
    state, replayed = (await ledger.state(world_id)).entities, (await ledger.replayed(world_id)).entities
    other = sorted(id_ for id_ in state.keys() | replayed.keys() if state.get(id_) != replayed.get(id_))
    wanted = {one.id: content_hash(one) for entity in replayed.values() for one in documents_of(entity)}
    page = await library.documents(DocumentPageRequest(collection=collection_of(world_id), limit=1000))
    there = {entry.id: entry.content_hash for entry in page.documents}
    return [
        *(f"{world_id}: {id_} is not what the events say" for id_ in other),
        *(f"the library has no {id_}" for id_ in sorted(wanted.keys() - there.keys())),
        *(f"the library still has {id_}" for id_ in sorted(there.keys() - wanted.keys())),
        *(f"the library has another {id_}" for id_ in sorted(wanted.keys() & there) if wanted[id_] != there[id_]),
    ]
