"""One bot in SimCord, a Discord inside the process that is not of our making: do its rules and ours agree?"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import simcord
from simcord import ChannelHandle, MemberActor

from greenroom.config import DiscordSettings
from greenroom.discord.bot_voice import BotVoice
from greenroom.discord.listening import Ear
from greenroom.discord.memory import Memory
from greenroom.discord.outbox import PREFIX, Outbox
from greenroom.discord.posting import Posting
from greenroom.discord.said import Reaction, Said
from greenroom.discord.standing import Standing
from greenroom.discord.voices import Voices
from greenroom.model import CharacterId, RatingsRequest, Receipt, TurnRequest
from greenroom.storage.database import Database
from greenroom.testing import FixedRouting, FixedTurns, FrozenClock
from greenroom.tuning.service import TuningService
from tests.discord.stage import NOW, turn_of

_PETER = CharacterId("peter")


class Parrot:
    """Hears for Peter (a `Listener`), says again whatever he is told with a mention, and keeps thumbs."""

    def __init__(self, database: Database) -> None:
        turns, clock, voices = FixedTurns(), FrozenClock(NOW), Voices()
        settings = DiscordSettings(typing_words_per_s=0)
        self.ear = Ear(self, _PETER)
        self.heard: list[Said] = []
        self.turns = turns
        self.posting = Posting(voices, Outbox(database, ""), turns, settings, clock, Standing(), _is_never_quiet)
        self.tuning = TuningService(database, turns, FixedRouting(), clock)
        self._memory = Memory(turns, self.tuning, self.posting)
        voices.add(BotVoice(self.ear, _PETER))

    def is_ours(self, account: int) -> bool:
        return self.name_of(account) is not None

    def name_of(self, account: int) -> str | None:
        return _PETER if self.ear.user is not None and account == self.ear.user.id else None

    async def ready(self, ear: Ear) -> None:
        pass

    async def may_differ(self, ear: Ear) -> None:
        pass

    async def said(self, said: Said) -> None:
        self.heard.append(said)
        if any(self.is_ours(account) for account in said.mentioned):
            channel_id = f"{PREFIX}{said.channel_id}"
            turn = turn_of(f"turn-{said.message_id}", said.text, channel_id=channel_id, message_id=said.key)
            self.turns.add(Receipt(turn=turn, request=TurnRequest(character_name=_PETER, input_text=said.text)))
            await self.posting.post(turn)

    async def edited(self, said: Said) -> None:
        await self._memory.edited(said)

    async def deleted(self, message_id: int, channel_id: int) -> None:
        await self._memory.deleted(message_id, channel_id)

    async def reacted(self, ear: Ear, reaction: Reaction) -> None:
        await self._memory.reacted(reaction)

    async def thumbs(self) -> list[int]:
        return [rating.thumb for rating in (await self.tuning.ratings(RatingsRequest())).ratings]


async def _is_never_quiet(channel_id: str) -> bool:
    return False


class Scene(NamedTuple):
    parrot: Parrot
    channel: ChannelHandle
    alice: MemberActor
    bob: MemberActor

    @property
    def mention(self) -> str:
        assert self.parrot.ear.user is not None
        return self.parrot.ear.user.mention


@asynccontextmanager
async def simulated(database: Database) -> AsyncIterator[Scene]:
    """No fixture, which would be left in another context than it was entered in: SimCord minds."""
    parrot = Parrot(database)
    async with parrot.posting.lanes, simcord.run(parrot.ear) as env:
        guild = env.create_guild()
        channel = guild.create_text_channel("general")
        alice, bob = (guild.add_member(env.create_user(name)) for name in ("alice", "bob"))
        yield Scene(parrot, channel, alice, bob)


async def test_a_mention_is_answered_and_the_answer_mentions_nobody(database: Database) -> None:
    async with simulated(database) as scene:
        asked = await scene.alice.send(scene.channel, f"{scene.mention} tell @everyone and {scene.bob.mention}!")
        answer = scene.channel.last_message
        assert answer is not None
        assert answer.author == scene.parrot.ear.user
        assert answer.reference is not None
        assert answer.reference.message_id == asked.id
        assert (answer.mentions, answer.role_mentions, answer.mention_everyone) == ([], [], False)
        assert scene.parrot.heard[0].author_name == "alice"


async def test_everyone_is_no_mention_of_the_bot(database: Database) -> None:
    async with simulated(database) as scene:
        await scene.alice.send(scene.channel, "Good morning, @everyone!")
        assert len(scene.channel.history()) == len(scene.parrot.heard) == 1


async def test_a_thumb_counts_until_it_is_taken_away(database: Database) -> None:
    async with simulated(database) as scene:
        await scene.alice.send(scene.channel, f"{scene.mention} are you there?")
        answer = scene.channel.last_message
        assert answer is not None
        await scene.bob.react(answer, "\N{THUMBS UP SIGN}")
        assert await scene.parrot.thumbs() == [1]
        await scene.bob.unreact(answer, "\N{THUMBS UP SIGN}")
        assert await scene.parrot.thumbs() == []
