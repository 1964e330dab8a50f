"""The receipt behind a line: what was asked of the model, what came, and how it was judged."""

from collections.abc import Mapping

from nicegui import ui

from greenroom.model import (
    Attempt,
    Character,
    Decision,
    Level,
    Metrics,
    Passage,
    Reason,
    Receipt,
    Step,
    Turn,
    TurnId,
    TurnRef,
    Verdict,
)
from greenroom.ports import Turns
from greenroom.web.cause import why_it_spoke
from greenroom.web.correction import Correction
from greenroom.web.figures import bar, facts
from greenroom.web.look import box, button, icon_button, text

_COMPONENTS = {
    "authenticity": "Sounds like the character",
    "conversation_flow": "Follows from what was said",
    "engagement": "Invites an answer",
    "anti_hallucination": "Keeps to what is known",
    "anti_toxicity": "Fit for company",
}
assert set(_COMPONENTS) == set(Metrics.model_fields)

_STEPS = {
    "characters.optimized_prompt": "Preparing the part",
    "retriever.retrieve": "Looking up what is known",
    "llm.chat": "Writing",
    "quality.analyze": "Judging",
    "tuning.optimize_prompt": "Asking what would help",
    "world.panel": "Asking how things stand",
}

_HARD: dict[Level, str] = {"low": "easy", "medium": "neither easy nor hard", "high": "hard"}

_STAGES = {"optimised": "with advice from earlier lines", "particular": "with the character's own guidance"}

_HOW_SCORED = (
    "The score is the chance in percent that a person accepts the line; 0 where a hard rule is broken. It comes from "
    "the text, the character's sheet, the conversation and what is known. Each part is the chance of a line that is "
    "usual in all others. The longer a conversation, the higher the score that is needed."
)


_REDACTED = (
    "A line that the model was shown was changed or deleted since, so only the figures of this receipt are left."
)


class ReceiptDialog:
    """A dialog that explains one line at a time."""

    def __init__(self, turns: Turns, correction: Correction) -> None:
        self._turns = turns
        self._correction = correction
        self.cast: Mapping[str, Character] = {}
        with ui.dialog() as self._dialog, box("g-sheet", testid="receipt") as self._sheet:
            pass
        self._sheet.props["role"] = "document"

    async def open(self, turn_id: TurnId) -> None:
        """Show the receipt of a turn. Raises: UnknownTurn."""
        receipt = await self._turns.explain(TurnRef(id=turn_id))
        self._sheet.clear()
        with self._sheet:
            self._head(receipt)
            with box("g-sheet-body"):
                _why(receipt, self._witnesses(receipt.turn))
                self._correction.draw(receipt.turn, self.cast.values())
                _how(receipt)
        self._dialog.open()

    def _head(self, receipt: Receipt) -> None:
        with box("g-sheet-head"):
            text(f"Why {receipt.turn.character_name} said this", tag="h2")
            button("Copy", lambda: _copy(receipt), testid="copy")
            icon_button("close", "Close", self._dialog.close, testid="close")

    def _witnesses(self, turn: Turn) -> str:
        """Who was there, by name."""
        if turn.present is None:
            return "the whole cast"
        return ", ".join(self.cast[id_].name if id_ in self.cast else id_ for id_ in turn.present)


def _copy(receipt: Receipt) -> None:
    ui.clipboard.write(receipt.model_dump_json(indent=2))
    ui.notify("The whole receipt is on the clipboard, as JSON.", position="top", classes="g-notice")


def _why(receipt: Receipt, witnesses: str) -> None:
    """What there is to know at a glance, and why it was this character that spoke."""
    text(_in_short(receipt), "g-lead", testid="in-short")
    if receipt.redacted:
        text(_REDACTED, "g-dim", testid="redacted")
    _summary(receipt, witnesses)
    if receipt.request and receipt.request.cause:
        _heading(f"Why {receipt.turn.character_name} spoke at all")
        facts(why_it_spoke(receipt.request.cause))


def _how(receipt: Receipt) -> None:
    """How the line was made and judged."""
    if any(attempt.verdict for attempt in receipt.attempts):
        _heading("How the drafts were judged")
        text(_HOW_SCORED, "g-dim")
    for attempt in receipt.attempts:
        _attempt(attempt, attempt.number == receipt.chosen_attempt)
    _knowledge(receipt)
    if receipt.guidance:
        _heading("Guidance in the prompt")
        with box("", "ul"):
            for line in receipt.guidance:
                text(line, tag="li")
    _steps(receipt.steps)
    _prompt(receipt)
    facts({"Sheet version": receipt.prompt_version, "Trace": receipt.turn.trace_id})


def _knowledge(receipt: Receipt) -> None:
    """What the model was shown of what is known, and what it was not."""
    if receipt.passages:
        _heading(f"What {receipt.turn.character_name} knew")
    for passage in receipt.passages:
        _passage(passage, f"relevance {passage.relevance_score:.2f}", passage.reason)
    if receipt.passages_cut:
        _heading("What came near, and was left out")
    for passage in receipt.passages_cut:
        _passage(passage, f"left out at relevance {passage.relevance_score:.2f}", passage.reason)


def _in_short(receipt: Receipt) -> str:
    """The whole story in a sentence or two."""
    turn, drafts = receipt.turn, len(receipt.attempts)
    who = "The understudy, which is not a language model," if receipt.stand_in else receipt.model or "No model"
    if turn.state == "failed":
        return f"There is no answer: {turn.error or 'every draft failed.'}"
    if turn.state != "answered":
        return "There is no answer: it is still being written, or it was called off."
    wrote = f"{who} wrote this line for {turn.character_name}"
    count = "in one go" if drafts == 1 else f"in {drafts} drafts, of which the best was said"
    knew = len(receipt.passages)
    known = f", with {knew} piece{'s' if knew > 1 else ''} of the character's knowledge at hand" if knew else ""
    return f"{wrote}, {count}{known}."


def _summary(receipt: Receipt, witnesses: str) -> None:
    turn = receipt.turn
    seconds = (turn.ended_at - turn.begun_at).total_seconds() if turn.ended_at else None
    chosen = next((a for a in receipt.attempts if a.number == receipt.chosen_attempt), None)
    told = {
        "Model": (receipt.model or "none") + (" (stand-in, not a language model)" if receipt.stand_in else ""),
        "Time": "not finished" if seconds is None else f"{seconds:.2f} s",
        "Score": _score_of(turn.quality_score, chosen.verdict if chosen else None),
        "Drafts": str(len(receipt.attempts)),
        "Conversation": f"{receipt.conversation_state or 'new'}; {receipt.history_used} earlier lines in the prompt",
        "Chosen": _chosen_because(chosen.decision) if chosen and chosen.decision else "",
        "Cost": "" if receipt.cost is None else f"${receipt.cost:.6f}" if receipt.cost else "nothing",
        "Cache": "" if chosen is None or chosen.cache_tier == "none" else chosen.cache_tier,
        "Witnessed by": witnesses + ("" if turn.place == "channel" else f" ({turn.place})"),
        "Failed": turn.error or "",
    }
    facts(told)


def _chosen_because(decision: Decision) -> str:
    """Why this model was asked, where the settings leave that open."""
    why = f"the request was thought {_HARD[decision.complexity]} ({decision.score:.2f}): {'; '.join(decision.reasons)}"
    return why + (f"; done without: {'; '.join(decision.degraded)}" if decision.degraded else "")


def _score_of(score: float | None, verdict: Verdict | None) -> str:
    if score is None:
        return "none"
    return f"{score:.0f} of 100" + (f"; {verdict.adaptive_threshold:.0f} were needed" if verdict else "")


def _heading(words: str) -> None:
    text(words, tag="h3")


def _attempt(attempt: Attempt, chosen: bool) -> None:
    title = f"Draft {attempt.number}" + (" – this one was said" if chosen else "")
    with box("g-attempt" + (" g-chosen" if chosen else ""), "section", "attempt"):
        with box("g-attempt-head"):
            text(title, tag="h3")
            text(_timing(attempt), "g-dim", "span")
        if attempt.error:
            text(attempt.error, "g-problem")
        if attempt.draft:
            text(attempt.draft, "g-quote")
        if attempt.verdict:
            _verdict(attempt.verdict)


def _timing(attempt: Attempt) -> str:
    parts = [attempt.model, _STAGES.get(attempt.stage, ""), f"written in {attempt.generation_s:.2f} s"]
    if attempt.first_token_s is not None:
        parts.append(f"first word after {attempt.first_token_s:.2f} s")
    if attempt.usage and attempt.usage.completion_tokens is not None:
        parts.append(f"{attempt.usage.completion_tokens} tokens")
    return " · ".join(filter(None, parts))


def _verdict(verdict: Verdict) -> None:
    passed = (
        "let through unseen" if verdict.unfiltered else "passed" if verdict.quality_check_passed else "did not pass"
    )
    text(f"{verdict.overall_score:.0f} of 100, {passed} (threshold {verdict.adaptive_threshold:.0f})", "g-strong")
    with box("g-bars"):
        for key, label in _COMPONENTS.items():
            score = float(getattr(verdict.metrics, key))
            text(label, "g-dim", "span")
            with box("g-bar", testid=f"bar-{key}") as made:
                box("g-bar-fill").style(f"width: {max(0.0, min(100.0, score)):.0f}%")
            made.props["aria-hidden"] = "true"
            text(f"{score:.0f}", "g-number", "span")
    if verdict.reasons:
        text(f"What weighed most: {', '.join(map(_in_words, verdict.reasons))}", "g-dim", testid="reasons")
    for violation in verdict.violations:
        with box(f"g-violation g-{violation.severity}", testid="violation"):
            text(violation.rule.replace("_", " "), "g-strong", "span")
            text(" – ".join(filter(None, (violation.detail, violation.advice))), tag="span")


def _in_words(reason: Reason) -> str:
    """A measurement by name, and what it added to the log odds."""
    return f"{reason.signal.replace('_', ' ')} {reason.effect:+.1f}"


def _passage(passage: Passage, how: str, why: str) -> None:
    with box("g-passage", testid="passage"):
        text(" · ".join(filter(None, (passage.title, passage.source))), "g-strong")
        text(how + (f": {why}" if why else ""), "g-dim")
        text(passage.content, "g-quote")
        if passage.url.startswith(("https://", "http://")):  # a page may claim any address, a script's too
            ui.link("Read on", passage.url, new_tab=True).props('rel="noopener noreferrer nofollow"')


def _steps(steps: tuple[Step, ...]) -> None:
    if not steps:
        return
    _heading("Where the time went")
    longest = max(step.seconds for step in steps) or 1.0
    with box("g-bars g-steps"):
        for step in steps:
            outcome = "" if step.outcome == "ok" else f" ({step.outcome})"
            verb = f"{step.service}.{step.verb}"
            text(_STEPS.get(verb, verb) + outcome, "g-dim", "span").props["title"] = verb
            bar(step.seconds / longest)
            text(f"{1000 * step.seconds:.1f} ms", "g-number", "span")


def _prompt(receipt: Receipt) -> None:
    shown = next((a for a in receipt.attempts if a.number == receipt.chosen_attempt), None)
    shown = shown or (receipt.attempts[-1] if receipt.attempts else None)
    if shown is None or not shown.prompt:
        return
    with box("g-prompt", "details", "prompt"):
        text("The whole prompt, as it was sent", tag="summary")
        for message in shown.prompt:
            text(message.role, "g-strong")
            text(message.content, "g-quote g-code")
