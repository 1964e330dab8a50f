"""Discord's errors in the words of the house, and which Discord is spoken to: discord.py keeps that for all clients."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from greenroom.config import DiscordSettings
from greenroom.errors import Forbidden, GreenroomError, NotFound, RateLimited, Unavailable, UpstreamRefused


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raise errors of our own for those of discord.py. `what` is what was tried, such as "send messages"."""
    try:
        yield
    except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as exc:
        raise in_our_words(exc, what) from exc


def in_our_words(exc: Exception, what: str) -> GreenroomError:
    """What an error of discord.py means for us."""
    if isinstance(exc, discord.RateLimited):
        return RateLimited(f"Discord asks to wait {exc.retry_after:.0f} s", retry_after_s=exc.retry_after)
    if isinstance(exc, discord.HTTPException):
        return _of_status(exc, what)
    if isinstance(exc, discord.DiscordException):
        return UpstreamRefused(f"Discord did not let us {what}: {type(exc).__name__}")
    return Unavailable(f"Discord cannot be reached: {type(exc).__name__}")


def _of_status(exc: discord.HTTPException, what: str) -> GreenroomError:
    said = f"Discord says {exc.status} ({exc.code}) where we {what}: {exc.text[:200]}"
    if isinstance(exc, discord.Forbidden):
        return Forbidden(f"the bot may not {what} here")
    if isinstance(exc, discord.NotFound):
        return NotFound(said)
    if exc.status == 429:
        return RateLimited(said)
    return Unavailable(said) if exc.status >= 500 else UpstreamRefused(said)


def speak_to(settings: DiscordSettings) -> None:
    """Have discord.py speak to the Discord of the settings, which may be a make-believe one; it knows one for all."""
    Route.BASE = settings.api_base
    # Otherwise it warns at each start that voice will not work, which nobody here asks for.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    if settings.gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = URL(settings.gateway_url)
