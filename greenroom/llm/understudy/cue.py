"""What was just said: its kind, what it is about, and what of it can be said back."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property

from greenroom.llm.understudy.chatspeak import spelled_out
from greenroom.llm.understudy.kinds import QUESTIONS, kinds
from greenroom.text import COMMON_WORDS, content_words, plain, sentences, words

_MOST_CHARACTERS = 1_200
_DETERMINER = r"((?:the|a|an|my|your|our|his|her|their)\s+)"
_GOES_ON = (
    r"and|or|but|is|are|was|were|in|on|at|to|for|with|that|which|so|because|has|have|had|will|can|when|if|today|now|again"
    r"|yesterday|tonight"
)
_NEXT_CLAUSE = r"of|about|from|over|by|near|would|could|should|does|do|did|i|you|he|she|we|they"
_LEADS = r"(?:listen(?:s|ed|ing)?|talk(?:s|ed|ing)?|spoke|speak(?:ing)?|goes|went|been|came|moved|back|married|trip)"
"""Words after which `to` leads to a thing, as in "I went to sea"; in "we try to recover" it does not."""
_TOPIC_AFTER = re.compile(
    rf"\b(?:about|of|with|like|love|hate|enjoy|into|from|than|for|{_LEADS} to)\s+{_DETERMINER}?"
    rf"([\w'’-]+)(?=\s+(?:{_GOES_ON})\b|\s*[,.;:!?)]|\s*$)",
    re.IGNORECASE,
)
_PHRASE = re.compile(
    rf"\b{_DETERMINER}([\w'’-]+(?:\s+[\w'’-]+)?)(?=\s+(?:{_GOES_ON}|{_NEXT_CLAUSE})\b|\s*[,.;:!?)]|\s*$)",
    re.IGNORECASE,
)
_VERB = (
    r"(?:is|was|has|had|can|will|would|said|went|built|got|took|made|left|lost|won|broke|ate|found|bought|sold|came|told|gave"
    r"|[a-z]{2,}(?:s|ed))"
)
_CLAUSE = re.compile(
    r"^(?:(?:[Ww]ell|[Ss]o|[Aa]nd|[Bb]ut|[Yy]eah|[Oo]h|[Hh]ey|[Tt]oday|[Yy]esterday|[Hh]onestly|[Aa]ctually|[Ll]ook"
    r"|[Tt]hat said),?\s+)*"
    r"((?:(?:I|i|[Ii]'m|[Ii]'ve|[Ww]e|[Ww]e're|[Mm]y|[Oo]ur|[Tt]he|[Tt]his|[Ii]t|[Ii]t's|[Hh]e|[Ss]he|[Tt]hey|[Tt]here's"
    rf"|[Tt]here|[Ss]omebody|[Ss]omeone|[Ee]veryone|[Nn]obody)\s|[A-Z][a-z]+\s(?={_VERB}\b))"
    r"[^?!.;:\n\"“”()\[\]{}<>#*_`|\\/]{4,70})$"
)
_FOREIGN = frozenset({
    "que", "der", "die", "das", "und", "ist", "nicht", "ich", "du", "wie", "geht", "es", "el", "la", "los", "las",
    "una", "por", "para", "como", "está", "estas", "eres", "qué", "cómo", "donde", "le", "les", "des", "est",
    "vous", "je", "tu", "comment", "où", "pas", "une", "bonjour", "hola", "gracias", "danke", "bitte", "guten",
    "ciao", "grazie", "sono", "sei", "perché", "olá", "obrigado", "você", "não", "hallo", "mit", "ein", "eine",
    "wer", "wo", "warum", "quoi", "merci", "ça", "buenos", "dias",
})  # fmt: skip
_GENERIC_NAMES = frozenset(
    {"user", "person", "human", "you", "me", "anonymous", "someone", "guest", "assistant", "narrator"}
)
_BAD_NEWS = re.compile(
    r"\b(?:not|no|never|nobody|nothing|don['’]t|can['’]t|won['’]t|isn['’]t|didn['’]t|terrible"
    r"|worse|worst|bad|hate|awful|broke|broken|lost|sick|wrong|scary|scared|afraid|worried|sad|hurts?|died|dead|tired|ill)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"^[^\W\d_][\w .'’-]{0,23}$")
_NOT_A_TOPIC = COMMON_WORDS | frozenset({
    "lot", "lots", "kind", "sort", "bit", "way", "time", "one", "ones", "someone", "something", "anything",
    "everything", "nothing", "everyone", "anyone", "moment", "same", "other", "others", "course", "next", "last",
    "first", "best", "worst", "whole", "really", "please", "today", "yesterday", "tomorrow", "tonight", "much",
    "many", "little",
})  # fmt: skip


_SAME = {
    "movie": "film", "movies": "films", "tv": "television", "telly": "television", "mom": "mother", "mum": "mother",
    "mommy": "mother", "dad": "father", "daddy": "father", "kid": "child", "kids": "child", "children": "child",
    "scared": "fear", "afraid": "fear", "living": "work", "job": "work", "career": "work", "buddy": "friend",
    "pal": "friend", "buddies": "friend", "bloke": "man", "guy": "man", "automobile": "car", "kitty": "cat",
    "lives": "live", "made": "make", "wrote": "write", "written": "write", "drank": "drink", "ate": "eat",
}  # fmt: skip
"""Words that people use for one another; enough to meet a sheet's word for it."""


def stem(word: str) -> str:
    """A word without its commonest endings, so that `boats` meets `boat`."""
    word = word.removesuffix("'s").replace("favour", "favor").replace("colour", "color")
    word = _SAME.get(word, word)
    for ending in ("ing", "in'", "ied", "ies", "ed", "es", "s", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word[:-1] if word.endswith(("e", "y")) and len(word) > 5 else word


def stems(text: str) -> frozenset[str]:
    """The stems of the words that carry a topic."""
    return frozenset(stem(word) for word in content_words(text))


MANNER = stems(
    "favorite favourite best better good great nice bad want wanna gonna like talk tell give take put come ever never "
    "always still even long today tonight morning evening night summer winter"
)
"""Words of how somebody speaks of a thing: by these alone, two lines are not about the same."""


def sounds_bad(text: str) -> bool:
    """Whether the text denies or complains."""
    return _BAD_NEWS.search(text) is not None


@dataclass(frozen=True)
class Cue:
    """A line that calls for an answer.

    `kind` is one of the kinds above, or `emoji`, `foreign`, `statement`, `silence`; `topic` is a noun phrase that can
    stand in a sentence, or empty; `found` are the pieces of the line that its kind speaks of.
    """

    text: str
    kind: str
    author: str = ""
    topic: str = ""
    found: dict[str, str] = field(default_factory=dict)

    @property
    def is_question(self) -> bool:
        """Whether it wants to know something."""
        return self.kind in QUESTIONS or self.text.rstrip().endswith("?")

    @cached_property
    def stems(self) -> frozenset[str]:
        """What it is about."""
        return stems(self.text)

    @cached_property
    def clause(self) -> str:
        """A short plain statement in it that could be said back, or nothing."""
        return next(filter(None, map(clause_in, reversed(sentences(self.text)[:6]))), "")

    @cached_property
    def questions(self) -> tuple[str, ...]:
        """The questions in it, at most three."""
        return tuple(s for s in sentences(self.text)[:12] if s.endswith("?"))[:3]


def clause_in(sentence: str) -> str:
    """The sentence as a short plain statement of somebody about themselves or others, or nothing."""
    clause = _CLAUSE.match(sentence.strip().rstrip(".! "))
    if (
        clause
        and len(clause[1].split()) <= 11
        and not re.search(r"\byou|\byour|https?:|n't know", clause[1], re.IGNORECASE)
    ):
        return clause[1]
    return ""


def name_to_call(author: str) -> str:
    """The name by which one may call an author; empty for what is no name, such as "Guest"."""
    return author if _NAME.match(author) and author.casefold() not in _GENERIC_NAMES else ""


def read_cue(text: str, author: str = "", my_names: tuple[str, ...] = ()) -> Cue:
    """Read a line that `author` said to somebody of `my_names`."""
    author = name_to_call(author)
    line = spelled_out(_without_calling(_shortened(plain(text)).strip(), my_names))
    if not words(line):
        return Cue(line, "emoji" if line else "silence", author)
    if _is_foreign(line):
        return Cue(line, "foreign", author)
    asked = [s for s in sentences(line) if s.endswith("?")]
    for candidate in dict.fromkeys((line, *asked)):
        for kind, pattern in kinds():
            if match := pattern.search(candidate):
                return Cue(line, kind, author, _topic(match, line), _pieces(match))
    return Cue(line, "statement", author, _topic(None, line))


def _shortened(text: str) -> str:
    half = _MOST_CHARACTERS // 2
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:half]}\n{text[-half:]}"


def _without_calling(line: str, my_names: tuple[str, ...]) -> str:
    """The line without the name by which the character is called in it."""
    for name in my_names:
        called = re.escape(name)
        line = re.sub(
            rf"^\W*@?{called}\s*[,:!-]\s*(?=\w)|,\s*@?{called}(?=\s*[?!.]*\s*$|[,?!.])", "", line, flags=re.IGNORECASE
        )
        line = re.sub(
            rf"^(\W*(?:hi|hello|hey|so|oh|yo|good \w+)),?\s+{called}\b[,.!]*", r"\1", line, flags=re.IGNORECASE
        )
    return line.strip()


def _is_foreign(line: str) -> bool:
    letters = [c for c in line if c.isalpha()]
    latin = sum("LATIN" in unicodedata.name(c, "") for c in letters[:300])
    if letters and latin < 0.5 * len(letters[:300]):
        return True
    tokens = words(line)
    strange = sum(token in _FOREIGN for token in tokens)
    english = sum(token in COMMON_WORDS for token in tokens) - sum(
        token in {"die", "me", "no", "was", "an"} for token in tokens
    )
    return (strange >= 2 and strange > english) or (strange >= 1 and english <= 0 and len(tokens) <= 3)


def _pieces(match: re.Match[str]) -> dict[str, str]:
    named = {key: value.strip() for key, value in match.groupdict().items() if value}
    return named or {str(place): value for place, value in enumerate(match.groups(), 1) if value}


def _topic(match: re.Match[str] | None, line: str) -> str:
    named = match.groupdict() if match else {}
    asked = named.get("topic") or named.get("topic2") or named.get("topic3") or ""
    if asked and (topic := _cleaned(asked)):
        return topic
    for pattern in (_TOPIC_AFTER, _PHRASE):
        for determiner, noun in pattern.findall(line):
            last = noun.split()[-1].casefold()
            if (
                any(word.casefold() in _NOT_A_TOPIC for word in noun.split())
                or last.endswith(("ed", "ly"))
                or not last.isalpha()
            ):
                continue
            if (
                not determiner
                and not noun[0].isupper()
                and not last.endswith("s")
                and stem(last) == last
                and len(last) < 5
            ):
                continue
            return _cleaned(f"{determiner}{noun}")
    return ""


def _cleaned(topic: str) -> str:
    """A topic as it would be said by the one who answers."""
    topic = re.split(
        r"\s+(?:because|when|if|that|who|which|so|please|then|now|today|tonight|anyway)\b",
        topic.strip(" '\"’”"),
        maxsplit=1,
    )[0]
    if len(topic.split()) > 6 or any(
        word in {"you", "it", "that", "this", "them", "me", "him", "her", "us", "yourself"}
        for word in [topic.casefold()]
    ):
        return ""
    if re.search(r"\b(?:i|you|he|she|they|we|to \w+)\b", topic, re.IGNORECASE):
        return ""
    if indefinite := re.match(r"(?:a|an)\s+([a-z]+)$", topic, re.IGNORECASE):
        return _plural(indefinite[1])
    if re.match(r"(?:a|an)\s", topic, re.IGNORECASE):
        return ""
    swap = {"my": "your", "your": "my", "our": "your"}
    first, _, rest = topic.partition(" ")
    lowered = first.casefold()
    return f"{swap.get(lowered, lowered if lowered in COMMON_WORDS else first)} {rest}".strip() if rest else topic


def _plural(noun: str) -> str:
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if re.search(r"[^aeiou]y$", noun) else f"{noun}s"
