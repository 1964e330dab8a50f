"""What kind of question a prompt asks, in which time, and what form of answer it wants."""

from collections.abc import Sequence

from greenroom.llm.similar.lexicon.listing import listed
from greenroom.llm.similar.lexicon.wishes import COMMANDS, FORMS, HOW_MUCH, OPENERS, TIMES
from greenroom.llm.similar.reading import Reading

_ASKING = frozenset(listed("who whom whose what which when where why how"))
_PAST = frozenset(listed("did was were had"))
_FUTURE = frozenset(listed("will shall"))
_PRESENT = frozenset(listed("is are am do does has have"))
_ASKS_FOR = {
    "when": frozenset(listed("time times date dates day days year month week hour hours deadline schedule")),
    "where": frozenset(listed("place places location address city country town area part site website street room")),
}
"""Words by which `what` may ask for the same as another word."""
_ANY_ANSWER = frozenset({"what", "statement", "command"})
_CAN = frozenset(listed("can could may might able possible allow allowed permitted"))
_MUST = frozenset(listed("must need required obliged mandatory compulsory"))
_SHOULD = frozenset(listed("should ought supposed better"))


def kind_of(reading: Reading) -> str:
    """`who`, `when`, `how`, `how much`...; `what` for the rest of these; `whether`, `command`, or `statement`."""
    words = [token.word for token in reading.tokens]
    for place, word in enumerate(words):
        if word in _ASKING and _opens(words, place):
            return _kind(words, place)
    opening = next((word for word in words if word not in {"and", "or", "but", "then", "not"}), "")
    if opening in OPENERS or ("?" in reading.text and any(word in OPENERS for word in words)):
        return "whether"
    return "command" if opening in COMMANDS else "statement"


def _opens(words: Sequence[str], place: int) -> bool:
    """Whether a question begins here, and not a clause inside one: `the day when`, `is that who`."""
    if place == 0:
        return True
    asks = words[place + 1 : place + 2] and words[place + 1] in OPENERS
    return words[0] not in OPENERS and (words[place] in {"how", "why", "what"} or place == 1 or bool(asks))


def _kind(words: Sequence[str], place: int) -> str:
    word, follows = words[place], words[place + 1] if place + 1 < len(words) else ""
    if word == "how":
        return "why" if follows == "come" else f"how {follows}" if follows in HOW_MUCH else "how"
    if word in {"what", "which"}:
        return "when" if follows in TIMES or words[place - 1 : place] == ["by"] else "what"
    return {"whom": "who", "whose": "who"}.get(word, word)


def kinds_agree(a: str, b: str, words: frozenset[str]) -> bool:
    """Whether questions of these kinds may have the same answer. `words` are those of both."""
    if a == b:
        return True
    if "whether" in {a, b}:
        return False
    asked_for = next((_ASKS_FOR[kind] for kind in (a, b) if kind in _ASKS_FOR), None)
    if asked_for is not None and "what" in {a, b}:
        return bool(words & asked_for)
    return bool({a, b} & _ANY_ANSWER)


def time_of(reading: Reading) -> str:
    """`past`, `future` or `present`, by the auxiliary verbs; nothing without any."""
    words = [token.word for token in reading.tokens]
    if ("going" in words and words[words.index("going") + 1 :][:1] == ["to"]) or reading.words & _FUTURE:
        return "future"
    if reading.words & _PAST or "ago" in reading.words:
        return "past"
    return "present" if reading.words & _PRESENT else ""


def force_of(reading: Reading) -> frozenset[str]:
    """Whether it asks what can, must or should be. For questions that are answered with yes or no."""
    groups = {"can": _CAN, "must": _MUST, "should": _SHOULD}
    return frozenset(name for name, words in groups.items() if reading.words & words)


def form_of(reading: Reading) -> frozenset[str]:
    """The form in which an answer is wanted, if any is named."""
    return frozenset(FORMS[word] for word in reading.words if word in FORMS)
