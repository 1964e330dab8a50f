"""Who witnesses a turn. What a character may know of a conversation is computed from this, and from nothing else."""

from greenroom.errors import Conflict
from greenroom.model import Character, CharacterId, Setting, Turn, TurnRequest

_WHERE = ("place", "present", "parent_id")
_WHOSE = ("user_id", "user_name", "message_id", "message_type")


def witnesses(setting: Setting, character: CharacterId | None) -> tuple[CharacterId, ...] | None:
    """The characters that witness what happens there, in order; None is the whole cast. `character` answers."""
    if setting.present is None and setting.place != "private":
        return None
    there = {CharacterId(name.casefold()) for name in setting.present or ()}
    return tuple(sorted(there | {character} if character else there))


def settled(request: TurnRequest, character: Character, earlier: Turn | None) -> TurnRequest:
    """The request with its witnesses. Where it replaces or follows an `earlier` turn, it happens as that one did.

    What replaces another answers the same line, or is said unasked as that was, whoever asks for it.

    Raises: Conflict, when the character did not witness the earlier turn, or that was taken back.
    """
    if earlier is None:
        return request.model_copy(update={"present": witnesses(request, character.id)})
    if earlier.state == "withdrawn":
        raise Conflict(f"turn {earlier.id!r} was taken back")
    if earlier.present is not None and character.id not in earlier.present:
        raise Conflict(f"{character.name} did not witness turn {earlier.id!r}, and so cannot answer it")
    kept = _WHERE + _WHOSE if request.replaces else _WHERE
    return request.model_copy(update={name: getattr(earlier, name) for name in kept})
