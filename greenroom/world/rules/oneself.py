"""What people say of themselves. What characters are is on their sheets; the rest they make up."""

import re
from collections.abc import Iterator

from greenroom.world.rules.along_the_way import along_the_way
from greenroom.world.rules.mind import Finding, Mind
from greenroom.world.rules.spelling import NAME
from greenroom.world.rules.word_lists import kind_of

_AM = r"i(?:['’]m| am)"
_STATES = (
    r"married|engaged|divorced|single|pregnant|vegetarian|vegan|afraid of|scared of|colou?r-?blind|left-handed|"
    r"allergic to"
)
_DO = (
    *("love", "like", "hate", "adore", "loathe", "prefer", "collect"),
    *("speak", "study", "teach", "play", "own", "owe", "promise"),
)
_DID = (
    r"quit|lost|got|bought|sold|broke|started|finished|passed|failed|won|adopted|graduated|retired|married|inherited|built|"
    r"traded|borrowed|repaired|planted|wrote|published|promised|found|stole|took|made|picked up"
)
_AT = (
    r"learning|studying|teaching|training|writing|dating|saving|expecting|moving|building|restoring|renovating|living|"
    r"staying|working (?:as|at|for|in)"
)
_NEWS = r"(?!(?:it|that|this|here|you|there|on|late|home|out)\b).+"
_NUMBER = (
    r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-(?:one|two|three|four|five|six|seven|eight|nine))?"
)
_WAYS = tuple(
    (re.compile(rf"^{pattern}$"), template, slot)
    for pattern, template, slot in (
        (
            rf"(?:my name(?:['’]s| is)|{_AM} called|call me|people call me)\s+(?P<v>{NAME})(?:,.*)?",
            "is called {v}",
            "name",
        ),
        (rf"{_AM}\s+(?:already |now )?(?P<v>\d{{1,3}})(?: years old)?", "is {v} years old", "age"),
        (
            rf"(?:{_AM}|i) (?:just |recently )?turned\s+(?P<v>\d{{1,3}}|{_NUMBER})"
            r"(?:\s+(?:years old|\w+day|last \w+))?",
            "turned {v}",
            "age",
        ),
        (rf"{_AM}\s+(?:already |now )?(?P<v>{_NUMBER})(?: years old)?", "is {v} years old", "age"),
        (
            r"(?:i|we) (?:just |now |recently )?(?:live|moved)\s+(?P<v>(?:in|into|to|at|on|near|above)\s+.+)",
            "lives {v}",
            "home",
        ),
        (rf"(?:{_AM} planning|i plan|i(?:['’]ve| have) decided)\s+(?P<v>to\s+.+)", "plans {v}", ""),
        (rf"{_AM}\s+(?:now |still |currently |also )?(?P<v>(?:{_AT})\s+{_NEWS})", "is {v}", ""),
        (rf"i(?:['’]ve| have) been\s+(?P<v>(?:{_AT})\s+{_NEWS})", "has been {v}", ""),
        (rf"(?:{_AM}|i come) from\s+(?P<v>.+)", "is from {v}", "origin"),
        (r"i (?:was born|grew up)\s+(?P<v>.+)", "grew up {v}", "origin"),
        (r"i (?:now |currently )?work\s+(?P<v>(?:as|at|for|in|on)\s+.+)", "works {v}", "work"),
        (rf"{_AM}\s+(?P<v>(?:{_STATES})\b.*)", "is {v}", ""),
        (
            rf"i (?:really |absolutely |still |just |always )?(?P<v>(?:{'|'.join(_DO)})\s+.+|can['’]t stand .+)",
            "{v}",
            "",
        ),
        (r"my favou?rite\s+(?P<v>[\w' -]+ is .+)", "has a favourite: {v}", ""),
        (r"my birthday(?:['’]s| is)\s+(?P<v>.+)", "has a birthday {v}", "birthday"),
        (rf"i (?:just |recently |finally )?(?P<v>(?:{_DID})\s+.+)", "{v}", ""),
    )
)
_A_JOB = re.compile(rf"^{_AM}\s+(?P<v>(?:a|an|the)\s+(?P<what>[\w' -]+))")
_NO_JOB = frozenset(
    (
        "bit",
        "lot",
        "little",
        "mess",
        "fan",
        "big",
        "huge",
        "good",
        "bad",
        "fool",
        "joke",
        "genius",
        "few",
        "while",
        "long",
    )
)


def of_oneself(said: str, mind: Mind) -> Iterator[Finding]:
    """What a person says of themselves."""
    if not mind.line.is_person:
        return
    me, low = mind.line.speaker, re.sub(r"^(?:My|I|We|Call|People)\b", lambda found: found[0].lower(), said)
    for pattern, template, slot in _WAYS:
        if found := pattern.match(low):
            value = mind.third_person(_as_he_does(found["v"]))
            value = re.sub(r"^(?:in)?to ", "in ", value) if slot == "home" else value
            aliases = (found["v"],) if slot == "name" else ()
            yield Finding(me, "character", f"{me} {template.format(v=value)}", slot, aliases=aliases)
            yield from along_the_way(value, mind)
            return
    job = _A_JOB.match(low)
    if job and job["what"].split()[0] not in _NO_JOB and kind_of(job["what"]) == "character":
        yield Finding(me, "character", f"{me} is {mind.third_person(job['v'])}")


def _as_he_does(value: str) -> str:
    """A verb as it goes with he and she."""
    first, _, rest = value.partition(" ")
    if first in _DO:
        first = first.removesuffix("y") + "ies" if first == "study" else first + ("es" if first[-2:] == "ch" else "s")
    return f"{first} {rest}".strip()
