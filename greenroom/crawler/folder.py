"""Files of a folder as documents: Markdown, HTML, plain text and PDF. Blocking: run it in a thread."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from greenroom.crawler.reading import Reading, read_html, read_plain, tidied
from greenroom.errors import InvalidInput
from greenroom.model import Document

_KINDS = {".md": "text", ".markdown": "text", ".txt": "text", ".html": "html", ".htm": "html", ".pdf": "pdf"}
_MOST_BYTES = 50_000_000
_MOST_PDF_PAGES = 3000
_PART_CHARS = 200_000
"""In one document: a request with it stays below `wire.max_body_bytes`, whatever the script."""


class Unread(NamedTuple):
    """A file that could not be read, and why."""

    path: str
    why: str


def files_of(folder: Path) -> list[Path]:
    """The files that can be read, by name. Hidden ones are left out, and links that lead outside.

    Raises: InvalidInput, when this is no folder.
    """
    if not folder.is_dir():
        raise InvalidInput(f"{str(folder)!r} is neither an address (http://…) nor a folder")
    inside = folder.resolve()
    found = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.casefold() in _KINDS and not hidden and path.is_file() and path.resolve().is_relative_to(inside):
            found.append(path)
    return found


def source_of(folder: Path) -> str:
    """How the library calls a folder: by its name, for paths are nobody's business."""
    return f"folder {folder.resolve().name}"


def documents_of(path: Path, folder: Path, known_to: tuple[str, ...]) -> list[Document] | Unread:
    """A file as a document, whose id is its path inside the folder; a very long one as several."""
    name = path.relative_to(folder).as_posix()
    try:
        reading = _read(path)
    except (OSError, ValueError) as exc:
        return Unread(name, str(exc) or type(exc).__name__)
    if not reading.text.strip():
        return Unread(name, "there is no text in it")
    parts = packed(reading.text.splitlines(keepends=True))
    return [
        Document(
            id=id_of(path, folder) + (f" ({number})" if number > 1 else ""),
            title=(reading.title or path.stem)[:500],
            text=part,
            metadata={"file": name},
            source=source_of(folder)[:500],
            licence=reading.licence,
            known_to=known_to,
            fetched_at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        )
        for number, part in enumerate(parts, 1)
    ]


def id_of(path: Path, folder: Path) -> str:
    """The id of the document that a file is, or of the first of several."""
    return path.relative_to(folder).as_posix()[-400:]


def file_of(document_id: str) -> str:
    """The id of the first of the documents that a file is."""
    return re.sub(r" \(\d+\)$", "", document_id)


def packed(lines: list[str]) -> list[str]:
    """Lines put together to texts that are not too long for one document."""
    parts, length = [""], 0
    for line in (one[start : start + _PART_CHARS] for one in lines for start in range(0, len(one), _PART_CHARS)):
        if length and length + len(line) > _PART_CHARS:
            parts.append("")
            length = 0
        parts[-1] += line
        length += len(line)
    return [part for part in parts if part.strip()]


def _read(path: Path) -> Reading:
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"larger than {_MOST_BYTES} bytes")
    kind = _KINDS[path.suffix.casefold()]
    if kind == "pdf":
        return _read_pdf(path)
    read = read_html if kind == "html" else read_plain
    return read(path.read_bytes(), path.name, {})


def _read_pdf(path: Path) -> Reading:
    """The text of a PDF, a section for each page. Raises: ValueError."""
    from pypdf import PdfReader  # takes half a second to import
    from pypdf.errors import PyPdfError

    try:
        pdf = PdfReader(path)
        title = str((pdf.metadata.title if pdf.metadata else "") or path.stem)
        texts = [page.extract_text().strip() for page in pdf.pages[:_MOST_PDF_PAGES]]
    except (PyPdfError, RecursionError, KeyError, TypeError, AttributeError) as exc:  # what damaged files do to it
        raise ValueError(f"this PDF cannot be read: {str(exc) or type(exc).__name__}") from exc
    parts = [f"## Page {number}\n{text}" for number, text in enumerate(texts, 1) if text]
    return Reading(tidied(title), tidied("\n".join(parts)))
