"""Talking to a character in the terminal."""

import asyncio
import sys
from contextlib import aclosing

from rich.console import Console
from rich.markup import escape

from greenroom.commands.doors import open_doors
from greenroom.commands.logs import configure_logs
from greenroom.config import Loaded, LogSettings
from greenroom.errors import GreenroomError, UnknownCharacter
from greenroom.model import (
    Character,
    CharacterRef,
    DraftRetracted,
    DraftText,
    Nothing,
    Progress,
    Replied,
    TurnEvent,
    TurnReply,
    TurnRequest,
)
from greenroom.ports import Characters, Router

_CHANNEL = "terminal"
_HELP = "Type to talk. /to NAME turns to somebody else, /cast lists who is here, /quit leaves."


def chat_with(loaded: Loaded, character: str, url: str, name: str, console: Console) -> None:
    """Talk until the person leaves: with the Greenroom at `url`, one that runs here, or one opened for this talk."""
    configure_logs(LogSettings(level="error", format="console"))
    try:
        asyncio.run(_chat(loaded, character, url, name, console))
    except (KeyboardInterrupt, EOFError):
        console.print()


async def _chat(loaded: Loaded, character: str, url: str, name: str, console: Console) -> None:
    async with open_doors(loaded, url) as doors:
        partner = await _find(doors.characters, character)
        models = await doors.llm.models(Nothing())
        console.print(f"[dim]{escape(_HELP)}[/]")
        if models.stand_in:
            console.print("[yellow]The understudy stands in: no language model answers (see `greenroom doctor`).[/]")
        while True:
            line = (await _typed(f"[bold]{escape(name)} → {escape(partner.name)}:[/] ", console)).strip()
            if line in {"/quit", "/exit"}:
                return
            if line.startswith("/"):
                partner = await _obey(doors.characters, line, partner, console)
            elif line:
                await _say(doors.router, partner, name, line, console)


async def _typed(prompt: str, console: Console) -> str:
    """What the person types. Raises: EOFError."""
    if not sys.stdin.isatty():
        return await asyncio.to_thread(console.input, prompt)
    console.print(prompt, end="")
    typed = asyncio.Event()  # a thread that reads cannot be ended by Ctrl-C, but only by Enter
    asyncio.get_running_loop().add_reader(sys.stdin, typed.set)
    try:
        await typed.wait()
    finally:
        asyncio.get_running_loop().remove_reader(sys.stdin)
    return console.input()


async def _obey(characters: Characters, line: str, partner: Character, console: Console) -> Character:
    command, _, rest = line.partition(" ")
    if command == "/to":
        try:
            return await _find(characters, rest.strip())
        except UnknownCharacter as exc:
            console.print(f"[red]{escape(exc.detail)}[/]")
    elif command == "/cast":
        for one in (await characters.cast(Nothing())).characters:
            console.print(f"{one.sheet.emblem} [bold]{escape(one.name)}[/] {escape(one.sheet.tagline)}")
    else:
        console.print(f"[dim]{escape(_HELP)}[/]")
    return partner


async def _say(router: Router, partner: Character, name: str, line: str, console: Console) -> None:
    request = TurnRequest(
        character_name=partner.id, input_text=line, channel_id=_CHANNEL, user_id="terminal", user_name=name
    )
    console.print(f"[bold green]{escape(partner.name)}:[/] ", end="")
    try:
        async with aclosing(router.stream(request)) as events:
            async for event in events:
                _show(event, console)
    except GreenroomError as exc:
        console.print(f"\n[red]{escape(exc.detail)}[/]")


def _show(event: TurnEvent, console: Console) -> None:
    match event:
        case DraftText(text=text):
            console.print(text, end="", markup=False, highlight=False, soft_wrap=True)
        case DraftRetracted(reason=reason):
            console.print(f"\n[dim](takes that back: {escape(reason)})[/]")
        case Progress(reason=reason, wait_s=wait_s):
            console.print(f"[dim]({escape(reason)}; tries again in {wait_s:.0f} s)[/]")
        case Replied(reply=reply):
            console.print(f"\n[dim]{escape(_summary(reply))}[/]")
        case _:
            pass


def _summary(reply: TurnReply) -> str:
    tries = "1 attempt" if reply.metadata.attempts == 1 else f"{reply.metadata.attempts} attempts"
    return f"{reply.metadata.model}, {tries}, quality {reply.quality_score:.0f}, {reply.processing_time:.1f} s"


async def _find(characters: Characters, name: str) -> Character:
    if name:
        return await characters.get(CharacterRef(character=name))
    cast = (await characters.cast(Nothing())).characters
    if not cast:
        raise UnknownCharacter("the cast is empty; see the setting characters.cast")
    return cast[0]
