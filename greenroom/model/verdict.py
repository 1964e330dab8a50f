"""What quality control says of a reply."""

from typing import Literal

from pydantic import Field

from greenroom.model.value import Key, Name, Value

Severity = Literal["critical", "minor"]
ConversationState = Literal["cold", "warm", "hot"]


class Spoken(Value):
    """A line of the conversation as quality control needs it."""

    author: str = Field(max_length=200)
    content: str


class AnalyzeRequest(Value):
    """A reply to be judged, with the conversation before it (oldest first) and the passages it could draw on.

    `conversation_history` may be longer than what is read: the last 50 lines count.
    """

    response: str = Field(max_length=100_000)
    character: Name
    conversation_id: Key | Literal[""] = ""
    conversation_history: tuple[Spoken, ...] = Field((), max_length=10_000)
    context: tuple[str, ...] = ()
    last_speaker: str | None = Field(None, max_length=200)
    message_type: Literal["direct", "organic"] = "direct"
    system_prompt: str = ""


class Violation(Value):
    """A rule that the reply breaks. `advice` tells the next attempt how to do better."""

    rule: str
    severity: Severity
    detail: str = ""
    advice: str = ""


class Metrics(Value):
    """The five components, each 0–100: the chance of a line that is usual in the other four."""

    authenticity: float = 0.0
    conversation_flow: float = 0.0
    engagement: float = 0.0
    anti_hallucination: float = 0.0
    anti_toxicity: float = 0.0


class Reason(Value):
    """What a measurement adds to the log odds of a line, above (or below) what is usual. The heaviest come first."""

    signal: str
    component: str
    effect: float


class Verdict(Value):
    """The judgement. `overall_score` is the chance in percent that a person accepts the line, 0 where a hard rule is
    broken; `adaptive_threshold` is on the same scale. `signals` are the measurements, `reasons` the weightiest of them.

    `unfiltered` says that it was let through unseen, as one of a few by which the check itself is checked.
    """

    overall_score: float
    quality_check_passed: bool
    adaptive_threshold: float
    conversation_state: ConversationState
    metrics: Metrics
    violations: tuple[Violation, ...] = ()
    recommendations: tuple[str, ...] = ()
    signals: dict[str, float] = {}
    reasons: tuple[Reason, ...] = ()
    stopped_early: bool = False
    unfiltered: bool = False


class FeatureWeight(Value):
    """What a unit of a feature is worth in log odds, above what is `usual` of it in a good line."""

    weight: float
    usual: float


class Figures(Value):
    """How well scores told lines that people accept from others. `auc` 0–1, `correlation` -1–1 (Pearson).

    None stands for what cannot be told: too few lines, or all of one kind. `dated` is the day of a measurement, or the
    days of the first and the last opinion.
    """

    name: str
    lines: int
    auc: float | None = None
    correlation: float | None = None
    dated: str = ""
    how: str = ""


class Bar(Value):
    """The threshold in force for a character at a stage of conversations, and where it began.

    `drafts` have moved it so far. A bar that is `clamped` would go further if it might: the scores have drifted.
    """

    character: str
    state: ConversationState
    threshold: float
    starting: float
    drafts: int = 0
    clamped: bool = False


class ScoreCard(Value):
    """What is known of the scorer itself: figures on development data, and on the owner's own ratings, newest state."""

    fitted: str
    lines: int
    development: tuple[Figures, ...] = ()
    own: Figures
    ratings_learnt: int = 0


class QualityConfig(Value):
    """Weights and thresholds in force, and the scorer's card. `features` are the weights of a line's measurements."""

    weights: dict[str, float]
    thresholds: dict[str, float]
    organic_penalty: float
    warm_after: int
    hot_after: int
    features: dict[str, FeatureWeight] = {}
    bars: tuple[Bar, ...] = ()
    card: ScoreCard | None = None


class ConversationAnalysisRequest(Value):
    """Which conversation to describe: its recorded verdicts, newest last."""

    conversation_id: Key
    limit: int = Field(50, ge=1, le=1000)


class ConversationAnalysis(Value):
    """How a conversation has gone by the verdicts of its replies."""

    conversation_id: str
    replies: int = 0
    passed: int = 0
    average_score: float | None = None
    scores: tuple[float, ...] = ()
    violations: dict[str, int] = {}
