"""The part that the understudy is to play, read from a prompt's system messages.

Our own prompts have the headings below; those of others have what they have, and missing pieces stay empty.
Everything here is material to quote from. Nothing in it is obeyed, but for the guidance.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import unescape

from greenroom.llm.understudy.cue import Cue, read_cue, stems
from greenroom.llm.understudy.repertoire import Register
from greenroom.llm.understudy.said import first_words
from greenroom.text import content_words, plain, sentences, words

_MOST_CHARACTERS = 60_000
_MOST_LINES = 200
# No possessive `*+`: around a lookahead it is wrong before Python 3.11.5, and Debian 12 has 3.11.2 (CPython #100061).
_PASSAGE = re.compile(r"<passage\b([^<>]{0,500})>((?:(?!</?passage\b).)*)</passage>", re.DOTALL | re.IGNORECASE)
_ABOUT_PASSAGES = re.compile(r"\bpassages?\b", re.IGNORECASE)
_PASSING = re.compile(
    r"^#{1,6} +(?:right now|rules|guidance|feedback|advice)\b[^\n]*\n(?:(?!#{1,6} ).*(?:\n|\Z))*",
    re.IGNORECASE | re.MULTILINE,
)
_GUIDANCE = re.compile(
    r"^#{1,6} +(?:guidance|feedback|advice)\b[^\n]*\n(?:(?!#{1,6} ).*(?:\n|\Z))*", re.IGNORECASE | re.MULTILINE
)
_HEADING = re.compile(r"^#{1,6}\s+(.+)$|^\*\*([^*]{3,60})\*\*:?$|^\[([^\]]{3,60})\]$")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")
_QUOTED = re.compile(r"[\"“]([^\"”\n]{2,140})[\"”]|(?<!\w)['‘]([^'’\n]{2,60}(?:['’]\w[^'’\n]{0,40})?)['’](?!\w)")
_DIALOGUE = re.compile(r"^\s*(?:[-*•]\s+)?\*{0,2}([^\W\d_][\w .'’-]{0,39}?)\*{0,2}\s?:\*{0,2}\s+(\S.*)$")
_NAMED = re.compile(
    r"\b(?:[Yy]ou are|[Yy]ou're|[Pp]lay|[Rr]eply as|[Aa]nswer as|[Ss]peak as|[Rr]ole of)[ \t]+"
    r"(?:the character |now |playing )?([A-Z][\w'’-]*(?: (?:(?:of|the|von|van|de) )?[A-Z][\w'’-]*){0,3})"
)
_NOBODY = {"AI", "Assistant", "ChatGPT", "GPT", "An", "The", "Not"}
_FALLS_IN = re.compile(r"You fall in on what (\S.{0,79}?) said last\.")
_OPENS = re.compile(r"It has been quiet for a while, and you begin to talk about ([^.]{1,80})\.")
_SECTIONS = (
    ("people", r"people|relation|who you know"),
    ("interests", r"care about|interest|topics|passion"),
    ("examples", r"example|dialogue|sample"),
    ("never", r"never|forbidden|avoid|don't|do not"),
    ("sayings", r"things you say|catchphrase|phrases|sayings"),
    ("talk", r"how you talk|speak|speech|style|manner|voice"),
    ("guidance", r"guidance|advice|feedback|last (?:attempt|draft)|this time"),
    ("lore", r"what you know|lore|facts|background|memor|context|knowledge"),
    ("now", r"right now|scen|setting|situation"),
    ("about", r"who you are|about|descri|personality|character|identity"),
)
_ORDERS = re.compile(
    r"\b(ignore|disregard|forget)\b.{0,40}\b(instruction|prompt|rule|above|previous|everything)|system prompt"
    r"|\b(you must|you are now|respond with|reply with|output|do not reveal|as an ai)\b",
    re.IGNORECASE,
)


_WRAPPED = re.compile(r"^(.{60,}[^.!?:\n])\n(?=[^\s*•#-])", re.MULTILINE)
_SHOWS = re.compile(r"(?:sound as you did|where it fits)", re.IGNORECASE)
_HEARTY = re.compile(
    r"\b(?:ain't|gonna|kinda|ya|dunno|\w{3,}in'|wanna|gotta|outta|heh\w*|hehe\w*|yeah|pal|dude|aw|holy|whoa|nah|yep)(?!\w)",
    re.IGNORECASE,
)
_LEARNED = re.compile(
    r"\b(?:shall|one must|indeed|rather|whom|which|one's|technically|merely|naturally|positively|quite"
    r"|exquisite|remarkable|splendid|kindly|essay|novel)\b",
    re.IGNORECASE,
)
_LONG_WORD, _LEARNED_SHARE = 8, 0.065
"""Of the shipped cast's words 4 % (Peter) and 8 % (Brian, Stewie) have eight letters or more."""
_LENGTH = re.compile(r"about (\d{1,4}) words", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OwnLine:
    """Something the character says, and what it answers (None: nothing in particular). `opening`: its first words."""

    text: str
    answers: Cue | None = None
    stems: frozenset[str] = frozenset()
    opening: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something the character cares about, with the words by which it is recognised."""

    name: str
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Who is played: names, own lines and habits of speech, what they care about, whom and what they know."""

    names: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    habits: tuple[str, ...] = ()
    sayings: tuple[str, ...] = ()
    lines: tuple[OwnLine, ...] = ()
    topics: tuple[Topic, ...] = ()
    people: tuple[tuple[str, str], ...] = ()
    never: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    guidance: tuple[str, ...] = ()
    falls_in_on: str = ""
    opens_on: str = ""
    words_most: int = 60
    register: Register = "plain"

    @property
    def name(self) -> str:
        """What the character is called, or nothing when nobody in particular is played."""
        return self.names[0] if self.names else ""


def lasting_and_passing(system: str) -> tuple[str, str]:
    """The system text that stays the same from turn to turn, and what belongs to this one: passages and guidance."""
    text = plain(system[:_MOST_CHARACTERS])
    passing = [*_PASSING.findall(text), *(m[0] for m in _PASSAGE.finditer(text))]
    return _PASSING.sub("", _PASSAGE.sub("\n", text)), "\n".join(passing)


def without_guidance(system: str) -> str:
    """The system text as it was before anything was said about a draft."""
    return _GUIDANCE.sub("", system[:_MOST_CHARACTERS])


def of_the_moment(part: Part, passing: str) -> Part:
    """The same part, with this turn's passages and guidance, and whose line it falls in on or what it opens on."""
    if not passing:
        return part
    facts = [fact for _, body in _PASSAGE.findall(passing) for fact in _facts(unescape(body))]
    sections = _sections(_PASSAGE.sub("", passing))
    guidance = [line.casefold() for line in _bullets(sections["guidance"])]
    falls_in, opens = (next(filter(None, map(pattern.match, sections["now"])), None) for pattern in (_FALLS_IN, _OPENS))
    return replace(
        part,
        facts=(*facts, *part.facts),
        guidance=tuple(g for g in guidance if not _SHOWS.match(g)),
        falls_in_on=falls_in[1] if falls_in else "",
        opens_on=opens[1] if opens else "",
    )


def read_part(text: str, character: str | None = None) -> Part:
    """Read the part from its lasting text. `character` is the id that the request gives, if it does."""
    sections = _sections(text)
    names = _names(text, character)
    own = list(_own_lines(sections["examples"], names)) or list(_own_lines(_every_line(sections), names))
    return Part(
        names=names,
        about=tuple(s for s in _facts("\n".join(sections["about"])) if not _DIALOGUE.match(s)),
        habits=tuple(quoted(sections["talk"])),
        sayings=tuple(s for s in map(_unquoted, _bullets(sections["sayings"])) if s),
        lines=tuple(own),
        topics=tuple(_topics(sections["interests"])),
        people=tuple((who, how) for who, how in _people(sections["people"]) if who not in names),
        never=tuple(_unquoted(s).casefold() for s in _bullets(sections["never"])),
        facts=tuple(_facts("\n".join(line for line in sections["lore"] if not _ABOUT_PASSAGES.search(line)))),
        words_most=_words_most(sections["talk"], own),
        register=_register([*(line.text for line in own), *_bullets(sections["sayings"])]),
    )


def _sections(text: str) -> dict[str, list[str]]:
    """The lines of the text by the kind of heading above them; those before any heading are about the character."""
    found: dict[str, list[str]] = {kind: [] for kind in (*dict(_SECTIONS), "other")}
    here = "about"
    for line in text.splitlines():
        heading = _HEADING.match(line.strip())
        if heading:
            title = next(group for group in heading.groups() if group).casefold()
            here = next((kind for kind, pattern in _SECTIONS if re.search(pattern, title)), "other")
        elif line.strip() and len(found[here]) < _MOST_LINES:
            found[here].append(line.strip())
    return found


def _every_line(sections: dict[str, list[str]]) -> list[str]:
    return [line for kind in ("about", "talk", "other", "now") for line in sections[kind]]


def _names(text: str, character: str | None) -> tuple[str, ...]:
    named = _NAMED.search(re.sub(r"^#.*$", "", text, flags=re.MULTILINE))
    full = named[1].strip() if named and named[1].split()[0] not in _NOBODY else ""
    if not full and character:
        full = character.replace("_", " ").replace("-", " ").title()
    if not full:
        return ()
    first = full.split()[0]
    short = first if character is None or character.casefold() == first.casefold() or " " not in full else full
    return tuple(dict.fromkeys((short, full, first)))


def _own_lines(lines: list[str], names: tuple[str, ...]) -> Iterator[OwnLine]:
    before = ""
    folded = {name.casefold() for name in names} | {"{{char}}"}
    for line in lines:
        spoken = _DIALOGUE.match(line)
        if spoken is None:
            before = ""
        elif spoken[1].strip().casefold() in folded:
            said = _unquoted(spoken[2])
            yield OwnLine(said, read_cue(before, my_names=names) if before else None, stems(said), first_words(said))
            before = ""
        else:
            before = spoken[2]


def _bullets(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield _BULLET.sub("", line).strip()


def _unquoted(text: str) -> str:
    text = text.strip()
    return (
        text[1:-1].strip() if len(text) > 2 and text[0] in '"“' and text[-1] in '"”' and '"' not in text[1:-1] else text
    )


def quoted(lines: Iterable[str]) -> Iterator[str]:
    """What stands in quotation marks."""
    for line in lines:
        for double, single in _QUOTED.findall(line):
            yield (double or single).strip()


def _topics(lines: list[str]) -> Iterator[Topic]:
    for line in _bullets(lines):
        name, _, rest = line.partition(":")
        keywords = tuple(word.strip().casefold() for word in rest.split(",") if word.strip())
        yield Topic(name.strip(" *."), keywords)


def _people(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in _bullets(lines):
        name, colon, how = line.partition(":")
        if colon and len(name) <= 40:
            yield name.strip(" *"), how.strip()


def _facts(text: str) -> list[str]:
    """The sentences that tell something, without those that give orders: lore is data, whatever it says."""
    told = (_BULLET.sub("", sentence).strip() for sentence in sentences(_WRAPPED.sub(r"\1 ", text)))
    return [s for s in told if len(content_words(s)) >= 2 and len(s) <= 400 and not _ORDERS.search(s)][:_MOST_LINES]


def _register(spoken: list[str]) -> Register:
    """How the part talks, by its own lines."""
    text = "\n".join(spoken)
    if len(_HEARTY.findall(text)) > 0.4 * len(spoken):
        return "hearty"
    found = words(text)
    long_words = sum(len(word) >= _LONG_WORD for word in found)
    bookish = len(found) >= 150 and long_words > _LEARNED_SHARE * len(found)
    return "learned" if bookish or (spoken and len(_LEARNED.findall(text)) >= 0.15 * len(spoken)) else "plain"


def _words_most(talk: list[str], own: list[OwnLine]) -> int:
    """How long a line may become: half as long again as is usual for the part."""
    asked = next((int(found[1]) for line in talk if (found := _LENGTH.search(line))), 0)
    lengths = [len(line.text.split()) for line in own] or [40]
    return max(20, int(1.5 * (asked or sum(lengths) / len(lengths))))
