"""Looking at the bots: what each token can see on Discord, and what is missing."""

import asyncio

from rich.console import Console

from greenroom.commands.doors import open_doors
from greenroom.config import BOT_TOKEN, Loaded
from greenroom.discord.tokens import Account, accounts
from greenroom.errors import GreenroomError
from greenroom.model import Nothing

_NO_TOKEN = (
    f"No bot token is set. Set {BOT_TOKEN}_PETER (and so on) for characters that have a bot of their own, or "
    f"{BOT_TOKEN} for one bot that speaks for all. docs/discord.md says how to get one."
)


def check(loaded: Loaded, console: Console) -> int:
    """Print what was found; return 0 when nothing is missing, else 1. Raises: WrongSetting, for a token of nobody."""
    return asyncio.run(_check(loaded, console))


async def _check(loaded: Loaded, console: Console) -> int:
    async with open_doors(loaded) as doors:
        cast = (await doors.characters.cast(Nothing())).characters
    found = accounts(loaded.settings.discord.bot_token, loaded.secrets(f"{BOT_TOKEN}_"), cast, None)
    if not found:
        console.print(_NO_TOKEN)
        return 1
    return max([await _look(account, loaded, console) for account in found])


async def _look(account: Account, loaded: Loaded, console: Console) -> int:
    from greenroom.discord.check import look_at  # discord.py takes a second to import
    from greenroom.discord.translating import speak_to

    speak_to(loaded.settings.discord)
    try:
        finding = await look_at(account, loaded.settings.discord)
    except GreenroomError as exc:
        console.print(f"[red]{account.bot}[/]: ", end="")
        console.print(exc.detail, markup=False, highlight=False)
        return 1
    console.print(f"[bold]{account.bot}[/] ({account.variable})", end=" ")
    console.print(f"is {finding.account}" if finding.account else "is not there", markup=False, highlight=False)
    for line in (*(f"takes part in {channel}" for channel in finding.channels), *_todo(finding.problems)):
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
    if finding.invitation:
        console.print(f"  invitation: {finding.invitation}", markup=False, highlight=False, soft_wrap=True)
    return 1 if finding.problems else 0


def _todo(problems: tuple[str, ...]) -> list[str]:
    return [f"! {problem}" for problem in problems]
