"""Small PNGs, well made and hostile."""

import struct
import zlib

from greenroom.characters.png import SIGNATURE, Chunk, written

HEADER = Chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
PIXEL = Chunk(b"IDAT", zlib.compress(b"\0\x7f"))
END = Chunk(b"IEND", b"")


def png(*extra: Chunk, header: Chunk = HEADER) -> bytes:
    """A PNG of one grey pixel with more chunks before its end."""
    return SIGNATURE + b"".join(map(written, (header, PIXEL, *extra, END)))


def text_chunk(keyword: str, text: bytes) -> Chunk:
    """A plain text."""
    return Chunk(b"tEXt", keyword.encode() + b"\0" + text)


def packed_chunk(keyword: str, text: bytes) -> Chunk:
    """A compressed text."""
    return Chunk(b"zTXt", keyword.encode() + b"\0\0" + zlib.compress(text))


def international_chunk(keyword: str, text: bytes, *, packed: bool) -> Chunk:
    """A text with its language (empty), packed or not."""
    flags = b"\1\0" if packed else b"\0\0"
    return Chunk(b"iTXt", keyword.encode() + b"\0" + flags + b"\0\0" + (zlib.compress(text) if packed else text))
