"""Who said what, in a request to a model: the system text, the conversation, and the line that calls for an answer."""

import re
from dataclasses import dataclass, replace

from greenroom.llm.scene import Heard
from greenroom.model import ChatRequest, GenerateRequest

_LABELLED = re.compile(r"^([^\W\d_][\w .'’-]{0,31}):\s+(?=\S)")
_TO_COMPLETE = re.compile(r"^([^\W\d_][\w .'’-]{0,31}):\s*$")
_NOT_NAMES = frozenset({
    "note", "question", "q", "a", "task", "context", "example", "input", "output", "text", "ps", "update", "edit",
    "warning", "todo", "translate", "summary", "summarize", "system", "user", "assistant", "instruction",
    "instructions", "topic", "title", "subject", "hint", "fact", "http", "https",
})  # fmt: skip
_TALE = re.compile(
    r"once upon a time\b|(?:it|there|he|she|they|the|a|an|one|long ago|in|[A-Z][a-z]+)\b[^?!\n]{0,80}"
    r"\b(?:was|were|had|lived|came|stood|went|walked|woke)\b",
    re.IGNORECASE,
)
_MOST_LINES = 200


@dataclass(frozen=True)
class Reading:
    """What a request holds. `cue` is empty when nobody waits for an answer, and the character is to begin."""

    system: str
    heard: tuple[Heard, ...] = ()
    cue: str = ""
    author: str = ""
    character: str | None = None
    begins: bool = False
    is_tale: bool = False


def read_conversation(request: ChatRequest) -> Reading:
    """Take the messages of a chat apart. Lines of others carry their name in front, where the caller put it there."""
    system = "\n\n".join(m.content for m in request.messages if m.role == "system")
    told = "\n".join(m.content for m in request.messages if m.role == "tool")
    if told:
        system = f"{system}\n\n## What you know\n{told}"
    spoken = [m for m in request.messages if m.role in {"user", "assistant"} and (m.content or m.role == "user")][
        -_MOST_LINES:
    ]
    labelled = all(_name_in(m.content) for m in spoken if m.role == "user")
    lines = [_line(m.content, own=m.role == "assistant", labelled=labelled) for m in spoken]
    return _reading(system, lines, request.character)


def read_prompt(request: GenerateRequest) -> Reading:
    """Take a prompt apart: the script of a conversation that breaks off after a name, or a single line."""
    lines = request.prompt.strip().splitlines()
    last = _TO_COMPLETE.match(lines[-1].strip()) if lines else None
    if last is None or len(lines) < 2:
        reading = _reading(request.system or "", [_line(request.prompt, own=False, labelled=False)], request.character)
        return replace(reading, is_tale=bool(_TALE.match(request.prompt.strip())) and "?" not in request.prompt)
    who = last[1]
    script = [line.strip() for line in lines[:-1] if _name_in(line.strip())]
    before = "\n".join(line for line in lines[:-1] if not _name_in(line.strip()))
    said = [_line(line, own=False, labelled=True) for line in script]
    said = [Heard(line.text, "" if line.author == who else line.author, own=line.author == who) for line in said]
    return _reading(f"You are {who}.\n{request.system or ''}\n{before}", said, request.character)


def _reading(system: str, lines: list[Heard], character: str | None) -> Reading:
    if not lines or lines[-1].own:
        return Reading(system, tuple(lines), character=character, begins=True)
    last = lines[-1]
    return Reading(system, tuple(lines[:-1]), last.text, last.author, character)


def _name_in(content: str) -> str:
    found = _LABELLED.match(content)
    return found[1] if found and found[1].casefold() not in _NOT_NAMES and len(found[1].split()) <= 4 else ""


def _line(content: str, *, own: bool, labelled: bool) -> Heard:
    name = _name_in(content) if labelled and not own else ""
    return Heard(content[len(name) + 1 :].strip() if name else content, name, own)
