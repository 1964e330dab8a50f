"""The bots of one door, together: who they are, what each of them hears, and how they come and stay there."""

import asyncio
from collections.abc import Sequence

import discord
import structlog

from greenroom.clock import Clock
from greenroom.config import Backoff, DiscordSettings
from greenroom.discord.acts import Acts
from greenroom.discord.bot_voice import BotVoice, sees
from greenroom.discord.catch_up import catch_up
from greenroom.discord.channels import Channels
from greenroom.discord.check import missing_permissions
from greenroom.discord.commands import Commands
from greenroom.discord.conversation import Conversation
from greenroom.discord.known_commands import KnownCommands
from greenroom.discord.listening import Ear, is_a_persons
from greenroom.discord.memory import Memory
from greenroom.discord.permissions import is_allowed
from greenroom.discord.recent import Recent
from greenroom.discord.said import Reaction, Said
from greenroom.discord.standing import Standing
from greenroom.discord.tokens import Account
from greenroom.discord.translating import in_our_words, speak_to, translated
from greenroom.discord.voices import Voices
from greenroom.discord.webhook_voice import Webhooks
from greenroom.errors import GreenroomError
from greenroom.ports import Characters

_AWAY = Backoff(base_s=5.0, factor=2.0, max_s=300.0)
_LOOK_BACK = 100
_MOST_SETTLING_S = 30.0

log = structlog.get_logger(__name__)


class Door:
    """Holds the bots, and tells the rest of the door what they hear (a `Listener`)."""

    def __init__(
        self,
        accounts: Sequence[Account],
        conversation: Conversation,
        memory: Memory,
        acts: Acts,
        voices: Voices,
        channels: Channels,
        known_commands: KnownCommands,
        characters: Characters,
        settings: DiscordSettings,
        clock: Clock,
        standing: Standing,
    ) -> None:
        self._accounts = accounts
        self._conversation = conversation
        self._memory = memory
        self._acts = acts
        self._voices = voices
        self._channels = channels
        self._known_commands = known_commands
        self._characters = characters
        self._settings = settings
        self._clock = clock
        self._standing = standing
        self._edits = Recent()
        self._ears: dict[str, Ear] = {}
        self._settled: set[str] = set()
        self._all_settled = asyncio.Event()
        self._catching_up = asyncio.Lock()

    async def stay(self) -> None:
        """Keep all bots there, for ever; one that cannot be is tried again more and more seldom, or not at all."""
        speak_to(self._settings)
        async with asyncio.TaskGroup() as tasks:
            for account in self._accounts:
                tasks.create_task(self._keep_there(account))

    async def settled(self) -> None:
        """Wait until each bot is there or has turned out not to be, but not for long."""
        try:
            await asyncio.wait_for(self._all_settled.wait(), _MOST_SETTLING_S)
        except TimeoutError:
            log.warning("discord.still_connecting")

    async def _keep_there(self, account: Account) -> None:
        failures = 0
        while True:
            self._standing.connecting(account.bot)
            try:
                await self._be_there(account)
                return
            except discord.LoginFailure:
                self._lost(account, f"Discord refuses the token; make a new one and set {account.variable}")
                return
            except discord.PrivilegedIntentsRequired:
                self._lost(
                    account,
                    "switch on the 'Message Content Intent' of this bot: "
                    "https://discord.com/developers/applications, Bot, Privileged Gateway Intents",
                )
                return
            except (discord.DiscordException, OSError, TimeoutError) as exc:
                self._lost(account, in_our_words(exc, "connect").detail)
            except Exception:
                log.exception("discord.bot_broke", bot=account.bot)
                self._lost(account, "something went wrong inside; the log says what")
            failures += 1
            await self._clock.sleep(_AWAY.pause_s(failures))

    def _lost(self, account: Account, why: str) -> None:
        self._standing.away(account.bot, why)
        self._settle(account.bot)

    async def _be_there(self, account: Account) -> None:
        async with Ear(self, account.character) as ear:
            commands = Commands(ear, self._acts, self._settings, with_menus=account == self._accounts[0])
            ear.set_up = lambda: self._introduce(ear, commands)
            self._ears[account.bot] = ear
            await ear.start(account.token.get_secret_value())

    async def _introduce(self, ear: Ear, commands: Commands) -> None:
        """Know the account before anything is heard, and tell Discord of its commands if they have changed."""
        assert ear.user is not None, "it has logged in"
        assert ear.application_id is not None, "it has logged in"
        if ear.character is None:
            self._conversation.houses.add(ear.user.id)
            self._voices.through_webhooks = Webhooks(ear, self._characters).voice
        else:
            self._conversation.accounts[ear.user.id] = ear.character
            self._voices.add(BotVoice(ear, ear.character))
        digest = commands.digest()
        if not await self._known_commands.are(ear.application_id, digest):
            try:
                with translated("register commands"):
                    await commands.tree.sync()
                await self._known_commands.keep(ear.application_id, digest)
            except GreenroomError as exc:
                log.warning("discord.no_commands", bot=ear.bot, detail=exc.detail)

    def _settle(self, bot: str) -> None:
        self._settled.add(bot)
        if len(self._settled) == len(self._accounts):
            self._all_settled.set()

    # What the bots hear -----------------------------------------------------------------------------------------

    def is_ours(self, account: int) -> bool:
        """Whether an account is one of our bots."""
        return account in self._conversation.accounts or account in self._conversation.houses

    def name_of(self, account: int) -> str | None:
        """The name of the character whose bot an account is."""
        return self._conversation.accounts.get(account)

    async def ready(self, ear: Ear) -> None:
        """Look at what the bot may do, and at what was said while it was away."""
        self._standing.ready(ear.bot, str(ear.user))
        self._settle(ear.bot)
        await self.may_differ(ear)
        await self.settled()
        async with self._catching_up:
            await catch_up(self, self._channels, self._conversation, self._settings, self._clock)

    async def may_differ(self, ear: Ear) -> None:
        """Look at what the bot may do now: nobody is told any more of what was mended, and new channels are read."""
        self._look_around(ear)
        await self._channels.begin(self._ends(ear))

    def _look_around(self, ear: Ear) -> None:
        """Say what the bot lacks in the channels that it is meant for."""
        for guild in ear.guilds:
            for channel in guild.text_channels:
                if not is_allowed(channel.id, None, self._settings):
                    continue
                may = channel.permissions_for(guild.me)
                missing = missing_permissions(may, webhooks=ear.character is None)
                if missing and (may.view_channel or self._settings.channels):
                    self._standing.notice(ear.bot, channel.id, f"may not {', '.join(missing)}")
                else:
                    self._standing.works(ear.bot, channel.id)

    def _ends(self, ear: Ear) -> dict[int, int]:
        """The last message of each channel that the bot sees; or the channel's id, which is less than any in it."""
        there = (channel for guild in ear.guilds for channel in guild.text_channels if sees(ear, channel.id))
        return {one.id: one.last_message_id or one.id for one in there if is_allowed(one.id, None, self._settings)}

    async def said(self, said: Said) -> None:
        """A person said something."""
        await self._conversation.hear(said)

    async def edited(self, said: Said) -> None:
        """A person changed what they said; each bot tells of it."""
        if self._edits.add((said.message_id, said.text)):
            await self._memory.edited(said)

    async def deleted(self, message_id: int, channel_id: int) -> None:
        """A message was deleted."""
        await self._memory.deleted(message_id, channel_id)

    async def reacted(self, ear: Ear, reaction: Reaction) -> None:
        """Somebody rated a line. Of the bots that see it, one tells: whose line it is, or the one for all."""
        character = await self._memory.is_of(reaction.message_id, reaction.channel_id)
        if character is None or ear.bot != (character if character in self._ears else "webhooks"):
            return
        try:
            await self._memory.reacted(reaction)
        except GreenroomError as exc:
            log.warning("discord.rating_lost", message=reaction.message_id, error=type(exc).__name__, detail=exc.detail)

    async def since(self, channel_id: int, message_id: int) -> Sequence[Said]:
        """What people said after a message, the oldest first."""
        ear = next((ear for ear in self._ears.values() if ear.is_ready() and sees(ear, channel_id)), None)
        if ear is None:
            return ()
        channel = ear.get_channel(channel_id)
        if not isinstance(channel, discord.abc.Messageable):
            return ()
        if isinstance(channel, discord.TextChannel) and (channel.last_message_id or 0) <= message_id:
            return ()  # nothing is new, and Discord need not be asked
        with translated("read the message history"):
            after = discord.Object(message_id)
            newest = [m async for m in channel.history(after=after, limit=_LOOK_BACK, oldest_first=False)]
        return [ear.said_of(message) for message in reversed(newest) if is_a_persons(message)]
