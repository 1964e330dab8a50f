"""HTTP as uvicorn speaks it, with an end to what comes before a body: uvicorn reads request lines and headers of any
size into memory."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 512_000
"""More than one read of the event loop (256 kB), which may hold the end of one request and the head of the next."""


class LimitedHeads(HttpToolsProtocol):
    """Answers 400 and closes the connection when a request line and its headers do not come to an end."""

    _head_bytes = 0
    _in_head = False

    def data_received(self, data: bytes) -> None:
        """Read on, unless it is too much already."""
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.send_400_response("The headers are too large.")

    def on_message_begin(self) -> None:
        """Count anew."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Count no further: bodies have limits of their own."""
        self._in_head = False
        super().on_headers_complete()
