"""Lines and turns of a channel, and a cast of four, for the tests of turn-taking."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from greenroom.coordinator.selection import SHIPPED, Chances, situation_of, weighed
from greenroom.model import (
    ChannelId,
    Character,
    CharacterId,
    Interest,
    Message,
    MessageType,
    PersonId,
    Relationship,
    Sheet,
    Timing,
    Turn,
    TurnId,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def character(name: str, *topics: str, talkativeness: float = 0.5, dislikes: str = "") -> Character:
    """A character who cares for some topics."""
    sheet = Sheet(
        name=name,
        interests=tuple(Interest(topic=topic, weight=0.9) for topic in topics),
        relationships=(Relationship(who=dislikes, warmth=-0.8),) if dislikes else (),
        timing=Timing(talkativeness=talkativeness, delays_s={"excited": (1.0, 2.0), "plotting": (5.0, 10.0)}),
    )
    return Character(id=CharacterId(name.casefold()), sheet=sheet, origin="cast", version="1")


FOUR = (character("Ada", "engines"), character("Bo", "fish"), character("Cy"), character("Di", "plots", "fish"))


def lines(*said: str) -> tuple[Message, ...]:
    """Lines as "Ada: Good morning."; one every ten seconds, the last one at noon."""
    began = NOON - timedelta(seconds=10 * (len(said) - 1))
    return tuple(
        Message(author=author, content=content, said_at=began + timedelta(seconds=10 * at))
        for at, (author, content) in enumerate(line.split(": ", 1) for line in said)
    )


def chances(
    history: Sequence[Message],
    candidates: Sequence[str],
    people: Sequence[str] = (),
    cast: Mapping[str, Character] | None = None,
    unasked: int = 0,
) -> Chances:
    """The chances of who speaks next, by the weights as they come."""
    return weighed(situation_of(history, candidates, people, cast, unasked), SHIPPED)


def turn(
    number: int,
    speaker: str = "Ada",
    kind: MessageType = "direct",
    seconds_ago: float = 0.0,
    reply: str = "Quite so.",
    now: datetime = NOON,
) -> Turn:
    """An answered turn."""
    at = now - timedelta(seconds=seconds_ago)
    return Turn(
        id=TurnId(f"t{number}"),
        position=number,
        channel_id=ChannelId("den"),
        character=CharacterId(speaker.casefold()),
        character_name=speaker,
        user_id=PersonId("ann"),
        user_name="Ann",
        message_type=kind,
        input_text="Well?",
        reply=reply,
        state="answered",
        begun_at=at,
        ended_at=at,
    )
