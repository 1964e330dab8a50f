"""Who may change the owner's machine: those who show the admin token, and, if the owner wants, those who sit at it."""

import hmac
import ipaddress
from urllib.parse import urlsplit

from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.types import Scope

from greenroom.errors import Forbidden, Unauthorized
from greenroom.wire.guard import is_loopback

_FORWARDED = frozenset({"forwarded", "via", "x-real-ip"})
_FORWARDED_FROM = "x-forwarded-"


class Owners:
    """Lets requests in that come from an owner, and no others.

    `tokens` are those that an owner may show; an empty one lets nobody in. `from_loopback` lets those in that come from
    this machine itself. Behind a reverse proxy everybody seems to: a request that says that it was forwarded needs the
    token. So does one of a page that is not of this machine.
    """

    def __init__(self, *tokens: SecretStr, from_loopback: bool) -> None:
        self._tokens = [token.get_secret_value().encode() for token in tokens if token.get_secret_value()]
        self._from_loopback = from_loopback

    def admit(self, scope: Scope) -> None:
        """Let a request in. Raises: Unauthorized, where the token would help; Forbidden, where there is none."""
        headers = Headers(scope=scope)
        if self._shows_token(headers) or (self._from_loopback and _is_from_here(scope, headers)):
            return
        if self._tokens:
            raise Unauthorized("only the owner may do this: show the admin token (Authorization: Bearer …)")
        raise Forbidden(
            "only the owner may do this, and from here only with an admin token: set GREENROOM_WIRE__ADMIN_TOKEN"
        )

    def _shows_token(self, headers: Headers) -> bool:
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        is_one = [hmac.compare_digest(shown.strip().encode(), token) for token in self._tokens]
        return scheme.casefold() == "bearer" and any(is_one)


def _is_from_here(scope: Scope, headers: Headers) -> bool:
    if any(name in _FORWARDED or name.startswith(_FORWARDED_FROM) for name in headers):
        return False
    origin = headers.get("origin")
    return _is_own_address(scope) and (origin is None or is_loopback(urlsplit(origin).hostname or ""))


def _is_own_address(scope: Scope) -> bool:
    client = scope.get("client")
    if client is None:
        return False
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
