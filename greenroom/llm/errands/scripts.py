"""A script that a model writes, looked through for what is dangerous on sight. It is never run here."""

import re

from pydantic import BaseModel

from greenroom.errors import NoUpstream, UpstreamFailed
from greenroom.llm.errands.asking import FormFilling, Question
from greenroom.model import Script, ScriptWish

_SYSTEM = (
    "You write scripts for the person who runs a machine. What they describe between <wish> and </wish> is what the "
    "script shall do. Write the whole script into `script`, ready to be saved and run, without a fence around it: it "
    "stops at the first error, quotes its variables, asks for nothing that it can find out, and destroys nothing that "
    "it was not asked to. Say in `explanation` what it does, in a few sentences, and in `warnings` what it needs, what "
    "it changes, and what can go wrong."
)

_DANGERS = (
    ("deletes whole folders", r"\brm\s+(?:-\w+\s+)*-\w*r\w*\b|\bRemove-Item\b.*-Recurse|\b(?:rd|rmdir|del)\b.*\s/s\b"),
    (
        "writes to a disk as such",
        r"\b(?:mkfs\S*|wipefs|parted|Format-Volume|diskpart)\b|\bdd\b.*\bof=|>\s*/dev/(?:sd|nvme)",
    ),
    ("runs what it downloads", r"\b(?:curl|wget|iwr|Invoke-WebRequest)\b.*\|\s*(?:sudo\s+)?(?:ba|z|da|k)?sh\b"),
    ("runs text as code", r"\beval\b|\bexec\s*\(|\bInvoke-Expression\b|\biex\b"),
    ("works with the administrator's rights", r"\bsudo\b|\bdoas\b|\bsu\s+-|-Verb\s+RunAs"),
    ("opens files to everybody", r"\bchmod\s+(?:-\w+\s+)*(?:0?777|a\+rwx)\b"),
    (
        "deletes data of a database",
        r"\b(?:DROP|TRUNCATE)\s+(?:TABLE|DATABASE|SCHEMA)\b|\bDELETE\s+FROM\s+\S+\s*(?:;|$)",
    ),
    ("discards work under version control", r"\bgit\s+(?:push\b.*(?:--force|-f\b)|reset\s+--hard|clean\s+-\w*f)"),
    (
        "stops the machine or programs",
        r"\b(?:shutdown|reboot|poweroff|(?:Restart|Stop)-Computer)\b|\bkill(?:all)?\s+-9\b",
    ),
    ("starts copies of itself without end", r":\(\)\s*\{.*\|.*&\s*\}"),
)
_READ_CHARACTERS = 2000


class _Written(BaseModel):
    script: str
    explanation: str
    warnings: list[str] = []


class ScriptWriting:
    """Has scripts written."""

    def __init__(self, forms: FormFilling) -> None:
        self._forms = forms

    async def write(self, wish: ScriptWish) -> Script:
        """Have a script written. Raises: NoUpstream, without a language model; UpstreamFailed; UnknownModel."""
        if why := await self._forms.why_not(wish.model):
            raise NoUpstream(f"only a language model can write a script, and none answers now: {why}")
        where = f" on {wish.platform}" if wish.platform else ""
        said = f"<wish>\n{wish.description}\n</wish>\n\nWrite it in {wish.language}{where}."
        filled = await self._forms.fill(_Written, Question(_SYSTEM, said, wish.model, wish.use_cache))
        script = _without_fence(filled.form.script)
        if not script.strip():
            raise UpstreamFailed(f"{filled.model} wrote no script")
        return Script(
            script=script,
            language=wish.language,
            explanation=filled.form.explanation,
            warnings=(*dangers(script), *filled.form.warnings),
            model=filled.model,
            cache_hit=filled.was_kept,
        )


def dangers(script: str) -> tuple[str, ...]:
    """What is dangerous on sight, with the first line where it stands. What is not found may be dangerous all the
    same."""
    lines = [line[:_READ_CHARACTERS] for line in script.splitlines()]
    return tuple(
        f"line {number} {what}"
        for what, danger in _PATTERNS
        if (number := next((n for n, line in enumerate(lines, 1) if danger.search(line)), None))
    )


_PATTERNS = tuple((what, re.compile(danger, re.IGNORECASE)) for what, danger in _DANGERS)


def _without_fence(script: str) -> str:
    found = re.fullmatch(r"\s*```[^\n]*\n(.*?)\n?```\s*", script, re.DOTALL)
    return found[1] + "\n" if found else script
