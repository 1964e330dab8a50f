"""The same script over HTTP: for the page, and for tests whose bots are other processes.

`POST /control/{act}` takes a JSON object. Only pages of the fake itself may call it, and nobody from another machine.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from greenroom.testing.fake_discord.asking import number
from greenroom.testing.fake_discord.faults import Fault
from greenroom.testing.fake_discord.permissions import Permission
from greenroom.testing.fake_discord.rates import Rate
from greenroom.testing.fake_discord.refusal import Refusal, missing_permissions, unknown
from greenroom.testing.fake_discord.shown import shown_channel, shown_message
from greenroom.testing.fake_discord.things import Account, Channel, Message

if TYPE_CHECKING:
    from greenroom.testing.fake_discord.server import FakeDiscord

Fields = Mapping[str, Any]
_LONGEST_NAME = 32


class Control:
    """The acts of people, and what is done to bots. Accounts and channels are given by name or by id."""

    def __init__(self, discord: "FakeDiscord") -> None:
        self._discord = discord
        self._acts: dict[str, Callable[[Fields], Awaitable[Any]]] = {
            "say": self._say,
            "edit": self._edit,
            "delete": self._delete,
            "react": self._react,
            "type": self._type,
            "thread": self._thread,
            "private": self._private,
            "person": self._person,
            "slash": self._slash,
            "menu": self._menu,
            "button": self._button,
            "disturb": self._disturb,
            "limit": self._limit,
            "fail": self._fail,
            "permit": self._permit,
        }

    def add_to(self, app: web.Application) -> None:
        """Serve it."""
        app.router.add_post("/control/{act}", self._serve)
        app.router.add_get("/control/calls", self._calls)

    def channel(self, given: object) -> Channel:
        """A channel by its id or its name."""
        return self._discord.community.channels.get(number(given)) or self._discord.where(str(given))

    def account(self, given: object) -> Account:
        """An account by its id or its name."""
        return self._discord.community.accounts.get(number(given)) or self._discord.who(str(given))

    async def _serve(self, request: web.Request) -> web.Response:
        act = self._acts.get(request.match_info["act"])
        if act is None:
            return answer({"detail": f"no such act; there are {', '.join(self._acts)}"}, 404)
        try:
            fields = msgspec.json.decode(await request.read() or b"{}", type=dict[str, Any])
            return answer(await act(fields) or {})
        except KeyError as exc:
            return answer({"detail": f"{exc.args[0]!r} is missing, or unknown"}, 400)
        except Refusal as exc:
            return answer({"detail": _why(exc)}, exc.status)
        except (LookupError, ValueError, TypeError, msgspec.MsgspecError) as exc:
            return answer({"detail": str(exc)}, 400)

    async def _calls(self, request: web.Request) -> web.Response:
        told = ("method", "path", "body", "account", "query", "status")
        return answer([{name: getattr(call, name) for name in told} for call in self._discord.calls])

    async def _say(self, fields: Fields) -> Any:
        who, where = self.account(fields["who"]), self.channel(fields["where"])
        reply_to = self._message(fields["reply_to"]) if fields.get("reply_to") else None
        said = await self._discord.say(who, where, str(fields["text"]), reply_to=reply_to)
        return shown_message(said, self._discord.community)

    async def _edit(self, fields: Fields) -> None:
        message = self._message(fields["message"])
        if message.author is not self.account(fields["who"]):
            raise Refusal(403, 50005, "Cannot edit a message authored by another user")
        await self._discord.edit(message, str(fields["text"]))

    async def _delete(self, fields: Fields) -> None:
        message, who = self._message(fields["message"]), self.account(fields["who"])
        held = self._discord.community.held(who, message.channel)
        if message.author is not who and message.seen_by is not who and Permission.MANAGE_MESSAGES not in held:
            raise missing_permissions()
        await self._discord.delete(message)

    async def _react(self, fields: Fields) -> None:
        message, who, emoji = self._message(fields["message"]), self.account(fields["who"]), str(fields["emoji"])[:32]
        if who in message.reactions.get(emoji, []):
            await self._discord.unreact(who, message, emoji)
        else:
            await self._discord.react(who, message, emoji)

    async def _type(self, fields: Fields) -> None:
        await self._discord.type(self.account(fields["who"]), self.channel(fields["where"]))

    async def _thread(self, fields: Fields) -> Any:
        origin = self._message(fields["message"]) if fields.get("message") else None
        who, where = self.account(fields["who"]), self.channel(fields["where"])
        opened = await self._discord.open_thread(who, where, str(fields["name"])[:100], origin)
        return shown_channel(opened, self._discord.community)

    async def _private(self, fields: Fields) -> Any:
        opened = self._discord.private(self.account(fields["who"]), self.account(fields["other"]))
        return shown_channel(opened, self._discord.community)

    async def _person(self, fields: Fields) -> Any:
        name = str(fields["name"]).strip()
        if not 1 <= len(name) <= _LONGEST_NAME:
            raise ValueError(f"a name has 1 to {_LONGEST_NAME} characters")
        return {"id": str(self._discord.add_person(name).id)}

    async def _slash(self, fields: Fields) -> None:
        who, bot, where = self.account(fields["who"]), self.account(fields["bot"]), self.channel(fields["where"])
        await self._discord.slash(who, bot, str(fields["command"]), where, **fields.get("options", {}))

    async def _menu(self, fields: Fields) -> None:
        message = self._message(fields["message"])
        who, bot = self.account(fields["who"]), self.account(fields["bot"])
        await self._discord.press_menu(who, bot, str(fields["name"]), message)

    async def _button(self, fields: Fields) -> None:
        await self._discord.press_button(
            self.account(fields["who"]), self._message(fields["message"]), str(fields["button"])
        )

    async def _disturb(self, fields: Fields) -> None:
        disturb = {
            "drop": self._discord.drop_connections,
            "reconnect": self._discord.ask_to_reconnect,
            "invalidate": self._discord.invalidate_sessions,
        }
        disturb[fields["how"]](*fields.get("bots", ()))

    async def _limit(self, fields: Fields) -> None:
        rate = Rate(int(fields["limit"]), float(fields["per_s"])) if fields.get("limit") else None
        self._discord.limit_rates(rate, fields.get("bucket", "messages"))

    async def _fail(self, fields: Fields) -> None:
        self._discord.fail(Fault(**fields))

    async def _permit(self, fields: Fields) -> None:
        change = self._discord.allow if fields.get("allow") else self._discord.forbid
        change(fields["who"], self.channel(fields["where"]), *fields["permissions"])

    def _message(self, given: object) -> Message:
        wanted = number(given)
        for channel in self._discord.community.channels.values():
            if wanted in channel.messages:
                return channel.messages[wanted]
        raise unknown("message")


@web.middleware
async def own_pages_only(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuse what a foreign web page could have sent: by a name that is not ours, from another origin, or as a form."""
    if request.path.startswith(("/api/", "/gateway")):
        return await handler(request)  # a token is needed there, which no foreign page has
    origin = request.headers.get("Origin")
    is_ours = origin is None or urlsplit(origin).netloc == request.host
    if urlsplit(f"//{request.host}").hostname not in {"127.0.0.1", "localhost"} or not is_ours:
        return answer({"detail": "only the page of the fake itself may do this"}, 403)
    if request.method == "POST" and request.content_type != "application/json":
        return answer({"detail": "the body has to be application/json"}, 415)
    return await handler(request)


def answer(body: object, status: int = 200) -> web.Response:
    """JSON that nobody keeps."""
    encoded = msgspec.json.encode(body)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return web.Response(body=encoded, status=status, content_type="application/json", headers=headers)


def _why(refusal: Refusal) -> str:
    """The sentence of a refusal, and what is said of single fields."""
    fields = refusal.body.get("errors", {})
    found = [f"{name}: {told['_errors'][0]['message']}" for name, told in fields.items()]
    return ". ".join([refusal.body["message"], *found])
