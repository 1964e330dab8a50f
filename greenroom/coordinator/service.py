"""The way into the coordinator: it says who speaks next, and has characters fall in unasked within a budget."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from types import TracebackType
from typing import Self

from greenroom.clock import Clock
from greenroom.config import CoordinatorSettings
from greenroom.coordinator.chooser import Chooser
from greenroom.coordinator.corrections import Corrections
from greenroom.coordinator.follow_ups import FollowUps
from greenroom.coordinator.interest import Interests
from greenroom.coordinator.occasion import Occasion
from greenroom.coordinator.pauses import momentum, mood_of, pause_s
from greenroom.coordinator.plans import FOLLOWER, Plans
from greenroom.coordinator.prompter import Prompter
from greenroom.coordinator.starters import Starters
from greenroom.coordinator.tie_break import TieBreak
from greenroom.coordinator.weight_book import WeightBook
from greenroom.errors import Conflict
from greenroom.following import follow_for_ever
from greenroom.model import (
    ChannelId,
    Character,
    CharacterRef,
    Conversation,
    Floor,
    FloorRequest,
    Nothing,
    Opportunity,
    OpportunityRequest,
    OrganicRequest,
    QuietRequest,
    SpeakerChoice,
    SpeakerCorrection,
    SpeakerRequest,
    TurnReply,
    WeightsReport,
)
from greenroom.ports import Characters, Llm, Router, Turns
from greenroom.storage.database import Database


class CoordinatorService:
    """Turn-taking. While it is entered (`async with`), it follows the log of turns and has planned lines said."""

    def __init__(
        self,
        router: Router,
        turns: Turns,
        characters: Characters,
        llm: Llm,
        database: Database,
        settings: CoordinatorSettings,
        clock: Clock,
    ) -> None:
        self._characters = characters
        self._database = database
        self._settings = settings
        self._clock = clock
        self._plans = Plans(database)
        self._book = WeightBook(database, settings, clock)
        self._interests = Interests(llm, clock)
        tie_break = TieBreak(llm, settings)
        self._chooser = Chooser(turns, characters, self._book, self._interests, tie_break, settings, clock)
        self._corrections = Corrections(turns, self._chooser, self._book)
        self._follow_ups = FollowUps(turns, self._chooser, self._plans, settings, clock)
        self._starters = Starters(self._chooser, self._plans, settings, clock)
        self._prompter = Prompter(router, turns, self._plans, clock)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        for_ever = (
            follow_for_ever(self._follow_ups.read_page, self._clock, FOLLOWER),
            self._prompter.keep_saying(),
            self._starters.keep_beginning(),
            self._interests.keep_reading(),
        )
        self._tasks = [asyncio.create_task(work) for work in for_ever]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    async def select_speaker(self, request: SpeakerRequest, /) -> SpeakerChoice:
        """Say who speaks next: the likeliest of the candidates and silence."""
        cast = await self._known(request.candidates)
        history = request.conversation_history
        unasked = _lines_since(request)
        found = await self._chooser.chances(history, request.candidates, request.people, cast, unasked)
        last = history[-1] if history else None
        mood = mood_of(cast.get(found.first), last)
        seed = f"{request.channel_id} {len(history)} {last.content if last else ''}"
        return SpeakerChoice(
            selected=found.likeliest,
            scores={name: round(chance, 6) for name, chance in found.of.items()},
            silence=round(found.silence, 6),
            reasons=found.reasons,
            mood=mood,
            delay_s=pause_s(cast.get(found.first), mood, momentum(history, self._clock.now()), seed),
        )

    async def analyze_opportunity(self, request: OpportunityRequest, /) -> Opportunity:
        """Say whether a character should fall in now, and who; nothing is said."""
        cast = (await self._known(request.candidates)).values() if request.candidates else None
        occasion = await self._occasion(request, cast)
        until = await self._plans.quiet_until(request.channel_id, self._clock.now())
        if until:
            return Opportunity(should_respond=False, why_not=f"the channel is quiet until {until:%H:%M} UTC")
        return occasion.opportunity(_seed(occasion, request))

    async def fall_in(self, request: OrganicRequest, /) -> TurnReply:
        """Have a character fall in now. Raises: UnknownCharacter; Conflict, with what holds the channel back."""
        if await self._plans.quiet_until(request.channel_id, self._clock.now()):
            raise Conflict(f"the channel {request.channel_id!r} was told to be quiet")
        named = [await self._character(request.character)] if request.character else None
        occasion = await self._chooser.occasion(request.channel_id, named)
        if occasion.last_turn is None:
            raise Conflict(f"nothing was said in {request.channel_id!r} yet, so there is nothing to fall in on")
        found = occasion.opportunity(occasion.last_turn.id)
        if found.character is None:
            raise Conflict(found.why_not)
        return await self._prompter.say(self._follow_ups.plan_of(found, occasion.last_turn))

    async def conversation_state(self, request: FloorRequest, /) -> Floor:
        """Say how a channel's conversation stands, and what is left of its budget."""
        occasion = await self._chooser.occasion(request.channel_id)
        plan = await self._plans.next_of(request.channel_id)
        last = occasion.last_turn
        return Floor(
            channel_id=ChannelId(request.channel_id),
            last_speaker=last.character_name if last else None,
            last_person=occasion.people[-1] if occasion.people else None,
            unasked=occasion.budget.unasked,
            chain_limit=self._settings.chain_limit,
            lines_last_minute=occasion.budget.lines_last_minute,
            momentum=occasion.momentum,
            quiet_until=await self._plans.quiet_until(request.channel_id, self._clock.now()),
            held_back_by=occasion.budget.why_not(last.id if last else ""),
            next_speaker=plan.character if plan else None,
            next_at=plan.due_at if plan else None,
        )

    async def keep_quiet(self, request: QuietRequest, /) -> Floor:
        """Have characters say nothing unasked in a channel for a while; what was planned there is dropped at once, and
        what is being written is called off."""
        now = self._clock.now()
        until = now + timedelta(minutes=request.minutes) if request.minutes else None
        await self._plans.keep_quiet(request.channel_id, until, now)
        return await self.conversation_state(FloorRequest(channel_id=request.channel_id))

    async def correct(self, correction: SpeakerCorrection, /) -> WeightsReport:
        """Keep who should have spoken; with enough of such corrections the weights follow them."""
        return await self._corrections.keep(correction)

    async def weights(self, nothing: Nothing, /) -> WeightsReport:
        """Return the weights by which speakers are chosen, beside those that Greenroom comes with."""
        return await self._book.report()

    async def ping(self) -> None:
        """Ask the database for an answer. Raises: Unavailable, StorageFailed."""
        await self._database.ping()

    def figures(self) -> dict[str, float]:
        """Lines said unasked, and plans that were dropped; for metrics."""
        return {"unasked_said_total": self._prompter.said, "unasked_dropped_total": self._prompter.dropped}

    async def _occasion(self, request: OpportunityRequest, cast: Iterable[Character] | None) -> Occasion:
        if not request.conversation_history:
            return await self._chooser.occasion(request.channel_id, cast)
        told = Conversation(channel_id=ChannelId(request.channel_id), messages=request.conversation_history)
        return await self._chooser.told(told, cast)

    async def _character(self, name: str) -> Character:
        return await self._characters.get(CharacterRef(character=name))

    async def _known(self, names: Iterable[str]) -> dict[str, Character]:
        """Those of the names that are characters of the house."""
        cast = (await self._characters.cast(Nothing())).characters
        of_name = {name.casefold(): character for character in cast for name in (character.id, *character.names)}
        return {name: of_name[name.casefold()] for name in names if name.casefold() in of_name}


def _seed(occasion: Occasion, request: OpportunityRequest) -> str:
    if request.conversation_history:
        return f"{request.channel_id} {len(request.conversation_history)} {request.conversation_history[-1].content}"
    return occasion.last_turn.id if occasion.last_turn else request.channel_id


def _lines_since(request: SpeakerRequest) -> int:
    """Lines of characters since a person last spoke."""
    count = 0
    for line in reversed(request.conversation_history):
        if line.author in request.people:
            break
        count += 1
    return count
