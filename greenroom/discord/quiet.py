"""Whether a channel was told to be quiet, as the coordinator knows."""

import structlog

from greenroom.errors import GreenroomError
from greenroom.model import FloorRequest
from greenroom.ports import Coordinator

log = structlog.get_logger(__name__)


class Quiet:
    """Asks the coordinator. While that is away, no channel is quiet: it is the one that has lines said unasked."""

    def __init__(self, coordinator: Coordinator) -> None:
        self._coordinator = coordinator

    async def reigns(self, channel_id: str) -> bool:
        """Whether nothing unasked is to be said in a channel now."""
        try:
            floor = await self._coordinator.conversation_state(FloorRequest(channel_id=channel_id))
        except GreenroomError as exc:
            log.warning("discord.quiet_unknown", channel=channel_id, error=type(exc).__name__, detail=exc.detail)
            return False
        return floor.quiet_until is not None
