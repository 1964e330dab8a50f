"""Learning from what happens: follows the log of turns for the bars, and the ratings for the scale."""

import asyncio
from dataclasses import dataclass

from greenroom.clock import Clock
from greenroom.following import follow_for_ever, receipt_of
from greenroom.lane import Lane, step
from greenroom.model import Figures, FollowRequest, RatingsRequest, Receipt, Turn, Verdict
from greenroom.ports import Tuning, Turns
from greenroom.quality.acceptance import Acceptance
from greenroom.quality.ledger import FOLLOWER, JudgedTurn, Ledger
from greenroom.quality.people import People, Rated, acceptance_in, auc, learn, pearson
from greenroom.quality.thresholds import Bars, Judged

PAGE_TURNS = 100
RATINGS = 1_000
"""The newest opinions count. They are read anew each time, so that one which was taken back is unlearnt."""
LEARN_EVERY_S = 30.0
_NOTHING = Figures(name="own ratings", lines=0)


@dataclass
class Learnt:
    """What is known now. Replaced while the service runs."""

    bars: Bars
    people: People
    own: Figures = _NOTHING


class Learner:
    """Keeps what is learnt up to date, off the path of those who wait for a verdict."""

    def __init__(
        self,
        turns: Turns,
        tuning: Tuning,
        ledger: Ledger,
        acceptance: Acceptance,
        learnt: Learnt,
        clock: Clock,
        lane: Lane | None,
    ) -> None:
        self._turns = turns
        self._tuning = tuning
        self._ledger = ledger
        self._acceptance = acceptance
        self._learnt = learnt
        self._clock = clock
        self._lane = lane
        self._learn_at_s = 0.0

    async def follow(self) -> None:
        """Follow for ever."""
        await follow_for_ever(self.read_page, self._clock, FOLLOWER, self._lane)

    async def read_page(self) -> bool:
        """Take in the next page of the log; at its end, and every half minute, also the ratings.

        Returns: whether there is probably more. Raises: whatever the router, tuning or the database raise.
        """
        async with step():
            cursor = await self._ledger.cursor()
            page = await self._turns.follow(FollowRequest(after=cursor, limit=PAGE_TURNS))
        if page.cursor > cursor:
            ended = [turn for turn in page.turns if turn.state in {"answered", "failed"}]
            judged = [found for turn in ended if (found := await self._judged(turn))]
            withdrawn = [turn.id for turn in page.turns if turn.state == "withdrawn"]
            async with step():
                await self._ledger.advance(judged, withdrawn, cursor, page.cursor)
                self._learnt.bars.take(await self._ledger.bars())
        more = len(page.turns) == PAGE_TURNS
        if not more and self._clock.monotonic_s() >= self._learn_at_s:
            await self.learn_from_ratings()
            self._learn_at_s = self._clock.monotonic_s() + LEARN_EVERY_S
        return more

    async def learn_from_ratings(self) -> None:
        """Read the newest opinions, and set the scale by them."""
        await self._ledger.trim()
        self._learnt.bars.take(await self._ledger.bars())
        ratings = (await self._tuning.ratings(RatingsRequest(limit=RATINGS))).ratings
        thought = await self._ledger.log_odds({rating.turn_id for rating in ratings})
        rated = [
            Rated(rating.character, rating.user_id, thought[rating.turn_id], accepted)
            for rating in ratings
            if rating.turn_id in thought and (accepted := acceptance_in(rating)) is not None
        ]
        people, own_auc = await asyncio.to_thread(lambda: (learn(rated), auc(rated)))
        days = sorted(str(rating.rated_at.date()) for rating in ratings if rating.rated_at)
        self._learnt.people = people
        self._learnt.own = Figures(
            name="own ratings",
            lines=len(rated),
            auc=own_auc,
            correlation=pearson(rated),
            dated=f"{days[0]} to {days[-1]}" if days else "",
            how="the newest ratings of people here, against the score as it is shipped",
        )

    async def _judged(self, turn: Turn) -> JudgedTurn | None:
        async with step():
            receipt = await receipt_of(self._turns, turn.id)
            return judged_turn(receipt, self._acceptance) if receipt else None


def judged_turn(receipt: Receipt, acceptance: Acceptance) -> JudgedTurn | None:
    """What a turn tells: only the first draft is one of many alike, later ones were told what was wrong."""
    verdicts = [attempt.verdict for attempt in receipt.attempts if attempt.verdict]
    if not verdicts:
        return None
    turn, first = receipt.turn, verdicts[0]
    said = next((a.verdict for a in receipt.attempts if a.number == receipt.chosen_attempt and a.verdict), None)
    judged = Judged(turn.character, first.conversation_state, first.overall_score)
    return JudgedTurn(
        turn.id,
        turn.character,
        None if first.stopped_early else judged,
        _log_odds(said, acceptance) if said else None,
        turn.ended_at or turn.begun_at,
    )


def _log_odds(verdict: Verdict, acceptance: Acceptance) -> float | None:
    """By the weights of today, from the measurements of then."""
    return None if verdict.stopped_early or not verdict.signals else acceptance.log_odds(verdict.signals)
