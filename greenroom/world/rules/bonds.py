"""What ties people and things to each other: who belongs together, what belongs to whom, who is called what."""

import re
from collections.abc import Iterator

from greenroom.world.rules.along_the_way import more_of
from greenroom.world.rules.handing import holding
from greenroom.world.rules.mind import Finding, Mind
from greenroom.world.rules.slots import kind_by_what
from greenroom.world.rules.spelling import NAME, is_name
from greenroom.world.rules.word_lists import KIN, kind_of

_TOGETHER = (
    r"(?:(?:now |best |old |good |sworn |half-)*(?:siblings|brothers|sisters|twins|cousins|friends|enemies|rivals|"
    r"neighbou?rs|colleagues|roommates|partners|lovers|allies|bandmates|classmates|a couple)|"
    r"related|married|engaged|divorced|in love)\b"
)
_BOTH = re.compile(rf"^(?P<one>{NAME})\s+and\s+(?P<other>{NAME})\s+(?:are|were)\s+(?P<what>.+)$")
_BELONGS = re.compile(rf"^(?:The|This|That)\s+(?P<what>[\w' -]{{2,40}}?)\s+belongs\s+to\s+(?P<who>me|{NAME})$")
_NAMES = re.compile(
    r"^(?:I|[Ww]e|[Tt]hey)\s+(?:have |had )?(?:named|christened|call|called)\s+(?:the|my|our|their|a)\s+"
    rf"(?P<what>[a-z' -]{{2,30}}?)\s+(?P<name>{NAME})$"
)
_THE_ONE = re.compile(
    r"^The\s+(?P<what>[a-z][\w' -]{2,40}?),\s+(?:an?\s+(?P<also>[a-z ]{2,20}?)\s+(?:called|named)\s+)?"
    rf"(?P<name>{NAME}),\s+(?P<rest>.+)$"
)
_NAME_IS = re.compile(rf"^(?i:her|his)\s+name(?:['’]s|\s+is|\s+was)\s+(?P<name>{NAME})$")
_UNNAMED = re.compile(rf"\b[Mm]y\s+(?:[a-z]+\s+)?(?P<kin>{KIN})\b(?!['’]|,?\s+[A-Z])")


def together(said: str, mind: Mind) -> Iterator[Finding]:
    """Olga and Pim are twins."""
    found = _BOTH.match(said)
    if not found or not (is_name(found["one"]) and is_name(found["other"])):
        return
    what, names = found["what"], (found["one"], found["other"])
    if re.match(_TOGETHER, what):
        for one, other in (names, names[::-1]):
            yield Finding(one, "character", f"{one} and {other} are {mind.third_person(what)}", connections=(other,))
    elif kind_by_what(what) == "character":
        for one in names:
            yield Finding(one, "character", f"{one} is {mind.third_person(what)}")


def belongs(said: str, mind: Mind) -> Iterator[Finding]:
    """That bicycle belongs to Otto."""
    found = _BELONGS.match(said)
    if found and kind_of(found["what"]) == "item" and (found["who"] != "me" or mind.line.is_person):
        who = mind.line.speaker if found["who"] == "me" else found["who"]
        if who == mind.line.speaker or is_name(who):
            yield holding(who, found["what"])
            yield Finding(who, "character")


def named(said: str, mind: Mind) -> Iterator[Finding]:
    """We named the goat Gertrude. The ferryman, Ulf, drinks. My aunt was here. Her name is Pia."""
    if (found := _NAMES.match(said)) and is_name(found["name"]) and (kind := kind_of(found["what"])):
        yield Finding(found["name"], kind, f"{found['name']} is {mind.line.speaker}'s {found['what']}")
    elif (found := _THE_ONE.match(said)) and _is_new(found["name"], mind) and (kind := kind_of(found["what"])):
        yield Finding(found["name"], kind, f"{found['name']} is the {mind.third_person(found['what'])}")
        if found["also"]:
            yield Finding(found["name"], kind, f"{found['name']} is a {found['also']}")
        yield from more_of(found["name"], kind, found["rest"], mind)
    elif (found := _NAME_IS.match(said)) and is_name(found["name"]) and mind.unnamed:
        me, kin, mind.unnamed = mind.line.speaker, mind.unnamed, ""
        yield Finding(found["name"], "character", f"{found['name']} is {me}'s {kin}", connections=(me,))


def _is_new(name: str, mind: Mind) -> bool:
    """Whether it is a name that was not told yet: who is known may be spoken to, and not of."""
    return is_name(name) and mind.kind(name) is None


def unnamed(said: str) -> str:
    """The kin of the speaker that is spoken of without a name: "I have to see my aunt"."""
    found = _UNNAMED.search(said)
    return found["kin"] if found else ""
