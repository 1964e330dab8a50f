"""Every character by every name that means it. A register never changes; a new one takes its place."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from greenroom.characters.naming import folded, one_line
from greenroom.errors import Conflict, UnknownCharacter
from greenroom.model import Character, Sheet, SheetProblem

_SHOWN = 20


class Register:
    """The characters of the database and of the cast folder.

    Where both claim one name, or two files do, the database and the first file keep it: the other file is not used
    and is among the `problems`, so that nothing made over the API is lost by copying a file.
    """

    def __init__(
        self,
        made: Iterable[Character] = (),
        filed: Iterable[Character] = (),
        removed: Mapping[str, Sheet] | None = None,
    ) -> None:
        self._by_name: dict[str, Character] = {}
        self._removed = removed or {}
        self.problems: tuple[SheetProblem, ...] = ()
        made = tuple(made)
        for character in made:
            self._add(character)
        self.characters = (*(c for c in filed if self._accept(c)), *made)
        self._everyone = [(c.id, c.name, c.names) for c in self.characters]

    def find(self, name: str) -> Character:
        """The character that is meant by an id, name, full name or alias. Raises: UnknownCharacter."""
        character = self._by_name.get(folded(name))
        if character is None:
            raise UnknownCharacter(f"unknown character {one_line(name, 100)!r}; {self._known()}{self._hint(name)}")
        return character

    def holder(self, name: str) -> Character | None:
        """Who has this name; None when it is free."""
        return self._by_name.get(folded(name))

    def ensure_free(self, character: Character, instead_of: Character | None = None) -> None:
        """Make sure that no name of a character means another one already.

        Raises: Conflict, which says whose it is; `extra["character"]` is the id.
        """
        for name in (*character.names, character.id):
            holder = self.holder(name)
            if holder and (instead_of is None or holder.id != instead_of.id):
                where = f"the file {holder.source!r} of the cast" if holder.origin == "cast" else "made over the API"
                raise Conflict(
                    f"{name!r} is already a name of the character {holder.id!r} ({where}); "
                    "choose another name, or change or delete that character first",
                    character=holder.id,
                )

    def others(self, than: Character) -> tuple[str, ...]:
        """The names that the other characters are called by."""
        return tuple(name for id_, name, _ in self._everyone if id_ != than.id)

    def all_names_of_others(self, than: Character) -> tuple[str, ...]:
        """Every name that means another character."""
        return tuple(name for id_, _, names in self._everyone if id_ != than.id for name in names)

    def _accept(self, character: Character) -> bool:
        try:
            self.ensure_free(character)
        except Conflict as exc:
            self.problems += (SheetProblem(file=character.source, problem=exc.detail),)
            return False
        self._add(character)
        return True

    def _add(self, character: Character) -> None:
        for name in (*character.names, character.id):
            self._by_name.setdefault(folded(name), character)

    def _known(self) -> str:
        ids = sorted(c.id for c in self.characters)
        more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
        return f"known: {', '.join(map(repr, ids[:_SHOWN]))}{more}" if ids else "there are none yet"

    def _hint(self, name: str) -> str:
        for file, sheet in self._removed.items():
            if folded(name) in map(folded, (sheet.name, sheet.full_name, *sheet.aliases)):
                return f"; its file {file!r} was removed from the cast folder; put it back to have the character again"
        meant = get_close_matches(folded(name)[:100], self._by_name, 1)
        return f"; did you mean {self._by_name[meant[0]].id!r}?" if meant else ""
