"""Who said what, in a request to a model: the system text, the conversation, and the line that calls for an answer."""

import re
from dataclasses import dataclass, replace

from greenroom.llm.understudy.scene import Heard
from greenroom.model import ChatRequest, GenerateRequest

_LABEL = re.compile(r"([^\W\d_][\w .'’-]{0,31}):\s+(?=\S)")
_ANY_LABEL = re.compile(r"([^\s:][^:\n]{0,79}):\s")
"""How our own prompts name a speaker; people call themselves what they like."""
_ASIDE = re.compile(r"\s*(?:\([^()\n]*\)\s*)?\Z")
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
    spoken = [m for m in request.messages if m.role in {"user", "assistant"} and not _ASIDE.match(m.content)]
    label = _ANY_LABEL if request.character else _LABEL
    labelled = all(_name_in(m.content, label) for m in spoken if m.role == "user")
    lines: list[Heard] = []
    for message in spoken[-_MOST_LINES:]:
        if message.role == "assistant":
            lines.append(Heard(message.content, own=True))
        else:
            lines.extend(_lines(message.content, label) if labelled else [Heard(message.content)])
    return _reading(system, lines, request.character)


def read_prompt(request: GenerateRequest) -> Reading:
    """Take a prompt apart: the script of a conversation that breaks off after a name, or a single line."""
    lines = request.prompt.strip().splitlines()
    last = _TO_COMPLETE.match(lines[-1].strip()) if lines else None
    if last is None or len(lines) < 2:
        reading = _reading(request.system or "", [Heard(request.prompt)], request.character)
        return replace(reading, is_tale=bool(_TALE.match(request.prompt.strip())) and "?" not in request.prompt)
    who = last[1]
    script = [line.strip() for line in lines[:-1] if _name_in(line.strip(), _LABEL)]
    before = "\n".join(line for line in lines[:-1] if not _name_in(line.strip(), _LABEL))
    said = _lines("\n".join(script), _LABEL)
    said = [Heard(line.text, own=True) if line.author == who else line for line in said]
    return _reading(f"You are {who}.\n{request.system or ''}\n{before}", said, request.character)


def _reading(system: str, lines: list[Heard], character: str | None) -> Reading:
    if not lines or lines[-1].own:
        return Reading(system, tuple(lines), character=character, begins=True)
    last = lines[-1]
    return Reading(system, tuple(lines[:-1]), last.text, last.author, character)


def _lines(content: str, label: re.Pattern[str]) -> list[Heard]:
    """The lines of a message, each with who said it; one that is indented belongs to the line before."""
    found: list[Heard] = []
    for line in content.splitlines():
        name = _name_in(line, label)
        if name or not found:
            found.append(Heard(line[len(name) + 1 :].strip() if name else line, name))
        else:
            found[-1] = replace(found[-1], text=f"{found[-1].text}\n{line.strip()}")
    return found


def _name_in(line: str, label: re.Pattern[str]) -> str:
    found = label.match(line)
    return found[1] if found and found[1].casefold() not in _NOT_NAMES and len(found[1].split()) <= 4 else ""
