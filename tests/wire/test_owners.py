"""Who may change the owner's machine."""

import pytest
from pydantic import SecretStr
from starlette.types import Scope

from greenroom.errors import Forbidden, GreenroomError, Unauthorized
from greenroom.wire.owners import Owners

HERE, NEIGHBOUR = "127.0.0.1", "192.168.1.20"
TOKEN = {"authorization": "Bearer secret"}


def scope(caller: str | None, **headers: str) -> Scope:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "client": (caller, 5000) if caller else None, "headers": raw}


@pytest.mark.parametrize(
    ("token", "from_loopback", "caller", "headers", "refusal"),
    [
        ("", True, HERE, {}, None),
        ("", True, "127.8.8.8", {}, None),
        ("", True, "::1", {}, None),
        ("", True, "::ffff:127.0.0.1", {}, None),
        ("", True, HERE, {"origin": "http://localhost:3000"}, None),
        ("", True, HERE, {"authorization": "Bearer for-somebody-else"}, None),
        ("secret", True, HERE, {}, None),
        ("secret", False, HERE, TOKEN, None),
        ("secret", False, NEIGHBOUR, TOKEN, None),
        ("secret", False, NEIGHBOUR, {"authorization": "bearer  secret "}, None),
        ("secret", True, HERE, {**TOKEN, "x_forwarded_for": NEIGHBOUR}, None),
        ("", False, HERE, {}, Forbidden),
        ("", True, NEIGHBOUR, {}, Forbidden),
        ("", True, "::ffff:192.168.1.20", {}, Forbidden),
        ("", True, None, {}, Forbidden),
        ("", True, "a-socket", {}, Forbidden),
        ("", True, HERE, {"x_forwarded_for": HERE}, Forbidden),
        ("", True, HERE, {"forwarded": "for=127.0.0.1"}, Forbidden),
        ("", True, HERE, {"x_forwarded_proto": "https"}, Forbidden),
        ("", True, HERE, {"x_real_ip": HERE}, Forbidden),
        ("", True, HERE, {"via": "1.1 proxy"}, Forbidden),
        ("", True, HERE, {"origin": "https://friend.example"}, Forbidden),
        ("", True, HERE, {"origin": "null"}, Forbidden),
        ("", True, NEIGHBOUR, {"authorization": "Bearer "}, Forbidden),
        ("secret", False, HERE, {}, Unauthorized),
        ("secret", True, NEIGHBOUR, {}, Unauthorized),
        ("secret", True, NEIGHBOUR, {"authorization": "Bearer Secret"}, Unauthorized),
        ("secret", True, NEIGHBOUR, {"authorization": "Basic secret"}, Unauthorized),
        ("secret", True, NEIGHBOUR, {"authorization": "secret"}, Unauthorized),
        ("secret", True, NEIGHBOUR, {"authorization": "Bearer sécret"}, Unauthorized),
        ("secret", True, HERE, {"forwarded": "for=127.0.0.1"}, Unauthorized),
    ],
)
def test_owners_are_let_in_and_nobody_else(
    token: str, from_loopback: bool, caller: str | None, headers: dict[str, str], refusal: type[GreenroomError] | None
) -> None:
    owners = Owners(SecretStr(token), from_loopback=from_loopback)
    if refusal is None:
        owners.admit(scope(caller, **headers))
        return
    with pytest.raises(refusal) as raised:
        owners.admit(scope(caller, **headers))
    assert "secret" not in raised.value.detail
