"""Events in words for people: what happened, and who or what made it happen."""

import re

from greenroom.model import EntityType, EventKind, WorldEvent
from greenroom.web.world.view import View

KINDS: dict[EntityType, tuple[str, str]] = {
    "character": ("somebody", "Who there is"),
    "location": ("a place", "Places"),
    "item": ("a thing", "Things"),
    "concept": ("an idea", "Ideas"),
}
"""What one entity of a type is, and the title over several."""

_FIELDS = {
    "type": "kind",
    "name": "name",
    "aliases": "other names",
    "note": "note",
    "tags": "tags",
    "connections": "connections",
    "locked": "lock",
}

_SENTENCES: dict[EventKind, str] = {
    "made": "{who} was entered.",
    "changed": "{who} was changed: {changes}.",
    "removed": "{who} was taken out.",
    "noted": "{who}: {told.information}",
    "rewritten": "The note of {who} was put into other words.",
    "dropped": "Refused, because {told.reason}: “{told.information}”",
    "revoked": "{things} went out of the world: {told.reason}.",
    "restored": "{things} came back: {told.reason}.",
}

_GONE = "What was told here is gone: the line was taken back, or says something else now."


def what(event: WorldEvent, view: View) -> str:
    """What happened, in a sentence."""
    told = event.told
    who = told.name or view.name_of(told.entity_id)
    if not who and not told.reason and not told.mood:
        return _GONE
    if event.kind in _SENTENCES:
        things = "One thing" if told.information == "1" else f"{told.information} things"
        told = told.model_copy(update={"reason": in_words(told.reason)})
        changes = ", ".join(_FIELDS.get(name, name) for name in told.changes) or "nothing"
        return _SENTENCES[event.kind].format(who=who, told=told, things=things, changes=changes)
    return _scene(event) if event.kind == "scene" else _said_of(event, who)


def in_words(reason: str) -> str:
    """A reason as the world gives it, without the numbers by which it knows lines and events."""
    return re.sub(r"^roll-back \d+", "the roll-back", re.sub(r"^(rolled back to) \d+$", r"\1 an earlier line", reason))


def why(event: WorldEvent) -> str:
    """Who or what made it happen."""
    if event.cause == "person":
        return "by hand"
    if event.cause == "task":
        return "off scene" if event.kind == "acted" else "by the house"
    speaker = f"said by {event.said_by}" if event.said_by else "from the conversation"
    return speaker + (", a character’s own word" if event.invented else "")


def who_knows(known_to: tuple[str, ...] | None, private: bool) -> str:
    """Who may know of something; empty where everybody may."""
    if known_to is None:
        return "said in private" if private else ""
    names = ", ".join(known_to) or "nobody of the cast"
    return f"known to {names} only"


def _scene(event: WorldEvent) -> str:
    where, mood = event.told.name, event.told.mood
    return ", ".join(filter(None, (where and f"The scene: {where}", mood and f"The mood: {mood}")))


def _said_of(event: WorldEvent, who: str) -> str:
    told = event.told
    if told.information:
        about = "" if who.casefold() in told.information.casefold() else f"{who}: "
        return about + told.information + (" (no more)" if told.ends else "")
    return f"{who} has more to it: {', '.join((*told.aliases, *told.tags))}." if told.tags else f"{who} was named."
