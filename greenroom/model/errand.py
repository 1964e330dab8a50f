"""Small jobs that the person who runs a machine gives away: what a log says, and a script that does a thing."""

from typing import Annotated, Literal

from pydantic import AliasChoices, Field, StringConstraints

from greenroom.model.value import NonBlank, Value

LogSeverity = Literal["critical", "error", "warning", "info"]


class LogsToAnalyze(Value):
    """Lines of a log, and what is asked of them. `model` empty means that of the role `analysis`."""

    logs: Annotated[NonBlank, Field(max_length=2_000_000)]
    question: str = Field("", max_length=4000)
    model: str = ""
    use_cache: bool = True


class LogLine(Value):
    """A line of the log as it stands there, the first 500 characters of it. The first line is number 1."""

    number: int = Field(ge=1)
    text: str


class LogIssue(Value):
    """Something that is wrong, and the lines that show it; there is one at least. `count` counts all such lines."""

    severity: LogSeverity
    issue: str
    lines: tuple[LogLine, ...] = Field(min_length=1)
    count: int = Field(1, ge=1)
    suggestion: str = ""


class LogFacts(Value):
    """What is counted in a log. `levels` has the lines of each severity; lines that name none are in none.

    Times are as they stand in the log. `span_s` is the time between them in seconds, None where they cannot be read.
    """

    lines: int
    levels: dict[LogSeverity, int] = {}
    first_time: str | None = None
    last_time: str | None = None
    span_s: float | None = None


class LogAnalysis(Value):
    """What a log says: the worst issues first. `answer` answers the question, if one was asked.

    `model` is the full name of the model that read it; empty when nobody did, and `summary` and `issues` come from
    counting alone. `notes` say what was left out, and why.
    """

    summary: str
    answer: str = ""
    issues: tuple[LogIssue, ...]
    facts: LogFacts
    model: str = ""
    cache_hit: bool = False
    notes: tuple[str, ...] = ()


class ScriptWish(Value):
    """What a script shall do. `language` may be called `shell`; `platform` says where it runs."""

    description: Annotated[NonBlank, Field(max_length=20_000)]
    language: Annotated[str, StringConstraints(max_length=40, pattern=r"^[\w+#. -]+$")] = Field(
        "bash", validation_alias=AliasChoices("language", "shell")
    )
    platform: str = Field("", max_length=200)
    model: str = ""
    use_cache: bool = True


class Script(Value):
    """A script that nobody has run yet. `warnings` are the model's, and those for what is dangerous on sight."""

    script: str
    language: str
    explanation: str
    warnings: tuple[str, ...] = ()
    model: str
    cache_hit: bool = False
