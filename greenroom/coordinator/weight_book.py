"""The weights in force, and the corrections that they may follow."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import delete, func, select

from greenroom.clock import Clock
from greenroom.config import CoordinatorSettings
from greenroom.coordinator.features import FEATURES
from greenroom.coordinator.fitting import Correction, fitted, held_out
from greenroom.coordinator.selection import SHIPPED, Situation, Weights
from greenroom.coordinator.tables import speaker_corrections, speaker_weights
from greenroom.model import SpeakerWeights, WeightsReport
from greenroom.storage.database import Database
from greenroom.storage.upsert import put

_MOST_CORRECTIONS = 2000
_SHIPPED_AT = datetime(2026, 11, 21, tzinfo=UTC)
"""When the shipped weights were last changed."""


class WeightBook:
    """Keeps corrections, and refits the weights to them once there are enough."""

    def __init__(self, database: Database, settings: CoordinatorSettings, clock: Clock) -> None:
        self._database = database
        self._needed = settings.corrections_needed
        self._clock = clock

    async def in_force(self) -> Weights:
        """The weights by which speakers are chosen now."""
        return (await self._newest())[0]

    async def keep(self, correction: Correction, channel_id: str, chosen: str | None) -> WeightsReport:
        """Keep who should have spoken, in place of what was said of the same moment before; then refit."""
        moment = asdict(correction.situation)
        row = {
            "id": correction.id,
            "channel_id": channel_id,
            "should": correction.should,
            "chosen": chosen,
            "moment": moment,
            "made_at": self._clock.now(),
        }
        async with self._database.write() as connection:
            await put(connection, speaker_corrections, row)
            newest = select(speaker_corrections.c.id).order_by(speaker_corrections.c.made_at.desc())
            kept = newest.limit(_MOST_CORRECTIONS)
            await connection.execute(delete(speaker_corrections).where(speaker_corrections.c.id.not_in(kept)))
        return await self.refit()

    async def refit(self) -> WeightsReport:
        """Put in force what suits the corrections, if it does better on those held out; else the shipped weights."""
        corrections = await self._corrections()
        if len(corrections) < self._needed:
            return await self.report()
        new, found = await asyncio.to_thread(_tried, corrections)
        row = {
            "version": new.version,
            "weights": {"company": dict(new.company), "crowd": dict(new.crowd), "silence": dict(new.silence), **found},
            "corrections": len(corrections),
            "made_at": self._clock.now(),
        }
        async with self._database.write() as connection:
            await put(connection, speaker_weights, row)
        return await self.report()

    async def report(self) -> WeightsReport:
        """The weights in force beside the shipped ones."""
        weights, made_at, corrections, found = await self._newest()
        kept = await self._database.value(select(func.count()).select_from(speaker_corrections)) or 0
        return WeightsReport(
            in_force=_published(weights, made_at, corrections),
            shipped=_published(SHIPPED, _SHIPPED_AT, 0),
            meanings=FEATURES,
            corrections=kept,
            needed=self._needed,
            right_with_shipped=found.get("right_with_shipped"),
            right_when_fitted=found.get("right_when_fitted"),
        )

    async def _newest(self) -> tuple[Weights, datetime, int, dict[str, float]]:
        # By the count first: an instance that was slow to refit must not put fewer corrections in force.
        count, made_at = speaker_weights.c.corrections, speaker_weights.c.made_at
        newest = select(speaker_weights).order_by(count.desc(), made_at.desc(), speaker_weights.c.version)
        async with self._database.read() as connection:
            row = (await connection.execute(newest.limit(1))).first()
        if row is None:
            return SHIPPED, _SHIPPED_AT, 0, {}
        kept = row.weights
        found = {name: kept[name] for name in ("right_with_shipped", "right_when_fitted")}
        if row.version == SHIPPED.version:
            return SHIPPED, row.made_at, row.corrections, found
        # Weights of an older version may lack a feature that came later: it counts as it is shipped.
        company, crowd, silence = ({**vars(SHIPPED)[c], **kept[c]} for c in ("company", "crowd", "silence"))
        return Weights(row.version, company, crowd, silence), row.made_at, row.corrections, found

    async def _corrections(self) -> list[Correction]:
        oldest_first = select(speaker_corrections).order_by(speaker_corrections.c.made_at, speaker_corrections.c.id)
        rows = await self._database.rows(oldest_first)
        return [_complete(Correction(row.id, row.should, Situation(**row.moment))) for row in rows]


def _complete(correction: Correction) -> Correction:
    """The correction with 0 for features that came after it."""
    found = correction.situation
    features = {name: {f: own.get(f, 0.0) for f in SHIPPED.company} for name, own in found.features.items()}
    silence = {name: found.silence.get(name, 0.0) for name in SHIPPED.silence}
    return Correction(correction.id, correction.should, Situation(features, silence, found.crowded))


def _tried(corrections: list[Correction]) -> tuple[Weights, dict[str, float]]:
    """The weights to put in force, and how fitted ones and the shipped ones did on corrections held out."""
    before, after = held_out(corrections, SHIPPED, fit=False), held_out(corrections, SHIPPED, fit=True)
    better = after.right >= before.right and after.log_chance > before.log_chance
    found = {"right_with_shipped": round(before.right, 4), "right_when_fitted": round(after.right, 4)}
    return (fitted(corrections, SHIPPED) if better else SHIPPED), found


def _published(weights: Weights, made_at: datetime, corrections: int) -> SpeakerWeights:
    return SpeakerWeights(
        version=weights.version,
        made_at=made_at,
        corrections=corrections,
        company=dict(weights.company),
        crowd=dict(weights.crowd),
        silence=dict(weights.silence),
    )
