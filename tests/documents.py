"""Reading the documents: their blocks of code, the code inside sentences, and their links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]+) -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A block of code. `mark` is what the comment above it says: how a test shall use it."""

    document: str
    line: int
    language: str
    text: str
    mark: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


def blocks(language: str) -> list[Block]:
    """All blocks of a language, in all documents."""
    return [block for path in DOCUMENTS for block in _blocks(path) if block.language == language]


def spans() -> list[tuple[str, str]]:
    """The code inside sentences and tables, each with its document."""
    return [(path.name, span) for path in DOCUMENTS for span in _SPAN.findall(_BLOCK.sub("", path.read_text("utf-8")))]


def links() -> list[tuple[Path, str]]:
    """Links and pictures that stay in the repository, each with its document."""
    found = ((path, link) for path in DOCUMENTS for link in _LINK.findall(_BLOCK.sub("", path.read_text("utf-8"))))
    return [(path, link) for path, link in found if "://" not in link]


def anchors(path: Path) -> set[str]:
    """What can be linked to inside a document: its headings, spelt as in a link."""
    headings = re.findall(r"^#+ (.+)$", _BLOCK.sub("", path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.casefold()).replace(" ", "-") for heading in headings}


def _blocks(path: Path) -> Iterator[Block]:
    content = path.read_text("utf-8")
    for found in _BLOCK.finditer(content):
        line = content.count("\n", 0, found.start("language")) + 1
        yield Block(path.name, line, found["language"], found["text"], found["mark"] or "")
