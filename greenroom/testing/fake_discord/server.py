"""The fake as tests hold it: set up, started and stopped, and what is done to bots by script."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

from aiohttp import web

from greenroom.testing.fake_discord.asking import Ask, Route
from greenroom.testing.fake_discord.community import Community
from greenroom.testing.fake_discord.control import Control, own_pages_only
from greenroom.testing.fake_discord.faults import Fault, Faults
from greenroom.testing.fake_discord.gateway import Gateway
from greenroom.testing.fake_discord.interactions import Interactions
from greenroom.testing.fake_discord.messages import Messages
from greenroom.testing.fake_discord.page import Page
from greenroom.testing.fake_discord.people import People
from greenroom.testing.fake_discord.permissions import named
from greenroom.testing.fake_discord.places import Places
from greenroom.testing.fake_discord.rates import OF_DISCORD, Rate, Rates
from greenroom.testing.fake_discord.rest import Call, Rest
from greenroom.testing.fake_discord.things import MESSAGE_CONTENT, Account, Channel, Message
from greenroom.testing.fake_discord.webhooks import Webhooks

_BACKLOG = 2048
_MOST_BYTES = 10_000_000
_MESSAGE = "/webhooks/{webhook}/{token}/messages/{message}"
BOTS: Mapping[str, str] = {"peter": "token-of-peter", "brian": "token-of-brian", "stewie": "token-of-stewie"}


class FakeDiscord(People):
    """The server. Enter it to start it; `api_base` and `gateway_url` are its addresses.

    `bots` are their names and tokens, `people` and `channels` names. Bots may read messages (the privileged intent is
    granted) and make webhooks. There is also `owner`, who may do everything. What people do is written
    `await discord.say("alice", "general", "Hi <@peter>")`; see `People`. `calls` is a log of all that bots asked for.
    `interaction_limit_s` is how long a bot may take for its first answer; on Discord it is 3.
    """

    def __init__(
        self,
        bots: Mapping[str, str] = BOTS,
        people: Iterable[str] = ("alice", "bob"),
        channels: Iterable[str] = ("general",),
        *,
        server: str = "Quahog",
        port: int = 0,
        heartbeat_s: float = 41.25,
        interaction_limit_s: float = 60.0,
    ) -> None:
        self.community = Community(server)
        self.rates = Rates()
        self.faults = Faults()
        self.gateway = Gateway(self.community, lambda: self.gateway_url, heartbeat_s)
        self._interactions = Interactions(self.community, interaction_limit_s)
        self._rest = Rest(self.community, self.rates, self.faults)
        self.port = port
        self._runner: web.AppRunner | None = None
        super().__init__(self.community, self.gateway, self._interactions)
        self._control = Control(self)
        self._page = Page(self, self._control)
        for name, token in bots.items():
            self.add_bot(name, token)
        for name in people:
            self.add_person(name)
        for name in channels:
            self.add_channel(name)

    @property
    def url(self) -> str:
        """Where its page is, once it was started."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_base(self) -> str:
        """What `discord.http.Route.BASE` has to be."""
        return f"{self.url}/api/v10"

    @property
    def gateway_url(self) -> str:
        """What `discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY` has to be, as a `yarl.URL`."""
        return f"ws://127.0.0.1:{self.port}/gateway"

    @property
    def calls(self) -> list[Call]:
        """The calls of bots, the oldest first; of very many, the last."""
        return list(self._rest.calls)

    @property
    def sent(self) -> list[dict[str, Any]]:
        """The bodies of all calls that speak: posts, edits, webhooks and answers to interactions."""
        return [body for call in self.calls if (body := _spoken(call)) is not None]

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop."""
        await self.stop()

    async def start(self) -> None:
        """Listen on loopback; after a `stop` on the same port again."""
        app = web.Application(client_max_size=_MOST_BYTES, middlewares=[own_pages_only])
        app.router.add_get("/gateway", self.gateway.serve)
        self._rest.add_to(app, self._routes())
        self._control.add_to(app)
        self._page.add_to(app)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True, backlog=_BACKLOG).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Break all connections and close the port; what was said stays."""
        if self._runner is not None:
            for connection in list(self._runner.server.connections if self._runner.server else ()):
                connection.force_close()
            await self._runner.cleanup()
            self._runner = None

    def add_bot(self, name: str, token: str, display_name: str = "") -> Account:
        """Have one more bot on the server."""
        return self.community.add_account(name, display_name, token, granted=1 << 1 | MESSAGE_CONTENT)

    def add_person(self, name: str, display_name: str = "", roles: Iterable[str] = ()) -> Account:
        """Have one more person, with roles that there are."""
        return self.community.add_account(name, display_name, roles=roles)

    def add_role(self, name: str, *permissions: str) -> None:
        """Have one more role, such as `add_role("moderator", "manage_messages")`."""
        self.community.add_role(name, named(permissions))

    def add_channel(self, name: str) -> Channel:
        """Have one more text channel."""
        return self.community.add_channel(name)

    def messages(self, where: str | Channel) -> list[Message]:
        """What stands in a channel, the oldest first; also what only one person sees."""
        return list(self.where(where).messages.values())

    def by(self, name: str, where: str | Channel = "general") -> list[Message]:
        """What one has said there: an account by its name, a webhook by the name it was shown with."""
        return [one for one in self.messages(where) if name in {one.author.name, one.shown_name}]

    def allow(self, who: str, where: str | Channel, *permissions: str) -> None:
        """Allow it in a channel to an account, or to `everyone`, or to a role."""
        self._overwrite(self.where(where).overwrites.allow, who, where, permissions)

    def forbid(self, who: str, where: str | Channel, *permissions: str) -> None:
        """Forbid it in a channel, such as `forbid("peter", "general", "send_messages")`."""
        self._overwrite(self.where(where).overwrites.forbid, who, where, permissions)

    def grant_intents(self, bot: str, *, members: bool = True, message_content: bool = True) -> None:
        """Switch a bot's privileged intents on or off, as in the developer portal; off, IDENTIFY closes with 4014."""
        self.who(bot).granted = (1 << 1 if members else 0) | (MESSAGE_CONTENT if message_content else 0)

    def limit_rates(self, rate: Rate | None, bucket: str = "messages") -> None:
        """Have another limit for messages, edits, deletes, reactions, typing, webhooks, or `global`; None lifts it."""
        if bucket == "global":
            self.rates.all = rate
        elif bucket not in OF_DISCORD:
            raise LookupError(f"no bucket {bucket!r}; there are {', '.join(OF_DISCORD)}, global")
        elif rate is None:
            self.rates.of.pop(bucket, None)
        else:
            self.rates.of[bucket] = rate

    def fail(self, *faults: Fault) -> None:
        """Let the next calls that they fit go wrong, each once."""
        self.faults.add(*faults)

    def drop_connections(self, *bots: str) -> None:
        """Break the gateway connections of these bots, or of all; they may resume."""
        self.gateway.cut(self._bots(bots))

    def invalidate_sessions(self, *bots: str, resumable: bool = False) -> None:
        """Send INVALID_SESSION to these bots, or to all."""
        self.gateway.invalidate(self._bots(bots), resumable=resumable)

    def ask_to_reconnect(self, *bots: str) -> None:
        """Send RECONNECT to these bots, or to all."""
        self.gateway.ask_to_reconnect(self._bots(bots))

    async def until(self, holds: Callable[[], bool], timeout_s: float = 60.0) -> None:
        """Wait until something holds, here or in what is tested; raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not holds():  # noqa: ASYNC110 - what is tested has no event for it
                await asyncio.sleep(0.01)

    async def until_ready(self, *bots: str, timeout_s: float = 60.0) -> None:
        """Wait until these bots, or all, are connected and were told of the server."""
        wanted = self._bots(bots) or [one for one in self.community.accounts.values() if one.is_bot]
        await self.until(lambda: all(any(self.gateway.connected([one])) for one in wanted), timeout_s)
        await self.gateway.drained()

    def _overwrite(
        self, change: Callable[..., None], who: str, where: str | Channel, permissions: Iterable[str]
    ) -> None:
        role = next((one for one in self.community.roles.values() if one.name.lstrip("@") == who), None)
        change(role.id if role and not role.bot_id else self.who(who).id, named(permissions))
        self.community.change_channel(self.where(where))

    def _bots(self, names: Iterable[str]) -> list[Account] | None:
        return [self.who(name) for name in names] or None

    def _routes(self) -> list[Route]:
        webhooks, interactions = Webhooks(self.community), self._interactions

        def either(answered: Callable[[Ask], Any], spoken: Callable[[Ask], Any]) -> Callable[[Ask], Any]:
            return lambda ask: answered(ask) if interactions.is_open(ask) else spoken(ask)

        def limits(ask: Ask) -> dict[str, Any]:
            limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
            return {"url": self.gateway_url, "shards": 1, "session_start_limit": limit}

        execute = either(interactions.follow_up, webhooks.execute)
        return [
            Route("GET", "/gateway", lambda ask: {"url": self.gateway_url}, is_open=True),
            Route("GET", "/gateway/bot", limits),
            *Messages(self.community).routes(),
            *Places(self.community).routes(),
            *webhooks.routes(),
            *interactions.routes(),
            Route("POST", "/webhooks/{webhook}/{token}", execute, "webhooks", "webhook", is_open=True),
            Route("GET", _MESSAGE, either(interactions.message, webhooks.message), is_open=True),
            Route("PATCH", _MESSAGE, either(interactions.edit, webhooks.edit), "webhooks", "webhook", is_open=True),
            Route("DELETE", _MESSAGE, either(interactions.delete, webhooks.delete), is_open=True),
        ]


def _spoken(call: Call) -> dict[str, Any] | None:
    """The part of a call's body that others would read."""
    if not isinstance(call.body, dict) or call.method not in {"POST", "PATCH"}:
        return None
    if call.path.endswith("/callback"):
        data = call.body.get("data")
        return data if isinstance(data, dict) and "content" in data else None
    says = "/messages" in call.path or call.path.startswith("/webhooks/")
    return call.body if says and not call.path.endswith(("bulk-delete", "/threads")) else None
