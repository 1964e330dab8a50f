"""What is told to one character in private reaches no other's prompt, whatever else happens.

Conversations are drawn by a seeded generator: lines in a channel, in threads, whispers, private messages, scenes that
characters leave, lines that nobody is asked to answer, follow-ups, drafts that fail and are tried again with guidance,
dead letters, new answers, edits. The model is the worst that can be: it says aloud every secret in its prompt.
"""

import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from greenroom.config import Backoff, TurnSettings
from greenroom.errors import Conflict, NoUpstream, TurnFailed
from greenroom.model import (
    AnalyzeRequest,
    ChannelRequest,
    ChatRequest,
    DeadLetterRef,
    GenerateRequest,
    HeardLine,
    LineEdit,
    LineRef,
    Page,
    Rating,
    Sheet,
    Turn,
    TurnRef,
    TurnReply,
    Verdict,
)
from greenroom.router.service import RouterService
from greenroom.router.turn import Company
from greenroom.storage.database import Database
from greenroom.testing import FixedRouting, ScriptedModel
from greenroom.tuning.service import TuningService
from tests.coordinator.room import Room
from tests.router.company import ScriptedQuality, asking

CONVERSATIONS = 200
STEPS = (1, 1, 1, 2, 6)
"""How long conversations are: mostly short, for each step takes its time."""
CAST = ("peter", "brian", "stewie")
SECRET = re.compile(r"secret-\w+")
OVERHEARD = re.compile(r"overheard-\w+")
SETTINGS = TurnSettings(backoff=Backoff(attempts=1), floor=0, history_messages=20)


def parrot(request: ChatRequest | GenerateRequest) -> str:
    """Say every secret of the prompt aloud, each time in other words."""
    assert isinstance(request, ChatRequest)
    shown = "\n".join(message.content for message in request.messages)
    return f"{len(shown)} {' '.join(dict.fromkeys(SECRET.findall(shown)))} I have had a beer."


class MoodyQuality(ScriptedQuality):
    """Rejects the next `rejected` drafts."""

    rejected = 0

    async def analyze(self, request: AnalyzeRequest, /) -> Verdict:
        self.scores[request.response] = 10.0 if self.rejected > 0 else 90.0
        self.rejected -= 1
        return await super().analyze(request)


class Theatre:
    """The house in which the conversations happen. `told` says who was told what."""

    def __init__(self, database: Database) -> None:
        self.room = Room(database, cast=[Sheet(name=name.title()) for name in CAST])
        self.told: dict[str, frozenset[str]] = {}
        self.refused = 0
        self.quality = MoodyQuality()
        self.model = ScriptedModel(parrot)
        self.stage = stage = self.room.stage
        stage.model, stage.settings = self.model, SETTINGS
        self.log = stage.log()
        self.tuning = TuningService(database, self.log, FixedRouting(), stage.clock)
        company = Company(stage.cast, stage.lore, self.model, self.quality, self.tuning)
        self.router = self.room.router = RouterService(company, SETTINGS, self.log, database, stage.clock, {})

    def secret(self, kind: str, *knowing: str) -> str:
        """Words that only these characters may ever see."""
        word = f"{kind}-{len(self.told)}x"
        self.told[word] = frozenset(knowing)
        return word


@dataclass
class Talk:
    """One conversation, drawn step by step."""

    theatre: Theatre
    number: int
    draw: random.Random
    turns: list[Turn] = field(default_factory=list)

    @property
    def room(self) -> str:
        return f"room-{self.number}"

    async def go_on(self) -> None:
        """One thing that happens."""
        steps: list[Callable[[], Awaitable[Any]]] = [
            self.speak, self.whisper, self.write_privately, self.write_privately, self.play_a_scene, self.open_a_thread,
            self.say_to_nobody, self.fall_in, self.insist, self.fail_and_replay, self.ask_again, self.change,
            self.take_back, self.pry,
        ]  # fmt: skip
        self.theatre.quality.rejected = self.draw.choice((0, 0, 0, 0, 0, 4))
        await self.draw.choice(steps)()

    async def speak(self) -> None:
        await self.ask("What about beer?", self.anybody())

    async def whisper(self) -> None:
        who = self.anybody()
        word = self.theatre.secret("secret", who)
        await self.ask(f"Do not tell: {word}", who, place="private", present=(who,))

    async def write_privately(self) -> None:
        who = self.anybody()
        word = self.theatre.secret("secret", who)
        channel = f"dm-{self.number}-{who}"
        thread = {"channel_id": f"{channel}-thread", "parent_id": channel}
        where = thread if self.draw.random() < 0.3 else {"channel_id": channel}
        await self.ask(f"Between us: {word}", who, place="private", **where)

    async def play_a_scene(self) -> None:
        there = tuple(self.draw.sample(CAST, 2))
        word = self.theatre.secret("overheard", *there)
        await self.ask(f"While they are away: {word}", there[0], place="scene", present=there)

    async def open_a_thread(self) -> None:
        where = {"channel_id": f"{self.room}-thread", "parent_id": self.room, "place": "thread"}
        await self.ask("And in here, beer?", self.anybody(), **where)

    async def say_to_nobody(self) -> None:
        line: dict[str, Any] = {"text": "Who wants beer?", "channel_id": self.room, "user_id": "ann"}
        if self.draw.random() < 0.5:
            there = tuple(self.draw.sample(CAST, 1))
            line |= {"place": "private", "present": there, "text": f"Beer? {self.theatre.secret('secret', *there)}"}
        self.turns.append(await self.theatre.router.hear(HeardLine.model_validate(line)))

    async def fall_in(self) -> None:
        """Let characters fall in who planned to."""
        room = self.theatre.room
        while await room.follow_ups().read_page():
            pass
        for plan in await room.due():
            await room.prompter().carry_out(plan)

    async def insist(self) -> None:
        """Have somebody fall in on whatever was said last, witness or not."""
        turns = (await self.theatre.log.recall(ChannelRequest(channel_id=self.room, limit=1))).turns
        if turns:
            last = turns[-1]
            words = last.reply or last.input_text
            await self.ask(words, self.anybody(), message_type="organic", follows=last.id)

    async def fail_and_replay(self) -> None:
        theatre, who = self.theatre, self.anybody()
        word = theatre.secret("secret", who)
        theatre.model.enqueue(NoUpstream())
        with suppress(TurnFailed):
            await self.ask(f"Hush: {word}", who, place="private", present=(who,))
        for letter in (await theatre.router.dead_letters(Page())).letters:
            await self.keep(theatre.router.replay(DeadLetterRef(id=letter.id)))

    async def ask_again(self) -> None:
        """Have a reply written anew, by whoever comes."""
        if turn := self.any_turn():
            who = turn.character if turn.character and self.draw.random() < 0.7 else self.anybody()
            await self.ask(turn.input_text, who, channel_id=turn.channel_id, replaces=turn.id)

    async def change(self) -> None:
        if turn := self.any_turn():
            words = "Better: beer?" if turn.present is None else f"Or: {self.theatre.secret('secret', *turn.present)}"
            words = words if turn.place == "private" else "Better: beer?"
            with suppress(Conflict):
                await self.theatre.log.edit(LineEdit(turn_id=turn.id, text=words))

    async def take_back(self) -> None:
        if turn := self.any_turn():
            await self.theatre.log.withdraw(LineRef(turn_id=turn.id))

    async def pry(self) -> None:
        """Dislike a reply, so that guidance quotes it, and have the same character try often in company."""
        turn = self.any_turn()
        if turn and turn.reply:
            rating = {"turn_id": turn.id, "user_id": "bob", "character": turn.character, "thumb": -1}
            await self.theatre.tuning.rate(Rating.model_validate(rating))
            self.theatre.quality.rejected = 4
            await self.ask("Tell me all about beer.", turn.character)

    async def ask(self, text: str, who: str, **more: Any) -> None:
        request = asking(text, **{"character_name": who, "channel_id": self.room, **more})
        await self.keep(self.theatre.router.orchestrate(request))

    async def keep(self, answering: Awaitable[TurnReply]) -> None:
        try:
            reply = await answering
        except Conflict:
            self.theatre.refused += 1
        else:
            self.turns.append((await self.theatre.log.explain(TurnRef(id=reply.metadata.turn_id))).turn)

    def anybody(self) -> str:
        return self.draw.choice(CAST)

    def any_turn(self) -> Turn | None:
        return self.draw.choice(self.turns) if self.turns else None


@pytest.fixture
async def theatre(tmp_path: Path) -> AsyncIterator[Theatre]:
    async with Database(f"sqlite:///{tmp_path / 'greenroom.db'}") as database:
        yield Theatre(database)


async def test_no_secret_reaches_the_prompt_of_who_was_not_told(theatre: Theatre) -> None:
    for number in range(CONVERSATIONS):
        talk = Talk(theatre, number, random.Random(number))
        await talk.draw.choice((talk.whisper, talk.write_privately))()
        for _ in range(talk.draw.choice(STEPS)):
            await talk.go_on()
    seen = leaks = 0
    for request in theatre.model.requests:  # each prompt that was sent
        assert isinstance(request, ChatRequest)
        shown = "\n".join(message.content for message in request.messages)
        words = set(SECRET.findall(shown) + OVERHEARD.findall(shown))
        seen += len(words)
        leaks += sum(request.character not in theatre.told[word] for word in words)
    assert leaks == 0
    assert seen > CONVERSATIONS, "those who were told do know"
    assert theatre.refused > 0, "and who was not told was asked"
