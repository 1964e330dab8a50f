"""The chunks of a PNG or APNG: finding a card among them, and putting one in. Pixels are never decoded.

Source: PNG specification, third edition, sections 5 (datastream structure) and 11.3.3 (textual information).
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from greenroom.errors import BadCard, TooLarge

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 20_000
MAX_PIXELS = 64_000_000
"""Largest picture that is kept; a browser that shows it needs four bytes for each pixel."""

_TEXT_KINDS = frozenset({b"tEXt", b"zTXt", b"iTXt"})


class Chunk(NamedTuple):
    """One chunk: its four letters, and what is in it."""

    kind: bytes
    content: bytes


def read_texts(png: bytes, keywords: frozenset[str], longest_bytes: int) -> dict[str, bytes]:
    """The texts under these keywords, the last one of each. Raises: BadCard, TooLarge."""
    found = {}
    for chunk in _chunks(png):
        keyword = _keyword(chunk)
        if keyword in keywords:
            found[keyword] = _text(chunk, longest_bytes)
    return found


def without_texts(png: bytes, keywords: frozenset[str]) -> bytes:
    """The picture alone, as it was: the same chunks except these texts. Raises: BadCard."""
    kept = (chunk for chunk in _chunks(png) if _keyword(chunk) not in keywords)
    return SIGNATURE + b"".join(map(written, kept))


def with_texts(png: bytes, texts: Mapping[str, bytes]) -> bytes:
    """The picture with these texts (base64 or other ASCII) before its end, in place of older ones."""
    kept = [chunk for chunk in _chunks(png) if _keyword(chunk) not in texts]
    added = [Chunk(b"tEXt", keyword.encode("latin-1") + b"\0" + text) for keyword, text in texts.items()]
    return SIGNATURE + b"".join(map(written, [*kept[:-1], *added, kept[-1]]))


def _chunks(png: bytes) -> Iterator[Chunk]:
    """All chunks up to IEND; what may follow it is not read."""
    at, count = len(SIGNATURE), 0
    while True:
        chunk = _chunk(png, at)
        if count == 0:
            _check_header(chunk)
        yield chunk
        if chunk.kind == b"IEND":
            return
        at, count = at + 12 + len(chunk.content), count + 1
        if count > MAX_CHUNKS:
            raise TooLarge(f"the PNG has more than {MAX_CHUNKS:,} chunks; save it again with a picture editor")


def _chunk(png: bytes, at: int) -> Chunk:
    if at + 12 > len(png):
        raise BadCard("the PNG ends too early; download or export it again")
    length, kind = struct.unpack_from(">I4s", png, at)
    end = at + 8 + length
    if end + 4 > len(png):
        raise BadCard(f"the PNG ends too early: a chunk claims {length:,} bytes; download or export it again")
    content = png[at + 8 : end]
    if zlib.crc32(content, zlib.crc32(kind)) != struct.unpack_from(">I", png, end)[0]:
        raise BadCard(f"the PNG is damaged: the checksum of a chunk {kind!r} is wrong; download or export it again")
    return Chunk(kind, content)


def _check_header(chunk: Chunk) -> None:
    if chunk.kind != b"IHDR" or len(chunk.content) != 13:
        raise BadCard("this is not a PNG: its header is missing")
    width, height = struct.unpack_from(">II", chunk.content)
    if not 0 < width * height <= MAX_PIXELS:
        raise TooLarge(f"the picture has {width:,} × {height:,} pixels; at most {MAX_PIXELS:,} in all. Make it smaller")


def _keyword(chunk: Chunk) -> str | None:
    return chunk.content[:80].partition(b"\0")[0].decode("latin-1").lower() if chunk.kind in _TEXT_KINDS else None


def _text(chunk: Chunk, longest_bytes: int) -> bytes:
    rest = chunk.content.partition(b"\0")[2]
    if chunk.kind == b"tEXt":
        return rest
    if chunk.kind == b"zTXt":
        return _inflated(rest[1:], longest_bytes)
    compressed, rest = rest[:1] == b"\1", rest[2:]
    text = rest.partition(b"\0")[2].partition(b"\0")[2]
    return _inflated(text, longest_bytes) if compressed else text


def _inflated(packed: bytes, longest_bytes: int) -> bytes:
    """Unpack, and stop where the text grows beyond what is allowed (a few bytes can unpack to gigabytes)."""
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(packed, longest_bytes + 1)
    except zlib.error as exc:
        raise BadCard("the PNG is damaged: the card in it cannot be unpacked; export it again") from exc
    if len(text) > longest_bytes:
        raise TooLarge(f"the card in the PNG unpacks to more than {longest_bytes:,} bytes")
    return text


def written(chunk: Chunk) -> bytes:
    """A chunk as bytes, with its length and checksum."""
    checksum = zlib.crc32(chunk.content, zlib.crc32(chunk.kind))
    return struct.pack(">I4s", len(chunk.content), chunk.kind) + chunk.content + struct.pack(">I", checksum)
