"""A form with files, as clients send it (multipart/form-data): taken apart where it lies, and put together anew.

It is put together anew because readers differ on odd forms: what was read here is what the next server reads. The
parser of python-multipart would copy each file piece by piece, and starlette's writes large ones to the disk.
Source: RFC 7578, section 4; RFC 2046, section 5.1.1; the HTML standard, "multipart/form-data encoding algorithm".
"""

import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from email.message import Message
from typing import Self

from greenroom.errors import BadRequest

_MOST_FIELDS = 100
_HEAD_BYTES = 4_000
_TEXT_BYTES = 100_000
_PIECE_BYTES = 65_536
_ESCAPED = str.maketrans({'"': "%22", "\\": "%5C", "\r": "%0D", "\n": "%0A"})
"""As browsers do; and a backslash, for some readers take it for an escape."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. A file has a `filename` and what `kind` of content it is; its `value` is a view of the whole body."""

    name: str
    value: memoryview
    filename: str | None = None
    kind: str = ""

    def head(self) -> bytes:
        """What stands before its value."""
        told = f'Content-Disposition: form-data; name="{self.name.translate(_ESCAPED)}"'
        if self.filename is not None:
            told += f'; filename="{self.filename.translate(_ESCAPED)}"'
        if self.kind:
            told += f"\r\nContent-Type: {self.kind.translate(_ESCAPED)}"
        return told.encode("latin-1") + b"\r\n\r\n"


class Form:
    """The fields of a form, in their order. Iterating over it gives its bytes, as often as they are wanted."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = fields
        self._boundary = f"greenroom-{secrets.token_hex(16)}"

    @classmethod
    def read(cls, content: bytes, content_type: str) -> Self:
        """Take a body apart. Raises: BadRequest, when it is no form, or not a whole one."""
        boundary = _told(content_type, "boundary")
        if not content_type.casefold().startswith("multipart/form-data") or not boundary:
            raise BadRequest("the body must be a form with a file (multipart/form-data)")
        return cls([_field(head, value) for head, value in _parts(content, boundary.encode("latin-1"))])

    def text(self, name: str) -> str:
        """The text of a field; empty when it is not there. Raises: BadRequest, when it is there twice, or no text."""
        found = [field for field in self._fields if field.name == name]
        if len(found) > 1:
            raise BadRequest(f"the field {name} stands twice in the form")
        if not found:
            return ""
        if found[0].filename is not None or len(found[0].value) > _TEXT_BYTES:
            raise BadRequest(f"the field {name} must be a text")
        try:
            return str(found[0].value, "utf-8").strip()
        except UnicodeDecodeError as exc:
            raise BadRequest(f"the field {name} is not UTF-8") from exc

    def has_file(self, name: str) -> bool:
        """Whether there is a file of this name."""
        return any(field.name == name and field.filename is not None for field in self._fields)

    def with_text(self, name: str, text: str) -> "Form":
        """The same form with another text in a field."""
        value = memoryview(text.encode())
        return Form([replace(field, value=value) if field.name == name else field for field in self._fields])

    def headers(self) -> dict[str, str]:
        """What is to be said of its bytes."""
        size_bytes = sum(len(before) + len(value) for before, value in self._written())
        return {
            "Content-Type": f"multipart/form-data; boundary={self._boundary}",
            "Content-Length": str(size_bytes),
        }

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Its bytes, of a file not too many at once."""
        for before, value in self._written():
            yield before
            for at in range(0, len(value), _PIECE_BYTES):
                yield bytes(value[at : at + _PIECE_BYTES])

    def _written(self) -> Iterator[tuple[bytes, memoryview]]:
        opening = f"--{self._boundary}\r\n".encode()
        for field in self._fields:
            yield opening + field.head(), field.value
            yield b"\r\n", memoryview(b"")
        yield f"--{self._boundary}--\r\n".encode(), memoryview(b"")


def _parts(content: bytes, boundary: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Head and value of each part."""
    whole, between = memoryview(content), b"\r\n--" + boundary
    if not content.startswith(between[2:]):
        raise BadRequest("the form does not begin as its content type says")
    at = len(between) - 2
    for _ in range(_MOST_FIELDS + 1):
        if content.startswith(b"--", at):
            return
        head_end = content.find(b"\r\n\r\n", at, at + _HEAD_BYTES)
        end = content.find(between, head_end + 4)
        if head_end < 0 or end < 0 or not content.startswith(b"\r\n", at):
            raise BadRequest("the form breaks off, or one of its fields has no head")
        yield content[at + 2 : head_end], whole[head_end + 4 : end]
        at = end + len(between)
    raise BadRequest(f"the form has more than {_MOST_FIELDS} fields")


def _field(head: bytes, value: memoryview) -> Field:
    lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n"))
    said = {name.strip().casefold(): text.strip() for name, _, text in lines}
    disposition = said.get("content-disposition", "")
    name = _told(disposition, "name")
    if name is None:
        raise BadRequest("a field of the form has no name")
    return Field(name, value, _told(disposition, "filename"), said.get("content-type", ""))


def _told(header: str, parameter: str) -> str | None:
    """A parameter of a header; None when it is not there, or written in a way that forms do not have (RFC 2231)."""
    message = Message()
    message["content-type"] = header
    found = message.get_param(parameter)
    return found if isinstance(found, str) else None
