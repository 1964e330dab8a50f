"""The page of the fake: one sees the channels as in a chat program, and writes as a person. It needs no account and no
build step; it is told of everything as it happens."""

import asyncio
from collections.abc import Iterable
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from greenroom.testing.fake_discord.control import Control, answer
from greenroom.testing.fake_discord.shown import shown_account, shown_channel, shown_message
from greenroom.testing.fake_discord.things import Account, Channel, Event

if TYPE_CHECKING:
    from greenroom.testing.fake_discord.server import FakeDiscord

_TYPES = {"page.html": "text/html", "page.css": "text/css", "page.js": "text/javascript"}
_MOST_READERS = 32
_MOST_WAITING = 2_000
_LATEST = 200
_BREATH_S = 15.0
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_MESSAGES = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"})
_CHANNELS = frozenset({"CHANNEL_CREATE", "CHANNEL_UPDATE", "THREAD_CREATE", "THREAD_UPDATE", "THREAD_MEMBERS_UPDATE"})


class Page:
    """What the page reads; what it does goes through the control route."""

    def __init__(self, discord: "FakeDiscord", control: Control) -> None:
        self._discord = discord
        self._community = discord.community
        self._control = control
        self._readers: set[asyncio.Queue[bytes | None]] = set()
        self._community.listeners.append(self._tell)

    def add_to(self, app: web.Application) -> None:
        """Serve it."""
        app.router.add_get("/", self._file)
        app.router.add_get("/{name:page\\.(?:css|js)}", self._file)
        app.router.add_get("/page/state", self._state)
        app.router.add_get("/page/messages", self._messages)
        app.router.add_get("/page/commands", self._commands)
        app.router.add_get("/page/events", self._events)

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info.get("name", "page.html")
        text = await asyncio.to_thread(files("greenroom.testing.fake_discord").joinpath(name).read_text, "utf-8")
        headers = {
            "Content-Security-Policy": _POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
        }
        return web.Response(text=text, content_type=_TYPES[name], charset="utf-8", headers=headers)

    async def _state(self, request: web.Request) -> web.Response:
        channels = [shown_channel(one, self._community) for one in self._community.channels.values()]
        accounts = [self._account(one) for one in self._community.accounts.values()]
        return answer({"server": self._community.name, "accounts": accounts, "channels": channels})

    async def _messages(self, request: web.Request) -> web.Response:
        channel = self._asked_channel(request)
        latest = list(channel.messages.values())[-_LATEST:]
        return answer([shown_message(one, self._community) for one in latest])

    async def _commands(self, request: web.Request) -> web.Response:
        """The commands that are shown to a person in a channel, by bot."""
        person, channel = self._control.account(request.query.get("who")), self._asked_channel(request)
        bots = [one for one in self._community.accounts.values() if one.is_bot]
        return answer(
            [
                {
                    "bot": str(bot.id),
                    "name": described["name"],
                    "kind": described["type"],
                    "description": described.get("description", ""),
                    "options": _named_options(described.get("options") or ()),
                }
                for bot in bots
                if self._community.sees(bot, channel)
                for described in self._discord.commands_for(person, bot)
            ]
        )

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if len(self._readers) >= _MOST_READERS:
            return answer({"detail": "too many pages are open"}, 503)
        waiting: asyncio.Queue[bytes | None] = asyncio.Queue(_MOST_WAITING)
        self._readers.add(waiting)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        try:
            await response.prepare(request)
            await response.write(b": open\n\n")
            while (told := await _next(waiting)) is not None:
                await response.write(told)
        except ConnectionError:  # the page was closed
            return response
        finally:
            self._readers.discard(waiting)
        return response

    def _tell(self, event: Event) -> None:
        shown = self._shown(event)
        if shown is None:
            return
        encoded = b"data: " + msgspec.json.encode(shown) + b"\n\n"
        for waiting in tuple(self._readers):
            try:
                waiting.put_nowait(encoded)
            except asyncio.QueueFull:  # it begins anew, and reads the state again
                self._readers.discard(waiting)
                waiting.get_nowait()
                waiting.put_nowait(None)

    def _shown(self, event: Event) -> dict[str, Any] | None:
        if event.name in _MESSAGES and event.message is not None:
            return {"kind": "message", "message": shown_message(event.message, self._community)}
        if event.name in _CHANNELS and event.channel is not None:
            return {"kind": "channel", "channel": shown_channel(event.channel, self._community)}
        if event.name in {"MESSAGE_DELETE", "MESSAGE_DELETE_BULK"}:
            return {"kind": "gone", "messages": event.data.get("ids") or [event.data["id"]]}
        if event.name == "TYPING_START":
            return {"kind": "typing", "channel": event.data["channel_id"], "who": event.data["user_id"]}
        if event.name in {"PRESENCE_UPDATE", "GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE"}:
            who = self._community.accounts.get(int(event.data["user"]["id"]))
            return {"kind": "account", "account": self._account(who)} if who else None
        return None

    def _account(self, one: Account) -> dict[str, Any]:
        return shown_account(one, is_online=any(self._discord.gateway.connected([one])))

    def _asked_channel(self, request: web.Request) -> Channel:
        try:
            return self._control.channel(request.query.get("channel"))
        except LookupError as exc:
            raise web.HTTPNotFound(text=str(exc)) from exc


async def _next(waiting: asyncio.Queue[bytes | None]) -> bytes | None:
    """What is to be told next; a comment now and then, by which a page that has gone is noticed."""
    try:
        async with asyncio.timeout(_BREATH_S):
            return await waiting.get()
    except TimeoutError:
        return b": still here\n\n"


def _named_options(options: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The options of a command; those of its parts are below them."""
    return [
        {
            "name": one["name"],
            "is_part": one["type"] in {1, 2},
            "required": bool(one.get("required")),
            "description": one.get("description", ""),
            "choices": [str(choice["name"]) for choice in one.get("choices") or ()],
            "options": _named_options(one.get("options") or ()),
        }
        for one in options
    ]
