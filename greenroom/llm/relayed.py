"""An answer of a model server that is passed on as it is, without being read."""

from collections.abc import Awaitable, Callable

import aiohttp

from greenroom.model import Stream

_PASSED_ON = ("content-type", "content-length")


class Relayed:
    """Its status, what kind of content it has and how much, and its bytes. `read` gives the next of them."""

    def __init__(self, response: aiohttp.ClientResponse, read: Callable[[], Awaitable[bytes]]) -> None:
        self.status = response.status
        self.headers = {name: response.headers[name] for name in _PASSED_ON if name in response.headers}
        self._content = response.content
        self._read = read

    @property
    def is_whole(self) -> bool:
        """Whether what was read last is known to be the end."""
        return self._content.at_eof()

    async def pieces(self) -> Stream[bytes]:
        """The content as it comes. Raises: UpstreamFailed, when the server breaks off."""
        while piece := await self._read():
            yield piece
