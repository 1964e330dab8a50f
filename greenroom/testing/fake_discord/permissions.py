"""Who may do what, and where. Source: Discord's documentation, Permissions, "Permission Hierarchy"."""

import enum
from collections.abc import Iterable


class Permission(enum.IntFlag):
    """The permissions that the fake looks at, with Discord's bits."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    CHANGE_NICKNAME = 1 << 26
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38


EVERYTHING = Permission((1 << 53) - 1)
OF_EVERYONE = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.CHANGE_NICKNAME
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)
OF_BOTS = OF_EVERYONE | Permission.MANAGE_WEBHOOKS


def named(names: Iterable[str]) -> Permission:
    """The permissions with these names, such as `send_messages`.

    Raises: KeyError, for a name that the fake does not know.
    """
    wanted = Permission(0)
    for name in names:
        wanted |= Permission[name.upper()]
    return wanted


class Overwrites:
    """What a channel allows and forbids beside the roles, by the id of a role or of a member."""

    def __init__(self) -> None:
        self.allowed: dict[int, Permission] = {}
        self.forbidden: dict[int, Permission] = {}

    def allow(self, target: int, what: Permission) -> None:
        """Allow it to this role or member, and forbid it no more."""
        self._move(self.forbidden, self.allowed, target, what)

    def forbid(self, target: int, what: Permission) -> None:
        """Forbid it to this role or member, and allow it no more."""
        self._move(self.allowed, self.forbidden, target, what)

    def applied(self, base: Permission, everyone: int, roles: Iterable[int], member: int) -> Permission:
        """What is left of `base`: first for everyone, then all roles together, the member last."""
        held = (base & ~self.forbidden.get(everyone, Permission(0))) | self.allowed.get(everyone, Permission(0))
        forbidden, allowed = Permission(0), Permission(0)
        for role in roles:
            forbidden |= self.forbidden.get(role, Permission(0))
            allowed |= self.allowed.get(role, Permission(0))
        held = (held & ~forbidden) | allowed
        return (held & ~self.forbidden.get(member, Permission(0))) | self.allowed.get(member, Permission(0))

    @staticmethod
    def _move(old: dict[int, Permission], new: dict[int, Permission], target: int, what: Permission) -> None:
        old[target] = old.get(target, Permission(0)) & ~what
        new[target] = new.get(target, Permission(0)) | what
