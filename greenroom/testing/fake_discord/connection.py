"""One websocket of the gateway: what goes out goes in order, compressed as the client asked."""

import asyncio
import importlib
import zlib
from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

_MOST_WAITING = 5_000
"""Frames; a client that reads so slowly is cut off."""

Compress = Callable[[bytes], bytes]


class Connection:
    """A connection. `put` sends, `close` says goodbye, `cut` breaks it off."""

    def __init__(self, request: web.Request, compress: Compress | None) -> None:
        self._request = request
        self._compress = compress
        self._socket = web.WebSocketResponse(compress=False, max_msg_size=16 * 1024, timeout=1.0)
        self._waiting: asyncio.Queue[bytes | int] = asyncio.Queue(_MOST_WAITING)

    async def open(self) -> web.WebSocketResponse:
        """Answer the handshake."""
        await self._socket.prepare(self._request)
        return self._socket

    async def receive(self) -> dict[str, Any] | None:
        """The next frame of the client, or None when it has gone.

        Raises: ValueError, for what is not a JSON object with an `op`.
        """
        received = await self._socket.receive()
        if received.type != WSMsgType.TEXT:
            return None
        frame = msgspec.json.decode(received.data)
        if not isinstance(frame, dict) or not isinstance(frame.get("op"), int):
            raise ValueError("not a frame of the gateway")
        return frame

    @property
    def close_code(self) -> int | None:
        """Why it was closed; None when it broke."""
        return self._socket.close_code

    def put(self, frame: bytes) -> None:
        """Send a frame after all that wait."""
        try:
            self._waiting.put_nowait(frame)
        except asyncio.QueueFull:
            self.cut()

    def say(self, op: int, data: object = None) -> None:
        """Send what is not an event."""
        self.put(msgspec.json.encode({"op": op, "d": data, "s": None, "t": None}))

    def close(self, code: int) -> None:
        """Close when all that wait were sent."""
        try:
            self._waiting.put_nowait(code)
        except asyncio.QueueFull:
            self.cut()

    def cut(self) -> None:
        """Break the connection, as when a cable is pulled."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def drained(self) -> None:
        """Wait until all that waited was sent."""
        await self._waiting.join()

    async def write(self) -> None:
        """Send what waits, until the connection ends."""
        try:
            while True:
                frame = await self._waiting.get()
                try:
                    await self._send(frame)
                finally:
                    self._waiting.task_done()
        except ConnectionError:  # the reader sees the same end, and acts on it
            self.cut()

    def forget_waiting(self) -> None:
        """Let nobody wait for what is not sent any more."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
            self._waiting.task_done()

    async def _send(self, frame: bytes | int) -> None:
        if isinstance(frame, int):
            await self._socket.close(code=frame)
        elif self._compress is None:
            await self._socket.send_str(frame.decode())
        else:
            await self._socket.send_bytes(self._compress(frame))


def compression(asked: str) -> Compress | None:
    """What compresses the frames of one connection; they are one stream.

    Raises: LookupError, when it cannot be done here.
    """
    if not asked:
        return None
    if asked == "zlib-stream":
        stream = zlib.compressobj()
        return lambda frame: stream.compress(frame) + stream.flush(zlib.Z_SYNC_FLUSH)
    if asked == "zstd-stream":
        return _zstandard()
    raise LookupError(f"compress={asked} is none of zlib-stream, zstd-stream")


def _zstandard() -> Compress:
    for name in ("compression.zstd", "zstandard"):  # Python's own is there from 3.14 on; clients look in this order
        try:
            library: Any = importlib.import_module(name)
        except ImportError:
            continue
        if name == "zstandard":
            stream = library.ZstdCompressor().compressobj()
            return lambda frame: stream.compress(frame) + stream.flush(library.COMPRESSOBJ_FLUSH_BLOCK)
        compressor = library.ZstdCompressor()
        return lambda frame: compressor.compress(frame, mode=compressor.FLUSH_BLOCK)
    raise LookupError("compress=zstd-stream needs the package zstandard, or Python 3.14")
