"""The way into the door to Discord. It costs nothing until a bot token is set: discord.py is imported only then."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self, TypeVar

import structlog
from pydantic import SecretStr

from greenroom.clock import Clock
from greenroom.config import Backoff, DiscordSettings
from greenroom.discord.acts import Acts
from greenroom.discord.channels import Channels
from greenroom.discord.conversation import Conversation
from greenroom.discord.follower import Follower
from greenroom.discord.known_commands import KnownCommands
from greenroom.discord.memory import Memory
from greenroom.discord.outbox import PREFIX, Outbox, id_in
from greenroom.discord.posting import Posting
from greenroom.discord.quiet import Quiet
from greenroom.discord.standing import Standing
from greenroom.discord.tidying import Tidying
from greenroom.discord.tokens import Account, accounts
from greenroom.discord.voices import Voices
from greenroom.errors import GreenroomError, InvalidInput, Unavailable, WrongSetting
from greenroom.model import CharacterId, Nothing, OrganicRequest, Posted, TurnRef
from greenroom.patience import passes
from greenroom.ports import Characters, Coordinator, Router, Tuning, Turns
from greenroom.storage.database import Database

_WHILE_AWAY = Backoff(base_s=1.0, factor=2.0, max_s=30.0)

T = TypeVar("T")

log = structlog.get_logger(__name__)


class DiscordService:
    """The door. While it is entered (`async with`), its bots are on Discord, as far as there are tokens.

    `tokens` are those of single characters, by the end of their variable. `own` is the one character that this door
    is for; None, when it is for all. `retention_days` is how long the log keeps lines; 0 is for ever.
    """

    def __init__(
        self,
        router: Router,
        turns: Turns,
        characters: Characters,
        tuning: Tuning,
        coordinator: Coordinator,
        database: Database,
        settings: DiscordSettings,
        tokens: Mapping[str, SecretStr],
        clock: Clock,
        own: str | None = None,
        retention_days: float = 0,
    ) -> None:
        self._turns = turns
        self._characters = characters
        self._coordinator = coordinator
        self._settings = settings
        self._tokens = tokens
        self._clock = clock
        self._own = CharacterId(own) if own else None
        self._standing = Standing()
        self._voices = Voices()
        self._outbox = Outbox(database, own or "")
        self._channels = Channels(database, own or "")
        self._known_commands = KnownCommands(database)
        is_quiet = Quiet(coordinator).reigns
        self._posting = Posting(self._voices, self._outbox, turns, settings, clock, self._standing, is_quiet)
        self._memory = Memory(turns, tuning, self._posting)
        self._acts = Acts(router, turns, characters, coordinator, self._outbox, self._posting, self._memory)
        self._follower = Follower(turns, self._outbox, self._posting, clock, self._own, settings.catch_up_s)
        self._tidying = Tidying(self._outbox, settings.posts_days, retention_days, clock)
        self._conversation = Conversation(
            router,
            turns,
            characters,
            self._voices,
            self._posting,
            self._channels,
            settings,
            clock,
            self._own,
        )
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._settings.bot_token.get_secret_value() or self._tokens:
            self._task = asyncio.create_task(self._be_on_discord())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def organic_message(self, request: OrganicRequest, /) -> Posted:
        """Have a character fall in now, in a channel of Discord, and return when it is posted."""
        channel_id = f"{PREFIX}{request.channel_id.removeprefix(PREFIX)}"
        if id_in(channel_id.removeprefix(PREFIX)) is None:
            raise InvalidInput(f"channel_id: {request.channel_id!r} is no channel of Discord; its id is a number")
        if self._task is None or self._task.done():
            raise Unavailable("no bot is on Discord; set its token")
        reply = await self._coordinator.fall_in(request.model_copy(update={"channel_id": channel_id}))
        turn = (await self._turns.explain(TurnRef(id=reply.metadata.turn_id))).turn
        posts = await self._posting.post(turn)
        ids = tuple(str(post.message_id) for post in posts if post.message_id is not None)
        return Posted(
            turn_id=turn.id,
            character=turn.character,
            text=reply.response,
            channel_id=turn.channel_id,
            message_ids=ids,
        )

    async def ping(self) -> str | None:
        """Tell what the bots lack. Raises: Unavailable, when one of them is not on Discord, with what to do."""
        return self._standing.tell()

    def figures(self) -> dict[str, float]:
        """Messages taken in and posted; for metrics."""
        return {"messages_heard_total": self._conversation.heard, "messages_posted_total": self._posting.posted}

    async def _be_on_discord(self) -> None:
        try:
            await asyncio.to_thread(importlib.import_module, "greenroom.discord.door")  # takes a second
            found = await self._when_there(self._accounts)
            await self._when_there(self._follower.begin)
            await self._open_door(found)
        except WrongSetting as exc:
            self._standing.away("tokens", exc.detail)
        except Exception as exc:
            log.exception("discord.broke")
            self._standing.away("door", f"it broke ({type(exc).__name__}); the log says why")

    async def _accounts(self) -> list[Account]:
        """The accounts. Raises: WrongSetting."""
        cast = (await self._characters.cast(Nothing())).characters
        return accounts(self._settings.bot_token, self._tokens, cast, self._own)

    async def _when_there(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do something as soon as the services are there that it needs: they may start later than the door."""
        failures = 0
        while True:
            try:
                return await work()
            except GreenroomError as exc:
                if not passes(exc):
                    raise
                failures += 1
                log.info("discord.waits", error=type(exc).__name__, detail=exc.detail)
                await self._clock.sleep(_WHILE_AWAY.pause_s(failures))

    async def _open_door(self, found: list[Account]) -> None:
        from greenroom.discord.door import Door

        door = Door(
            found,
            self._conversation,
            self._memory,
            self._acts,
            self._voices,
            self._channels,
            self._known_commands,
            self._characters,
            self._settings,
            self._clock,
            self._standing,
        )
        async with self._conversation.lanes, self._posting.lanes, asyncio.TaskGroup() as tasks:
            tasks.create_task(door.stay())
            await door.settled()
            await self._posting.resume()
            tasks.create_task(self._follower.follow())
            tasks.create_task(self._tidying.tidy_for_ever())
