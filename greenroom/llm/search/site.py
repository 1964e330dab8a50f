"""A search engine as it is reached over HTTP. It never follows a redirect and reads no more than a megabyte."""

import zlib
from typing import NamedTuple, Self

import aiohttp

from greenroom import __version__
from greenroom.errors import SearchFailed
from greenroom.llm.faults import FOREIGN, seconds_of

BODY_BYTES = 1_000_000
"""The longest answer, packed and unpacked; twenty results take some 50 kB."""

_CONNECT_S = 2.0
_GZIP = 31
"""zlib's `wbits` for the gzip format."""


class Answer(NamedTuple):
    """What came back. `retry_after_s` is for how long the engine wants to be left in peace."""

    status: int
    body: bytes
    retry_after_s: float | None


class Site:
    """One address. Enter it before use; whoever calls limits the time."""

    def __init__(self, label: str, url: str, advice: str) -> None:
        self.label = label
        self._url = url.rstrip("/")
        self._advice = advice
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Make the pool of connections: no proxy, no cookies, nothing unpacked beyond what we allow."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(keepalive_timeout=10),
            timeout=aiohttp.ClientTimeout(total=None, connect=_CONNECT_S),
            headers={
                "User-Agent": f"greenroom/{__version__}",
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "Cache-Control": "no-cache",
            },
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Close every connection."""
        assert self._session is not None
        await self._session.close()

    async def get(self, path: str, params: dict[str, str], headers: dict[str, str] | None = None) -> Answer:
        """Ask, and read the whole answer, whatever its status. Raises: SearchFailed."""
        assert self._session is not None, f"{self.label} is asked before it was opened"
        try:
            async with self._session.get(
                self._url + path, params=params, headers=headers, allow_redirects=False
            ) as response:
                body = await self._read(response)
                return Answer(response.status, body, seconds_of(response.headers.get("Retry-After")))
        except FOREIGN as exc:
            if isinstance(exc, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
                raise SearchFailed(f"the certificate of {self.label} cannot be trusted; {self._advice}") from exc
            if isinstance(exc, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.InvalidURL):
                raise SearchFailed(f"{self.label} cannot be reached; {self._advice}") from exc
            raise SearchFailed(f"{self.label} broke off or does not speak HTTP as it should") from exc

    def refusal(self, answer: Answer, cures: dict[int, str]) -> SearchFailed:
        """The error that a status other than 200 means; `cures` say what to do about the ones that are known."""
        cure = cures.get(answer.status, "it may be well again in a while" if answer.status >= 500 else self._advice)
        return SearchFailed(f"{self.label} answered {answer.status}: {cure}", retry_after_s=answer.retry_after_s)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        packed = bytearray()
        async for piece in response.content.iter_any():
            packed += piece
            if len(packed) > BODY_BYTES:
                raise SearchFailed(f"{self.label} sent more than {BODY_BYTES} bytes")
        coding = response.headers.get("Content-Encoding", "identity").casefold()
        return bytes(packed) if coding == "identity" else self._unpacked(bytes(packed), coding)

    def _unpacked(self, packed: bytes, coding: str) -> bytes:
        if coding != "gzip":
            raise SearchFailed(f"{self.label} packed its answer in a way that it was not asked for ({coding[:20]!r})")
        try:
            body = zlib.decompressobj(wbits=_GZIP).decompress(packed, BODY_BYTES + 1)
        except zlib.error as exc:
            raise SearchFailed(f"{self.label} sent something that is not gzip") from exc
        if len(body) > BODY_BYTES:
            raise SearchFailed(f"{self.label} sent more than {BODY_BYTES} bytes")
        return body
