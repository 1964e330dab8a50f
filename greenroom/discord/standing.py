"""How the door stands with Discord: which bots are there, and what the owner of the server should mend."""

import structlog

from greenroom.errors import Unavailable

_MOST_NOTICES = 50

log = structlog.get_logger(__name__)


class Standing:
    """What /health says of the door. Each bot is known by the character it is, or as `webhooks`."""

    def __init__(self) -> None:
        self._bots: dict[str, str] = {}
        self._notices: dict[tuple[str, int], str] = {}

    def connecting(self, bot: str) -> None:
        """A bot is on its way."""
        self._bots[bot] = "connecting"

    def ready(self, bot: str, name: str) -> None:
        """A bot is there."""
        self._bots[bot] = ""
        log.info("discord.ready", bot=bot, account=name)

    def away(self, bot: str, why: str) -> None:
        """A bot is not there, and why; said once."""
        if self._bots.get(bot) != why:
            log.error("discord.away", bot=bot, why=why)
        self._bots[bot] = why

    def notice(self, bot: str, channel_id: int, what: str) -> None:
        """Something does not work in a channel; said once for each channel."""
        if self._notices.get((bot, channel_id)) == what:
            return
        log.warning("discord.missing", bot=bot, channel=channel_id, what=what)
        if len(self._notices) < _MOST_NOTICES:
            self._notices[bot, channel_id] = what

    def works(self, bot: str, channel_id: int) -> None:
        """It works there now."""
        self._notices.pop((bot, channel_id), None)

    def tell(self) -> str | None:
        """What is to be said of the door. Raises: Unavailable, when a bot is not there."""
        away = [f"{bot}: {why}" for bot, why in self._bots.items() if why]
        if away:
            raise Unavailable("; ".join(away))
        if not self._bots:
            return "no bot token is set"
        return "; ".join(f"{bot} in channel {channel}: {what}" for (bot, channel), what in self._notices.items())
