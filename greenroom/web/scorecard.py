"""What quality control knows of itself, for the panel behind the scenes: how well it tells good lines, and its bars."""

from greenroom.model import Bar, Figures, QualityConfig
from greenroom.web.look import box, text

_CLAMPED = " It is at the end of its reach: scores have drifted, look at the model and the sheet."


def scorecard(config: QualityConfig) -> None:
    """Draw the card and the bars that have moved."""
    card = config.card
    if card is None:
        return
    with box(testid="scorecard"):
        text("How drafts are judged", tag="h3")
        text(f"A score is the chance in percent that a person accepts a line. Fitted on {card.fitted}.", "g-dim")
        for figures in (*card.development, card.own):
            text(_in_words(figures), testid="figures")
        for bar in config.bars:
            text(_of_bar(bar), "g-problem" if bar.clamped else "g-dim", testid="bar")


def _in_words(figures: Figures) -> str:
    found = [f"AUC {figures.auc:.2f}"] if figures.auc is not None else []
    found += [f"correlation {figures.correlation:.2f}"] if figures.correlation is not None else []
    said = ", ".join(found) or "too few to say"
    return f"{figures.name}: {said} ({', '.join(filter(None, (f'{figures.lines} lines', figures.dated)))})"


def _of_bar(bar: Bar) -> str:
    where = f"{bar.character}, {bar.state} conversations: {bar.threshold:.0f} of 100 needed"
    return f"{where}, {bar.starting:.0f} at first; {bar.drafts} drafts." + (_CLAMPED if bar.clamped else "")
