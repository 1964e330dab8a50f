"""What can be counted in a log without understanding it: severities, what comes again and again, the time it spans."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from greenroom.model import LogFacts, LogIssue, LogLine, LogSeverity

_ISSUES, _LINES_OF_AN_ISSUE = 20, 3
_SHOWN_CHARACTERS, _READ_CHARACTERS = 500, 2000

SEVERITIES: tuple[LogSeverity, ...] = ("critical", "error", "warning", "info")
"""The worst first."""

_WORDS: dict[LogSeverity, str] = {
    "critical": "CRITICAL|CRIT|FATAL|EMERGENCY|EMERG|ALERT|PANIC",
    "error": "ERROR|ERR|SEVERE",
    "warning": "WARNING|WARN",
    "info": "INFORMATION|INFO|NOTICE|DEBUG|TRACE",
}
_SEVERITY_OF = {word: severity for severity, words in _WORDS.items() for word in words.split("|")}
_ANY = "|".join(_SEVERITY_OF)
_LEVEL = re.compile(
    rf"\b(?P<shouted>{_ANY})\b"
    rf"|(?i:(?:\b(?:level|severity|lvl)[\"']?\s*[=:]\s*[\"']?|[\[<(]|^)(?P<named>{_ANY})\b)"
    rf"|(?i:\b(?P<before_colon>{_ANY}):)"
)
_RAISED = re.compile(r"\b[A-Z]\w*(?:Error|Exception)\b|^Traceback \(most recent call last\)")
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
    r"|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d\b"
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_VARYING = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b0x[0-9a-f]+\b|\b[0-9a-f]{12,}\b|\d+", re.IGNORECASE
)


def severity_of(line: str) -> LogSeverity | None:
    """The severity that a line names, or that of an exception; None when it says nothing of the kind."""
    start = line[:_READ_CHARACTERS]
    if found := _LEVEL.search(start):
        return _SEVERITY_OF[next(filter(None, found.groups())).upper()]
    return "error" if _RAISED.search(start) else None


def facts_of(lines: Sequence[str]) -> LogFacts:
    """What is counted."""
    levels = Counter(severity for line in lines if (severity := severity_of(line)))
    times = [found[0] for line in lines if (found := _TIME.search(line[:_READ_CHARACTERS]))]
    first, last = (times[0], times[-1]) if times else (None, None)
    return LogFacts(
        lines=len(lines),
        levels={severity: levels[severity] for severity in SEVERITIES if levels[severity]},
        first_time=first,
        last_time=last,
        span_s=_seconds_between(first, last) if first and last else None,
    )


def counted_issues(lines: Sequence[str]) -> tuple[LogIssue, ...]:
    """Lines of a warning or worse, those that differ only in numbers and times as one; the worst and most first."""
    alike: dict[tuple[LogSeverity, str], list[int]] = {}
    for number, line in enumerate(lines, 1):
        severity = severity_of(line)
        if severity and severity != "info":
            alike.setdefault((severity, _VARYING.sub("#", _without_time(line))), []).append(number)
    worst_first = sorted(alike.items(), key=lambda item: (SEVERITIES.index(item[0][0]), -len(item[1])))
    return tuple(
        LogIssue(
            severity=severity,
            issue=_without_time(lines[numbers[0] - 1]),
            lines=tuple(shown(lines, number) for number in numbers[:_LINES_OF_AN_ISSUE]),
            count=len(numbers),
        )
        for (severity, _), numbers in worst_first[:_ISSUES]
    )


def counted_summary(facts: LogFacts, issues: Sequence[LogIssue]) -> str:
    """The same in a sentence or two."""
    levels = ", ".join(f"{count} {severity}" for severity, count in facts.levels.items())
    span = f" from {facts.first_time} to {facts.last_time}" if facts.first_time else ""
    said = f"{facts.lines} lines{span}: " + (levels or "none of them names a severity") + "."
    if not issues:
        return said
    worst = issues[0]
    times = "once" if worst.count == 1 else f"{worst.count} times"
    return f"{said} The worst, {times}: {worst.issue}"


def shown(lines: Sequence[str], number: int) -> LogLine:
    """A line by its number, not longer than what is shown of one."""
    return LogLine(number=number, text=lines[number - 1][:_SHOWN_CHARACTERS])


def _without_time(line: str) -> str:
    return _TIME.sub("", line[:_SHOWN_CHARACTERS]).strip(" \t[]|-")


def _seconds_between(first: str, last: str) -> float | None:
    began, ended = _read(first), _read(last)
    return (ended - began).total_seconds() if began and ended else None


def _read(written: str) -> datetime | None:
    """A time; without a zone it is taken for UTC, without a year for this century's first leap year."""
    if written[:3] in _MONTHS:
        month = _MONTHS.index(written[:3]) + 1
        written = f"2004-{month:02}-{int(written[4:6]):02} {written[7:]}"
    try:
        found = datetime.fromisoformat(written.replace(",", "."))
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC)
