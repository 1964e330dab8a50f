"""Card files as strangers send them: JSON, or PNG with the card inside. Everything is bounded before it is read."""

import base64
import binascii
import json
import math
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from greenroom.characters.cards import write_card
from greenroom.characters.made import Made
from greenroom.characters.png import SIGNATURE, read_texts, with_texts, without_texts
from greenroom.characters.portrait import portrait
from greenroom.errors import BadCard, TooLarge
from greenroom.model import CardFile, ExportedCard, ExportRequest

MAX_FILE_BYTES = 16_000_000
"""Largest card file. Pictures of cards have 1 to 5 MB; animated ones more."""
MAX_CARD_BYTES = 4_000_000
"""Largest card as JSON, lorebook included."""
MAX_DEPTH = 60
"""Deepest nesting. Cards have about 10 levels; the writers of JSON give up at some hundreds."""

_V3, _V2 = "ccv3", "chara"
_KEYWORDS = frozenset({_V3, _V2})


@dataclass(frozen=True, slots=True)
class OpenedCard:
    """A card file taken apart: the card, and the picture around it (PNG without the card)."""

    card: dict[str, Any]
    picture: bytes | None = None


def open_card(file: CardFile) -> OpenedCard:
    """Take a card file apart. Blocking for some ten milliseconds. Raises: BadCard, TooLarge."""
    content = _decoded(file.content_base64, MAX_FILE_BYTES, "the file")
    if content.startswith(SIGNATURE):
        return _open_png(content)
    return OpenedCard(_parsed(content))


def check_card(card: dict[str, Any]) -> None:
    """Make sure that a card which came as an object can be kept. Raises: BadCard, TooLarge."""
    _check_values(card)
    size_bytes = len(json.dumps(card))
    if size_bytes > MAX_CARD_BYTES:
        raise TooLarge(f"the card has {size_bytes:,} bytes; at most {MAX_CARD_BYTES:,}. Shorten its lorebook")


def pack_card(made: Made, request: ExportRequest) -> ExportedCard:
    """Write a card file: in the version that is wanted as JSON, in both versions as PNG. Blocking."""
    if request.format == "json":
        return _exported(made, "json", _json(made, request.version))
    texts = {_V2: base64.b64encode(_json(made, "2")), _V3: base64.b64encode(_json(made, "3"))}
    return _exported(made, "png", with_texts(made.picture or portrait(made.character), texts))


def _exported(made: Made, ending: Literal["json", "png"], content: bytes) -> ExportedCard:
    return ExportedCard(
        filename=f"{made.character.id}.{ending}",
        media_type={"json": "application/json", "png": "image/png"}[ending],
        content_base64=base64.b64encode(content).decode(),
    )


def _json(made: Made, version: Literal["2", "3"]) -> bytes:
    return json.dumps(write_card(made.character.sheet, made.card, version), indent=1).encode()


def _open_png(png: bytes) -> OpenedCard:
    texts = read_texts(png, _KEYWORDS, MAX_CARD_BYTES * 4 // 3 + 4)
    found = texts.get(_V3) or texts.get(_V2)
    if not found:
        raise BadCard("there is no character card in this PNG; some sites strip it: download the original file")
    card = _parsed(_decoded(found.decode("latin-1"), MAX_CARD_BYTES, "the card in the PNG"))
    return OpenedCard(card, without_texts(png, _KEYWORDS))


def _decoded(text: str, longest_bytes: int, what: str) -> bytes:
    if len(text) > longest_bytes * 4 // 3 + 1024:
        raise TooLarge(f"{what} is larger than {longest_bytes:,} bytes")
    try:
        packed = "".join(text.split())
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise BadCard(f"{what} is not base64; export or download it again") from exc


def _parsed(content: bytes) -> dict[str, Any]:
    if len(content) > MAX_CARD_BYTES:
        raise TooLarge(f"the card has {len(content):,} bytes; at most {MAX_CARD_BYTES:,}. Shorten its lorebook")
    try:
        card = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_constant)
    except RecursionError as exc:
        raise BadCard(f"the card is nested more than {MAX_DEPTH} levels deep") from exc
    except UnicodeDecodeError as exc:
        raise BadCard("this is neither a PNG nor text in UTF-8; cards are read as JSON or PNG") from exc
    except ValueError as exc:
        raise BadCard(f"the card is not JSON: {exc}") from exc
    if not isinstance(card, dict):
        raise BadCard("the card is JSON, but not an object; a card begins with {")
    _check_values(card)
    return card


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise BadCard(f"the card has the field {twice[:60]!r} twice; remove one of the two")
    return found


def _constant(name: str) -> float:
    raise BadCard(f"the card holds {name}, which is not JSON; write a number")


def _check_values(card: dict[str, Any]) -> None:
    """Walk through all values without recursion."""
    waiting: list[tuple[Any, int]] = [(card, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise BadCard(f"the card is nested more than {MAX_DEPTH} levels deep")
        if isinstance(value, float) and not math.isfinite(value):
            raise BadCard("the card holds a number that is not finite; write another")
        if isinstance(value, dict | list):
            waiting.extend((inner, depth + 1) for inner in (value.values() if isinstance(value, dict) else value))
