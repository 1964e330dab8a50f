"""The example dialogue of a card (`mes_example`) as exchanges, and back.

<START>
{{user}}: Are you busy?
{{char}}: Never too busy for you.
A reply may go on in the next line.
"""

import re
from collections.abc import Iterator

from greenroom.characters.naming import folded
from greenroom.model import Example

_START = re.compile(r"^[ \t]*<START>[ \t]*$", re.IGNORECASE | re.MULTILINE)
_NAME = re.compile(r"\{\{\w+\}\}|<USER>|[^\W\d_a-z][\w'’.-]*(?: [^\W\d_a-z][\w'’.-]*){0,2}")
"""Up to three words with capitals (or of a script without them); more is a sentence that happens to have a colon."""
_OWN = frozenset({"{{char}}", "<bot>", "{{bot}}"})
_PERSON = frozenset({"{{user}}", "<user>", "you"})


def read_dialogue(text: str, names: tuple[str, ...]) -> tuple[Example, ...]:
    """Read exchanges. A line is the character's own under `{{char}}` or one of `names`; a block without any speaker
    is a line of its own as well."""
    own = _OWN | {folded(name) for name in names}
    return tuple(example for block in _START.split(text) for example in _exchanges(block, own))


def write_dialogue(examples: tuple[Example, ...]) -> str:
    """Write exchanges, each in a block of its own."""
    return "\n".join(
        "\n".join(filter(None, ("<START>", e.prompt and f"{e.author}: {e.prompt}", f"{{{{char}}}}: {e.reply}")))
        for e in examples
    )


def _exchanges(block: str, own: frozenset[str]) -> Iterator[Example]:
    author, prompt = "{{user}}", ""
    for speaker, said in _turns(block, own):
        if speaker is None:
            yield Example(reply=said, prompt=prompt, author=author)
            author, prompt = "{{user}}", ""
        else:
            prompt = f"{prompt}\n{said}" if prompt and speaker == author else said
            author = speaker


def _turns(block: str, own: frozenset[str]) -> list[tuple[str | None, str]]:
    """Who says what; None is the character. Lines without a speaker go on with the one before."""
    turns: list[tuple[str | None, list[str]]] = []
    for line in block.strip().splitlines():
        speaker, said = _spoken(line, own)
        if (speaker == "" and turns) or (speaker is None and turns and turns[-1][0] is None):
            turns[-1][1].append(said)
        else:
            turns.append((speaker or None, [said]))
    told = ((speaker, "\n".join(lines).strip()) for speaker, lines in turns)
    return [(speaker, said) for speaker, said in told if said]


def _spoken(line: str, own: frozenset[str]) -> tuple[str | None, str]:
    """The speaker of a line (None is the character, "" is nobody named) and what is said."""
    head, colon, said = line.partition(":")
    name = folded(head)
    if colon and name in own:
        return None, said.strip()
    if not colon or not _NAME.fullmatch(head.strip()):
        return "", line
    return ("{{user}}" if name in _PERSON else head.strip()), said.strip()
