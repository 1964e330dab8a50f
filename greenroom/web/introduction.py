"""Introducing the characters to somebody who does not know them yet."""

from collections.abc import Awaitable, Callable
from textwrap import shorten

from greenroom.model import Character
from greenroom.text import fill
from greenroom.web.look import avatar_of, box, button, text

_GREETING_CHARACTERS = 220

Say = Callable[[str, Character], Awaitable[None]]


def greeting(character: Character) -> str:
    """How the character says hello, in quotation marks and cut short; empty when the sheet has no greeting."""
    first = next(iter(character.sheet.greetings), "")
    filled = fill(first, {"char": character.name, "user": "you"}).replace("*", "")
    return f"“{shorten(filled, _GREETING_CHARACTERS, placeholder=' …')}”" if filled.strip() else ""


def introduce(cast: tuple[Character, ...], say: Say, add: Callable[[], Awaitable[None]]) -> None:
    """Draw the first thing that a newcomer sees: who is here, and how to begin."""
    with box("g-intro", testid="welcome"):
        if not cast:
            text("Nobody is here yet.", tag="h2")
            text("Add a character from a card file, or put a sheet into the cast folder.", "g-dim")
            button("Add a character", add, testid="add-first")
            return
        text("The door is open.", tag="h2")
        text("Nobody has said a word yet. Write to one of them below, or begin with one of these.", "g-dim")
        with box("g-openers"):
            for words, character in _openers(cast):
                button(words, _saying(say, words, character), "g-opener", "opener")
        with box("g-bill"):
            for character in cast:
                _billing(character)


def _billing(character: Character) -> None:
    with box("g-billed").style(f"--accent: {character.sheet.colour or 'var(--brass)'}"):
        avatar_of(character)
        text(character.name, "g-billed-name")
        text(character.sheet.tagline, "g-dim")
        text(greeting(character), "g-greeting")


def _openers(cast: tuple[Character, ...]) -> list[tuple[str, Character]]:
    """Up to three ways to begin that suit any character."""
    other = [character.name for character in (*cast[1:], *cast[:1])]
    wording = ("{name}, what have you been up to?", "{name}, tell me about {other}.", "What is on your mind, {name}?")
    if len(cast) == 1:
        return [(words.format(name=cast[0].name), cast[0]) for words in (wording[0], wording[2])]
    return [
        (words.format(name=character.name, other=their), character)
        for words, character, their in zip(wording, cast, other, strict=False)
    ]


def _saying(say: Say, words: str, character: Character) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        await say(words, character)

    return run
