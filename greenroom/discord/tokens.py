"""Which bots there are: one for each character that has a token of its own, and one for all others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from greenroom.config.discord import BOT_TOKEN
from greenroom.errors import WrongSetting
from greenroom.model import Character, CharacterId


@dataclass(frozen=True)
class Account:
    """A bot account. `variable` is where its token was found; `character` is None for the one that is for all."""

    token: SecretStr
    variable: str
    character: CharacterId | None = None

    @property
    def bot(self) -> str:
        """What this bot is known by in logs and in /health."""
        return self.character or "webhooks"


def accounts(
    bot_token: SecretStr, tokens: Mapping[str, SecretStr], cast: Iterable[Character], own: str | None
) -> list[Account]:
    """The accounts of a door, for all or for `own` alone. `tokens` are by the end of the variable, such as PETER.

    Raises: WrongSetting, for a token of nobody, or none for `own`.
    """
    found = [
        Account(token, f"{BOT_TOKEN}_{end}", _character(end, cast))
        for end, token in sorted(tokens.items())
        if token.get_secret_value()
    ]
    if own is not None:
        return [_own(found, own)]
    house = [Account(bot_token, BOT_TOKEN)] if bot_token.get_secret_value() else []
    return found + house


def _own(accounts: Iterable[Account], own: str) -> Account:
    of_character = {account.bot: account for account in accounts}
    if own not in of_character:
        known = ", ".join(map(repr, of_character)) or "none"
        raise WrongSetting(f"there is no bot token of the character {own!r}; those that have one: {known}")
    return of_character[own]


def _character(end: str, cast: Iterable[Character]) -> CharacterId:
    there = {character.id.upper().replace("-", "_"): character.id for character in cast}
    if end.upper() not in there:
        known = ", ".join(f"{BOT_TOKEN}_{name}" for name in there)
        raise WrongSetting(f"{BOT_TOKEN}_{end} is the token of nobody in the cast; known: {known}")
    return there[end.upper()]
