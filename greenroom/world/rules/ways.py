"""The ways in which English says what somebody is or does. Of those tried on a clause, the first that finds counts."""

import re
from collections.abc import Callable, Iterator

from greenroom.world.rules.along_the_way import along_the_way, more_of
from greenroom.world.rules.bonds import belongs, named, together
from greenroom.world.rules.handing import handed, taken
from greenroom.world.rules.mind import Finding, Mind
from greenroom.world.rules.oneself import of_oneself
from greenroom.world.rules.slots import kind_by_title, kind_by_what, says_something, slot_of
from greenroom.world.rules.spelling import NAME, is_name, with_article
from greenroom.world.rules.word_lists import ANIMATE, KIN, TITLES, kind_of, kind_of_name

_WHAT = r"(?P<what>[\w' -]{2,60}?)"
_REST = r"(?:,?\s+(?P<rest>.+))?$"
_WHOSE_KIN = (
    r"^(?P<whose>[Mm]y|[Hh]is|[Hh]er|[Tt]heir)\s+(?P<kin>(?:(?:little|older|younger|big|best|old|dear|late|new|twin|half|"
    rf"good|only|favou?rite|eldest|youngest|first|former)\s+)*{KIN})"
)
_KIN_NAME = re.compile(rf"{_WHOSE_KIN}(?:\s+(?:from|at)\s+[a-z' ]{{2,25}}(?=,))?,?\s+(?P<name>{NAME}){_REST}")
_KIN_CALLED = re.compile(
    rf"{_WHOSE_KIN}(?:'s name is|\s+is\s+(?:called|named)|,? (?:called|named))\s+(?P<name>{NAME}){_REST}"
)
_IS_KIN = re.compile(
    rf"^(?P<name>{NAME})\s+(?:is|was)\s+(?P<whose>my|{NAME}['’]s?)\s+(?P<kin>(?:\w+\s)?{KIN})"
    r"(?:,?\s+(?P<rest>who .+))?$"
)
_HAS_CALLED = re.compile(
    rf"^(?P<who>I|{NAME})\s+(?:have|has|had|got|own|owns|adopted|met|know|knows|hired|bought|found|built|opened|founded|"
    rf"formed|joined|visited|discovered|invented)\s+(?:a|an|the|this|these)\s+{_WHAT},?\s+(?:called|named)\s+"
    rf"(?P<name>{NAME}){_REST}"
)
_THERE_IS = re.compile(
    r"^(?i:there(?:['’]s| is| was)|this is|that is|it(?:['’]s| is)|behold,?|we have|i know(?: of)?)\s+"
    rf"(?:a|an|the|this)\s+{_WHAT},?\s+(?P<where>(?:in|at|on|near|by|behind|outside)\s+[\w' -]{{2,50}}?\s+)?"
    rf"(?:called|named)\s+(?P<name>{NAME}){_REST}"
)
_THE_IS_CALLED = re.compile(
    rf"^(?i:the|a|an|our|my|this|that|their)\s+{_WHAT}\s+(?:is|was)\s+(?:called|named)\s+(?P<name>{NAME}){_REST}"
)
_THIS_IS = re.compile(rf"^(?i:this is|that (?:is|was)|that['’]s|it was|meet)\s+(?P<name>{NAME})(?:,\s+(?P<rest>.+))?$")
_IN_A_PLACE = re.compile(
    r"^(?i:there(?:['’]s| is| are))\s+(?P<what>.+?)\s+"
    rf"(?P<where>under|in|inside|at|on|behind|near|below|beneath|above|around)\s+(?P<name>{NAME})$"
)
_MET = re.compile(
    r"^(?:I|[Ww]e)(?:['’]ve| have)?\s+(?:just |finally |once )?(?:met|saw|hired|befriended|married|interviewed)\s+"
    rf"(?P<name>{NAME}),?\s+(?P<rest>(?:a|an|the|who)\s+.+)$"
)
_APPOSED = re.compile(rf"^(?P<name>{NAME}),\s+(?P<what>(?:a|an|the|my|our)\s+[\w' -]{{2,60}}?),\s+(?P<rest>.+)$")
_IS = re.compile(rf"^(?P<name>{NAME})\s*(?P<verb>\sis|\swas|\sbecame|\shas become|['’]s)\s+(?P<what>.+)$")
_DOES = re.compile(
    rf"^(?P<name>{NAME}(?:\s+and\s+{NAME})?)\s+"
    r"(?:also |still |just |really |now |once |always |finally |recently )?(?P<rest>[a-z]+\b.*)$"
)
_SERVES = re.compile(r"(?:serves|sells|opens|closes|opened|closed|burned|reopened)\b")
_PRONOUN = re.compile(r"^(?P<who>she|he|it)(?P<rest>(?:['’]s| is| was|\s)\s*.+)$", re.IGNORECASE)
_TITLED = re.compile(rf"\b(?P<name>{TITLES}\s+[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)?)")
_HERE = re.compile(
    r"^(?:we(?:['’]re| are)\s+(?:now |finally |still |all |back |sitting |standing )*(?:at|in|on|inside|outside)|"
    r"we\s+(?:just\s+)?(?:arrived?|enter|entered|reach|reached|(?:step|walk|go|stepped|walked|went) into|"
    r"(?:get|got) to)(?:\s+(?:at|in))?|welcome to|we(?:['’]ve| have) (?:arrived|come) (?:at|in|to))\s+"
    r"(?P<where>(?:the|a|an|my|our|this)?\s*[\w'’ -]{2,60}?)(?:\s+(?:now|again|already|today|tonight|together))?$",
    re.IGNORECASE,
)


def _here(said: str, mind: Mind) -> Iterator[Finding]:
    """We're at the Rusty Anchor."""
    if found := _HERE.match(said):
        where = found["where"].strip()
        if is_name(re.sub(r"^(?:the|a|an|my|our|this)\s+", "", where)) or kind_of(where) == "location":
            yield Finding(mind.third_person(where), "location", is_scene=True)


def _of_kin(said: str, mind: Mind) -> Iterator[Finding]:
    """My sister Rosa is a baker. Her brother is called Kenji."""
    found = _KIN_CALLED.match(said) or _KIN_NAME.match(said)
    if not found or not is_name(found["name"]):
        return
    whose = mind.line.speaker if found["whose"].casefold() == "my" else mind.somebody
    if whose:
        yield Finding(found["name"], "character", f"{found['name']} is {whose}'s {found['kin']}", connections=(whose,))
    yield from more_of(found["name"], "character", found["rest"], mind)


def _is_kin(said: str, mind: Mind) -> Iterator[Finding]:
    """Otto is my neighbour."""
    if found := _IS_KIN.match(said):
        whose = f"{mind.line.speaker}'s" if found["whose"] == "my" else found["whose"]
        owner = whose.removesuffix("s").rstrip("'’")
        yield Finding(found["name"], "character", f"{found['name']} is {whose} {found['kin']}", connections=(owner,))
        yield from more_of(found["name"], "character", found["rest"], mind)


def _called(said: str, mind: Mind) -> Iterator[Finding]:
    """There's a bar at the harbour called the Rusty Anchor. I have a dog called Rex."""
    found = _HAS_CALLED.match(said) or _THERE_IS.match(said) or _THE_IS_CALLED.match(said)
    if not found or not is_name(found["name"]):
        return
    groups, name, what = found.groupdict(), found["name"], found["what"].strip()
    kind = kind_of(what) or kind_of_name(name)
    if kind is None:
        return
    where = f" {groups['where'].strip()}" if groups.get("where") else ""
    yield Finding(name, kind, f"{name} is {with_article(what)}{where}")
    if (who := groups.get("who")) and kind == "character":
        whose = mind.line.speaker if who == "I" else who
        yield Finding(name, kind, f"{name} is {whose}'s {what.split()[-1]}", connections=(whose,))
    yield from more_of(name, kind, groups.get("rest"), mind)


def _shown(said: str, mind: Mind) -> Iterator[Finding]:
    """This is Dr. Okafor, the new vet."""
    found = _THIS_IS.match(said)
    if found and is_name(found["name"]) and (kind_by_title(found["name"]) or mind.kind(found["name"]) == "character"):
        yield Finding(found["name"], "character")
        yield from more_of(found["name"], "character", found["rest"], mind)


def _in_a_place(said: str, mind: Mind) -> Iterator[Finding]:
    """There's a vault under Whitby Castle."""
    found = _IN_A_PLACE.match(said)
    if found and (mind.kind(found["name"]) or kind_of_name(found["name"])) == "location":
        there = f"there is {mind.third_person(found['what'])} {found['where']} {found['name']}"
        yield Finding(found["name"], "location", there)


def _met(said: str, mind: Mind) -> Iterator[Finding]:
    """I met Ingrid, a carpenter."""
    found = _MET.match(said)
    if found and mind.line.is_person:
        rest = found["rest"].removeprefix("who ")
        verb = "" if rest != found["rest"] else "is "
        yield Finding(found["name"], "character", f"{found['name']} {verb}{mind.third_person(rest)}")


def _apposed(said: str, mind: Mind) -> Iterator[Finding]:
    """Rosa, the baker, married a sailor."""
    found = _APPOSED.match(said)
    if found and is_name(found["name"]) and (kind := mind.kind(found["name"]) or kind_of(found["what"])):
        yield Finding(found["name"], kind, f"{found['name']} is {mind.third_person(found['what'])}")
        yield from more_of(found["name"], kind, found["rest"], mind)


def _is(said: str, mind: Mind) -> Iterator[Finding]:
    """Grey Harbour is a fishing village."""
    found = _IS.match(said)
    if not found or not is_name(found["name"]):
        return
    name, what = found["name"], mind.third_person(found["what"])
    described = re.match(r"(?:a|an|the|one of)\s+(.+)", what)
    by_words = (kind_of(described[1]) if described else None) or kind_of_name(name)
    kind = mind.kind(name) or by_words or kind_by_title(name) or kind_by_what(what)
    verb = found["verb"].strip().replace("'s", "is").replace("’s", "is")
    if kind is not None or mind.may_mean(name):
        yield Finding(name, kind, f"{name} {verb} {what}", slot_of(f"{verb} {what}"))
        yield from along_the_way(what, mind)


def _does(said: str, mind: Mind) -> Iterator[Finding]:
    """Gus owns the Rusty Anchor. Marek and Rosa got married."""
    found = _DOES.match(said)
    if not found or not all(map(is_name, found["name"].split(" and "))):
        return
    name, rest = found["name"], found["rest"]
    if rest.startswith(("are ", "were ")):
        return  # what two are, one need not be
    kind = mind.kind(name) or kind_of_name(name) or kind_by_title(name)
    if kind is None:
        the = name.casefold().startswith("the ")
        kind = "location" if the and _SERVES.match(rest) else "character" if not the and ANIMATE.match(rest) else None
    if (kind or mind.may_mean(name)) and says_something(kind, rest):
        for one in name.split(" and "):
            yield Finding(one, kind, f"{one} {mind.third_person(rest)}", slot_of(rest))
        yield from along_the_way(rest, mind)


def _pronoun(said: str, mind: Mind) -> Iterator[Finding]:
    """She lives in Lisbon."""
    found = _PRONOUN.match(said)
    if found is None:
        return
    somebody = (mind.somebody, "character") if mind.somebody else None
    meant = mind.something if found["who"].casefold() == "it" else somebody
    if meant is not None:
        yield from more_of(
            meant[0], mind.kind(meant[0]) or "character", re.sub(r"^['’]s ", "is ", found["rest"].strip()), mind
        )


def _of_a_titled(said: str, mind: Mind) -> Iterator[Finding]:
    """Who has a title and is merely spoken of is somebody nevertheless."""
    for found in _TITLED.finditer(said):
        yield Finding(found["name"], "character")


WAYS: tuple[Callable[[str, Mind], Iterator[Finding]], ...] = (
    _here,
    _of_kin,
    _is_kin,
    _called,
    _shown,
    _in_a_place,
    together,
    belongs,
    named,
    _met,
    handed,
    taken,
    of_oneself,
    _apposed,
    _is,
    _does,
    _pronoun,
    _of_a_titled,
)
