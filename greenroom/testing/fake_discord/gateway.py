"""The gateway: who is connected, what they are told, and what is done to their connections.

Source: Discord's documentation, "Gateway": events, lifecycle, opcodes and close codes.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from aiohttp import web

from greenroom.testing.fake_discord import payloads
from greenroom.testing.fake_discord.community import Community
from greenroom.testing.fake_discord.connection import Connection, compression
from greenroom.testing.fake_discord.session import Session
from greenroom.testing.fake_discord.things import Account, Event

_MOST_SESSIONS = 200
_PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
_HEARTBEAT, _IDENTIFY, _RESUME, _RECONNECT, _MEMBERS, _INVALID, _HELLO, _ACK = 1, 2, 6, 7, 8, 9, 10, 11
_ACK_AFTER_S = 0.1
_IGNORED = {3, 4}
"""Presence and voice: taken, and without effect."""


class Gateway:
    """All connections. `heartbeat_s` is what HELLO asks for; with `acknowledges` false, no heartbeat is answered."""

    def __init__(self, community: Community, address: Callable[[], str], heartbeat_s: float) -> None:
        self.acknowledges = True
        self.resumes = 0
        self.identifies = 0
        self.refuses: dict[int, int] = {}
        self.repeats = 0
        self.sessions: dict[str, Session] = {}
        self._community = community
        self._address = address
        self._heartbeat_s = heartbeat_s
        community.listeners.append(self._tell)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection, from HELLO to its end."""
        try:
            connection = Connection(request, compression(request.query.get("compress", "")))
        except LookupError as exc:
            return web.Response(status=400, text=str(exc))
        answer = await connection.open()
        writing = asyncio.create_task(connection.write())
        connection.say(_HELLO, {"heartbeat_interval": int(self._heartbeat_s * 1000)})
        try:
            await self._listen(connection)
        finally:
            self._left(connection)
            writing.cancel()
            await asyncio.wait([writing])
            connection.forget_waiting()
        return answer

    def connected(self, bots: Iterable[Account] | None = None) -> Iterator[Session]:
        """The sessions of these bots, or of all, that have a connection."""
        wanted = None if bots is None else {bot.id for bot in bots}
        for session in self.sessions.values():
            if session.connection is not None and (wanted is None or session.bot.id in wanted):
                yield session

    def cut(self, bots: Iterable[Account] | None = None) -> None:
        """Break the connections; the clients may resume."""
        for session in list(self.connected(bots)):
            if session.connection is not None:
                connection, session.connection = session.connection, None
                connection.cut()
                self._show(session.bot)

    def ask_to_reconnect(self, bots: Iterable[Account] | None = None) -> None:
        """Send RECONNECT."""
        for session in self.connected(bots):
            if session.connection is not None:
                session.connection.say(_RECONNECT)

    def invalidate(self, bots: Iterable[Account] | None = None, *, resumable: bool = False) -> None:
        """Send INVALID_SESSION; unless it is resumable, the session is forgotten."""
        for session in list(self.connected(bots)):
            if not resumable:
                del self.sessions[session.id]
            if session.connection is not None:
                session.connection.say(_INVALID, resumable)

    def close(self, code: int, bots: Iterable[Account] | None = None) -> None:
        """Close the connections with a code."""
        for session in self.connected(bots):
            if session.connection is not None:
                session.connection.close(code)

    async def drained(self) -> None:
        """Wait until all events were sent to those who are connected."""
        for session in list(self.connected()):
            if session.connection is not None:
                await session.connection.drained()

    def _tell(self, event: Event) -> None:
        for session in list(self.sessions.values()):
            if self._concerns(session, event):
                session.tell(event)

    def _concerns(self, session: Session, event: Event) -> bool:
        if event.only is not None and event.only is not session.bot:
            return False
        if not session.wants(event):
            return False
        if event.name == "INTERACTION_CREATE" or event.channel is None:
            return True
        return self._community.sees(session.bot, event.channel)

    async def _listen(self, connection: Connection) -> None:
        while True:
            try:
                frame = await connection.receive()
            except (ValueError, msgspec.MsgspecError):
                connection.close(4002)
                continue
            if frame is None:
                return
            self._take(connection, frame["op"], frame.get("d"))

    def _take(self, connection: Connection, op: int, data: Any) -> None:
        session = self._session_on(connection)
        if op == _HEARTBEAT:
            if self.acknowledges:
                # On one loop the answer could come before discord.py has noted that it sent: it then warns of 41 s.
                asyncio.get_running_loop().call_later(_ACK_AFTER_S, connection.say, _ACK)
        elif op in {_IDENTIFY, _RESUME} and session is not None:
            connection.close(4005)
        elif op == _IDENTIFY and isinstance(data, dict):
            self._identify(connection, data)
        elif op == _RESUME and isinstance(data, dict):
            self._resume(connection, data)
        elif session is None:
            connection.close(4003)
        elif op == _MEMBERS and isinstance(data, dict):
            self._send_members(session, data)
        elif op not in _IGNORED:
            connection.close(4001)

    def _identify(self, connection: Connection, data: dict[str, Any]) -> None:
        bot = self._bot_with(data.get("token"))
        if bot is None:
            return connection.close(4004)
        intents = int(data.get("intents") or 0)
        code = self.refuses.get(bot.id) or (4014 if intents & _PRIVILEGED & ~bot.granted else 0)
        if code:
            return connection.close(code)
        self.identifies += 1
        session = Session(secrets.token_hex(16), bot, intents)
        if len(self.sessions) >= _MOST_SESSIONS:
            del self.sessions[next(iter(self.sessions))]
        self.sessions[session.id] = session
        session.connection = connection
        self._welcome(session)
        self._show(bot)
        return None

    def _welcome(self, session: Session) -> None:
        server = {"id": str(self._community.id), "unavailable": True}
        application = payloads.application(session.bot)
        ready = {
            "v": 10,
            "user": payloads.account(session.bot),
            "guilds": [server],
            "session_id": session.id,
            "resume_gateway_url": self._address(),
            "shard": [0, 1],
            "application": {key: application[key] for key in ("id", "flags")},
        }
        session.send("READY", ready)
        if session.intents & 1:
            session.send("GUILD_CREATE", payloads.guild(self._community, session.bot))

    def _resume(self, connection: Connection, data: dict[str, Any]) -> None:
        session = self.sessions.get(str(data.get("session_id")))
        number = data.get("seq")
        if session is None or session.bot is not self._bot_with(data.get("token")) or not isinstance(number, int):
            return connection.say(_INVALID, False)
        missed = session.missed_since(max(0, number - self.repeats))
        if missed is None:
            return connection.say(_INVALID, False)
        self.resumes += 1
        if session.connection is not None:
            session.connection.cut()
        session.connection = connection
        for frame in missed:
            connection.put(frame)
        session.send("RESUMED", {})
        self._show(session.bot)
        return None

    def _send_members(self, session: Session, data: dict[str, Any]) -> None:
        everybody = list(self._community.accounts.values())
        if data.get("user_ids"):
            wanted = {str(one) for one in data["user_ids"]}
            everybody = [one for one in everybody if str(one.id) in wanted]
        found = [payloads.member(one) for one in everybody]
        chunk = {"guild_id": str(self._community.id), "members": found, "chunk_index": 0, "chunk_count": 1}
        session.send("GUILD_MEMBERS_CHUNK", chunk | ({"nonce": data["nonce"]} if "nonce" in data else {}))

    def _left(self, connection: Connection) -> None:
        session = self._session_on(connection)
        if session is None:
            return
        session.connection = None
        if connection.close_code in {1000, 1001}:  # the client said goodbye, and will not resume
            self.sessions.pop(session.id, None)
        self._show(session.bot)

    def _show(self, bot: Account) -> None:
        """Tell whether a bot is there."""
        status = "online" if any(self.connected([bot])) else "offline"
        who = {"user": {"id": str(bot.id)}, "guild_id": str(self._community.id)}
        self._community.tell(Event("PRESENCE_UPDATE", {**who, "status": status, "activities": [], "client_status": {}}))

    def _session_on(self, connection: Connection) -> Session | None:
        return next((one for one in self.sessions.values() if one.connection is connection), None)

    def _bot_with(self, token: object) -> Account | None:
        given = str(token).removeprefix("Bot ")
        return next((one for one in self._community.accounts.values() if one.is_bot and one.token == given), None)
