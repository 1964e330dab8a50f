"""What people do on the server, by script. Names stand for accounts and channels; `<@name>` in a text is a mention."""

import time
from typing import Any

from greenroom.testing.fake_discord import payloads
from greenroom.testing.fake_discord.asking import to_post_in
from greenroom.testing.fake_discord.community import Community
from greenroom.testing.fake_discord.draft import check_content
from greenroom.testing.fake_discord.gateway import Gateway
from greenroom.testing.fake_discord.interactions import COMMAND, COMPONENT, SUBMITTED, Interaction, Interactions
from greenroom.testing.fake_discord.mentions import Mentions
from greenroom.testing.fake_discord.permissions import Permission
from greenroom.testing.fake_discord.refusal import missing_permissions
from greenroom.testing.fake_discord.things import Account, Channel, Message

_SLASH, _MESSAGE_MENU = 1, 3
_STRING, _INTEGER, _BOOLEAN, _USER, _NUMBER = 3, 4, 5, 6, 10


class People:
    """The acts. Each returns when all bots that are connected were sent what they are to know of it.

    Raises: LookupError, for a name that nobody and nothing has; Refusal, for what this person may not do.
    """

    def __init__(self, community: Community, gateway: Gateway, interactions: Interactions) -> None:
        self._community = community
        self._gateway = gateway
        self._interactions = interactions

    def who(self, name: str | Account) -> Account:
        """The account with this name."""
        return name if isinstance(name, Account) else self._community.account_named(name)

    def where(self, name: str | Channel) -> Channel:
        """The channel or thread with this name."""
        return name if isinstance(name, Channel) else self._community.channel_named(name)

    async def say(
        self, who: str | Account, where: str | Channel, text: str, *, reply_to: Message | None = None, files: int = 0
    ) -> Message:
        """Let somebody write; a bot may, too, as one that is none of ours. `files` are so many pictures with it."""
        author, channel = self.who(who), self.where(where)
        self._need(author, channel, to_post_in(channel))
        content = check_content({"content": self._community.with_mentions(text)})
        message = Message(self._community.ids.new(), channel, author, content, author.shown_name)
        message.reply_to = reply_to.id if reply_to else None
        message.attachments = [_picture(at) for at in range(files)]
        self._community.post(message, self._mentions(author, channel))
        await self._gateway.drained()
        return message

    async def whisper(self, who: str | Account, to: str | Account, text: str) -> Message:
        """Let somebody write a private message."""
        return await self.say(who, self.private(who, to), text)

    def private(self, one: str | Account, other: str | Account) -> Channel:
        """The private channel of two."""
        return self._community.private(self.who(one), self.who(other))

    async def edit(self, message: Message, text: str) -> None:
        """Let its author change a message."""
        message.content = check_content({"content": self._community.with_mentions(text)})
        self._community.change(message, time.time(), self._mentions(message.author, message.channel))
        await self._gateway.drained()

    async def delete(self, *messages: Message) -> None:
        """Delete a message, or several of a channel at once."""
        if len(messages) == 1:
            self._community.remove(messages[0])
        elif messages:
            self._community.remove_all(messages[0].channel, list(messages))
        await self._gateway.drained()

    async def react(self, who: str | Account, message: Message, emoji: str = "👍") -> None:
        """Let somebody react."""
        person = self.who(who)
        if not message.reactions.get(emoji):
            self._need(person, message.channel, Permission.ADD_REACTIONS)
        self._community.react(message, person, emoji)
        await self._gateway.drained()

    async def unreact(self, who: str | Account, message: Message, emoji: str = "👍") -> None:
        """Let somebody take a reaction back."""
        self._community.react(message, self.who(who), emoji, adding=False)
        await self._gateway.drained()

    async def type(self, who: str | Account, where: str | Channel) -> None:
        """Let somebody begin to write."""
        self._community.type_in(self.where(where), self.who(who), time.time())
        await self._gateway.drained()

    async def open_thread(
        self, who: str | Account, where: str | Channel, name: str, origin: Message | None = None
    ) -> Channel:
        """Let somebody open a thread, at a message or by itself."""
        owner, parent = self.who(who), self.where(where)
        self._need(owner, parent, Permission.CREATE_PUBLIC_THREADS)
        thread = self._community.add_thread(parent, name, owner, origin)
        await self._gateway.drained()
        return thread

    async def slash(
        self, who: str | Account, bot: str | Account, command: str, where: str | Channel = "general", **options: Any
    ) -> Interaction:
        """Let somebody use a slash command, such as `forget me` with its options by name; returns when it is sent.

        Wait for `finished` to see the answer. An account is given as its name.
        """
        person, asked, channel = self.who(who), self.who(bot), self.where(where)
        self._need(person, channel, Permission.USE_APPLICATION_COMMANDS)
        words = command.removeprefix("/").split()
        described = self._command(asked, words[0], _SLASH, person)
        data = _named(described)
        data["options"], accounts = self._options(described, words[1:], options)
        if accounts:
            data["resolved"] = _resolved(accounts)
        return await self._begin(asked, person, channel, COMMAND, data, None)

    async def press_menu(self, who: str | Account, bot: str | Account, name: str, message: Message) -> Interaction:
        """Let somebody choose a command from the menu of a message."""
        person, asked = self.who(who), self.who(bot)
        self._need(person, message.channel, Permission.USE_APPLICATION_COMMANDS)
        shown = payloads.message(message, self._community)
        data = _named(self._command(asked, name, _MESSAGE_MENU, person))
        data |= {"target_id": str(message.id), "resolved": {"messages": {str(message.id): shown}}}
        return await self._begin(asked, person, message.channel, COMMAND, data, message)

    async def press_button(self, who: str | Account, message: Message, custom_id: str, *values: str) -> Interaction:
        """Let somebody press a button below a message, or choose `values` of a list."""
        data: dict[str, Any] = {"custom_id": custom_id, "component_type": 3 if values else 2}
        data |= {"values": list(values)} if values else {}
        return await self._begin(message.author, self.who(who), message.channel, COMPONENT, data, message)

    async def submit(self, opened: Interaction, **fields: str) -> Interaction:
        """Let the person send the form that an interaction opened."""
        assert opened.form is not None, "no form was opened"
        inputs = [{"type": 4, "custom_id": name, "value": value} for name, value in fields.items()]
        rows = [{"type": 1, "components": [one]} for one in inputs]
        data = {"custom_id": opened.form["custom_id"], "components": rows}
        return await self._begin(opened.bot, opened.person, opened.channel, SUBMITTED, data, opened.target)

    def commands_for(self, who: str | Account, bot: str | Account) -> list[dict[str, Any]]:
        """The commands of a bot that are shown to somebody."""
        person, asked = self.who(who), self.who(bot)
        every = [one for described in asked.commands.values() for one in described]
        return [one for one in every if self._may_use(one, person)]

    async def _begin(
        self, bot: Account, person: Account, channel: Channel, kind: int, data: dict[str, Any], target: Message | None
    ) -> Interaction:
        begun = self._interactions.begin(bot, person, channel, kind, data, target)
        await self._gateway.drained()
        return begun

    def _command(self, bot: Account, name: str, kind: int, person: Account) -> dict[str, Any]:
        shown = [one for one in self.commands_for(person, bot) if one["type"] == kind]
        for one in shown:
            if one["name"] == name:
                return one
        there = ", ".join(repr(one["name"]) for one in shown) or "none"
        raise LookupError(f"{bot.name} shows {person.name} no command {name!r}; there are {there}")

    def _may_use(self, described: dict[str, Any], person: Account) -> bool:
        needed = described.get("default_member_permissions")
        held = self._community.held(person)
        return needed is None or (int(held) & int(needed)) == int(needed)

    def _options(
        self, described: dict[str, Any], words: list[str], given: dict[str, Any]
    ) -> tuple[list[dict[str, Any]], list[Account]]:
        known = {one["name"]: one for one in described.get("options") or ()}
        if words and words[0] in known and known[words[0]]["type"] in {1, 2}:
            inner = known[words[0]]
            options, accounts = self._options(inner, words[1:], given)
            return [{"name": words[0], "type": inner["type"], "options": options}], accounts
        if words:
            raise LookupError(f"{described['name']} has no part {words[0]!r}; there are {', '.join(known) or 'none'}")
        options, accounts = [], []
        for name, value in given.items():
            if name not in known:
                raise LookupError(f"{described['name']} has no option {name!r}; there are {', '.join(known) or 'none'}")
            kind = known[name]["type"]
            if kind == _USER:
                accounts.append(self.who(value))
                value = str(accounts[-1].id)
            options.append({"name": name, "type": kind, "value": _typed(kind, value)})
        return options, accounts

    def _mentions(self, author: Account, channel: Channel) -> Mentions:
        return Mentions(everyone=Permission.MENTION_EVERYONE in self._community.held(author, channel))

    def _need(self, who: Account, channel: Channel, needed: Permission) -> None:
        if needed not in self._community.held(who, channel):
            raise missing_permissions()


def _typed(kind: int, value: Any) -> Any:
    if kind == _BOOLEAN:
        return value in {True, "true", "True", "yes"}
    return {_STRING: str, _INTEGER: int, _NUMBER: float}.get(kind, str)(value)


def _named(described: dict[str, Any]) -> dict[str, Any]:
    return {key: described[key] for key in ("id", "name", "type", "guild_id") if key in described}


def _resolved(accounts: list[Account]) -> dict[str, Any]:
    users = {str(one.id): payloads.account(one) for one in accounts}
    members = {str(one.id): payloads.member(one, with_user=False) | {"permissions": "0"} for one in accounts}
    return {"users": users, "members": members}


def _picture(at: int) -> dict[str, Any]:
    url = f"http://cdn.invalid/{at}.png"
    return {"id": str(at + 1), "filename": f"{at}.png", "size": 1, "content_type": "image/png"} | {
        "url": url,
        "proxy_url": url,
        "height": 1,
        "width": 1,
    }
