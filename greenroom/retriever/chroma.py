"""Vectors on a Chroma server, for houses of several machines. Only our own vectors go there, and numbers of chunks.

Its interface (version 2) is spoken here; its own client would bring 35 packages for eight requests. See
docs/decisions.md.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import aiohttp
import msgspec
import numpy as np
import structlog
from numpy.typing import NDArray
from yarl import URL

from greenroom.errors import GreenroomError, NotFound, Unavailable, UpstreamFailed, WrongSetting
from greenroom.retriever.narrowing import Numbers
from greenroom.retriever.rows import Matrix, blob_of, parts
from greenroom.retriever.store import Change, Stamp
from greenroom.retriever.vectors import Near, Pages, Vector

OLDEST = (1, 5, 9)
_WANTED = ".".join(map(str, OLDEST))
_SAYS_NOTHING = "1.0.0"
_KNOWN_SINCE_OLDEST = b"SparseIndexAlgorithm"
"""What servers of 1.5.9 describe and those of 1.5.8 do not: both call themselves 1.0.0 (tried 2026-11-21)."""
_AT_ONCE = 1000
_REQUEST_S = 30.0
_GRAPH = {"space": "ip", "max_neighbors": 32, "ef_construction": 200, "ef_search": 300}
"""The inner product of rows of length 1 is their cosine. Wider than Chroma's own, for nearly exact answers."""
_UNFINISHED = -1

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Known:
    """A shelf on the server: its id there, and what it holds."""

    id: str
    stamp: Stamp


class ChromaIndex:
    """An index of vectors on a server. Each shelf is a collection there, and says itself which write came last.

    Who writes half of something leaves a shelf that says otherwise than the database, and is made anew.
    """

    def __init__(self, url: str, session: Callable[[], aiohttp.ClientSession]) -> None:
        self._server = _Server(url, session)
        self._known: dict[tuple[str, str], _Known] = {}
        self._sure: set[tuple[str, str]] = set()
        self._writes = 0

    @property
    def name(self) -> str:
        """What it is, with where."""
        return f"Chroma at {self._server.host}"

    async def open(self) -> None:
        """See that the server is new enough. One that is away may come later. Raises: WrongSetting."""
        try:
            await self._server.check()
        except Unavailable as exc:
            log.warning("vectors_away", detail=exc.detail)

    async def look_again(self) -> None:
        """Believe nothing that was seen of the server: it may have been emptied, or put back."""
        self._sure.clear()

    async def stamp(self, collection: str, embedder: str) -> Stamp | None:
        """What a shelf holds. Raises: Unavailable, UpstreamFailed."""
        key = collection, embedder
        if key in self._sure and key in self._known:
            return self._known[key].stamp
        await self._server.check()
        writes, found = self._writes, await self._server.find(key)
        if found is not None and writes == self._writes:  # else a write has gone by, and knows better
            self._known[key] = found
            self._sure.add(key)
        return found.stamp if found else None

    async def load(self, collection: str, embedder: str, stamp: Stamp, pages: Pages) -> None:
        """Make a shelf anew."""
        await self.drop(collection, embedder)
        key, count = (collection, embedder), 0
        shelf = await self._server.make(key)
        async for numbers, matrix in pages:
            await self._server.put(shelf, numbers.tolist(), matrix)
            count += len(numbers)
        await self._finish(key, _Known(shelf, Stamp(count, stamp.newest)))

    async def apply(self, change: Change) -> None:
        """Follow a write, if the shelf holds all before it. Otherwise it is made anew in a while."""
        key = change.collection, change.embedder
        try:
            before = await self.stamp(*key)
            if before is None and len(change.added) == change.stamp.vectors and change.added:
                self._known[key] = _Known(await self._server.make(key), Stamp(0, change.before))
            elif before is None or before.newest != change.before or key not in self._known:
                return
            self._writes += 1
            known = self._known.pop(key)
            await self._server.remove(known.id, change.removed)
            await self._server.put(known.id, change.added, change.vectors)
            count = await self._server.count(known.id)
            await self._finish(key, _Known(known.id, Stamp(count, change.stamp.newest)))
        except GreenroomError as exc:
            log.warning("vectors_not_followed", collection=change.collection, detail=exc.detail)

    async def drop(self, collection: str, embedder: str) -> None:
        """Forget a shelf."""
        self._writes += 1
        self._known.pop((collection, embedder), None)
        await self._server.drop((collection, embedder))

    async def search(self, collection: str, embedder: str, vector: Vector, most: int, allowed: Numbers) -> list[Near]:
        """The nearest chunks of a shelf, nearest first. Raises: Unavailable, UpstreamFailed."""
        known = self._known.get((collection, embedder))
        if known is None or allowed.only == frozenset():
            return []
        try:
            found = await self._server.query(known.id, vector, most, _where(allowed))
        except NotFound:
            self._known.pop((collection, embedder), None)
            return []
        return sorted(found, key=lambda near: (-near.cosine, near.chunk))

    async def _finish(self, key: tuple[str, str], known: _Known) -> None:
        """Write down what a shelf holds, after all of it is there."""
        await self._server.describe(known.id, key, known.stamp.newest)
        self._writes += 1
        self._known[key] = known
        self._sure.add(key)


def _where(allowed: Numbers) -> Mapping[str, Any] | None:
    if allowed.only is not None:
        return {"chunk": {"$in": sorted(allowed.only - allowed.hidden)}}
    return {"chunk": {"$nin": sorted(allowed.hidden)}} if allowed.hidden else None


class _Server:
    """The requests. The path of the URL, if it has one, keeps houses apart that share a server."""

    def __init__(self, url: str, session: Callable[[], aiohttp.ClientSession]) -> None:
        whole = URL(url)
        self.host = f"{whole.host}:{whole.port}"
        self._house = "".join(sign for sign in whole.path if sign.isascii() and sign.isalnum()) or "greenroom"
        self._root, self._session, self._checked = whole.with_path("/"), session, False

    async def check(self) -> None:
        """Raises: WrongSetting for a server that is too old; Unavailable; UpstreamFailed."""
        if self._checked:
            return
        version = await self._ask("GET", "api/v2/version")
        if version == _SAYS_NOTHING:
            described = msgspec.json.encode(await self._ask("GET", "openapi.json"))
            version = _WANTED if _KNOWN_SINCE_OLDEST in described else f"1, and older than {_WANTED}"
        if _numbers(str(version)) < OLDEST:
            raise WrongSetting(
                f"storage.chroma_url: the Chroma server at {self.host} is of version {version}; {_WANTED} or newer is "
                "needed, since strangers can have older ones run what they like"
            )
        self._checked = True

    async def find(self, key: tuple[str, str]) -> _Known | None:
        """A shelf; None when there is none."""
        try:
            found = await self._ask("GET", f"{_COLLECTIONS}/{self._name(key)}")
        except NotFound:
            return None
        return _Known(found["id"], Stamp(await self.count(found["id"]), int(found["metadata"]["newest"])))

    async def make(self, key: tuple[str, str]) -> str:
        """An empty shelf, unfinished. Returns its id."""
        about = {"name": self._name(key), "metadata": _about(key, _UNFINISHED), "configuration": {"hnsw": _GRAPH}}
        return str((await self._ask("POST", _COLLECTIONS, about))["id"])

    async def describe(self, shelf: str, key: tuple[str, str], newest: int) -> None:
        await self._ask("PUT", f"{_COLLECTIONS}/{shelf}", {"new_metadata": _about(key, newest)})

    async def count(self, shelf: str) -> int:
        return int(await self._ask("GET", f"{_COLLECTIONS}/{shelf}/count"))

    async def put(self, shelf: str, numbers: Sequence[int], matrix: Matrix) -> None:
        for some in parts(range(len(numbers)), _AT_ONCE):
            rows = {
                "ids": [str(numbers[at]) for at in some],
                "embeddings": [_packed(matrix[at]) for at in some],
                "metadatas": [{"chunk": numbers[at]} for at in some],
            }
            await self._ask("POST", f"{_COLLECTIONS}/{shelf}/upsert", rows)

    async def remove(self, shelf: str, numbers: Sequence[int]) -> None:
        for some in parts(numbers, _AT_ONCE):
            await self._ask("POST", f"{_COLLECTIONS}/{shelf}/delete", {"ids": list(map(str, some))})

    async def drop(self, key: tuple[str, str]) -> None:
        try:
            await self._ask("DELETE", f"{_COLLECTIONS}/{self._name(key)}")
        except NotFound:
            return

    async def query(self, shelf: str, vector: Vector, most: int, where: Mapping[str, Any] | None) -> list[Near]:
        asked = {"query_embeddings": [vector.tolist()], "n_results": most, "where": where, "include": ["distances"]}
        found = await self._ask("POST", f"{_COLLECTIONS}/{shelf}/query", asked)
        return [Near(int(id_), 1 - away) for id_, away in zip(found["ids"][0], found["distances"][0], strict=True)]

    def _name(self, key: tuple[str, str]) -> str:
        return f"{self._house}-{sha256('/'.join(key).encode()).hexdigest()[:40]}"

    async def _ask(self, method: str, path: str, body: object = None) -> Any:
        """One request. Raises: NotFound; Unavailable; UpstreamFailed, for what the server refuses."""
        data = None if body is None else msgspec.json.encode(body)
        url, limit = self._root / path, aiohttp.ClientTimeout(total=_REQUEST_S)
        headers = {"Content-Type": "application/json"} if data else {}
        try:
            async with self._session().request(method, url, data=data, headers=headers, timeout=limit) as answer:
                said = await answer.read()
        except (TimeoutError, aiohttp.ClientError, OSError) as exc:
            self._checked = False  # what comes back may be another one
            raise Unavailable(f"Chroma at {self.host} cannot be reached: {type(exc).__name__}") from exc
        if answer.status == 404:
            raise NotFound(f"Chroma at {self.host} has no {path}")
        if answer.status >= 500:
            raise Unavailable(f"Chroma at {self.host} failed ({answer.status})")
        try:
            found = msgspec.json.decode(said) if said else None
        except msgspec.DecodeError as exc:
            raise UpstreamFailed(f"what answers at {self.host} is no Chroma") from exc
        if answer.status >= 400:
            raise UpstreamFailed(f"Chroma at {self.host} refused ({answer.status}): {str(found)[:200]}")
        return found


_COLLECTIONS = "api/v2/tenants/default_tenant/databases/default_database/collections"


def _about(key: tuple[str, str], newest: int) -> dict[str, str | int]:
    return {"collection": key[0], "embedder": key[1], "newest": newest}


def _packed(row: NDArray[np.float32]) -> str:
    return b64encode(blob_of(row)).decode()


def _numbers(version: str) -> tuple[int, ...]:
    """A version as numbers; of what is none, none."""
    parts_of_it = version.split(".")
    return tuple(map(int, parts_of_it)) if all(part.isdecimal() for part in parts_of_it) else ()
