"""The door in a process of its own that is killed in the middle of its work."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from greenroom.testing import FakeDiscord, free_ports
from greenroom.testing.fake_discord.server import BOTS

_ROUNDS = 2


@asynccontextmanager
async def process(folder: Path, discord: FakeDiscord) -> AsyncIterator[asyncio.subprocess.Process]:
    """`greenroom up`, which is killed at the end."""
    (port,) = free_ports(1)
    settings = {
        "GREENROOM_DISCORD__API_BASE": discord.api_base,
        "GREENROOM_DISCORD__GATEWAY_URL": discord.gateway_url,
        "GREENROOM_DISCORD__TYPING_WORDS_PER_S": "0",
        "GREENROOM_LLM__OLLAMA_URL": "",
        "GREENROOM_LLM__UNDERSTUDY_WORDS_PER_S": "0",
        "GREENROOM_COORDINATOR__ORGANIC": "false",
        "DISCORD_BOT_TOKEN_PETER": BOTS["peter"],
        "PATH": os.environ["PATH"],
    }
    command = [sys.executable, "-m", "greenroom", "up", "--port", str(port), "--data-dir", str(folder / "data")]
    quiet = asyncio.subprocess.DEVNULL
    running = await asyncio.create_subprocess_exec(*command, cwd=folder, env=settings, stdout=quiet, stderr=quiet)
    try:
        await discord.until_ready("peter", timeout_s=120)
        yield running
    finally:
        if running.returncode is None:
            running.send_signal(signal.SIGKILL)
        await running.wait()


def has_answers(discord: FakeDiscord, count: int) -> bool:
    return len(discord.by("peter")) >= count


def was_answered(discord: FakeDiscord, asked: int) -> bool:
    return any(message.reply_to == asked for message in discord.by("peter"))


async def test_what_was_asked_before_the_kill_is_answered_once_after_it(tmp_path: Path) -> None:
    async with FakeDiscord() as discord:
        for number in range(_ROUNDS):
            async with process(tmp_path, discord) as running:
                await discord.say("alice", "general", f"Peter, are you there, number {number}?")
                await discord.until(partial(has_answers, discord, number), timeout_s=120)
                running.send_signal(signal.SIGKILL)  # before, while or after the answer is sent
        async with process(tmp_path, discord):
            await discord.say("alice", "general", "Peter, and now?")
            asked = [message.id for message in discord.by("alice")]
            await discord.until(partial(was_answered, discord, asked[-1]))
        replies = [message.reply_to for message in discord.by("peter")]
        assert len(replies) == len(set(replies))
        assert set(replies) <= set(asked)
