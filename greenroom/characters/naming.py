"""What a name becomes: the form in which it is compared, and the id made from it."""

import hashlib
import re
import unicodedata

from greenroom.model import CharacterId
from greenroom.text import plain

_LONGEST_ID = 60
"""In characters; in UTF-8 still short enough for a file name (255 bytes) with an ending."""


def folded(name: str) -> str:
    """The form in which names are compared: case, width, accents' encoding and spaces do not count."""
    return unicodedata.normalize("NFC", " ".join(plain(name).casefold().split()))


def id_of(name: str) -> CharacterId:
    """An id for URLs and file names: letters and digits of any script, everything else a hyphen.

    `Dr. Zoë O'Neill` becomes `dr-zoë-o-neill`; a name without letters and digits becomes `character-` and a digest.
    """
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else "-" for c in folded(name))
    slug = re.sub("-+", "-", kept)[:_LONGEST_ID].strip("-")
    return CharacterId(slug or "character-" + hashlib.sha256(name.encode()).hexdigest()[:8])


def one_line(text: str, longest: int) -> str:
    """The text on one line and not longer than that; an ellipsis shows where it was cut."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
