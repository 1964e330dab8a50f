"""Does the line follow from what was said?"""

from greenroom.quality.component import Component, Evidence, Features, clamp, share
from greenroom.quality.draft import Draft
from greenroom.quality.length import excess
from greenroom.quality.phrases import ANSWER, EVASION, GREETING
from greenroom.text import sentences, shingles, words

RECENT_LINES, LATE_LINES = 4, 4
_HEARD_LINES, _OLD_NEWS, _SHORTEST_NEWS = 6, 0.5, 4
_SHORTEST_NAME = 3
_DENIALS = frozenset({"not", "no", "never", "don't", "can't", "won't", "didn't", "isn't", "wasn't", "nothing", "none"})


def measure(evidence: Evidence) -> Features:
    """What is taken up, who is addressed, what is repeated, what does not fit this place."""
    draft = evidence.draft
    recent = {topic for line in draft.lines[-RECENT_LINES:] for topic in line.topics}
    newest = draft.answered.topics if draft.answered else frozenset()
    topics = draft.topics
    return {
        "takes_up": clamp(len(topics & newest) / 2),
        "stays_with_it": share(len(topics & recent), len(topics)) * (2 if draft.organic else 1),
        "addresses": float(draft.names_others(draft.text)),
        "addresses_last": _addresses_last(draft),
        "evades": float(bool(EVASION.search(draft.spoken))),
        "denies": clamp(5 * share(sum(token in _DENIALS for token in draft.tokens), len(draft.tokens))),
        "near_the_last_line": evidence.closeness.get("near_the_last_line", 0.0),
        "answers": _answers(draft, topics & newest),
        "gives_back": _given_back(draft),
        "tells_again": _tells_again(draft),
        "says_again": clamp(draft.said_before / 0.4 - 0.75),
        "same_sentence": clamp(_known_sentences(draft)),
        "same_opening": _same_opening(draft),
        "greets_late": float(_greets_late(draft)),
        "unrelated": float(draft.organic and bool(recent) and not topics & recent),
        "monologue": excess(draft, evidence.profile),
    }


COMPONENT = Component(
    name="conversation_flow",
    measure=measure,
    advice={
        "evades": "Say something definite; do not evade the question.",
        "answers": "Answer the question that was just asked.",
        "gives_back": "Do not give back the words of the last message; answer them.",
        "tells_again": "Somebody has just told that; say something of your own about it.",
        "says_again": "Do not say again what you said before.",
        "same_sentence": "Do not reuse a whole sentence of an earlier line.",
        "same_opening": "Begin differently from your earlier lines.",
        "greets_late": "The conversation is under way; do not greet.",
        "unrelated": "Take up what the others were just talking about.",
        "monologue": "Leave room for the others; say less.",
    },
    faults={
        "gives_back": "echo",
        "tells_again": "old_news",
        "says_again": "repetitive",
        "same_sentence": "repetitive",
        "greets_late": "greets_late",
        "unrelated": "unrelated",
    },
)


def _addresses_last(draft: Draft) -> float:
    """Whether the reply has the name of the one who spoke last, or a part of it."""
    last = draft.answered
    parts = set(words(last.author)) if last and not last.own else set()
    return float(any(len(part) >= _SHORTEST_NAME and part in draft.tokens for part in parts))


def _answers(draft: Draft, shared: frozenset[str]) -> float:
    """After a question: 1 when it seems to be answered, -1 when not; 0 where none was asked."""
    if not draft.is_asked:
        return 0.0
    return 1.0 if shared or ANSWER.match(draft.spoken) else -1.0


def _given_back(draft: Draft) -> float:
    """The share of the reply's word pairs that stand in the last message."""
    if draft.answered is None or draft.answered.own or len(draft.tokens) < 4:
        return 0.0
    pairs = shingles(draft.tokens, 2)
    return max(0.0, share(len(pairs & shingles(draft.answered.tokens, 2)), len(pairs)) - 0.5)


def _tells_again(draft: Draft) -> float:
    """How far the reply tells what another has just told: 0 up to half of its content words, 1 for all of them.

    A question may be answered in its own words.
    """
    if len(draft.topics) < _SHORTEST_NEWS:
        return 0.0
    told = [line for line in draft.other_lines[-_HEARD_LINES:] if not (draft.is_asked and line is draft.answered)]
    closest = max((share(len(draft.topics & line.topics), len(draft.topics)) for line in told), default=0.0)
    return clamp((closest - _OLD_NEWS) / (1 - _OLD_NEWS))


def _known_sentences(draft: Draft) -> int:
    earlier = {tuple(words(s)) for line in draft.fresh_lines for s in sentences(line.text)}
    return sum(tuple(found) in earlier for s in draft.sentences if len(found := words(s)) >= 4)


def _same_opening(draft: Draft) -> float:
    opening = draft.tokens[:3]
    earlier = [line.tokens[:3] for line in draft.own_lines[-6:]]
    return clamp(earlier.count(opening) / 2) if len(opening) == 3 else 0.0


def _greets_late(draft: Draft) -> bool:
    if not draft.own_lines or len(draft.lines) < LATE_LINES or not GREETING.match(draft.spoken):
        return False
    return draft.answered is None or not GREETING.match(draft.answered.text)
