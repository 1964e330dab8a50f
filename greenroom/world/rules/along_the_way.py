"""What is named along the way: places whose names say that they are places, and people to whom something was done."""

import re
from collections.abc import Iterator

from greenroom.model import EntityType
from greenroom.world.rules.mind import Finding, Mind
from greenroom.world.rules.slots import says_something, slot_of
from greenroom.world.rules.spelling import NAME, is_name, with_article
from greenroom.world.rules.word_lists import kind_of, kind_of_name

_PLACES = re.compile(
    rf"\b(?:in|at|to|from|near|of|on|by|above|behind|under|outside|owns|runs|opened|bought|sold|visited)\s+(?P<name>(?:the\s+)?{NAME})"
)
_PEOPLE = re.compile(
    r"\b(?:married|divorced|kissed|met|arrested|killed|murdered|hired|fired|betrayed|rescued|from (?:old|young)|"
    r"proposed to|engaged to|dating|lives with|moved in with|works with|in love with|"
    r"(?:founded|built|owned|run|led|written|painted|carved|invented|raised|ruled) by)\s+"
    rf"(?P<name>{NAME})(?=$|,|\s+(?:in|at|on|last|this|next|yesterday)\b)"
)


_CALLED = re.compile(rf"\b(?:a|an)\s+(?P<what>[\w' -]{{2,40}}?),?\s+(?:called|named)\s+(?P<name>(?:the\s+)?{NAME})")


def along_the_way(said: str, mind: Mind) -> Iterator[Finding]:
    """Who and what else is named in a statement and not known yet."""
    for found in _CALLED.finditer(said):
        kind = kind_of(found["what"])
        if kind in {"location", "item"} and is_name(found["name"]) and mind.kind(found["name"]) is None:
            yield Finding(found["name"], kind, f"{found['name']} is {with_article(found['what'])}")
    for found in _PLACES.finditer(said):
        if kind_of_name(found["name"]) == "location" and mind.kind(found["name"]) is None:
            yield Finding(found["name"], "location")
    for found in _PEOPLE.finditer(said):
        if is_name(found["name"]) and mind.kind(found["name"]) is None and kind_of_name(found["name"]) != "location":
            yield Finding(found["name"], "character")


def more_of(name: str, kind: EntityType, rest: str | None, mind: Mind) -> Iterator[Finding]:
    """What else a sentence says of somebody: "who runs the bar", "is a baker"."""
    said = re.sub(r"^(?:who|which|that|and|finally|recently|just|also)\s+", "", (rest or "").strip(" ,"))
    if says_something(kind, said):
        yield Finding(name, kind, f"{name} {mind.third_person(said)}", slot_of(said))
        yield from along_the_way(said, mind)
