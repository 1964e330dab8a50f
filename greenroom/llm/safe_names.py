"""Names of models and digests that Ollama makes paths of: what would lead elsewhere is refused before it gets there.

Source: CVE-2024-37032, where a digest was a path; ollama/ollama, types/model/name.go and manifest/paths.go.
"""

import json
import re
from collections.abc import Iterable

from greenroom.errors import BadRequest
from greenroom.llm.faults import UNREADABLE

_ELSEWHERE = re.compile(r"[\x00-\x1f\x7f\\%]|(?:^|/)\.\.?(?:/|$)|^/")
"""Control characters, a backslash, an escape, the folder itself or the one above, the root. No name has any of them."""

_DIGEST = re.compile(r"sha256[:-][0-9a-fA-F]{64}")
_NAMES = frozenset({"model", "name", "source", "destination", "from"})
_FILES = frozenset({"files", "adapters"})


class _Object(list[tuple[str, object]]):
    """An object with all its fields, also those that are there twice."""


def check_name(name: object) -> None:
    """Refuse a name that is none. Raises: BadRequest, in Ollama's words."""
    if name is not None and (not isinstance(name, str) or _ELSEWHERE.search(name)):
        raise BadRequest("invalid model name")


def check_digest(digest: object) -> None:
    """Refuse a digest that is none. Raises: BadRequest, in Ollama's words."""
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise BadRequest("invalid digest format")


def check_names_in(content: bytes) -> None:
    """Check the names and digests of a body that is passed on as it is. Raises: BadRequest.

    Ollama reads a field whatever the case of its name, and takes the last of several: all are checked.
    """
    if not content.strip():
        raise BadRequest("missing request body")
    try:
        told = json.loads(content.decode(), object_pairs_hook=_Object)
    except UNREADABLE as exc:
        raise BadRequest(str(exc) or "nested too deeply") from exc
    for field, value in _fields(told):
        if field.casefold() in _NAMES:
            check_name(value)
        elif field.casefold() in _FILES and value is not None:
            for path, digest in _fields(value):
                check_name(path)
                check_digest(digest)


def _fields(value: object) -> Iterable[tuple[str, object]]:
    if not isinstance(value, _Object):
        raise BadRequest("an object was expected")
    return value
