"""The scorer's card: what it weighs, and how well it did, on development data and on the owner's own ratings."""

from importlib.resources import files

import msgspec

from greenroom.config import QualitySettings
from greenroom.model import Figures, ScoreCard
from greenroom.quality.acceptance import Weights


class _Development(msgspec.Struct, frozen=True):
    """The file of figures that were typed in after a measurement."""

    figures: list[dict[str, str | int | float | None]]


def card_of(weights: Weights, own: Figures, ratings: int) -> ScoreCard:
    """The card as it stands. Reads a file."""
    text = files("greenroom.quality").joinpath("development.json").read_bytes()
    measured = msgspec.json.decode(text, type=_Development).figures
    return ScoreCard(
        fitted=weights.fitted,
        lines=weights.lines,
        development=tuple(Figures.model_validate(figures) for figures in measured),
        own=own,
        ratings_learnt=ratings,
    )


def weights_of(settings: QualitySettings) -> dict[str, float]:
    """What each component counts, by the settings."""
    return {
        "authenticity": settings.authenticity,
        "conversation_flow": settings.conversation_flow,
        "engagement": settings.engagement,
        "anti_hallucination": settings.anti_hallucination,
        "anti_toxicity": settings.anti_toxicity,
    }


def emphasis_of(settings: QualitySettings) -> dict[str, float]:
    """By how much each component counts more than in the weights that were fitted, which had the settings' defaults."""
    fitted = weights_of(QualitySettings())
    return {name: weight / fitted[name] for name, weight in weights_of(settings).items()}
