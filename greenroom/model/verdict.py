"""What quality control says of a reply."""

from typing import Literal

from pydantic import Field

from greenroom.model.value import Key, Name, Value

Severity = Literal["critical", "minor"]


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
    """The five components, each 0–100."""

    authenticity: float = 0.0
    conversation_flow: float = 0.0
    engagement: float = 0.0
    anti_hallucination: float = 0.0
    anti_toxicity: float = 0.0


class Verdict(Value):
    """The judgement. `overall_score` and `adaptive_threshold` are 0–100; `signals` are the measurements behind them."""

    overall_score: float
    quality_check_passed: bool
    adaptive_threshold: float
    conversation_state: Literal["cold", "warm", "hot"]
    metrics: Metrics
    violations: tuple[Violation, ...] = ()
    recommendations: tuple[str, ...] = ()
    signals: dict[str, float] = {}
    stopped_early: bool = False


class QualityConfig(Value):
    """Weights and thresholds in force."""

    weights: dict[str, float]
    thresholds: dict[str, float]
    organic_penalty: float
    warm_after: int
    hot_after: int


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
