"""What the people here think of the scores: a shift and a slope for all, and a shift for each character."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import StatisticsError, correlation

from greenroom.model import Rating
from greenroom.quality.acceptance import chance

SHIFT_SPREAD, SLOPE_SPREAD, CHARACTER_SPREAD = 1.0, 0.3, 0.5
"""How far these may lie from nothing learnt, in log odds (the slope: from 1), as standard deviations."""
ONE_PERSON = 20
"""From so many ratings on, those of one person count together no more than so many."""
FEWEST = 10
"""From so many ratings on, figures say something."""
_STEPS = 25


@dataclass(frozen=True)
class Rated:
    """A line that somebody rated."""

    character: str
    user_id: str
    log_odds: float
    accepted: bool


@dataclass(frozen=True)
class People:
    """The scale as it was learnt here. Without ratings it leaves everything as it is."""

    shift: float = 0.0
    slope: float = 1.0
    characters: Mapping[str, float] = field(default_factory=dict)
    ratings: int = 0

    def log_odds(self, character: str, log_odds: float) -> float:
        """The log odds that a person here accepts a line of this character."""
        return self.shift + self.characters.get(character, 0.0) + self.slope * log_odds


def acceptance_in(rating: Rating) -> bool | None:
    """Whether somebody accepts a line; None for three stars, or when all was taken back."""
    if rating.thumb:
        return rating.thumb > 0
    return None if rating.stars in {None, 3} else (rating.stars or 0) > 3


def learn(rated: Sequence[Rated]) -> People:
    """Fit shift, slope and characters to ratings: the most likely ones, each drawn towards nothing learnt.

    A character with few ratings so keeps close to the whole cast. Blocks for some milliseconds.
    """
    if not rated:
        return People()
    import numpy as np  # not at the top: a tenth of a second to import, and only once there are ratings

    names = sorted({line.character for line in rated})
    by_person = Counter(line.user_id for line in rated)
    counts = np.array([min(1.0, ONE_PERSON / by_person[line.user_id]) for line in rated])
    accepted = np.array([line.accepted for line in rated], float)
    table = np.zeros((len(rated), 2 + len(names)))
    for row, line in zip(table, rated, strict=True):
        row[:2] = 1.0, line.log_odds
        row[2 + names.index(line.character)] = 1.0
    usual = np.array([0.0, 1.0] + [0.0] * len(names))
    precision = np.array([SHIFT_SPREAD, SLOPE_SPREAD] + [CHARACTER_SPREAD] * len(names)) ** -2.0
    found = usual.copy()
    for _ in range(_STEPS):
        chances = 1 / (1 + np.exp(-np.clip(table @ found, -30, 30)))
        slope = table.T @ (counts * (chances - accepted)) + precision * (found - usual)
        curve = (table.T * (counts * chances * (1 - chances))) @ table + np.diag(precision)
        found = found - np.linalg.solve(curve, slope)
    shift, slope_found, *of_characters = (float(value) for value in found)
    return People(shift, max(0.0, slope_found), dict(zip(names, of_characters, strict=True)), len(rated))


def auc(rated: Sequence[Rated]) -> float | None:
    """The chance that a line which was accepted has the higher score; None where all or none were accepted, or few."""
    up = [line.log_odds for line in rated if line.accepted]
    down = [line.log_odds for line in rated if not line.accepted]
    if len(rated) < FEWEST or not up or not down:
        return None
    won = sum((good > bad) + (good == bad) / 2 for good in up for bad in down)
    return round(won / (len(up) * len(down)), 3)


def pearson(rated: Sequence[Rated]) -> float | None:
    """The correlation of score and acceptance; None where one of them never varies, or for few lines."""
    if len(rated) < FEWEST:
        return None
    try:
        return round(
            correlation([chance(line.log_odds) for line in rated], [float(line.accepted) for line in rated]), 3
        )
    except StatisticsError:
        return None
