"""Which words of a message ping somebody. Source: Discord's documentation, "Allowed Mentions Object"."""

import re
from dataclasses import dataclass
from typing import Any

_MENTION = re.compile(r"<@!?(\d{15,20})>")
_EVERYONE = re.compile(r"@(everyone|here)\b")


@dataclass(frozen=True, slots=True)
class Mentions:
    """What may ping: all accounts named (`all_users`) or these (`users`), `everyone`, and the one who is answered."""

    all_users: bool = True
    users: frozenset[int] = frozenset()
    everyone: bool = False
    replied_user: bool = True

    @classmethod
    def read(cls, asked: dict[str, Any] | None, *, may_everyone: bool) -> "Mentions":
        """What a body allows with its `allowed_mentions`; without it, all that the sender may."""
        if asked is None:
            return cls(everyone=may_everyone)
        parse = asked.get("parse") or ()
        return cls(
            "users" in parse,
            frozenset(int(one) for one in asked.get("users") or ()),
            may_everyone and "everyone" in parse,
            bool(asked.get("replied_user")),
        )

    def of(self, text: str, answered: int | None) -> list[int]:
        """The ids of those who are pinged, in the order of the text; the one who is answered comes first."""
        named = [int(one) for one in _MENTION.findall(text)]
        found = [one for one in named if self.all_users or one in self.users]
        return list(dict.fromkeys([answered, *found] if answered and self.replied_user else found))

    def everyone_in(self, text: str) -> bool:
        """Whether everybody is pinged."""
        return self.everyone and _EVERYONE.search(text) is not None
