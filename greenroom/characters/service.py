"""The way into characters: the cast folder and what was made over the API, as one cast."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.characters.card_files import check_card, open_card, pack_card
from greenroom.characters.cards import creator_of, is_card, read_card
from greenroom.characters.folder import Folder, folder_named
from greenroom.characters.line_check import check_line
from greenroom.characters.made import Made, MadeCharacters
from greenroom.characters.naming import id_of
from greenroom.characters.prompt import build_prompt
from greenroom.characters.register import Register
from greenroom.characters.sheets import character_of, check_size, sheet_from
from greenroom.clock import Clock
from greenroom.config import CharactersSettings
from greenroom.errors import Conflict
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
    SheetProblem,
    Traits,
)
from greenroom.storage.database import Database

_log = structlog.get_logger()


class CharactersService:
    """Characters from files and from the database, held in memory.

    Whoever asks makes it look, at most every `reload_s`, whether files or rows have changed since; so several services
    can share one database, and nothing runs while nobody asks.
    """

    def __init__(self, settings: CharactersSettings, database: Database, clock: Clock) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._folder: Folder | None = None
        self._made = MadeCharacters(clock)
        self._register = Register()
        self._problems: tuple[SheetProblem, ...] = ()
        self._looking = asyncio.Lock()
        self._look_again_at_s = float("-inf")

    async def __aenter__(self) -> Self:
        """Read the cast. Raises: WrongSetting, when there is no such folder."""
        await self._current()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def cast(self, nothing: Nothing, /) -> Cast:
        """List all characters, those of the cast folder first, and what is wrong with its files."""
        register = await self._current()
        return Cast(characters=register.characters, problems=self._problems)

    async def get(self, which: CharacterRef, /) -> Character:
        """Return one character. Raises: UnknownCharacter, which lists the known ones."""
        return (await self._current()).find(which.character)

    async def create(self, sheet: SheetOrCard, /) -> Character:
        """Make a character from a sheet or a card. Raises: InvalidInput, BadCard, TooLarge, Conflict."""
        return await self._add(_read(sheet.root))

    async def change(self, change: SheetChange, /) -> Character:
        """Replace the sheet of a character; its id stays.

        Raises: UnknownCharacter; Conflict, for one of the cast folder or a name that is taken; InvalidInput, TooLarge.
        """
        content = _read(change.content)
        async with self._writing() as (connection, revision):
            old = self._changeable(change.character)
            new = content.named(old.id)
            self._register.ensure_free(new, instead_of=old)
            kept = await self._made.read(connection, old)
            card = kept.card if content.card is None else content.card
            await self._made.replace(connection, revision, Made(new, card, kept.picture))
        return (await self._current(at_once=True)).find(old.id)

    async def delete(self, which: CharacterRef, /) -> Nothing:
        """Remove a character made over the API. Raises: UnknownCharacter; Conflict, for one of the cast folder."""
        async with self._writing() as (connection, _):
            await self._made.remove(connection, self._changeable(which.character).id)
        await self._current(at_once=True)
        return Nothing()

    async def import_card(self, card: CardFile, /) -> Character:
        """Make a character from a card file, or replace its namesake. Raises: BadCard, TooLarge, Conflict."""
        opened = await asyncio.to_thread(open_card, card)
        content = await asyncio.to_thread(_read_card, opened.card)
        return await self._add(content, opened.picture, card.replace)

    async def export(self, request: ExportRequest, /) -> ExportedCard:
        """Write a character as a card: what it came from, and what was changed since. Raises: UnknownCharacter."""
        character = (await self._current()).find(request.character)
        async with self._database.read() as connection:
            made = await self._made.read(connection, character)
        return await asyncio.to_thread(pack_card, made, request)

    async def prompt(self, which: CharacterRef, /) -> Prompt:
        """Return the character's plain prompt. Raises: UnknownCharacter."""
        return await self.optimized_prompt(PromptRequest(character=which.character))

    async def optimized_prompt(self, request: PromptRequest, /) -> Prompt:
        """Return the character's prompt for an occasion, with guidance. Raises: UnknownCharacter."""
        register = await self._current()
        character = register.find(request.character)
        return build_prompt(character, register.others(character), request)

    async def traits(self, which: CharacterRef, /) -> Traits:
        """Return the character and every name that means another one. Raises: UnknownCharacter."""
        register = await self._current()
        character = register.find(which.character)
        return Traits(character=character, others=register.all_names_of_others(character))

    async def validate_response(self, line: LineToCheck, /) -> LineCheck:
        """Check a line against the rules of the sheet alone. Raises: UnknownCharacter."""
        register = await self._current()
        character = register.find(line.character)
        return check_line(character, register.all_names_of_others(character), line.response)

    async def ping(self) -> None:
        """Make sure that the cast can be read. Raises: Unavailable, StorageFailed, WrongSetting."""
        await self._current(at_once=True)

    async def _add(self, content: "_Content", picture: bytes | None = None, replace: bool = False) -> Character:
        async with self._writing() as (connection, revision):
            new = content.named(id_of(content.sheet.name))
            namesake = self._register.holder(new.name) if replace else None
            if namesake is None:
                self._register.ensure_free(new)
                await self._made.add(connection, revision, Made(new, content.card, picture))
            else:
                new = content.named(self._changeable(namesake.id).id)
                self._register.ensure_free(new, instead_of=namesake)
                await self._made.replace(connection, revision, Made(new, content.card, picture))
        return (await self._current(at_once=True)).find(new.id)

    def _changeable(self, name: str) -> Character:
        """Raises: UnknownCharacter; Conflict, which names the file to change."""
        character = self._register.find(name)
        if character.origin == "cast":
            raise Conflict(
                f"the character {character.id!r} comes from the cast folder; "
                f"change or remove the file {character.source!r} there"
            )
        return character

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[tuple[AsyncConnection, int]]:
        """A transaction with its revision, and with a register that nobody can make stale until it ends."""
        await self._current()
        async with self._database.write() as connection:
            revision = await self._made.next_revision(connection)
            if await self._made.catch_up(connection, revision - 1):
                self._rebuild()
            yield connection, revision

    async def _current(self, *, at_once: bool = False) -> Register:
        """The register, looked after at most every `reload_s` unless at once."""
        if at_once or self._clock.monotonic_s() >= self._look_again_at_s:
            async with self._looking:
                if at_once or self._clock.monotonic_s() >= self._look_again_at_s:
                    await self._look()
        return self._register

    async def _look(self) -> None:
        folder = await asyncio.to_thread(folder_named, self._settings.cast) if self._folder is None else self._folder
        looked = await asyncio.to_thread(folder.look)
        async with self._database.read() as connection:
            changed = await self._made.catch_up(connection)
        if looked is not self._folder or changed:
            self._folder = looked
            self._rebuild()
        self._look_again_at_s = self._clock.monotonic_s() + self._settings.reload_s

    def _rebuild(self) -> None:
        assert self._folder is not None
        self._register = Register(self._made.all, self._folder.characters(), self._folder.removed)
        problems = self._folder.problems() + self._register.problems
        for problem in set(problems) - set(self._problems):
            _log.warning("cast.problem", **problem.model_dump())
        self._problems = problems


class _Content:
    """A sheet, with the card that it was read from."""

    def __init__(self, sheet: Sheet, card: dict[str, Any] | None = None) -> None:
        check_size(sheet)
        self.sheet = sheet
        self.card = card

    def named(self, id_: CharacterId) -> Character:
        """The character that this makes under an id."""
        return character_of(id_, self.sheet, "database", creator_of(self.card) if self.card else "")


def _read(content: Mapping[str, Any]) -> _Content:
    return _read_card(dict(content)) if is_card(content) else _Content(sheet_from(content))


def _read_card(card: dict[str, Any]) -> _Content:
    check_card(card)
    return _Content(read_card(card), card)
