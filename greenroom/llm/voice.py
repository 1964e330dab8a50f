"""Turning sentences round, so that they fit the mouth of another speaker. English, by rule."""

import re

from greenroom.text import COMMON_WORDS

_TO_HEARER = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "am": "are", "i'm": "you're",
    "i've": "you've", "i'll": "you'll", "i'd": "you'd", "we": "you", "us": "you", "our": "your", "ours": "yours",
    "we're": "you're", "we've": "you've", "we'll": "you'll", "we'd": "you'd", "ourselves": "yourselves",
}  # fmt: skip
_TO_SPEAKER = {
    "your": "my", "yours": "mine", "yourself": "myself", "you're": "I'm", "you've": "I've", "you'll": "I'll",
    "you'd": "I'd",
}  # fmt: skip
_BASES = {
    "is": "am", "was": "was", "has": "have", "does": "do", "goes": "go", "isn't": "am not", "doesn't": "don't",
    "hasn't": "haven't",
}  # fmt: skip
_NOT_VERBS = {"this", "always", "sometimes", "his", "its", "perhaps", "besides", "as", "us", "thus", "plus", "yes"}
_AUXILIARY = {
    "am", "are", "is", "was", "were", "can", "could", "will", "would", "shall", "should", "must", "may", "might",
    "do", "did", "have", "had", "never", "always", "only", "also", "still", "once", "often",
}  # fmt: skip
_PAST = "was|had|is|has|can|could|will|would|did|does|went|took|gave|kept|came|saw|made|found|lost|built|wrote|knows"
_OPENING_WORDS = {
    "the", "a", "an", "it", "its", "he", "she", "they", "his", "her", "their", "this", "that", "these", "those",
    "there", "in", "on", "at", "after", "before", "when", "while", "during", "since", "every", "each", "some", "my",
    "you", "your", "we", "our", "no", "not", "nobody", "if", "because", "and", "but", "so", "what", "who", "where",
}  # fmt: skip
_RELATIVE = re.compile(
    r"[;:]|\. |,?\s(?:and says|and is|(?:to |with |for |of )?(?:who|whom|whose|which|when|that))\b|\shas been\b"
)
_MOST_WORDS = 7
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_FEELING = re.compile(
    r"^(love|like|adore|hate|loathe|fear|despise|trust|respect|envy|tolerate|admire|resent|miss|enjoy|ignore|want|need"
    r"|protect|avoid|mock|owe|pity|distrust|worship|consider|call|see|treat|find|think|believe|know|get|share)(e?s)?\b"
)
_STATE = re.compile(
    r"^(fond|afraid|scared|jealous|proud|wary|suspicious|tired|terrified|sick|devoted|loyal|close|in love|indifferent"
    r"|grateful|protective|curious|annoyed|hostile|polite|friendly)\b"
)


def mirrored(clause: str) -> str:
    """What somebody said of themselves, said back to them: "I sold my boat" becomes "you sold your boat"."""
    turned = _WORD.sub(lambda m: _TO_HEARER.get(m[0].casefold().replace("’", "'"), m[0]), clause)
    return re.sub(r"\byou was\b", "you were", turned)


def as_own(sentence: str, names: tuple[str, ...]) -> str:
    """A sentence about the character, addressed or by name, as the character would say it of themselves."""
    sentence = _second_to_first(sentence) if re.search(r"\b[Yy]ou(?:r|'re)?\b", sentence) else sentence
    for name in sorted(names, key=len, reverse=True):
        sentence = _third_to_first(sentence, name)
    return capitalised(sentence)


def feeling(who: str, how: str) -> str:
    """What the character feels for somebody, as a sentence; `how` comes from a sheet in whatever form."""
    how = _RELATIVE.split(how.strip(" ."))[0].strip(" ,")
    clauses = how.split(", ")
    while len(clauses) > 1 and len(", ".join(clauses).split()) > _MOST_WORDS:
        clauses.pop()
    how = ", ".join(clauses) if len(", ".join(clauses).split()) <= _MOST_WORDS + 3 else ""
    if not how:
        return ""
    how = (
        _second_to_first(how) if re.search(r"\byou", how, re.IGNORECASE) else re.sub(r"^(?:his|her|their)\b", "my", how)
    )
    lowered = how[:1].lower() + how[1:]
    if verb := _FEELING.match(lowered):
        return f"{who}? I {verb[1]}{lowered[verb.end() :]}."
    if _STATE.match(lowered):
        return f"{who}? I'm {lowered}."
    return f"{who}? {capitalised(how)}."


def lowered(sentence: str) -> str:
    """The sentence with a small first letter, where that letter is not part of a name."""
    first = re.split(r"[\s,.!?'’]", sentence, maxsplit=1)[0].casefold()
    small = first != "i" and (first in _OPENING_WORDS or first in COMMON_WORDS)
    return sentence[:1].lower() + sentence[1:] if small else sentence


def capitalised(sentence: str) -> str:
    """The sentence with a capital first letter."""
    return sentence[:1].upper() + sentence[1:]


def starts_mid_sentence(text: str, place: int) -> bool:
    """Whether a word put in at this place stands inside a sentence, not at its beginning."""
    before = text[:place].rstrip()
    return bool(before) and before[-1] not in ".!?…"


def _second_to_first(text: str) -> str:
    text = re.sub(r"\b([Yy])ou are\b", "I am", text)
    text = re.sub(r"\b([Yy])ou were\b", "I was", text)
    text = re.sub(r"\bare you\b", "am I", text)
    text = _WORD.sub(lambda m: _TO_SPEAKER.get(m[0].casefold().replace("’", "'"), m[0]), text)
    return re.sub(r"(^|\W)([Yy]ou)\b(?=(\s+\w+)?)", _subject_or_object, text)


def _subject_or_object(match: re.Match[str]) -> str:
    before, follows = match[1], match[3]
    starts = match[2] == "You" or before in {"", ",", ";"}
    text = match.string[: match.start(2)].rstrip()
    joins = re.search(r"(?:^|[,;.:]|\b(?:that|and|but|when|if|because|which|what|who|where|how|than|as|while))$", text)
    return f"{before}{'I' if follows and (starts or joins) else 'me'}"


def _third_to_first(sentence: str, name: str) -> str:
    named = re.escape(name)
    subject = rf"(?<![\w&]){named}\s+((?:never|always|often|also|still|once|only)\s+)?([a-z']+(?:s|ed)|{_PAST})\b"
    turned = re.sub(subject, lambda m: f"I {m[1] or ''}{_first_person(m[2])}", sentence)
    if turned.startswith("I "):
        turned = re.sub(r"\b(his|her|their|himself|herself)\b", _mine_if_alone, turned)
    turned = re.sub(rf"\b{named}['’]s\b", "my", turned)
    return re.sub(rf"(?<=[a-z] )\b{named}\b(?!\s+[A-Z])(?!,? and\b)", "me", turned)


def _mine_if_alone(match: re.Match[str]) -> str:
    """`my`, unless somebody else was named before."""
    if re.search(r"\s(?!I\b)[A-Z]\w+", match.string[: match.start()]):
        return match[0]
    return "myself" if match[0].endswith("self") else "my"


def _first_person(verb: str) -> str:
    if verb in _BASES:
        return _BASES[verb]
    if verb in _AUXILIARY or verb in _NOT_VERBS or not verb.endswith("s") or verb.endswith("ss"):
        return verb
    if verb.endswith("ies"):
        return f"{verb[:-3]}y"
    return verb[:-2] if verb.endswith(("ches", "shes", "sses", "xes", "zzes")) else verb[:-1]
