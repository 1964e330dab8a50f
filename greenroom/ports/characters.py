"""Who the characters are."""

from typing import Protocol

from greenroom.at import at
from greenroom.model import (
    CardFile,
    Cast,
    Character,
    CharacterRef,
    ExportedCard,
    ExportRequest,
    LineCheck,
    LineToCheck,
    Nothing,
    Prompt,
    PromptRequest,
    SheetChange,
    SheetOrCard,
    Traits,
)


class Characters(Protocol):
    """Who the characters are."""

    @at("GET /characters")
    async def cast(self, nothing: Nothing, /) -> Cast:
        """List all characters, and the problems of files that could not be read."""
        ...

    @at("POST /characters", status=201)
    async def create(self, sheet: SheetOrCard, /) -> Character:
        """Make a character from a sheet or a card. Raises: InvalidInput; Conflict, when the name is taken."""
        ...

    @at("GET /characters/{character}")
    async def get(self, which: CharacterRef, /) -> Character:
        """Return one character. Raises: UnknownCharacter."""
        ...

    @at("PUT /characters/{character}")
    async def change(self, change: SheetChange, /) -> Character:
        """Replace the sheet of a character. Raises: Conflict, for a character of the cast folder."""
        ...

    @at("DELETE /characters/{character}")
    async def delete(self, which: CharacterRef, /) -> Nothing:
        """Remove a character made over the API. Raises: Conflict, for a character of the cast folder."""
        ...

    @at("POST /characters/import", status=201)
    async def import_card(self, card: CardFile, /) -> Character:
        """Make a character from a card file (JSON or PNG). Raises: BadCard, TooLarge, Conflict."""
        ...

    @at("GET /characters/{character}/export")
    async def export(self, request: ExportRequest, /) -> ExportedCard:
        """Write a character as a card. What an imported card held and we do not know is in it again."""
        ...

    @at("GET /llm_prompt/{character}")
    async def prompt(self, which: CharacterRef, /) -> Prompt:
        """Return the character's plain prompt."""
        ...

    @at("POST /optimized_prompt", repeatable=True)
    async def optimized_prompt(self, request: PromptRequest, /) -> Prompt:
        """Return the character's prompt for an occasion, with guidance."""
        ...

    @at("GET /character_traits/{character}")
    async def traits(self, which: CharacterRef, /) -> Traits:
        """Return what is needed to judge a line of this character."""
        ...

    @at("POST /validate_character_response", repeatable=True)
    async def validate_response(self, line: LineToCheck, /) -> LineCheck:
        """Check a line against the rules of the sheet alone (no history; that is quality's work)."""
        ...
