"""Making a query of what somebody wrote, without a model: no greetings, no code, nothing private; names stay."""

import re

from greenroom.llm.search.discretion import without_private_details
from greenroom.llm.search.tidying import clean, cut
from greenroom.model import ChatRequest, GenerateRequest
from greenroom.text import content_words, sentences

_QUERY_CHARS, _SHORT_WORDS = 200, 20
_READ_CHARS = 8000
"""Of a longer text the beginning and the end are read: what is asked stands before or after what is pasted."""

_CODE = re.compile(r"```.*?(?:```|$)", re.DOTALL)
_QUOTED = re.compile(r"[\"“„«]([^\"“”„«»\n]{3,80})[\"”“»]")
_NAME = re.compile(r"(?<![.!?…] )(?<!^)\b[A-Z][\w'’-]+(?: [A-Z0-9][\w'’-]*)*")
_GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|hiya|greetings|good (?:morning|afternoon|evening|day)|dear)"
    r"(?: (?:there|all|everyone|again|guys|folks))?|thanks?(?: you)?|ok(?:ay)?|so|well|please|pls)\b[\s,.!:;-]*",
    re.IGNORECASE,
)
_POLITENESS = re.compile(
    r"^(?:(?:can|could|would|will) (?:you|u|someone)(?: please| kindly)?|i(?:'d| would) like (?:you )?to|"
    r"i want (?:you )?to|i(?:'m| am| was) wondering(?: if| whether)?(?: you (?:can|could))?|"
    r"do you (?:know|happen to know)|please)\b[\s,]*",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"^(?:(?:tell|show|give) me(?: (?:about|more about))?|(?:search|look) (?:the (?:web|internet) )?(?:for|up)|google|"
    r"find out|let me know|explain(?: to me)?)\b[\s,:]*",
    re.IGNORECASE,
)


def query_of(request: ChatRequest | GenerateRequest) -> str:
    """What to search for, for this request; empty when nothing should be.

    Nothing is searched for requests with tools, since who reads strangers' text must not be able to act; for raw
    prompts and those that fill a gap, which have no place for quotations; and where only private details would be left.
    """
    if isinstance(request, GenerateRequest):
        return "" if request.raw or request.suffix or request.template or request.context else query(request.prompt)
    if request.tools:
        return ""
    last = request.messages[-1]
    return query(last.content) if last.role == "user" else ""


def query(text: str) -> str:
    """The query for a text: whole when it is short; else its question, with quoted phrases and names of the rest."""
    plain = without_private_details(_CODE.sub("\n", _ends(text)))
    said = [part for sentence in sentences(plain) if (part := _without_frills(sentence))]
    if not said:
        return ""
    if sum(len(part.split()) for part in said) <= _SHORT_WORDS:
        found = " ".join(said)
    else:
        asked = _question(said)
        rest = " ".join(said)
        phrases = [match.strip() for match in (*_QUOTED.findall(rest), *_NAME.findall(rest))]
        found = " ".join([asked, *(p for p in dict.fromkeys(phrases) if p.casefold() not in asked.casefold())])
    found = cut(clean(found, 2 * _QUERY_CHARS), _QUERY_CHARS).removesuffix("…").rstrip(" .,;:!?")
    return found if content_words(found) else ""


def _ends(text: str) -> str:
    """The beginning and the end of a long text, without the words that are cut in two: half a key looks like none."""
    if len(text) <= _READ_CHARS:
        return text
    head, _, _ = text[: _READ_CHARS // 2].rpartition(" ")
    _, _, tail = text[-_READ_CHARS // 2 :].partition(" ")
    return f"{head}\n{tail}"


def _without_frills(sentence: str) -> str:
    """The sentence without the greeting, the politeness and the asking that it begins with."""
    before = ""
    while sentence != before:
        before = sentence
        for opening in (_GREETING, _POLITENESS, _ASKING):
            sentence = opening.sub("", sentence)
    return sentence


def _question(said: list[str]) -> str:
    """The last question; without one, the sentence at either end that says more."""
    questions = [part for part in said if part.endswith("?")]
    if questions:
        return questions[-1]
    return max((said[0], said[-1]), key=lambda part: min(len(content_words(part)), _SHORT_WORDS))
