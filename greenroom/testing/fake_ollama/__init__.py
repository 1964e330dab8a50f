"""A server that speaks Ollama's API over real HTTP, and OpenAI's for chats, and fails in whatever way it is told to.
There is no model in it."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self

import msgspec
from aiohttp import web

from greenroom.testing.bag_of_words import bag_of_words
from greenroom.testing.fake_ollama.reply import Reply, Writer, bytes_of, writer_of
from greenroom.testing.fake_ollama.shelf import Shelf, error

_DIMENSIONS = 64
_BACKLOG = 2048
"""As many as come at once; with fewer, some try again after a second."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it came."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


Answer = str | Callable[[dict[str, Any]], str | Reply]


class FakeOllama:
    """The server. Enter it to start it; `url` is its address, `shelf` holds its models.

    Replies come from `enqueue`, one for each call of /api/chat, /api/generate, /v1/chat/completions or
    /v1/audio/transcriptions; with none queued, from `answer` (a text, or a function of the body for a text or a
    `Reply`), and without that it repeats what was said; of sound it knows one sentence. One that is queued is also the
    answer to the next pull, push or create; it must be `raw` then.
    `requests` are all calls that were not GET, `open_streams`
    the answers going out now, `left` those whose client went away.
    """

    def __init__(
        self,
        *,
        models: tuple[str, ...] = ("llama3.2:latest",),
        answer: Answer | None = None,
        tokens_per_s: float = 0.0,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.shelf = Shelf(models)
        self.requests: list[Recorded] = []
        self.open_streams = 0
        self.left = 0
        self._answer = answer
        self._tokens_per_s = tokens_per_s
        self._host = host
        self._port = port
        self._replies: deque[Reply] = deque()
        self._idle, self._busy = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it answers, once it was started."""
        return f"http://{self._host}:{self._port}"

    def enqueue(self, *replies: Reply | str) -> None:
        """Add replies, each for one call."""
        self._replies.extend(Reply(text=reply) if isinstance(reply, str) else reply for reply in replies)

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop."""
        await self.stop()

    async def start(self) -> None:
        """Listen; after a `stop` on the same port again."""
        self._runner = web.AppRunner(
            self._application(), handler_cancellation=True, access_log=None, shutdown_timeout=0.01
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, reuse_address=True, backlog=_BACKLOG)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Break off every answer and close the port, as when the server is killed."""
        if self._runner is not None:
            for connection in list(self._runner.server.connections if self._runner.server else ()):
                connection.force_close()
            await self._runner.cleanup()
            self._runner = None

    async def until_idle(self) -> None:
        """Wait until no answer is going out."""
        await self._idle.wait()

    async def until_busy(self) -> None:
        """Wait until an answer is going out."""
        await self._busy.wait()

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=100_000_000)
        app.router.add_get("/", self._running)
        app.router.add_get("/api/version", self._version)
        app.router.add_get("/api/tags", self._tags)
        app.router.add_get("/api/ps", self._ps)
        app.router.add_get("/api/status", self._status)
        app.router.add_post("/api/{verb:me|signout}", self._account)
        app.router.add_post("/api/embed", self._embed)
        app.router.add_post("/api/embeddings", self._embed_as_made)
        app.router.add_post("/api/show", self._show)
        app.router.add_post("/api/copy", self._copy)
        app.router.add_delete("/api/delete", self._delete)
        app.router.add_post("/api/{verb:pull|push|create}", self._work)
        app.router.add_route("HEAD", "/api/blobs/{digest}", self._look_for)
        app.router.add_post("/api/blobs/{digest}", self._take)
        app.router.add_post("/api/chat", self._complete)
        app.router.add_post("/api/generate", self._complete)
        app.router.add_get("/v1/models", self._listed)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_post("/v1/audio/transcriptions", self._transcribe)
        return app

    async def _running(self, request: web.Request) -> web.Response:
        return web.Response(text="Ollama is running")

    async def _version(self, request: web.Request) -> web.Response:
        return web.json_response({"version": "0.33.0"})

    async def _tags(self, request: web.Request) -> web.Response:
        return web.json_response(self.shelf.tags())

    async def _listed(self, request: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": name} for name in self.shelf.models]})

    async def _ps(self, request: web.Request) -> web.Response:
        return web.json_response(self.shelf.running())

    async def _status(self, request: web.Request) -> web.Response:
        return web.json_response({"cloud": {"disabled": False, "source": "none"}})

    async def _account(self, request: web.Request) -> web.Response:
        await self._body(request)
        return error(401, "unauthorized")

    async def _show(self, request: web.Request) -> web.Response:
        return self.shelf.show(await self._body(request))

    async def _copy(self, request: web.Request) -> web.Response:
        return self.shelf.copy(await self._body(request))

    async def _delete(self, request: web.Request) -> web.Response:
        return self.shelf.delete(await self._body(request))

    async def _work(self, request: web.Request) -> web.StreamResponse:
        body = await self._body(request)
        if self._replies:
            reply = self._replies.popleft()
            return await self._send(request, reply, body) if reply.status == 200 else error(reply.status, reply.error)
        steps = self.shelf.work(request.match_info["verb"], body)
        if body.get("stream") is False:
            return web.json_response(steps[-1])
        lines = b"".join(msgspec.json.encode(step) + b"\n" for step in steps)
        return await self._send(request, Reply(raw=lines), body)

    async def _look_for(self, request: web.Request) -> web.Response:
        return web.Response(status=200 if request.match_info["digest"] in self.shelf.blobs else 404)

    async def _take(self, request: web.Request) -> web.Response:
        self.requests.append(Recorded(request.path, {}, dict(request.headers)))
        self._idle.clear()
        self._busy.set()
        try:
            return await self.shelf.take(request)
        except asyncio.CancelledError:
            self.left += 1
            raise
        finally:
            self._idle.set()
            self._busy.clear()

    async def _embed(self, request: web.Request) -> web.StreamResponse:
        body = await self._body(request)
        if self.shelf.name_of(body.get("model")) is None:
            return error(404, f'model "{body.get("model")}" not found, try pulling it first')
        given = body.get("input") or []
        texts = [given] if isinstance(given, str) else given
        rows = [bag_of_words(text, body.get("dimensions") or _DIMENSIONS) for text in texts]
        return web.json_response({"model": body["model"], "embeddings": rows, "prompt_eval_count": len(texts)})

    async def _embed_as_made(self, request: web.Request) -> web.StreamResponse:
        body = await self._body(request)
        if self.shelf.name_of(body.get("model")) is None:
            return error(404, f'model "{body.get("model")}" not found, try pulling it first')
        return web.json_response({"embedding": [3 * number for number in bag_of_words(body["prompt"], _DIMENSIONS)]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = await self._body(request)
        if self.shelf.name_of(body.get("model")) is None:
            return error(404, f"model '{body.get('model')}' not found")
        if not body.get("prompt") and not body.get("messages"):
            reason = "unload" if body.get("keep_alive") == 0 else "load"
            return web.json_response(Writer(request.path, body).line(done=True, done_reason=reason))
        reply = self._replies.popleft() if self._replies else self._default(body)
        if reply.status != 200:
            return error(reply.status, reply.error, reply.retry_after)
        return await self._send(request, reply, body)

    async def _transcribe(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        sound = form["file"]
        assert isinstance(sound, web.FileField)
        texts = {name: value for name, value in form.items() if isinstance(value, str)}
        with sound.file as file:
            told = {"filename": sound.filename, "kind": sound.content_type, "sound": file.read()}
        self.requests.append(Recorded(request.path, texts | told, dict(request.headers)))
        if self.shelf.name_of(texts.get("model")) is None:
            return error(404, f"model '{texts.get('model')}' not found")
        reply = self._replies.popleft() if self._replies else Reply(text="Something was said.")
        if reply.status != 200:
            return error(reply.status, reply.error, reply.retry_after)
        if reply.raw is None:
            raw = msgspec.json.encode({"text": reply.text})
            reply = replace(reply, raw=raw, content_type=reply.content_type or "application/json")
        return await self._send(request, reply, texts)

    async def _send(self, request: web.Request, reply: Reply, body: dict[str, Any]) -> web.StreamResponse:
        self.open_streams += 1
        self._idle.clear()
        self._busy.set()
        try:
            if reply.reset:
                return _cut(request)
            if body.get("stream") is False:
                return web.json_response(writer_of(request.path, body).whole(reply))
            return await self._stream(request, reply, body)
        except ConnectionError:
            self.left += 1
            return web.Response()
        except asyncio.CancelledError:
            self.left += 1
            raise
        finally:
            self.open_streams -= 1
            if not self.open_streams:
                self._idle.set()
                self._busy.clear()

    async def _stream(self, request: web.Request, reply: Reply, body: dict[str, Any]) -> web.StreamResponse:
        writer = writer_of(request.path, body)
        response = web.StreamResponse(headers={"Content-Type": reply.content_type or writer.media_type})
        response.enable_chunked_encoding()
        await response.prepare(request)
        left_bytes = reply.drop_at_byte
        for line in writer.lines(reply):
            await self._pace(reply)
            await response.write(line if left_bytes is None else line[:left_bytes])
            if left_bytes is not None and (left_bytes := left_bytes - len(line)) <= 0:
                return _cut(request)
        if reply.stall:
            await asyncio.Event().wait()
        await response.write_eof()
        return response

    async def _pace(self, reply: Reply) -> None:
        pace = self._tokens_per_s if reply.tokens_per_s is None else reply.tokens_per_s
        if pace:
            await asyncio.sleep(1 / pace)

    async def _body(self, request: web.Request) -> dict[str, Any]:
        body: dict[str, Any] = msgspec.json.decode(await request.read())
        self.requests.append(Recorded(request.path, body, dict(request.headers)))
        return body

    def _default(self, body: dict[str, Any]) -> Reply:
        if self._answer is not None:
            answer = self._answer if isinstance(self._answer, str) else self._answer(body)
            return Reply(text=answer) if isinstance(answer, str) else answer
        said = body.get("prompt") or next(m["content"] for m in reversed(body["messages"]) if m.get("content"))
        return Reply(text=f"You said: {said}")


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


__all__ = ["FakeOllama", "Recorded", "Reply", "bytes_of"]
