"""Cutting a long line into messages that Discord takes, where a reader would pause, and never through something whole.

Whole are custom emoji, mentions, times, links, spoilers, inline code and blocks of code. What is longer than a message
by itself is cut at a line or a word; a spoiler or a code block is then closed, and opened again in the next message.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LIMIT = 2000
"""Characters in a message, at most. Source: Discord's API, "Create Message", `content`."""

_WHOLE = re.compile(
    r"(?P<fence>```(?P<language>[\w+#.-]*(?=\n))?.*?```)"
    r"|(?P<spoiler>\|\|(?=\S|\s\S).+?\|\|)"
    r"|(?P<code>`[^`\n]+`)"
    r"|(?P<token><(?:a?:\w{1,64}:\d{1,20}|[@#][!&]?\d{1,20}|t:-?\d{1,20}(?::\w)?)>)"
    r"|(?P<link>https?://[^\s<>]+)",
    re.DOTALL,
)
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)*_]*\s+|\n\s*")
_WORD = re.compile(r"\s+")
_LEAST = 0.25
"""Paragraphs and sentences count only beyond this part of the message, so that none is a scrap."""
_JOINERS = frozenset("\u200d\ufe0e\ufe0f\u20e3") | frozenset(map(chr, [*range(0x300, 0x370), *range(0x1F3FB, 0x1F400)]))


def split(text: str, limit: int = LIMIT) -> list[str]:
    """Cut a text into parts of at most `limit` characters, none of them blank; no text gives no parts."""
    parts = []
    rest = text.strip()
    while len(rest) > limit:
        part, rest = _cut(rest, limit)
        parts += [part] if part else []
    return [*parts, rest] if rest else parts


@dataclass(frozen=True)
class _Whole:
    """Something that must not be cut. `opens` and `closes` are its marks, if it has any."""

    start: int
    end: int
    opens: str = ""
    closes: str = ""


def _cut(text: str, limit: int) -> tuple[str, str]:
    """The first message of a text, and what is left of it."""
    wholes = list(_wholes(text, limit))
    place = _pause(text, limit, wholes)
    if place:
        return text[: place[0]].rstrip(), text[place[1] :].lstrip()
    first = next((whole for whole in wholes if whole.start < limit < whole.end), None)
    if first is not None and first.start:
        return text[: first.start].rstrip(), text[first.start :]
    return _cut_inside(text, limit, first or _Whole(0, len(text)))


def _wholes(text: str, limit: int) -> Iterator[_Whole]:
    """What is whole in a text and begins within the first message."""
    for found in _WHOLE.finditer(text):
        if found.start() > limit:
            return
        kind = found.lastgroup if found.lastgroup != "language" else "fence"
        if found["fence"] is not None:
            kind = "fence"
        yield _Whole(found.start(), found.end(), *_marks(kind or "", found["language"] or ""))


def _marks(kind: str, language: str) -> tuple[str, str]:
    if kind == "fence":
        return f"```{language}\n", "\n```"
    return {"spoiler": ("||", "||"), "code": ("`", "`")}.get(kind, ("", ""))


def _pause(text: str, limit: int, wholes: list[_Whole]) -> tuple[int, int] | None:
    """Where white space begins and ends at which a reader would pause: after a paragraph, a sentence, a word."""
    for pattern, least in ((_PARAGRAPH, _LEAST), (_SENTENCE, _LEAST), (_WORD, 0.0)):
        found = [
            (pause.start(), pause.end())
            for pause in pattern.finditer(text, 0, min(len(text), limit + 1))
            if max(1, least * limit) <= pause.start() <= limit and not _inside(pause.start(), wholes)
        ]
        if found:
            return found[-1]
    return None


def _inside(place: int, wholes: list[_Whole]) -> bool:
    return any(whole.start < place < whole.end for whole in wholes)


def _cut_inside(text: str, limit: int, whole: _Whole) -> tuple[str, str]:
    """Cut through something that is longer than a message: at a line, a word, or between two letters."""
    room = limit - len(whole.closes)
    begin = len(whole.opens) if text.startswith(whole.opens) else 0
    place = max(text.rfind("\n", begin + 1, room), -1)
    if place <= begin and not whole.opens.startswith("```"):
        place = text.rfind(" ", begin + 1, room)
    if place <= begin:
        place = _between_letters(text, room)
    rest = text[place:].removeprefix("\n") if whole.closes.startswith("\n") else text[place:].lstrip()
    return text[:place].rstrip() + whole.closes, whole.opens + rest


def _between_letters(text: str, place: int) -> int:
    """The last place up to this one where no sign is parted from what belongs to it, such as an accent."""
    at = place
    while at > place // 2 and (text[at] in _JOINERS or text[at - 1] == "\u200d"):
        at -= 1
    return at
