"""What becomes of lines that people change or delete, and what they think of those of the cast."""

import structlog

from greenroom.discord.outbox import PREFIX, Post
from greenroom.discord.posting import Posting
from greenroom.discord.said import Reaction, Said
from greenroom.errors import GreenroomError, UnknownTurn
from greenroom.model import LineEdit, LineRef, Rating, RatingsRequest, Turn
from greenroom.ports import Tuning, Turns

log = structlog.get_logger(__name__)


class Memory:
    """Carries edits, deletions and thumbs to those who keep them. What nobody keeps is left alone."""

    def __init__(self, turns: Turns, tuning: Tuning, posting: Posting) -> None:
        self._turns = turns
        self._tuning = tuning
        self._posting = posting

    async def edited(self, said: Said) -> None:
        """Put a person's new words in the place of the old ones."""
        if not said.text:
            return
        try:
            await self._turns.edit(LineEdit(message_id=said.key, text=said.text[:20_000]))
        except UnknownTurn:
            return  # it was never heard
        except GreenroomError as exc:
            log.warning("discord.edit_lost", message=said.message_id, error=type(exc).__name__, detail=exc.detail)

    async def deleted(self, message_id: int, channel_id: int) -> None:
        """Forget a message that is gone from Discord: a person's line, or one of ours with what it answers."""
        key = f"{PREFIX}{message_id}"
        if not self._posting.gone.add(key) or message_id in self._posting.deleted_by_us:
            return
        try:
            await self._posting.take([await self._withdrawn(key, message_id, channel_id)])
        except UnknownTurn:
            return
        except GreenroomError as exc:
            log.warning("discord.deletion_lost", message=message_id, error=type(exc).__name__, detail=exc.detail)

    async def _withdrawn(self, key: str, message_id: int, channel_id: int) -> Turn:
        try:
            return await self._turns.withdraw(LineRef(message_id=key))
        except UnknownTurn:
            post = await self._posting.of_message(message_id, channel_id)
            if post is None:
                raise
            return await self._turns.withdraw(LineRef(turn_id=post.turn_id))

    async def forget(self, message_id: int, channel_id: int, user_id: int, moderates: bool) -> None:
        """Forget a line, of a person or of the cast, on the wish of who said it or caused it, or of a moderator.

        Raises: UnknownTurn; Forbidden.
        """
        post = await self._posting.of_message(message_id, channel_id)
        asker = None if moderates else f"{PREFIX}{user_id}"
        named = {"turn_id": post.turn_id} if post else {"message_id": f"{PREFIX}{message_id}"}
        turn = await self._turns.withdraw(LineRef.model_validate({**named, "user_id": asker}))
        await self._posting.take([turn])

    async def reacted(self, reaction: Reaction) -> None:
        """Keep a thumb, or take it back, unless the person has since turned it."""
        post = await self._posting.of_message(reaction.message_id, reaction.channel_id)
        if post is None:
            return
        user_id = f"{PREFIX}{reaction.user_id}"
        if reaction.is_added:
            await self._rate(post, user_id, reaction.thumb)
            return
        kept = await self._tuning.ratings(RatingsRequest(turn_id=post.turn_id, user_id=user_id))
        if any(rating.thumb == reaction.thumb for rating in kept.ratings):
            await self._rate(post, user_id, 0)

    async def _rate(self, post: Post, user_id: str, thumb: int) -> None:
        rating = {"turn_id": post.turn_id, "user_id": user_id, "character": post.character, "thumb": thumb}
        await self._tuning.rate(Rating.model_validate(rating))

    async def is_of(self, message_id: int, channel_id: int) -> str | None:
        """The character whose line a message is."""
        post = await self._posting.of_message(message_id, channel_id)
        return post.character if post else None
