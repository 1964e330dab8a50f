"""The commands of a bot, as Discord has them: slash commands, and a menu on each message."""

import hashlib
import io
import json
from collections.abc import Awaitable, Callable

import discord
import structlog
from discord import app_commands

from greenroom.config import DiscordSettings
from greenroom.discord.acts import Acts, Asker
from greenroom.discord.bot_voice import NOBODY
from greenroom.discord.outbox import id_in
from greenroom.discord.permissions import Command, may_use
from greenroom.errors import GreenroomError

_NOT_YOURS = "You may not use this command here."
_BROKE = "That did not work; the log of the house says why."
_ALL_KEPT = "This is what is kept of what you said."
_THE_OLDEST = "These are your oldest lines that are kept: Discord takes no larger file. Ask the owner for the rest."
_BUTTONS_S = 600.0
_A_MONTH_MINUTES = 60 * 24 * 30

Answer = Callable[[], Awaitable[str]]

log = structlog.get_logger(__name__)


class Commands:
    """The commands of one bot. `with_menus` is for one of several: three of each in every menu would be too many."""

    def __init__(self, client: discord.Client, acts: Acts, settings: DiscordSettings, *, with_menus: bool) -> None:
        self._acts = acts
        self._settings = settings
        self.tree = app_commands.CommandTree(client)
        self._add_slash_commands()
        if with_menus:
            self._add_menus()

    def digest(self) -> str:
        """The same for the same commands, so that Discord is told of them only when they have changed."""
        told = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        told += [menu.to_dict(self.tree) for menu in self.tree.get_commands(type=discord.AppCommandType.message)]
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()

    def _add_slash_commands(self) -> None:
        @self.tree.command(description="Who is here")
        async def cast(interaction: discord.Interaction) -> None:
            await self._answer(interaction, "cast", self._acts.cast)

        @self.tree.command(description="Why the last line was said, or another one")
        @app_commands.describe(message="Link or id of a message; the last one, if you give none")
        async def why(interaction: discord.Interaction, message: str = "") -> None:
            await self._answer(
                interaction, "why", lambda: self._acts.why(message_id_in(message), asker_of(interaction))
            )

        @self.tree.command(description="Have the cast say nothing unasked here for a while")
        @app_commands.describe(minutes="For how long; 0 lets it speak up again")
        async def quiet(
            interaction: discord.Interaction, minutes: app_commands.Range[float, 0, _A_MONTH_MINUTES] = 60.0
        ) -> None:
            await self._answer(interaction, "quiet", lambda: self._acts.quiet(minutes, asker_of(interaction)))

        forget = app_commands.Group(name="forget", description="Have the cast forget")

        @forget.command(name="me", description="Forget all that I ever said")
        async def forget_me(interaction: discord.Interaction) -> None:
            await self._answer(interaction, "forget", lambda: self._acts.forget_me(asker_of(interaction)))

        self.tree.add_command(forget)

        @self.tree.command(description="All that is kept of what I said, as a file")
        async def export(interaction: discord.Interaction) -> None:
            await self._export(interaction)

    def _add_menus(self) -> None:
        async def regenerate(interaction: discord.Interaction, message: discord.Message) -> None:
            await self._answer(
                interaction,
                "regenerate",
                lambda: self._acts.regenerate(message.id, str(interaction.id), asker_of(interaction)),
            )

        async def why(interaction: discord.Interaction, message: discord.Message) -> None:
            await self._answer(interaction, "why", lambda: self._acts.why(message.id, asker_of(interaction)))

        async def forget(interaction: discord.Interaction, message: discord.Message) -> None:
            await self._answer(interaction, "forget", lambda: self._acts.forget(message.id, asker_of(interaction)))

        async def rate(interaction: discord.Interaction, message: discord.Message) -> None:
            buttons = _Thumbs(lambda thumb: self._acts.rate(message.id, thumb, asker_of(interaction)))
            await self._answer(interaction, "rate", _says("What do you think of it?"), buttons)

        for name, callback in (("Regenerate", regenerate), ("Why this line?", why), ("Forget", forget), ("Rate", rate)):
            self.tree.add_command(app_commands.ContextMenu(name=name, callback=callback))

    async def _answer(
        self, interaction: discord.Interaction, command: Command, act: Answer, view: discord.ui.View | None = None
    ) -> None:
        """Answer within Discord's three seconds that it is being done, and then with what came of it."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        text = await self._outcome(interaction, command, act)
        buttons = view if view is not None else discord.utils.MISSING
        await interaction.followup.send(text, ephemeral=True, allowed_mentions=NOBODY, view=buttons)

    async def _outcome(self, interaction: discord.Interaction, command: Command, act: Answer) -> str:
        if not self._is_allowed(interaction, command):
            return _NOT_YOURS
        try:
            return await act()
        except GreenroomError as exc:
            return exc.detail[:1900]
        except Exception:
            log.exception("discord.command_broke", command=command)
            return _BROKE

    async def _export(self, interaction: discord.Interaction) -> None:
        kept = b""

        async def act() -> str:
            nonlocal kept
            kept, is_all = await self._acts.export(asker_of(interaction))
            return _ALL_KEPT if is_all else _THE_OLDEST

        await interaction.response.defer(ephemeral=True, thinking=True)
        text = await self._outcome(interaction, "export", act)
        file = discord.File(io.BytesIO(kept), "greenroom.json") if kept else discord.utils.MISSING
        await interaction.followup.send(text, ephemeral=True, allowed_mentions=NOBODY, file=file)

    def _is_allowed(self, interaction: discord.Interaction, command: Command) -> bool:
        user = interaction.user
        roles = user.roles if isinstance(user, discord.Member) else []
        names = frozenset(name for role in roles for name in (role.name, str(role.id)))
        return may_use(command, names, asker_of(interaction).moderates, self._settings)


class _Thumbs(discord.ui.View):
    """Two buttons."""

    def __init__(self, rate: Callable[[int], Awaitable[str]]) -> None:
        super().__init__(timeout=_BUTTONS_S)
        for thumb, sign in ((1, "\N{THUMBS UP SIGN}"), (-1, "\N{THUMBS DOWN SIGN}")):
            self.add_item(_Thumb(rate, thumb, sign))


class _Thumb(discord.ui.Button[_Thumbs]):
    def __init__(self, rate: Callable[[int], Awaitable[str]], thumb: int, sign: str) -> None:
        super().__init__(emoji=sign)
        self._rate = rate
        self._thumb = thumb

    async def callback(self, interaction: discord.Interaction) -> None:
        try:
            text = await self._rate(self._thumb)
        except GreenroomError as exc:
            text = exc.detail[:1900]
        await interaction.response.edit_message(content=text, view=None)


def asker_of(interaction: discord.Interaction) -> Asker:
    """Who asks. In private everybody is master of the house."""
    moderates = interaction.guild_id is None or interaction.permissions.manage_messages
    return Asker(interaction.user.id, interaction.channel_id or 0, moderates)


def message_id_in(text: str) -> int | None:
    """The message that a link or an id means; None for no words, and 0, which no message has, for any others."""
    return id_in(text.strip().rpartition("/")[2]) or 0 if text.strip() else None


def _says(text: str) -> Answer:
    async def act() -> str:
        return text

    return act
