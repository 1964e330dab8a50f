"""What people can ask of the house on Discord by a command; each answer is for the one who asked alone."""

from collections.abc import Sequence
from typing import NamedTuple

from greenroom.discord.memory import Memory
from greenroom.discord.outbox import PREFIX, Outbox
from greenroom.discord.posting import Posting
from greenroom.discord.said import Reaction
from greenroom.discord.wording import harmless
from greenroom.errors import UnknownTurn
from greenroom.model import Nothing, PersonRef, QuietRequest, Receipt, SaidRequest, TurnRef
from greenroom.ports import Characters, Coordinator, Router, Turns

_NOT_OURS = "That is no line of the cast, or it was forgotten."
_LONGEST = 1900
_PAGE_TURNS = 1000
_MOST_BYTES = 7_500_000
"""Discord's limit for a file has changed from time to time; it was never below 8 MB."""


class Asker(NamedTuple):
    """Who asks, and where."""

    user_id: int
    channel_id: int
    moderates: bool


class Acts:
    """The commands, without anything of Discord but ids. Each returns what to show."""

    def __init__(
        self,
        router: Router,
        turns: Turns,
        characters: Characters,
        coordinator: Coordinator,
        outbox: Outbox,
        posting: Posting,
        memory: Memory,
    ) -> None:
        self._router = router
        self._turns = turns
        self._characters = characters
        self._coordinator = coordinator
        self._outbox = outbox
        self._posting = posting
        self._memory = memory

    async def cast(self) -> str:
        """Who is there."""
        there = (await self._characters.cast(Nothing())).characters
        lines = [
            f"{c.sheet.emblem} **{c.name}**: {c.sheet.tagline or c.sheet.full_name or c.name}".strip() for c in there
        ]
        return harmless("\n".join(lines))[:_LONGEST] or "Nobody is there."

    async def why(self, message_id: int | None, asker: Asker) -> str:
        """How a line came about; the last one of the channel, when none is named."""
        turn_id = await self._turn_of(message_id, asker)
        if turn_id is None:
            return _NOT_OURS
        return harmless(receipt_in_words(await self._turns.explain(TurnRef(id=turn_id))))[:_LONGEST]

    async def quiet(self, minutes: float, asker: Asker) -> str:
        """Have the cast say nothing unasked here for a while, from now on."""
        await self._coordinator.keep_quiet(QuietRequest(channel_id=f"{PREFIX}{asker.channel_id}", minutes=minutes))
        if not minutes:
            return "The cast may speak up again."
        return f"The cast says nothing unasked here for {minutes:g} minutes. Who is spoken to still answers."

    async def forget_me(self, asker: Asker) -> str:
        """Forget all that the asker has ever said, here and elsewhere on Discord."""
        found = await self._turns.forget(PersonRef(user_id=f"{PREFIX}{asker.user_id}"))
        return (
            f"Forgotten: {found.turns} lines, with what was answered to them and made from them. "
            "What you wrote here yourself is yours to delete."
        )

    async def export(self, asker: Asker) -> tuple[bytes, bool]:
        """What the asker said, and what was answered, as JSON, the oldest first; and whether that is all of it."""
        kept: list[bytes] = []
        size_bytes = cursor = 0
        while True:
            said = SaidRequest(user_id=f"{PREFIX}{asker.user_id}", after=cursor, limit=_PAGE_TURNS)
            page = await self._turns.export(said)
            for turn in page.turns:
                kept.append(turn.model_dump_json().encode())
                size_bytes += len(kept[-1]) + 2
                if size_bytes > _MOST_BYTES:
                    return _as_list(kept[:-1]), False
            if len(page.turns) < _PAGE_TURNS:
                return _as_list(kept), True
            cursor = page.cursor

    async def regenerate(self, message_id: int, request_id: str, asker: Asker) -> str:
        """Have a line said in another way; it changes in its place, and the log keeps both."""
        post = await self._posting.of_message(message_id, asker.channel_id)
        if post is None:
            return _NOT_OURS
        before = (await self._turns.explain(TurnRef(id=post.turn_id))).request
        if before is None:
            return _NOT_OURS
        again = {"replaces": post.turn_id, "request_id": f"{PREFIX}again:{request_id}", "follows": None}
        reply = await self._router.orchestrate(before.model_copy(update=again))
        await self._posting.post((await self._turns.explain(TurnRef(id=reply.metadata.turn_id))).turn)
        return "Said anew."

    async def rate(self, message_id: int, thumb: int, asker: Asker) -> str:
        """Keep a thumb."""
        if await self._memory.is_of(message_id, asker.channel_id) is None:
            return _NOT_OURS
        await self._memory.reacted(Reaction(message_id, asker.channel_id, asker.user_id, thumb, is_added=True))
        return "Noted."

    async def forget(self, message_id: int, asker: Asker) -> str:
        """Forget a line, with what was answered to it."""
        try:
            await self._memory.forget(message_id, asker.channel_id, asker.user_id, asker.moderates)
        except UnknownTurn:
            return "Nothing is kept of that."
        return "Forgotten, with what was answered to it."

    async def _turn_of(self, message_id: int | None, asker: Asker) -> str | None:
        if message_id is None:
            await self._posting.lanes.rest(asker.channel_id)
            return await self._outbox.last_in(asker.channel_id)
        post = await self._posting.of_message(message_id, asker.channel_id)
        return post.turn_id if post and post.channel_id == asker.channel_id else None


def _as_list(objects: Sequence[bytes]) -> bytes:
    return b"[" + b",\n".join(objects) + b"]"


def receipt_in_words(receipt: Receipt) -> str:
    """The receipt of a line, in short. It tells nothing of what others said in private: only counts and scores."""
    turn = receipt.turn
    scored = [attempt.verdict.overall_score for attempt in receipt.attempts if attempt.verdict]
    chosen = next((attempt for attempt in receipt.attempts if attempt.number == receipt.chosen_attempt), None)
    facts = [
        f"**{turn.character_name}**, {'unasked' if turn.message_type == 'organic' else 'answering'} {turn.user_name}",
        f"written by {receipt.model or 'nobody'}"
        + (" (the understudy, no language model)" if receipt.stand_in else ""),
        f"drafts: {len(receipt.attempts)}"
        + (f", scored {', '.join(f'{score:.0f}' for score in scored)}" if scored else ""),
        f"lines of the conversation it saw: {receipt.history_used}",
        "lore used: " + (", ".join(passage.title or passage.source for passage in receipt.passages[:5]) or "none"),
        f"from the cache: {chosen.cache_tier}" if chosen and chosen.cache_tier not in {"none", "miss"} else "",
        f"cost: {receipt.cost:.4f} US dollars" if receipt.cost else "",
        f"sheet: {receipt.prompt_version}" if receipt.prompt_version else "",
        f"receipt: {turn.id}",
    ]
    return "\n".join(f"- {fact}" if number else fact for number, fact in enumerate(filter(None, facts)))
