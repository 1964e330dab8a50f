"""What crosses the border in words: people's messages as a character may read them, lines as Discord may show them."""

import re
from collections.abc import Iterable, Mapping

from greenroom.discord.lookalikes import look
from greenroom.text import plain

_PINGS = re.compile(r"@[\u200b-\u200f\u2060-\u2064\ufeff\u00ad]*(?=everyone|here)|(?<=<)@(?=[!&]?\d)", re.IGNORECASE)
_INVITES = re.compile(r"(discord(?:app)?\.(?:gg|com/invite)/)(?=\w)", re.IGNORECASE)
_IDS = re.compile(r"<(?P<kind>@[!&]?|#)(?P<id>\d{1,20})>")
_CUSTOM_EMOJI = re.compile(r"<a?:(\w{1,64}):\d{1,20}>")
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f:{}<>|`*_~#\[\]@\u2028\u2029]+")
_LONGEST_NAME = 60
_LONGEST_FILE_NAME = 80
_MOST_FILES = 10
_GAP = "\u200b"


def harmless(text: str) -> str:
    """A line in which nothing pings and no invitation opens: an invisible gap is put into what would.

    `allowed_mentions` is the lock; this is for what others do with the text: quotes, bridges, search.
    """
    return _INVITES.sub(rf"\1{_GAP}", _PINGS.sub(f"@{_GAP}", text))


def readable(text: str, users: Mapping[int, str], roles: Mapping[int, str], channels: Mapping[int, str]) -> str:
    """A message with names in the place of ids, as people see it: `<@123>` is `@Ann`."""

    def name(found: re.Match[str]) -> str:
        names, mark, unknown = {
            "@": (users, "@", "somebody"),
            "@!": (users, "@", "somebody"),
            "@&": (roles, "@", "a role"),
            "#": (channels, "#", "a channel"),
        }[found["kind"]]
        return mark + names.get(int(found["id"]), unknown)

    return _CUSTOM_EMOJI.sub(r":\1:", _IDS.sub(name, text))


def safe_name(name: str, cast_names: Iterable[str], user_id: int) -> str:
    """A person's display name as a character may read it: on one line, without marks, and nobody's of the cast.

    Who calls themselves "Peter" or "Peter:" where there is a Peter is shown as "Peter (guest)", in whichever letters.
    """
    kept = " ".join(_NOT_IN_NAMES.sub(" ", plain(name)).split())[:_LONGEST_NAME].strip()
    if not kept:
        return f"Guest {user_id % 10_000:04}"
    return f"{kept} (guest)" if look(kept) in {look(other) for other in cast_names} - {""} else kept


def with_files(text: str, files: Iterable[tuple[str, str]]) -> str:
    """What was written, and by name and kind what was attached: `files` are pairs of file name and media type."""
    named = [f"[attached: {_file_name(name)}{f' ({kind})' if kind else ''}]" for name, kind in files]
    return "\n".join(part for part in (text.strip(), *named[:_MOST_FILES]) if part)


def _file_name(name: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f\[\]{}<>]+", " ", plain(name)).split())[:_LONGEST_FILE_NAME] or "a file"
