"""A plain picture for a character that has none: the initial on a coloured ground, as a PNG."""

import hashlib
import struct
import unicodedata
import zlib

from greenroom.characters.png import SIGNATURE, Chunk, written
from greenroom.model import Character

_WIDTH, _HEIGHT = 256, 384
_DOT = 28
"""Side of one dot of a letter, in pixels; a letter is 5 dots wide and 7 high."""

_LETTERS = (
    "A EHHVHHH B UHHUHHU C EHGGGHE D UHHHHHU E VGGUGGV F VGGUGGG G EHGNHHE H HHHVHHH I E44444E J 72222IC K HIKOKIH "
    "L GGGGGGV M HRLLHHH N HPLJHHH O EHHHHHE P UHHUGGG Q EHHHLID R UHHUKIH S FGGE11U T V444444 U HHHHHHE V HHHHHA4 "
    "W HHHLLLA X HHA4AHH Y HHA4444 Z V1248GV 0 EHJLPHE 1 4C4444E 2 EH1248V 3 V2421HE 4 26AIV22 5 VGU11HE 6 68GUHHE "
    "7 V124888 8 EHHEHHE 9 EHHF12C"
)
"""Letters of 5 × 7 dots, drawn for this file: seven rows each, a row as one digit of base 32."""
_FACE = "0A00HE0"
"""For names that begin with no Latin letter."""


def portrait(character: Character) -> bytes:
    """Draw the picture; the same character always gives the same one."""
    rows = dict(zip(*[iter(_LETTERS.split())] * 2, strict=True)).get(_initial(character.name), _FACE)
    drawn = b"".join(b"\0" + _row(rows, y) for y in range(_HEIGHT))
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 3, 0, 0, 0)
    chunks = (
        Chunk(b"IHDR", header),
        Chunk(b"PLTE", _ground(character) + b"\xf7\xf3\xea"),
        Chunk(b"IDAT", zlib.compress(drawn, 9)),
        Chunk(b"IEND", b""),
    )
    return SIGNATURE + b"".join(map(written, chunks))


def _initial(name: str) -> str:
    return unicodedata.normalize("NFD", name)[:1].upper()


def _ground(character: Character) -> bytes:
    """The character's own colour, or a dark one made from the id."""
    if character.sheet.colour:
        return bytes.fromhex(character.sheet.colour[1:])
    return bytes(40 + byte % 100 for byte in hashlib.sha256(character.id.encode()).digest()[:3])


def _row(rows: str, y: int) -> bytes:
    """One line of pixels: 0 is ground, 1 is letter."""
    left, top = (_WIDTH - 5 * _DOT) // 2, (_HEIGHT - 7 * _DOT) // 2
    if not 0 <= y - top < 7 * _DOT:
        return bytes(_WIDTH)
    bits = int(rows[(y - top) // _DOT], 32)
    dots = b"".join(bytes([bits >> (4 - x) & 1]) * _DOT for x in range(5))
    return bytes(left) + dots + bytes(_WIDTH - left - len(dots))
