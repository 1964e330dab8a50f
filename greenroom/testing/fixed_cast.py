"""A cast that is held in memory."""

import hashlib

from greenroom.errors import Conflict, UnknownCharacter
from greenroom.model import (
    CardFile,
    Cast,
    Character,
    CharacterId,
    CharacterRef,
    ExportedCard,
    ExportRequest,
    LineCheck,
    LineToCheck,
    Nothing,
    Prompt,
    PromptRequest,
    Sheet,
    SheetChange,
    SheetOrCard,
    Traits,
)


class FixedCast:
    """A `Characters` for tests: sheets go in, plain prompts come out. Cards are beyond it."""

    def __init__(self, *sheets: Sheet) -> None:
        self.characters: dict[str, Character] = {}
        for sheet in sheets:
            self._add(sheet)

    async def cast(self, nothing: Nothing, /) -> Cast:
        """All sheets that it was given."""
        return Cast(characters=tuple(self.characters.values()))

    async def create(self, sheet: SheetOrCard, /) -> Character:
        """Add a sheet."""
        return self._add(Sheet.model_validate(sheet.root))

    async def get(self, which: CharacterRef, /) -> Character:
        """Find a character by any of its names."""
        for character in self.characters.values():
            if which.character.casefold() in {character.id, *(n.casefold() for n in character.names)}:
                return character
        raise UnknownCharacter(f"unknown character {which.character!r}; known: {', '.join(map(repr, self.characters))}")

    async def change(self, change: SheetChange, /) -> Character:
        """Replace a sheet."""
        await self.delete(CharacterRef(character=change.character))
        return self._add(Sheet.model_validate(change.content))

    async def delete(self, which: CharacterRef, /) -> Nothing:
        """Take a sheet away."""
        del self.characters[(await self.get(which)).id]
        return Nothing()

    async def import_card(self, card: CardFile, /) -> Character:
        """Refuse."""
        raise Conflict("a fixed cast takes no cards")

    async def export(self, request: ExportRequest, /) -> ExportedCard:
        """Refuse."""
        raise Conflict("a fixed cast writes no cards")

    async def prompt(self, which: CharacterRef, /) -> Prompt:
        """A prompt of two lines."""
        return await self.optimized_prompt(PromptRequest(character=which.character))

    async def optimized_prompt(self, request: PromptRequest, /) -> Prompt:
        """A prompt of two lines, and the guidance."""
        character = await self.get(CharacterRef(character=request.character))
        lines = [f"You are {character.name}.", character.sheet.prompt, *(f"- {line}" for line in request.guidance)]
        return Prompt(
            character=character.id,
            name=character.name,
            system="\n".join(filter(None, lines)),
            settings=character.sheet.settings,
            cast=self._others(character),
            version=character.version,
        )

    async def traits(self, which: CharacterRef, /) -> Traits:
        """The character, and the names of the others."""
        character = await self.get(which)
        return Traits(character=character, others=self._others(character))

    async def validate_response(self, line: LineToCheck, /) -> LineCheck:
        """Look for forbidden phrases only."""
        character = await self.get(CharacterRef(character=line.character))
        said = [p for p in character.sheet.speaking.forbidden_phrases if p.casefold() in line.response.casefold()]
        return LineCheck(valid=not said, score=0.0 if said else 1.0, violations=tuple(said))

    async def ping(self) -> None:
        """Is always well."""

    def _others(self, character: Character) -> tuple[str, ...]:
        return tuple(c.name for c in self.characters.values() if c.id != character.id)

    def _add(self, sheet: Sheet) -> Character:
        id_ = CharacterId(sheet.name.casefold().replace(" ", "-"))
        if id_ in self.characters:
            raise Conflict(f"there is a character {id_!r} already")
        version = hashlib.sha256(sheet.model_dump_json().encode()).hexdigest()[:12]
        self.characters[id_] = Character(id=id_, sheet=sheet, origin="database", version=version)
        return self.characters[id_]
