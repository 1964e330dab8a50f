"""One turn, told as a story: who speaks, what they know, draft, verdict, again if need be, reply."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field

import structlog
from cachetools import LRUCache

from greenroom.clock import Clock
from greenroom.config import TurnSettings
from greenroom.errors import GreenroomError, OutOfTime, TurnFailed, UpstreamFailed
from greenroom.journey import due_in
from greenroom.model import (
    STAND_IN,
    AnalyzeRequest,
    Character,
    ChatRequest,
    Chunk,
    Decision,
    DraftRetracted,
    DraftText,
    DraftVerdict,
    Message,
    OptimizeRequest,
    Options,
    Panel,
    PanelRequest,
    Passage,
    Passages,
    Progress,
    Prompt,
    PromptRequest,
    Receipt,
    RetrieveRequest,
    Spoken,
    Step,
    Turn,
    TurnEvent,
    TurnRequest,
)
from greenroom.ports import Characters, Llm, Quality, Retriever, Tuning
from greenroom.router.attempts import Attempts, Draft
from greenroom.router.drafting import another_roll, messages, speaker_of, spoken, tidy

_LINES_FOR_LORE = 30
_DRAFT_MAX_CHARACTERS = 100_000
_PANEL_S = 0.5
_CHANNELS_KNOWN = 10_000
_NO_WORLD = "-"
"""Stands for no world, whose notes nobody has."""

Show = Callable[[TurnEvent], Awaitable[None]]
"""Is told of everything that a person may see while the turn goes on."""

AskPanel = Callable[[PanelRequest], Awaitable[Panel]]
"""Asks how things stand in a channel."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Company:
    """Whom the router works with during a turn. Without somebody to ask for it, no panel comes with a reply."""

    characters: Characters
    retriever: Retriever
    llm: Llm
    quality: Quality
    tuning: Tuning
    panel: AskPanel | None = None


@dataclass
class Story:
    """Everything that happens in one turn, kept for its receipt. Lives as long as the turn does."""

    request: TurnRequest
    turn: Turn
    character: Character
    history: tuple[Message, ...]
    attempts: Attempts
    prompt: Prompt | None = None
    passages: tuple[Passage, ...] = ()
    passages_cut: tuple[Passage, ...] = ()
    guidance: tuple[str, ...] = ()
    model: str = ""
    decision: Decision | None = None
    panel: Panel = field(default_factory=Panel)
    steps: list[Step] = field(default_factory=list)
    chosen: Draft | None = None

    @property
    def lines(self) -> tuple[Message, ...]:
        """The conversation with the line that is answered at its end."""
        return spoken(self.history, self.request)

    @property
    def opens_on(self) -> str | None:
        """What the character begins a conversation about, empty for whatever it likes; None where it begins none."""
        cause = self.request.cause
        return cause.topic if cause and cause.kind == "starter" else None

    @property
    def falls_in_on(self) -> str:
        """The character on whose line this one falls in unasked; empty where a person is answered, or nobody."""
        unasked = self.request.message_type == "organic" and self.opens_on is None
        last = self.history[-1] if self.history else None
        return last.author if unasked and last and last.from_character else ""

    def receipt(self, turn: Turn) -> Receipt:
        """What is kept of the story."""
        last = self.chosen or (self.attempts.made[-1] if self.attempts.made else None)
        return Receipt(
            turn=turn,
            request=self.request,
            prompt_version=self.prompt.version if self.prompt else "",
            history_used=len(self.history),
            passages=self.passages,
            passages_cut=self.passages_cut,
            guidance=self.guidance,
            chosen_attempt=self.chosen.number if self.chosen else None,
            attempts=tuple(draft.attempt() for draft in self.attempts.made),
            steps=tuple(self.steps),
            model=self.model,
            stand_in=self.model.startswith(STAND_IN + "/"),
            conversation_state=last.verdict.conversation_state if last and last.verdict else "",
            cost=self.attempts.cost_usd(),
        )


class Storyteller:
    """Plays a turn from its beginning to the draft that is sent. Writes nothing down; `service.py` does."""

    def __init__(self, company: Company, settings: TurnSettings, clock: Clock) -> None:
        self._company = company
        self._settings = settings
        self._clock = clock
        self._worlds: LRUCache[str, str] = LRUCache(maxsize=_CHANNELS_KNOWN)

    def begin(self, request: TurnRequest, turn: Turn, character: Character, history: tuple[Message, ...]) -> Story:
        """A story in which nothing has happened yet."""
        return Story(request, turn, character, history, Attempts(self._settings))

    async def play(self, story: Story, show: Show) -> None:
        """Make drafts until one is good enough or another is not worth it, and choose one.

        Raises: TurnFailed, when no draft can be sent; what went before stays in the story.
        """
        try:
            async with due_in(self._settings.deadline_s):
                await self._make_drafts(story, show)
        except OutOfTime as exc:
            story.attempts.interrupt(exc)
        story.chosen = story.attempts.best()
        if story.chosen is None:
            raise TurnFailed(_why(story))

    async def _make_drafts(self, story: Story, show: Show) -> None:
        began_s = self._clock.monotonic_s()
        while True:
            draft = story.attempts.new()
            await self._attempt(story, draft, show)
            pause_s = self._pause_s(story.attempts.failures_in_a_row())
            if not story.attempts.may_go_on(self._clock.monotonic_s() - began_s + pause_s):
                return
            await self._turn_to_the_next(draft, pause_s, show)

    async def _attempt(self, story: Story, draft: Draft, show: Show) -> None:
        try:
            await self._prepare(story, draft)
            await self._write(story, draft, show)
            await self._judge(story, draft, show)
        except GreenroomError as exc:
            log.warning("attempt_failed", attempt=draft.number, error=type(exc).__name__, detail=exc.detail)
            draft.fail(exc)

    async def _turn_to_the_next(self, draft: Draft, pause_s: float, show: Show) -> None:
        reason = draft.problem or ", ".join(draft.broken_rules()) or "below the threshold"
        if draft.text:
            await show(DraftRetracted(attempt=draft.number, reason=reason))
        if pause_s:
            await show(Progress(attempt=draft.number, reason=reason, wait_s=round(pause_s, 2)))
            await self._clock.sleep(pause_s)

    def _pause_s(self, failures: int) -> float:
        return self._settings.backoff.pause_s(failures, random.random()) if failures else 0.0

    # The prompt -------------------------------------------------------------------------------------------------

    async def _prepare(self, story: Story, draft: Draft) -> None:
        """Put together what the model is shown: on later attempts with what was wrong before."""
        if story.prompt is None:
            story.prompt, found = await self._who_and_what(story)
            story.passages, story.passages_cut = found.results, found.cut
        elif draft.number > 1:
            story.guidance = await self._guidance(story, draft)
            story.prompt = await self._prompt(story, draft, story.guidance)
        draft.prompt = messages(story.prompt, story.passages, story.lines, self._settings.prompt_tokens)
        draft.options = self._options(story, story.prompt)

    async def _who_and_what(self, story: Story) -> tuple[Prompt, Passages]:
        """Ask for prompt and lore side by side, and how things stand."""
        panel = asyncio.ensure_future(self._panel(story))
        first = self._prompt(story, story.attempts.made[-1], ())
        prompt, passages, asked = await asyncio.gather(first, self._lore(story, panel), panel, return_exceptions=True)
        story.steps += [asked] if isinstance(asked, Step) else []  # at the end: whichever is faster, the order stays
        if isinstance(prompt, BaseException):
            raise prompt
        if isinstance(passages, BaseException):
            raise passages
        if isinstance(asked, BaseException):
            raise asked
        return prompt, passages

    async def _panel(self, story: Story) -> Step | None:
        """How things stand there, as those present know it. A turn goes on without."""
        if self._company.panel is None:
            return None
        turn, began_s, outcome = story.turn, self._clock.monotonic_s(), "ok"
        request = PanelRequest(channel_id=turn.channel_id, place=turn.place, present=turn.present)
        try:
            async with due_in(_PANEL_S):
                story.panel = await self._company.panel(request)
                self._worlds[turn.channel_id] = story.panel.world_id
        except GreenroomError as exc:
            outcome = type(exc).__name__
            log.warning("done_without", service="world", verb="panel", error=outcome, detail=exc.detail)
        seconds = round(self._clock.monotonic_s() - began_s, 6)
        return Step(service="world", verb="panel", seconds=seconds, outcome=outcome)

    async def _prompt(self, story: Story, draft: Draft, guidance: tuple[str, ...]) -> Prompt:
        people = dict.fromkeys([speaker_of(story.request), *(m.author for m in story.history)])
        with self._step(story, "characters", "optimized_prompt"):
            return await self._company.characters.optimized_prompt(
                PromptRequest(
                    character=story.character.id,
                    people=tuple(name for name in people if name != story.character.name)[:20],
                    guidance=guidance,
                    particular=draft.stage == "particular",
                    falls_in_on=story.falls_in_on,
                    opens_on=story.opens_on,
                )
            )

    async def _lore(self, story: Story, panel: Awaitable[Step | None]) -> Passages:
        """What bears on the moment. A turn goes on without it, and does not wait long for it.

        Which world the channel belongs to is asked once.
        """
        if story.turn.channel_id not in self._worlds:
            await panel
        request = RetrieveRequest(
            character=story.character.id,
            query=story.request.input_text,
            recent=tuple(m.content for m in story.history[-_LINES_FOR_LORE:]),
            channel_id=story.turn.channel_id,
            place=story.turn.place,
            present=story.turn.present,
            world_id=self._worlds.get(story.turn.channel_id) or _NO_WORLD,
        )
        found = Passages()
        with self._step(story, "retriever", "retrieve", can_do_without=True):
            async with due_in(self._settings.lore_s):
                found = await self._company.retriever.retrieve(request)
        return found

    async def _guidance(self, story: Story, draft: Draft) -> tuple[str, ...]:
        """What was wrong with the last draft; from the fourth attempt on, also what tuning has learnt."""
        lines = list(story.attempts.advice())
        if draft.stage != "standard":
            with self._step(story, "tuning", "optimize_prompt", can_do_without=True):
                learnt = await self._company.tuning.optimize_prompt(
                    OptimizeRequest(character=story.character.id, violations=story.attempts.broken_rules())
                )
                lines += learnt.lines
        return tuple(dict.fromkeys(lines))

    def _options(self, story: Story, prompt: Prompt) -> Options:
        options = story.request.options.over(prompt.settings)
        return another_roll(options, story.turn.id) if story.request.replaces else options

    # The draft --------------------------------------------------------------------------------------------------

    async def _write(self, story: Story, draft: Draft, show: Show) -> None:
        """Have the model write. Once a model has begun this turn it also finishes it: no other steps in unseen."""
        request = ChatRequest(
            model=story.model,
            messages=draft.prompt,
            options=draft.options,
            character=story.character.id,
            # What is said in private is not kept, nor answered with what others were told.
            use_cache=False if story.request.replaces or story.turn.place == "private" else None,
            similar=None if story.turn.present is None else False,
        )
        began_s = self._clock.monotonic_s()
        with self._step(story, "llm", "chat"):
            async with aclosing(self._company.llm.chat(request)) as chunks:
                async for chunk in chunks:
                    story.model = draft.model = chunk.model
                    story.decision = draft.decision = chunk.route or story.decision
                    await self._take(chunk, draft, began_s, show)
        draft.generation_s = self._clock.monotonic_s() - began_s
        draft.text = tidy(draft.text, story.character.names)
        if draft.done_reason is None:
            raise UpstreamFailed(f"{draft.model or 'the model'} ended without saying that it was done")

    async def _take(self, chunk: Chunk, draft: Draft, began_s: float, show: Show) -> None:
        draft.cache_tier = chunk.cache or draft.cache_tier
        draft.cache_key = chunk.key or draft.cache_key
        if chunk.text:
            if draft.first_token_s is None:
                draft.first_token_s = self._clock.monotonic_s() - began_s
            draft.text = (draft.text + chunk.text)[:_DRAFT_MAX_CHARACTERS]
            await show(DraftText(attempt=draft.number, text=chunk.text))
        if chunk.done:
            draft.done_reason, draft.usage = chunk.done_reason or "stop", chunk.usage

    async def _judge(self, story: Story, draft: Draft, show: Show) -> None:
        assert story.prompt is not None
        request = AnalyzeRequest(
            response=draft.text,
            character=story.character.id,
            conversation_id=story.turn.channel_id,
            conversation_history=tuple(Spoken(author=m.author, content=m.content) for m in story.lines),
            context=tuple(p.content for p in story.passages),
            last_speaker=story.lines[-1].author,
            message_type=story.request.message_type,
            system_prompt=story.prompt.system,
        )
        began_s = self._clock.monotonic_s()
        with self._step(story, "quality", "analyze"):
            verdict = draft.verdict = await self._company.quality.analyze(request)
        draft.quality_s = self._clock.monotonic_s() - began_s
        await show(
            DraftVerdict(
                attempt=draft.number,
                score=verdict.overall_score,
                threshold=verdict.adaptive_threshold,
                passed=verdict.quality_check_passed,
                violations=draft.broken_rules(),
            )
        )

    @contextmanager
    def _step(self, story: Story, service: str, verb: str, can_do_without: bool = False) -> Iterator[None]:
        """Note how long a part of the turn takes. What the turn can do without may fail."""
        began_s, outcome = self._clock.monotonic_s(), "ok"
        try:
            yield
        except GreenroomError as exc:
            outcome = type(exc).__name__
            if not can_do_without:
                raise
            log.warning("done_without", service=service, verb=verb, error=outcome, detail=exc.detail)
        except BaseException:
            outcome = "cancelled"
            raise
        finally:
            seconds = self._clock.monotonic_s() - began_s
            story.steps.append(Step(service=service, verb=verb, seconds=round(seconds, 6), outcome=outcome))


def _why(story: Story) -> str:
    """Why there is no reply, for the person who waits for it."""
    name, made = story.character.name, story.attempts.made
    kept = "Your message is kept; it can be tried again."
    if made[-1].error:
        return f"{name} could not answer: {made[-1].problem}. {kept}"
    rules = ", ".join(story.attempts.broken_rules()) or "too weak"
    return f"{name} found no answer that passes quality control in {len(made)} attempts ({rules}). {kept}"
