"""The router: it answers for characters, and keeps the log of turns."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

import anyio
import structlog

from greenroom.clock import Clock
from greenroom.config import TurnSettings
from greenroom.errors import Conflict, GreenroomError, Interrupted, OutOfTime, TurnFailed, Unavailable
from greenroom.following import for_ever, leave_if_cancelled
from greenroom.journey import time_is_up
from greenroom.model import (
    ChannelId,
    Character,
    CharacterRef,
    DeadLetterRef,
    DeadLetters,
    HeardLine,
    Message,
    Nothing,
    OrganicNotice,
    Page,
    Receipt,
    Replied,
    ReplyMetadata,
    ServicesHealth,
    Turn,
    TurnEvent,
    TurnId,
    TurnReply,
    TurnRequest,
)
from greenroom.router.channels import Channels
from greenroom.router.dead_letters import DeadLetterBox
from greenroom.router.drafting import told_apart
from greenroom.router.log import TurnLog
from greenroom.router.taking_up import TakingUp
from greenroom.router.turn import Company, Show, Story, Storyteller
from greenroom.storage.database import Database
from greenroom.wire.health import AskHealth

_EVENTS_WAITING = 256
_SWEEP_EVERY_S = 30.0
_ON_THE_WAY_S = 0.5
"""So long a request may have been on its way: a caller who hangs up so near to the deadline had no time left."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


class RouterService:
    """Answers turns one after another in each channel, and writes them into `turn_log` (the port `Turns`).

    `health` maps each service of the house to what asks it how it is.
    """

    def __init__(
        self,
        company: Company,
        settings: TurnSettings,
        turn_log: TurnLog,
        database: Database,
        clock: Clock,
        health: Mapping[str, AskHealth],
    ) -> None:
        self._company = company
        self._settings = settings
        self._log = turn_log
        self._database = database
        self._clock = clock
        self._health = health
        self._letters = DeadLetterBox(database)
        self._channels = Channels(settings.max_waiting)
        self._storyteller = Storyteller(company, settings, clock)
        self._taking_up = TakingUp(self._replay, settings, clock)
        self._sweeping: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[TurnReply]] = set()
        self._busy_since_s = 0.0
        self._alive: set[TurnId] = set()
        self._stopping = False
        self._counts = dict.fromkeys(("turns_answered", "turns_failed", "turns_left", "attempts", "passed"), 0)

    async def __aenter__(self) -> Self:
        """Make dead letters of what an earlier run left unfinished, take up the young, and keep looking for more."""
        lost = await self._log.bury_the_lost(own_too=True)
        if lost:
            log.warning("unfinished_turns_found", count=len(lost))
        self._taking_up.add(lost)
        self._sweeping = asyncio.create_task(for_ever(self._sweep, self._clock, "router.sweep"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._sweeping is not None
        self._sweeping.cancel()
        self.interrupt()
        await self._taking_up.end()
        await asyncio.wait([self._sweeping, *self._under_way])

    def interrupt(self) -> None:
        """End the turns under way, because Greenroom stops: they become dead letters, and those who wait are told."""
        self._stopping = True
        for turn in self._under_way:
            turn.cancel()

    @property
    def answering_s(self) -> float | None:
        """For how long somebody has been waiting for an answer by now, in seconds; None where nobody is."""
        return self._clock.monotonic_s() - self._busy_since_s if self._under_way else None

    async def ping(self) -> None:
        """Whether the log can be read. Raises: StorageFailed, Unavailable."""
        await self._database.ping()

    def figures(self) -> dict[str, float]:
        """How turns have gone since the start; for metrics."""
        turns = self._counts["turns_answered"] + self._counts["turns_failed"]
        rate = {"quality_pass_rate": self._counts["passed"] / turns} if turns else {}
        return {f"{name}_total": float(count) for name, count in self._counts.items()} | rate

    # Turns ------------------------------------------------------------------------------------------------------

    async def orchestrate(self, request: TurnRequest, /) -> TurnReply:
        """Answer, and return when the reply stands."""
        return await self._reply_to(request)

    async def stream(self, request: TurnRequest, /) -> AsyncGenerator[TurnEvent, None]:
        """Answer, and show the drafts as they come.

        A reader who is slow holds the turn up after a while, instead of filling the memory.
        """
        events: asyncio.Queue[TurnEvent | None] = asyncio.Queue(_EVENTS_WAITING)
        async with self._in_a_task(self._answer(request, events.put)) as turn:
            turn.add_done_callback(lambda _: events.put_nowait(None) if not events.full() else None)
            while not (turn.done() and events.empty()):
                event = await events.get()
                if event is not None:
                    yield event
            yield Replied(reply=self._outcome(turn))

    async def hear(self, line: HeardLine, /) -> Turn:
        """Write down what a person said to nobody in particular."""
        return await _to_the_end(self._log.hear(line))

    async def note(self, notice: OrganicNotice, /) -> Turn:
        """Write down what a program has posted as a character by itself; who falls in on it is others' business."""
        character = await self._company.characters.get(CharacterRef(character=notice.character_name))
        async with self._channels.turn_in(ChannelId(notice.channel_id)):
            return await _to_the_end(self._log.note(notice, character))

    async def _reply_to(self, request: TurnRequest, letter_id: str | None = None) -> TurnReply:
        async with self._in_a_task(self._answer(request, _to_nobody, letter_id)) as turn:
            await asyncio.wait([turn])
            return self._outcome(turn)

    @asynccontextmanager
    async def _in_a_task(self, work: Coroutine[Any, Any, TurnReply]) -> AsyncIterator[asyncio.Task[TurnReply]]:
        """Run a turn in a task of its own, so that its deadline does not strike the reader.

        When the person leaves, the turn is cancelled once, and has the time to write that down.
        """
        turn = asyncio.create_task(work)
        if not self._under_way:
            self._busy_since_s = self._clock.monotonic_s()
        self._under_way.add(turn)
        turn.add_done_callback(self._ended)
        try:
            yield turn
        finally:
            turn.cancel()
            with anyio.CancelScope(shield=True):
                await asyncio.wait([turn])

    def _ended(self, turn: asyncio.Task[TurnReply]) -> None:
        self._under_way.discard(turn)
        if not turn.cancelled():
            turn.exception()  # marks it as seen: whoever waited for it may have left

    def _outcome(self, turn: asyncio.Task[TurnReply]) -> TurnReply:
        if turn.cancelled() and self._stopping:
            raise _being_stopped()
        return turn.result()

    async def _answer(self, request: TurnRequest, show: Show, letter_id: str | None = None) -> TurnReply:
        if self._stopping:
            raise _being_stopped()
        character = await self._company.characters.get(CharacterRef(character=request.character_name))
        with structlog.contextvars.bound_contextvars(character=character.id, channel=request.channel_id):
            async with self._channels.turn_in(ChannelId(request.channel_id)):
                if letter_id is not None:
                    await self._letters.get(letter_id)  # it may have been answered while this waited
                earlier = await self._log.of_request(request.request_id) if request.request_id else None
                if earlier is not None and earlier[0].state != "heard":
                    letter = await self._letters.of_cut_off(earlier[0])
                    if letter is None:
                        return await self._again(*earlier)
                    request, earlier = letter.replaying(), None
                request = told_apart(await self._log.settle(request, character), character)
                history, knows_from = await self._history(request, character, earlier and earlier[0].id)
                turn = await _to_the_end(self._log.begin(request, character, knows_from))
                story = self._storyteller.begin(request, turn, character, history)
                self._alive.add(turn.id)
                try:
                    return await self._play(story, show)
                finally:
                    self._alive.discard(turn.id)

    async def _play(self, story: Story, show: Show) -> TurnReply:
        """Play the story and write down how it ended, whatever the end is."""
        try:
            leave_if_cancelled()
            await self._storyteller.play(story, show)
            reply, receipt = self._reply(story)
            await _to_the_end(self._log.finish(story.turn, receipt))
        except asyncio.CancelledError:
            cut_off = self._cut_off()
            if cut_off is None:
                self._counts["turns_left"] += 1
                await _to_the_end(self._log.leave(story.turn))
                raise
            story.attempts.interrupt(cut_off)
            raise await self._failed(story, cut_off) from None
        except GreenroomError as exc:
            raise await self._failed(story, exc) from exc
        except Exception as exc:
            log.exception("turn_broke")
            raise await self._failed(story, TurnFailed("Something went wrong inside.")) from exc
        self._counts["turns_answered"] += 1
        self._counts["attempts"] += len(story.attempts.made)
        self._counts["passed"] += not reply.metadata.below_threshold
        return reply

    def _cut_off(self) -> GreenroomError | None:
        """Why a turn was cancelled although the person did not leave; None when they did."""
        if self._stopping:
            return Interrupted()
        return OutOfTime() if time_is_up(_ON_THE_WAY_S) else None

    async def _failed(self, story: Story, exc: GreenroomError) -> GreenroomError:
        """Keep a turn that failed as a dead letter; return the error to raise."""
        self._counts["turns_failed"] += 1
        self._counts["attempts"] += len(story.attempts.made)
        error = next((d.error for d in reversed(story.attempts.made) if d.error), type(exc).__name__)
        receipt = story.receipt(story.turn)
        letter = await _to_the_end(self._log.fail(story.turn, receipt, error, exc.detail))
        log.warning("turn_failed", turn=story.turn.id, dead_letter=letter, error=error, detail=exc.detail)
        if letter is None:
            return exc
        return TurnFailed(exc.detail, turn_id=story.turn.id, dead_letter=letter, cause=error)

    async def _again(self, turn: Turn, receipt: Receipt) -> TurnReply:
        """The reply to a request that came before. Raises: TurnFailed, Conflict."""
        if turn.state == "answered":
            return _reply_again(turn, receipt)
        if turn.state == "failed" and (standing := await self._log.standing(turn.id)):
            return _reply_again(*standing)
        letter = await self._letters.of_turn(turn.id)
        if turn.state == "failed":
            raise TurnFailed(turn.error or "", turn_id=turn.id, dead_letter=letter.id if letter else None)
        if turn.state == "withdrawn":
            raise Conflict("this line was taken back")
        raise Conflict(f"turn {turn.id!r} is being answered already")

    async def _history(
        self, request: TurnRequest, character: Character, heard: TurnId | None
    ) -> tuple[tuple[Message, ...], int | None]:
        """What was said before, as the door tells it or as the log has it and the character may know; and from which
        rank on, 0 where a door tells. `heard` is the line itself, if the log has it already."""
        limit = self._settings.history_messages
        if not limit:
            return (), None
        if request.conversation_history:
            return request.conversation_history[-limit:], 0
        beside = request.follows if request.side_by_side else None
        return await self._log.known(request, character, limit, before=request.replaces or heard or beside)

    def _reply(self, story: Story) -> tuple[TurnReply, Receipt]:
        chosen, turn = story.chosen, story.turn
        assert chosen is not None
        assert chosen.verdict is not None
        receipt = story.receipt(
            turn.model_copy(
                update={"reply": chosen.text, "state": "answered", "quality_score": chosen.verdict.overall_score}
            )
        )
        ended = turn.model_copy(update={**receipt.turn.model_dump(), "ended_at": self._clock.now()})
        reply = _reply_again(ended, receipt)
        metadata = reply.metadata.model_copy(update={"panel": story.panel})
        return reply.model_copy(update={"metadata": metadata}), receipt

    # Dead letters ----------------------------------------------------------------------------------------------

    async def dead_letters(self, page: Page, /) -> DeadLetters:
        """List the turns that failed."""
        return await self._letters.list(page)

    async def replay(self, which: DeadLetterRef, /) -> TurnReply:
        """Try a failed turn again, in its old place of the conversation."""
        return await self._replay(which.id)

    async def _replay(self, letter_id: str) -> TurnReply:
        letter = await self._letters.get(letter_id)
        return await self._reply_to(letter.replaying(), letter.id)

    async def drop(self, which: DeadLetterRef, /) -> Nothing:
        """Forget a dead letter."""
        await self._letters.drop(which.id)
        return Nothing()

    async def services_health(self, nothing: Nothing, /) -> ServicesHealth:
        """Ask every service how it is, side by side."""
        answers = await asyncio.gather(*(ask() for ask in self._health.values()))
        services = dict(zip(self._health, answers, strict=True))
        worst = next((s for s in ("unhealthy", "degraded") if s in {h.status for h in answers}), "healthy")
        return ServicesHealth.model_validate({"status": worst, "services": services, "timestamp": self._clock.now()})

    async def _sweep(self) -> None:
        await self._clock.sleep(_SWEEP_EVERY_S)
        self._taking_up.add(await self._log.bury_the_lost(own_too=False, alive=self._alive))


async def _to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Do what must not be left half done, in a turn's own task. A cancellation meanwhile is only noted there."""
    task = asyncio.ensure_future(work)
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            continue
    return task.result()


def _being_stopped() -> Unavailable:
    return Unavailable("Greenroom is being stopped; say it again when it is back")


async def _to_nobody(event: TurnEvent) -> None:
    """Show an event to nobody: the caller waits for the reply alone."""


def _reply_again(turn: Turn, receipt: Receipt) -> TurnReply:
    """The reply of an answered turn, made from what the log keeps of it."""
    seconds = max(0.0, (turn.ended_at - turn.begun_at).total_seconds()) if turn.ended_at else 0.0
    chosen = next((a for a in receipt.attempts if a.number == receipt.chosen_attempt), None)
    verdict = chosen.verdict if chosen else None
    return TurnReply(
        success=True,
        response=turn.reply or "",
        character=turn.character,
        character_name=turn.character_name,
        processing_time=round(seconds, 4),
        quality_score=turn.quality_score or 0.0,
        metadata=ReplyMetadata(
            turn_id=turn.id,
            attempts=len(receipt.attempts),
            model=receipt.model,
            stand_in=receipt.stand_in,
            cache_hit=chosen is not None and chosen.cache_tier not in {"none", "miss"},
            rag_context_used=bool(receipt.passages),
            fine_tuning_applied=any(s.service == "tuning" and s.outcome == "ok" for s in receipt.steps),
            conversation_state=receipt.conversation_state,
            services_called=tuple(dict.fromkeys(s.service for s in receipt.steps)),
            trace_id=turn.trace_id,
            below_threshold=not (verdict and verdict.quality_check_passed),
        ),
    )
