"""Answers in which Discord refuses something. Source: Discord's documentation, "Opcodes and Status Codes", JSON."""

from typing import Any, NoReturn


class Refusal(Exception):
    """Refused, as Discord says it: an HTTP status, a code of its own and a sentence."""

    def __init__(self, status: int, code: int, text: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.body: dict[str, Any] = {"message": text, "code": code} | ({"errors": errors} if errors else {})


def invalid(field: str, code: str, text: str) -> NoReturn:
    """Refuse a body because of one field."""
    raise Refusal(400, 50035, "Invalid Form Body", {field: {"_errors": [{"code": code, "message": text}]}})


def unknown(what: str) -> Refusal:
    """What is refused because there is no such thing."""
    return Refusal(404, _UNKNOWN[what], f"Unknown {what.title()}")


def missing_access() -> Refusal:
    """What is refused to those who may not even see the place."""
    return Refusal(403, 50001, "Missing Access")


def missing_permissions() -> Refusal:
    """What is refused to those who see the place and may not do this there."""
    return Refusal(403, 50013, "Missing Permissions")


_UNKNOWN = {
    "channel": 10003,
    "guild": 10004,
    "member": 10007,
    "message": 10008,
    "role": 10011,
    "user": 10013,
    "emoji": 10014,
    "webhook": 10015,
    "interaction": 10062,
    "application command": 10063,
}
