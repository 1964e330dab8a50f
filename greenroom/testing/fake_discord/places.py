"""The routes of accounts, of the server, its channels and threads. Source: Discord's documentation, "Resources"."""

from greenroom.testing.fake_discord import payloads
from greenroom.testing.fake_discord.asking import Ask, Route, channel_for, message_in, number
from greenroom.testing.fake_discord.community import Community
from greenroom.testing.fake_discord.payloads import Payload
from greenroom.testing.fake_discord.permissions import Permission
from greenroom.testing.fake_discord.refusal import Refusal, invalid, missing_access, unknown
from greenroom.testing.fake_discord.things import TEXT, THREAD, Account, Channel

_LONGEST_NICK = 32
_LONGEST_THREAD_NAME = 100
_MOST_MEMBERS = 1_000


class Places:
    """What bots read of the server, and the threads that they open."""

    def __init__(self, community: Community) -> None:
        self._community = community

    def routes(self) -> list[Route]:
        """All of them."""
        return [*self._of_accounts(), *self._of_the_server(), *self._of_channels()]

    def _of_accounts(self) -> list[Route]:
        return [
            Route("GET", "/users/@me", lambda ask: payloads.account(ask.caller)),
            Route("PATCH", "/users/@me", lambda ask: payloads.account(ask.caller)),
            Route("GET", "/users/@me/guilds", lambda ask: [payloads.guild_alone(self._community)]),
            Route("POST", "/users/@me/channels", self._open_private),
            Route("GET", "/users/{user}", self._user),
            Route("GET", "/oauth2/applications/@me", lambda ask: payloads.application(ask.caller)),
            Route("GET", "/applications/@me", lambda ask: payloads.application(ask.caller)),
        ]

    def _of_the_server(self) -> list[Route]:
        return [
            Route("GET", "/guilds/{guild}", self._server),
            Route("GET", "/guilds/{guild}/channels", self._channels),
            Route("GET", "/guilds/{guild}/roles", self._roles),
            Route("GET", "/guilds/{guild}/members", self._members),
            Route("PATCH", "/guilds/{guild}/members/@me", self._rename),
            Route("GET", "/guilds/{guild}/members/{user}", self._member),
            Route("GET", "/guilds/{guild}/threads/active", self._active_threads),
        ]

    def _of_channels(self) -> list[Route]:
        return [
            Route("GET", "/channels/{channel}", self._channel),
            Route("PATCH", "/channels/{channel}", self._change),
            Route("POST", "/channels/{channel}/threads", self._open_thread),
            Route("POST", "/channels/{channel}/messages/{message}/threads", self._open_thread),
            Route("PUT", "/channels/{channel}/thread-members/@me", self._join),
            Route("GET", "/channels/{channel}/thread-members", self._thread_members),
        ]

    def _open_private(self, ask: Ask) -> Payload:
        other = self._community.accounts.get(number(ask.fields.get("recipient_id")))
        if other is None or other is ask.caller:
            invalid("recipient_id", "INVALID_RECIPIENT", "Invalid Recipient")
        return payloads.channel(self._community.private(ask.caller, other), self._community, ask.caller)

    def _user(self, ask: Ask) -> Payload:
        return payloads.account(self._account(ask, "user"))

    def _member(self, ask: Ask) -> Payload:
        self._guild(ask)
        return payloads.member(self._account(ask, "member"))

    def _members(self, ask: Ask) -> list[Payload]:
        self._guild(ask)
        if not ask.caller.granted & 1 << 1:
            raise missing_access()
        limit, after = number(ask.query.get("limit", "1")), number(ask.query.get("after", "0"))
        found = [one for one in self._community.accounts.values() if one.id > after]
        return [payloads.member(one) for one in found[: min(limit, _MOST_MEMBERS)]]

    def _rename(self, ask: Ask) -> Payload:
        self._guild(ask)
        if "nick" in ask.fields:
            nick = ask.fields["nick"] or None
            if nick is not None and len(nick) > _LONGEST_NICK:
                invalid("nick", "BASE_TYPE_MAX_LENGTH", f"Must be {_LONGEST_NICK} or fewer in length.")
            self._community.rename(ask.caller, nick)
        return payloads.member(ask.caller)

    def _server(self, ask: Ask) -> Payload:
        self._guild(ask)
        return payloads.guild_alone(self._community)

    def _roles(self, ask: Ask) -> list[Payload]:
        self._guild(ask)
        return [payloads.role(role, at) for at, role in enumerate(self._community.roles.values())]

    def _channels(self, ask: Ask) -> list[Payload]:
        self._guild(ask)
        seen = [one for one in self._community.seen_by(ask.caller) if one.type == TEXT]
        return [payloads.channel(one, self._community) for one in seen]

    def _active_threads(self, ask: Ask) -> Payload:
        self._guild(ask)
        threads = [one for one in self._community.seen_by(ask.caller) if one.type == THREAD and not one.is_archived]
        joined = [payloads.thread_member(one, ask.caller.id) for one in threads if ask.caller.id in one.members]
        return {"threads": [payloads.channel(one, self._community) for one in threads], "members": joined}

    def _channel(self, ask: Ask) -> Payload:
        return payloads.channel(channel_for(ask, self._community), self._community, ask.caller)

    def _change(self, ask: Ask) -> Payload:
        channel = channel_for(ask, self._community)
        is_own = channel.type == THREAD and channel.owner_id == ask.caller.id
        if not is_own:
            channel_for(
                ask,
                self._community,
                Permission.MANAGE_THREADS if channel.type == THREAD else Permission.MANAGE_CHANNELS,
            )
        channel.name = str(ask.fields.get("name") or channel.name)
        channel.is_archived = bool(ask.fields.get("archived", channel.is_archived))
        self._community.change_channel(channel)
        return payloads.channel(channel, self._community)

    def _open_thread(self, ask: Ask) -> Payload:
        parent = channel_for(ask, self._community, Permission.CREATE_PUBLIC_THREADS)
        if parent.type != TEXT:
            raise Refusal(400, 50024, "Cannot execute action on this channel type")
        name = str(ask.fields.get("name") or "")
        if not 1 <= len(name) <= _LONGEST_THREAD_NAME:
            invalid("name", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {_LONGEST_THREAD_NAME} in length.")
        origin = message_in(parent, ask) if "message" in ask.path else None
        if origin is not None and origin.thread is not None:
            raise Refusal(400, 160004, "A thread has already been created for this message")
        thread = self._community.add_thread(parent, name, ask.caller, origin)
        return payloads.channel(thread, self._community) | {"member": payloads.thread_member(thread, ask.caller.id)}

    def _join(self, ask: Ask) -> None:
        self._community.join(self._thread(ask), ask.caller)

    def _thread_members(self, ask: Ask) -> list[Payload]:
        thread = self._thread(ask)
        return [payloads.thread_member(thread, who) for who in thread.members]

    def _thread(self, ask: Ask) -> Channel:
        channel = channel_for(ask, self._community)
        if channel.type != THREAD:
            raise Refusal(400, 50024, "Cannot execute action on this channel type")
        return channel

    def _account(self, ask: Ask, what: str) -> Account:
        found = self._community.accounts.get(ask.id("user"))
        if found is None:
            raise unknown(what)
        return found

    def _guild(self, ask: Ask) -> None:
        if ask.id("guild") != self._community.id:
            raise unknown("guild")
