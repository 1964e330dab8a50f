"""A model server without a model, and servers without anything behind them: what a gateway is measured against.

python -m benchmarks.upstream model             speaks OpenAI's API, gives the same answer to all, counts its calls
python -m benchmarks.upstream uvicorn FOLDER    sends the bytes of FOLDER/whole or FOLDER/stream, whatever is asked
python -m benchmarks.upstream uvloop FOLDER     the same without ASGI: the limit of Python's event loop
python -m benchmarks.upstream proxy URL         passes each request on to a model server and its answer back, unread
"""

import asyncio
import socket
import sys
from pathlib import Path
from typing import cast

import aiohttp
import msgspec
import uvicorn
import uvloop
from starlette.types import Receive, Scope, Send

TOKENS = ("A pint at the Clam, and nobody needs to know. " * 12).split()
SLOWLY, SLOW_S = "slowly", 0.5
_JSON, _EVENTS = (b"content-type", b"application/json"), (b"content-type", b"text/event-stream")
_AS_JSON = {"content-type": "application/json"}
_HEAD = {"id": "chatcmpl-1", "created": 1_700_000_000, "model": "model"}
_USAGE = {"prompt_tokens": 20, "completion_tokens": len(TOKENS), "total_tokens": 20 + len(TOKENS)}


class Model:
    """The model server. `GET /calls` tells how often it was asked.

    Both forms of its answer are ready: writing 120 events took it 0.3 ms, for which a gateway that asks for streams had
    to wait, and who asked for the whole had not; a real model writes each event while it thinks of the next.
    """

    def __init__(self) -> None:
        self._calls = 0
        self._whole, self._stream = _whole_answer(), _streamed_answer()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        content = b""
        while (message := await receive())["type"] == "http.request":
            content += message.get("body", b"")
            if not message.get("more_body"):
                break
        if scope["path"] == "/calls":
            await _as_json(send, self._calls)
        elif scope["path"] == "/v1/models":
            await _as_json(send, {"object": "list", "data": [{"id": "model", "object": "model", "created": 1}]})
        else:
            self._calls += 1
            await self._complete(content, send)

    async def _complete(self, content: bytes, send: Send) -> None:
        asked = msgspec.json.decode(content)
        if SLOWLY in asked["messages"][-1]["content"]:
            await asyncio.sleep(SLOW_S)
        if not asked.get("stream"):
            await _send(send, self._whole, [_JSON, (b"content-length", str(len(self._whole)).encode())])
            return
        # In one piece: 120 writes in a row take longer than a gateway, and with a real model nobody waits for them.
        await _send(send, self._stream, [_EVENTS])


def _whole_answer() -> bytes:
    said = {"role": "assistant", "content": " ".join(TOKENS)}
    choices = [{"index": 0, "message": said, "finish_reason": "stop"}]
    return msgspec.json.encode({**_HEAD, "object": "chat.completion", "choices": choices, "usage": _USAGE})


def _streamed_answer() -> bytes:
    head = {**_HEAD, "object": "chat.completion.chunk"}
    events: list[object] = []
    for number, token in enumerate(TOKENS):
        delta = {"content": token + " "} if number else {"role": "assistant", "content": token + " "}
        events.append({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    events.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    events.append({**head, "choices": [], "usage": _USAGE})
    return b"".join(b"data: " + msgspec.json.encode(event) + b"\n\n" for event in events) + b"data: [DONE]\n\n"


async def _as_json(send: Send, content: object) -> None:
    body = msgspec.json.encode(content)
    await _send(send, body, [_JSON, (b"content-length", str(len(body)).encode())])


async def _send(send: Send, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def bare_application(folder: Path) -> object:
    """The same bytes for everybody, after reading what was asked: whole at `/whole`, in one chunk at `/stream`."""
    whole, stream = ((folder / name).read_bytes() for name in ("whole", "stream"))
    answers = {
        "/whole": ([_JSON, (b"content-length", str(len(whole)).encode())], whole),
        "/stream": ([_EVENTS], stream),
    }

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            continue
        headers, body = answers[scope["path"]]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


class PassingOn:
    """uvicorn on one side and aiohttp on the other, and nothing between them: what any gateway in Python adds."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        content, more = b"", True
        while more:
            message = await receive()
            content, more = content + message.get("body", b""), message.get("more_body", False)
        self._session = self._session or aiohttp.ClientSession(auto_decompress=False)
        async with self._session.post(self._url + scope["path"], data=content, headers=_AS_JSON) as answer:
            kept = ("content-type", "content-length")
            headers = [(name.encode(), answer.headers[name].encode()) for name in kept if name in answer.headers]
            await send({"type": "http.response.start", "status": answer.status, "headers": headers})
            while piece := await answer.content.readany():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})


class BareProtocol(asyncio.Protocol):
    """The same bytes again, as soon as something comes in. Requests must come one at a time, each in one piece."""

    def __init__(self, whole: bytes, stream: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-type: "
        length, ends = str(len(whole)).encode(), format(len(stream), "x").encode()
        self._whole = head + b"application/json\r\ncontent-length: " + length + b"\r\n\r\n" + whole
        chunked = head + b"text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        self._stream = chunked + ends + b"\r\n" + stream + b"\r\n0\r\n\r\n"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer."""
        self._transport.write(self._stream if data.startswith(b"POST /stream") else self._whole)


async def serve_bare(listener: socket.socket, folder: Path) -> None:
    """Serve without a framework until somebody stops it."""
    whole, stream = ((folder / name).read_bytes() for name in ("whole", "stream"))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: BareProtocol(whole, stream), sock=listener)
    await server.serve_forever()


def main() -> None:
    """Serve, and say where."""
    kind, *folder = sys.argv[1:]
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:  # named, or asyncio leaves Nagle's delay on
        listener.bind(("127.0.0.1", 0))
        listener.listen(256)
        sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        if kind == "uvloop":
            uvloop.run(serve_bare(listener, Path(folder[0])))
            return
        if kind == "proxy":
            app: object = PassingOn(folder[0])
        else:
            app = Model() if kind == "model" else bare_application(Path(folder[0]))
        config = uvicorn.Config(app, log_config=None, lifespan="off", access_log=False)  # type: ignore[arg-type]
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
