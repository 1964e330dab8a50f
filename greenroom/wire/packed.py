"""Bodies that are packed with zstd, as some clients of OpenAI send them: unpacked as they come, up to a limit."""

from starlette.types import Message, Receive

from greenroom.errors import BadRequest

_WINDOW_LOG = 23
"""How far back a packed body may point, 8 MB: as much memory as unpacking takes. Source: RFC 8878, 3.1.1.1.2."""


class Unpacked:
    """The messages of a request whose body is packed, unpacked.

    A body that grows beyond `limit` is given as a byte more than that, so that whoever counts refuses it; what comes
    after is let go. Raises: BadRequest, for what is not zstd, or breaks off.
    """

    def __init__(self, receive: Receive, limit: float) -> None:
        from backports import zstd  # few need it, and every start would pay for it

        self._receive = receive
        self._error = zstd.ZstdError
        self._unpacking = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG})
        self._room = int(limit) + 1

    async def __call__(self) -> Message:
        """The next message."""
        message = await self._receive()
        if message["type"] != "http.request":
            return message
        more = message.get("more_body", False)
        return {**message, "body": self._unpack(message.get("body", b""), more=more)}

    def _unpack(self, piece: bytes, *, more: bool) -> bytes:
        if self._room <= 0:
            return b""
        try:
            found = b"" if self._unpacking.eof else self._unpacking.decompress(piece, max_length=self._room)
        except self._error as exc:
            raise BadRequest(f"the body is not zstd: {exc}") from exc
        self._room -= len(found)
        if not (more or self._unpacking.eof or self._room <= 0):
            raise BadRequest("the body breaks off: it is not whole zstd")
        return found
