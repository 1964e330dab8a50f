"""Who has what: things that are given, taken, found and bought."""

import re
from collections.abc import Iterator

from greenroom.world.rules.mind import Finding, Mind
from greenroom.world.rules.spelling import NAME, is_name
from greenroom.world.rules.word_lists import kind_of

_A_THING = r"(?P<what>(?:the|a|an|my|his|her|this|that|our)\s+[\w' -]{2,60}?)"
_ARTICLE = re.compile(r"^(?:the|a|an|my|his|her|this|that|our)\s+")
_GIVES = re.compile(
    rf"^(?P<who>I|{NAME})\s+(?:give|gives|gave|hand|hands|handed|lend|lends|lent|sold)\s+(?P<to>you|{NAME})\s+{_A_THING}$"
)
_VERBS = (
    r"takes?|took|found|finds?|picked up|picks? up|grabs?|grabbed|bought|buys|stole|steals|won|inherited|carry|carries|"
    r"carried|pocketed|got|has|have|owns?|made|built"
)
_TAKES = re.compile(
    rf"^(?P<who>I|{NAME})(?:['’]ve| have| has)?\s+(?:just |finally )?(?P<does>(?:{_VERBS})\s+{_A_THING}"
    r"(?:\s+(?:from|in|at|on|under|behind|near|for|with|of|yesterday|today)\b.*)?)$"
)


def handed(said: str, mind: Mind) -> Iterator[Finding]:
    """I give Peter the silver key."""
    found = _GIVES.match(said)
    if found and _may_say(found["who"], mind) and found["to"] != "you" and kind_of(found["what"]) == "item":
        yield holding(found["to"], found["what"])
        if found["who"] != "I" and is_name(found["to"]):
            yield from (Finding(found[one], "character") for one in ("who", "to"))


def taken(said: str, mind: Mind) -> Iterator[Finding]:
    """Otto stole the mayor's bicycle."""
    found = _TAKES.match(said)
    if found and _may_say(found["who"], mind) and kind_of(found["what"]) == "item":
        who = mind.line.speaker if found["who"] == "I" else found["who"]
        yield holding(who, found["what"])
        yield Finding(who, "character", f"{who} {mind.third_person(found['does'])}")


def _may_say(who: str, mind: Mind) -> bool:
    """Of themselves only people may; what characters have is on their sheets, or made up."""
    return who != "I" or mind.line.is_person


def holding(who: str, phrase: str) -> Finding:
    """That somebody has a thing."""
    thing = _ARTICLE.sub("", phrase).strip()
    return Finding(thing, "item", f"{who} has the {thing}", "holder", connections=(who,))
