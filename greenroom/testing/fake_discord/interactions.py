"""Slash commands, menus and buttons: what people set off, and how bots answer.

Source: Discord's documentation, "Receiving and Responding to Interactions" and "Application Commands".
"""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from greenroom.testing.fake_discord import payloads
from greenroom.testing.fake_discord.asking import Ask, Route, number
from greenroom.testing.fake_discord.community import Community
from greenroom.testing.fake_discord.draft import fill, refill
from greenroom.testing.fake_discord.mentions import Mentions
from greenroom.testing.fake_discord.payloads import Payload
from greenroom.testing.fake_discord.refusal import Refusal, unknown
from greenroom.testing.fake_discord.things import EPHEMERAL, LOADING, Account, Channel, Event, Message

_MOST_OPEN = 1_000
_MOST_COMMANDS = 100
_PONG, _MESSAGE, _LATER, _UPDATE_LATER, _UPDATE, _CHOICES, _FORM = 1, 4, 5, 6, 7, 8, 9
COMMAND, COMPONENT, SUBMITTED = 2, 3, 5


@dataclass(slots=True, eq=False)
class Interaction:
    """Something a person set off, and what came of it.

    `messages` are the answers, the original first; `form` is the modal that was opened instead. `answered` is set with
    the first answer, `finished` when it is more than "is thinking".
    """

    id: int
    bot: Account
    person: Account
    channel: Channel
    token: str
    type: int
    data: dict[str, Any]
    begun_at_s: float
    target: Message | None = None
    messages: list[Message] = field(default_factory=list)
    form: dict[str, Any] | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def text(self) -> str:
        """The words of all answers, a line each."""
        return "\n".join(message.content for message in self.messages)

    @property
    def is_ephemeral(self) -> bool:
        """Whether only the person sees the answers."""
        return bool(self.messages) and all(message.seen_by for message in self.messages)


class Interactions:
    """All that are open. `limit_s` is how long a bot may take for its first answer."""

    def __init__(self, community: Community, limit_s: float, now_s: Callable[[], float] = time.monotonic) -> None:
        self._community = community
        self._limit_s = limit_s
        self._now_s = now_s
        self._open: OrderedDict[str, Interaction] = OrderedDict()

    def routes(self) -> list[Route]:
        """Those of commands, and the first answer; the others share their path with webhooks."""
        own = "/applications/{application}/commands"
        server = "/applications/{application}/guilds/{guild}/commands"
        callback = "/interactions/{interaction}/{token}/callback"
        return [
            *(Route("PUT", path, self._set_commands) for path in (own, server)),
            *(Route("GET", path, lambda ask: self._commands(ask)) for path in (own, server)),
            *(Route("POST", path, self._add_command) for path in (own, server)),
            Route("POST", callback, self._answer, is_open=True),
        ]

    def begin(
        self, bot: Account, person: Account, channel: Channel, kind: int, data: dict[str, Any], target: Message | None
    ) -> Interaction:
        """Set something off, and tell the bot."""
        community, key, token = self._community, self._community.ids.new(), secrets.token_urlsafe(48)
        begun = Interaction(key, bot, person, channel, token, kind, data, self._now_s(), target)
        self._open[token] = begun
        if len(self._open) > _MOST_OPEN:
            self._open.popitem(last=False)
        told = {
            "id": str(key),
            "application_id": str(bot.id),
            "type": kind,
            "data": data,
            "token": token,
            "version": 1,
            "channel_id": str(channel.id),
            "channel": payloads.channel(channel, community, bot),
            "app_permissions": str(int(community.held(bot, channel))),
            "locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": {},
            "attachment_size_limit": 10_000_000,
            "context": 1 if channel.is_private else 0,
        }
        told |= {"message": payloads.message(target, community)} if kind == COMPONENT and target else {}
        community.tell(Event("INTERACTION_CREATE", told | self._who(begun), channel, only=bot))
        return begun

    def is_open(self, ask: Ask) -> bool:
        """Whether the token in the path is one of an interaction."""
        found = self._open.get(ask.path["token"])
        return found is not None and found.bot.id == ask.id("webhook")

    def follow_up(self, ask: Ask) -> Payload:
        """Say something more; what was only "is thinking" becomes this."""
        interaction = self._open[ask.path["token"]]
        if not interaction.answered.is_set():
            raise unknown("webhook")
        waiting = next((one for one in interaction.messages if one.flags & LOADING), None)
        if waiting is not None:
            return self._shown(self._finish(interaction, waiting, ask))
        return self._shown(self._say(interaction, ask.fields, ask))

    def message(self, ask: Ask) -> Payload:
        """Read an answer."""
        return self._shown(self._of(ask))

    def edit(self, ask: Ask) -> Payload:
        """Change an answer; what was only "is thinking" becomes this."""
        interaction, message = self._open[ask.path["token"]], self._of(ask)
        if message.flags & LOADING:
            return self._shown(self._finish(interaction, message, ask))
        refill(message, ask.fields, ask.attachments)
        self._community.change(message, time.time(), _mentions(ask.fields))
        interaction.finished.set()
        return self._shown(message)

    def delete(self, ask: Ask) -> None:
        """Take an answer back."""
        interaction, message = self._open[ask.path["token"]], self._of(ask)
        self._community.remove(message)
        interaction.messages.remove(message)
        interaction.finished.set()

    def _answer(self, ask: Ask) -> Payload | None:
        interaction = self._open.get(ask.path["token"])
        if interaction is None or interaction.id != ask.id("interaction"):
            raise unknown("interaction")
        if interaction.answered.is_set():
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        if self._now_s() - interaction.begun_at_s > self._limit_s:
            raise unknown("interaction")
        kind, fields = ask.fields.get("type"), ask.fields.get("data") or {}
        message = self._take(interaction, kind, fields, ask)
        interaction.answered.set()
        if kind not in {_LATER, _UPDATE_LATER}:
            interaction.finished.set()
        if ask.query.get("with_response", "").lower() not in {"1", "true"}:
            return None
        described = {"id": str(interaction.id), "type": interaction.type}
        if message is None:
            return {"interaction": described, "resource": {"type": kind}}
        described |= {"response_message_id": str(message.id), "response_message_loading": kind == _LATER}
        described["response_message_ephemeral"] = message.seen_by is not None
        return {"interaction": described, "resource": {"type": kind, "message": self._shown(message)}}

    def _take(self, interaction: Interaction, kind: object, fields: dict[str, Any], ask: Ask) -> Message | None:
        if kind == _MESSAGE:
            return self._say(interaction, fields, ask)
        if kind == _LATER:
            return self._say(interaction, {"flags": int(fields.get("flags") or 0) | LOADING}, ask)
        if kind == _FORM:
            interaction.form = fields
        elif kind == _UPDATE and interaction.target is not None:
            refill(interaction.target, fields, ask.attachments)
            self._community.change(interaction.target, time.time(), _mentions(fields))
            return interaction.target
        elif kind not in {_PONG, _UPDATE_LATER, _CHOICES}:
            raise Refusal(400, 50035, "Invalid Form Body")
        return None

    def _say(self, interaction: Interaction, fields: dict[str, Any], ask: Ask) -> Message:
        message = Message(
            self._community.ids.new(), interaction.channel, interaction.bot, "", interaction.bot.shown_name
        )
        message.application_id = interaction.bot.id
        message.interaction = {
            "id": str(interaction.id),
            "type": interaction.type,
            "user": payloads.account(interaction.person),
            "authorizing_integration_owners": {},
            "name": interaction.data.get("name", ""),
        }
        if fields.get("flags", 0) & LOADING:
            message.flags = fields["flags"]
        else:
            fill(message, fields, ask.attachments)
        message.seen_by = interaction.person if message.flags & EPHEMERAL else None
        interaction.messages.append(message)
        return self._community.post(message, _mentions(fields))

    def _finish(self, interaction: Interaction, message: Message, ask: Ask) -> Message:
        refill(message, ask.fields, ask.attachments)
        message.flags &= ~LOADING
        self._community.change(message, time.time(), _mentions(ask.fields))
        interaction.finished.set()
        return message

    def _of(self, ask: Ask) -> Message:
        messages = self._open[ask.path["token"]].messages
        wanted = ask.path["message"]
        if wanted == "@original" and messages:
            return messages[0]
        for message in messages:
            if message.id == number(wanted):
                return message
        raise unknown("message")

    def _set_commands(self, ask: Ask) -> list[Payload]:
        if not isinstance(ask.body, list) or len(ask.body) > _MOST_COMMANDS:
            raise Refusal(400, 30032, f"Maximum number of application commands reached ({_MOST_COMMANDS})")
        made = [self._command(ask, one) for one in ask.body]
        self._bot(ask).commands[ask.path.get("guild", "")] = made
        return made

    def _add_command(self, ask: Ask) -> Payload:
        made = self._command(ask, ask.fields)
        before = [one for one in self._commands(ask) if (one["name"], one["type"]) != (made["name"], made["type"])]
        self._bot(ask).commands[ask.path.get("guild", "")] = [*before, made][-_MOST_COMMANDS:]
        return made

    def _commands(self, ask: Ask) -> list[Payload]:
        return self._bot(ask).commands.get(ask.path.get("guild", ""), [])

    def _command(self, ask: Ask, described: dict[str, Any]) -> Payload:
        server = {"guild_id": ask.path["guild"]} if "guild" in ask.path else {}
        ids = {"id": str(self._community.ids.new()), "application_id": ask.path["application"], "version": "1"}
        return {"type": 1, "description": "", **described, **ids, **server}

    def _bot(self, ask: Ask) -> Account:
        if ask.id("application") != ask.caller.id:
            raise Refusal(403, 20012, "You are not authorized to perform this action on this application")
        return ask.caller

    def _who(self, interaction: Interaction) -> Payload:
        if interaction.channel.is_private:
            return {"user": payloads.account(interaction.person)}
        held = int(self._community.held(interaction.person, interaction.channel))
        return {
            "guild_id": str(self._community.id),
            "guild": {"id": str(self._community.id), "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": payloads.member(interaction.person) | {"permissions": str(held)},
        }

    def _shown(self, message: Message) -> Payload:
        return payloads.message(message, self._community)


def _mentions(fields: dict[str, Any]) -> Mentions:
    return Mentions.read(fields.get("allowed_mentions"), may_everyone=False)
