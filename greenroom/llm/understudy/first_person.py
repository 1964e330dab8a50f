"""Sentences about the character, turned into what it would say of itself. English, by rule.

A sentence that the rules would mix up (a `his` that may be another's, a verb that they cannot bend) is given up.
"""

import re

from greenroom.llm.understudy.voice import capitalised

_TO_SPEAKER = {
    "your": "my", "yours": "mine", "yourself": "myself", "you're": "I'm", "you've": "I've", "you'll": "I'll",
    "you'd": "I'd",
}  # fmt: skip
_OF_ONE = {
    "his": "my", "her": "my", "their": "my", "him": "me", "himself": "myself", "herself": "myself", "he": "I",
    "she": "I", "he's": "I'm", "she's": "I'm", "he'd": "I'd", "she'd": "I'd",
}  # fmt: skip
_BASES = {
    "is": "am", "was": "was", "has": "have", "does": "do", "goes": "go", "isn't": "am not", "doesn't": "don't",
    "hasn't": "haven't",
}  # fmt: skip
_NOT_VERBS = frozenset({
    "this", "always", "sometimes", "his", "its", "perhaps", "besides", "as", "us", "thus", "plus", "yes", "needs",
})  # fmt: skip
_AUXILIARY = frozenset({
    "am", "are", "was", "were", "can", "could", "will", "would", "shall", "should", "must", "may", "might", "do",
    "did", "have", "had", "never", "always", "only", "also", "still", "once", "often", "usually", "seldom",
})  # fmt: skip
_PAST = (
    "was|had|is|has|can|could|will|would|did|does|went|took|gave|kept|came|saw|made|found|lost|built|wrote|knows|won"
)
_NO_VERB = (
    r"and|or|of|in|on|at|to|with|for|by|from|as|who|whom|which|that|when|while|but|the|a|an|about|into|over|than|after"
    r"|before|back|not|nor"
)
_ADVERB = r"(?:never|always|often|also|still|once|only|usually|seldom|really|later|sometimes|alone|even|just)\s+"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LISTED_VERB = re.compile(rf"(,|,? (?:and|or|but|then))\s+((?:{_ADVERB})*)([a-z]+s)\b(?!['’])")
_ALSO_VERBS = frozenset({
    "is", "has", "does", "goes", "lets", "takes", "drinks", "loves", "sings", "reads", "argues", "enjoys", "fears",
    "barks", "chases", "believes", "says", "tells", "keeps", "makes", "gets", "comes", "thinks", "knows", "wants",
    "needs", "likes", "hates", "builds", "plans", "plots", "dotes", "gossips", "naps", "handles", "sits", "loses",
    "mocks", "dresses", "quarrels", "hears", "works", "lives", "walks", "talks", "stays", "puts", "calls", "acts",
    "drives", "writes", "sleeps", "eats", "gives", "finds", "leaves", "tries", "sells", "pities", "misses", "blames",
})  # fmt: skip
_IS_SUBJECT = re.compile(r"\b(?:I|[Mm]y)\b")
_JOINS = re.compile(
    r"(?:^|[,;.:]|\b(?:that|and|but|when|if|because|which|what|who|whom|where|how|than|then|so|as|while|whose \w+))$"
)
"""What stands before a subject."""
_THIRD = re.compile(r"\b(?:he|she|him|his|her|hers|himself|herself)\b", re.IGNORECASE)


def as_own(sentence: str, names: tuple[str, ...], others: tuple[str, ...] = ()) -> str:
    """A sentence about the character, addressed or by name, as the character would say it of itself.

    `others` are the people whom a pronoun could mean as well. Empty when the sentence cannot be turned without mixing
    up who is who; a sentence about something else comes back as it is.
    """
    turned = _second_to_first(sentence) if re.search(r"\b[Yy]ou(?:r|'re)?\b", sentence) else sentence
    for name in sorted(names, key=len, reverse=True):
        turned = _third_to_first(turned, name)
    if turned == sentence:
        return "" if any(_stands(name, turned) for name in names) else sentence
    turned = _one_person(turned, others)
    return "" if not turned or any(_stands(name, turned) for name in names) else capitalised(turned)


def second_to_first(text: str) -> str:
    """What is said to somebody, as they would say it: "you trust your dog" becomes "I trust my dog"."""
    return _second_to_first(text)


def _stands(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _one_person(turned: str, others: tuple[str, ...]) -> str:
    """The sentence with the pronouns and verbs that go on about the speaker; empty where they may not."""
    turned = re.sub(r"\b(neither|both) of them\b", r"\1 of us", turned)
    if third := _THIRD.search(turned):
        if any(_stands(other, turned) for other in others) or not _IS_SUBJECT.search(turned[: third.start()]):
            return ""
        if re.search(rf"\bI (?:{_ADVERB})?[a-z']+ (?:him|her)\b(?! (?:own|younger|older)\b)", turned):
            return ""
        turned = re.sub(rf"\b([Hh]e|[Ss]he)\s+((?:{_ADVERB})?)([a-z']+)", _bent_after_pronoun, turned)
        turned = re.sub(r"\bher\b(?=\s*(?:[.,;:!?]|$|\b(?:to|and|in|at|for|with|on|from)\b))", "me", turned)
        turned = _WORD.sub(lambda m: _OF_ONE.get(m[0].casefold(), m[0]), turned)
    return _bent_list(turned)


def _bent_after_pronoun(match: re.Match[str]) -> str:
    return f"I {match[2]}{_first_person(match[3])}"


def _bent_list(turned: str) -> str:
    """With the further verbs of a list that began with the speaker; empty where a word in it may be one or not."""
    began = re.match(rf"(?:[^,;:]*,\s)?I\s+(?:{_ADVERB})*([a-z']+)", turned)
    if began is None or began[1].endswith("ed") or began[1] in _AUXILIARY - {"am", "have", "do"}:
        return turned
    head, rest = turned[: began.end()], turned[began.end() :]
    if any(m[3] not in _ALSO_VERBS and m[3] not in _NOT_VERBS for m in _LISTED_VERB.finditer(rest)):
        return ""
    return head + _LISTED_VERB.sub(lambda m: f"{m[1]} {m[2]}{_first_person(m[3])}", rest)


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
    return f"{before}{'I' if follows and (starts or _JOINS.search(text)) else 'me'}"


def _third_to_first(sentence: str, name: str) -> str:
    named = re.escape(name)
    if not _stands(name, sentence):
        return sentence
    pair = rf"^(?:{named} and ([A-Z]\w+)|([A-Z]\w+) and {named})(?=\s+(?!who\b)[a-z])"
    turned = re.sub(pair, lambda m: f"{m[1] or m[2]} and I", sentence)
    starting = r"(?:(?<=^)|(?<=[,;:] )|(?<=that )|(?<=when ))(?<![\w&])"
    verb = rf"((?:{_ADVERB})?)(?!(?:{_NO_VERB})\b)([a-z']+)\b"
    turned = re.sub(rf"{starting}{named}\s+{verb}", _bent_subject, turned)
    subject = rf"(?<![\w&]){named}\s+((?:{_ADVERB})?)([a-z']+(?:s|ed)|{_PAST})\b"
    turned = re.sub(subject, lambda m: m[0] if _is_object(m) else _bent_subject(m), turned)
    turned = re.sub(rf"\b{named}['’]s\b", "my", turned)
    return re.sub(rf"(?<=[a-z] )\b{named}\b(?!\s+[A-Z])(?!,? and\b)", "me", turned)


def _is_object(match: re.Match[str]) -> bool:
    """Whether the name belongs to a preposition before it, and the verb to somebody else."""
    before = match.string[: match.start()].rstrip()
    return re.search(r"\b(?:with|to|of|for|from|by|at|on|about|like|beside|against)$", before) is not None


def _bent_subject(match: re.Match[str]) -> str:
    return f"I {match[1]}{_first_person(match[2])}"


def _first_person(verb: str) -> str:
    if verb in _BASES:
        return _BASES[verb]
    if verb in _AUXILIARY or verb in _NOT_VERBS - {"needs"} or not verb.endswith("s") or verb.endswith("ss"):
        return verb
    if verb.endswith("ies"):
        return f"{verb[:-3]}y"
    return verb[:-2] if verb.endswith(("ches", "shes", "sses", "xes", "zzes")) else verb[:-1]
