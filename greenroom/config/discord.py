"""Settings of the door to Discord. The tokens of bots that are one character each are variables of their own."""

from pydantic import Field, SecretStr

from greenroom.config.part import Part

BOT_TOKEN = "DISCORD_BOT_TOKEN"  # noqa: S105 - the name of a variable
"""The token of the one bot that speaks through webhooks; followed by `_PETER`, that of Peter's own bot."""


class DiscordSettings(Part):
    """Where on Discord the cast listens and speaks, and who may do what there."""

    bot_token: SecretStr = Field(
        SecretStr(""),
        description="Token of the one bot that speaks through webhooks for all characters that have no bot of their "
        "own. Environment only.",
    )
    channels: tuple[str, ...] = Field(
        (), description="Ids of the channels in which the cast takes part, threads included; empty for all it can see."
    )
    direct_messages: bool = Field(True, description="Whether characters with a bot of their own answer in private.")
    open_floor: bool = Field(
        True, description="Whether what is said to nobody in particular is heard, and somebody may answer it."
    )
    opt_out_role: str = Field(
        "", description="Name or id of a role whose members are neither heard nor answered; empty for none."
    )
    command_roles: dict[str, tuple[str, ...]] = Field(
        {},
        description="Names or ids of the roles that may use a command, such as {quiet = ['Moderators']}; a command "
        "that is not named is for all, and quiet and regenerate for those who may manage messages.",
    )
    newest_only: bool = Field(
        False,
        description="Whether a newer message of the same person to the same character calls off the answer that is "
        "still being written; otherwise each is answered, one after the other.",
    )
    typing_words_per_s: float = Field(
        8.0, ge=0, description="How fast a character is seen to type, in words a second; 0 posts at once."
    )
    typing_max_s: float = Field(4.0, ge=0, le=60, description="The longest that one is seen to type, in seconds.")
    lost_thread_every_s: float = Field(
        300.0, ge=0, description="A character says at most this often in a channel that it has lost the thread."
    )
    catch_up_s: float = Field(
        900.0,
        ge=0,
        description="What was said up to so long before a reconnect may still be answered, and what was answered "
        "meanwhile still be posted, in seconds.",
    )
    posts_days: float = Field(
        365.0,
        ge=0,
        description="How long it is kept which message on Discord is which line, in days; 0 for ever. A line that is "
        "older cannot be rated, said anew or forgotten by its message. It is never shorter than "
        "`turn.retention_days` and a week.",
    )
    api_base: str = Field("https://discord.com/api/v10", description="Where Discord's HTTP API is.")
    gateway_url: str = Field("", description="Where Discord's gateway is; empty for the usual place.")
