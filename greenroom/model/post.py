"""What the door to Discord has posted."""

from greenroom.model.value import ChannelId, CharacterId, TurnId, Value


class Posted(Value):
    """A line of a character as it stands on Discord: in one message, or in several when it is long."""

    turn_id: TurnId
    character: CharacterId
    text: str
    channel_id: ChannelId
    message_ids: tuple[str, ...] = ()
