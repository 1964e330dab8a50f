"""Receipts of turns, for the tests of tuning."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from greenroom.model import (
    Attempt,
    ChannelId,
    CharacterId,
    Decision,
    Metrics,
    PersonId,
    Receipt,
    Turn,
    TurnId,
    TurnRequest,
    TurnState,
    Verdict,
    Violation,
)

BEGUN = datetime(2026, 1, 1, 11, tzinfo=UTC)
CHOSEN = Decision(complexity="low", score=0.1, reasons=(), route="local", model="ollama/small", id="d1")


def receipt(
    turn_id: str,
    *drafts: Iterable[str],
    character: str = "Peter",
    reply: str | None = "Holy crap.",
    state: TurnState = "answered",
    score: float | None = 60.0,
) -> Receipt:
    """A turn that took two seconds. Each of `drafts` names the rules that this draft broke."""
    turn = Turn(
        id=TurnId(turn_id),
        position=0,
        channel_id=ChannelId("den"),
        character=CharacterId(character.casefold()),
        character_name=character,
        user_id=PersonId("ann"),
        user_name="Ann",
        message_type="direct",
        input_text="Well?",
        reply=reply,
        state=state,
        begun_at=BEGUN,
        ended_at=None if state == "begun" else BEGUN + timedelta(seconds=2),
        quality_score=score,
    )
    request = TurnRequest(character_name=character, input_text="Well?", channel_id="den")
    attempts = tuple(_attempt(number, rules) for number, rules in enumerate(drafts, start=1))
    return Receipt(turn=turn, request=request, attempts=attempts)


def routed(turn_id: str, *drafts: list[str], model: str = "ollama/small", decision: Decision = CHOSEN) -> Receipt:
    """A turn whose model the routing chose; the last of its drafts was said."""
    made = receipt(turn_id, *drafts)
    attempts = [a.model_copy(update={"model": model, "decision": decision}) for a in made.attempts]
    return made.model_copy(update={"attempts": tuple(attempts), "chosen_attempt": len(attempts)})


def _attempt(number: int, rules: Iterable[str]) -> Attempt:
    verdict = Verdict(
        overall_score=60,
        quality_check_passed=not rules,
        adaptive_threshold=30,
        conversation_state="cold",
        metrics=Metrics(),
        violations=tuple(Violation(rule=rule, severity="minor") for rule in rules),
    )
    return Attempt(number=number, stage="standard", verdict=verdict)
