import io
from pathlib import Path

from rich.console import Console

from greenroom.commands.discord import _check, check
from greenroom.config import load
from greenroom.testing import FakeDiscord


def test_without_a_token_it_says_how_to_get_one(tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=200)
    loaded = load({"data_dir": tmp_path, "port": 1}, environment={}, folder=tmp_path)
    assert check(loaded, console) == 1
    assert "No bot token is set" in told(console)


async def test_it_says_of_each_bot_where_it_is_and_what_to_do(tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=80)
    tokens = {"DISCORD_BOT_TOKEN_PETER": "token-of-peter", "DISCORD_BOT_TOKEN_BRIAN": "mistyped"}
    async with FakeDiscord() as discord:
        given = {"data_dir": tmp_path, "port": 1, "discord.api_base": discord.api_base}
        assert await _check(load(given, environment=tokens, folder=tmp_path), console) == 1
        assert (
            await _check(load(given, environment={**tokens, "DISCORD_BOT_TOKEN_BRIAN": ""}, folder=tmp_path), console)
            == 0
        )
    brian, peter = told(console).split("peter (DISCORD_BOT_TOKEN_PETER) is ")[:2]
    assert brian.split("\n")[:2] == [
        "brian (DISCORD_BOT_TOKEN_BRIAN) is not there",
        "  ! Discord refuses the token; make a new one: DISCORD_BOT_TOKEN_BRIAN",
    ]
    _, part, invitation, _ = peter.split("\n")
    assert part.startswith("  takes part in #general on ")
    assert "scope=bot+applications.commands" in invitation
    assert "mistyped" not in told(console)


def told(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
